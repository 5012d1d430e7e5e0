#include "stored_results.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

#include "tb/data_directory.h"

namespace weft::tb {
namespace {

using Bytes = std::vector<int8_t>;
using Json = nlohmann::json;

Json all_bytes(const Bytes& output) { return output; }

Json second_less_first(const Bytes& output) { return output.at(1) - output.at(0); }

// Exclusive or of the sign-extended bytes, each shifted by eight times the lowest two bits of
// its index.
Json checksum(const Bytes& output) {
  uint32_t sum = 0;
  for (size_t i = 0; i < output.size(); ++i) {
    sum ^= static_cast<uint32_t>(int32_t{output[i]}) << (8 * (i % 4));
  }
  return fmt::format("{:#x}", sum);
}

struct Source {
  const char* model;
  const char* inputs;   // folder below cfu_golden
  const char* results;  // in golden.json
  Json (*digest)(const Bytes&);
  size_t input_bytes;  // some files have more behind it
  size_t count;
};

constexpr Source kSources[] = {
    {"kws_ref_model", "kws", "kws_ref_model", all_bytes, 49 * 10, 12},
    {"pretrainedResnet_quant", "imgc", "ic_pretrainedResnet_quant", all_bytes, 32 * 32 * 3, 10},
    {"vww_96_int8", "vww", "vww_96_int8_out1_minus_out0", second_less_first, 96 * 96 * 3, 4},
    {"ad01_int8", "anomd", "ad01_int8_xor32_of_640_outputs", checksum, 640, 6},
};

Bytes read_input(const std::filesystem::path& path, size_t bytes) {
  Bytes input(bytes);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(input.data()), static_cast<std::streamsize>(bytes));
  if (static_cast<size_t>(file.gcount()) != bytes) {
    throw std::runtime_error(
        fmt::format("{} has not the {} bytes of an input", path.string(), bytes));
  }
  return input;
}

}  // namespace

std::filesystem::path mlperf_tiny_directory() { return data_directory() / "mlperf_tiny"; }

std::vector<StoredNetwork> stored_networks() {
  std::vector<StoredNetwork> networks;
  const std::filesystem::path tiny = mlperf_tiny_directory();
  if (!std::filesystem::is_directory(tiny)) return networks;
  std::ifstream file(tiny / "cfu_golden/golden.json");
  const Json stored = Json::parse(file);
  for (const Source& source : kSources) {
    StoredNetwork network{
        source.model, tiny / "models" / (std::string(source.model) + ".tflite"), source.digest, {}};
    for (const auto& [name, expected] : stored.at(source.results).items()) {
      const auto path = tiny / "cfu_golden" / source.inputs / "test_data" / name;
      network.results.push_back({name, read_input(path, source.input_bytes), expected});
    }
    if (network.results.size() != source.count) {
      throw std::runtime_error(fmt::format("{} has {} stored results; there were {}", network.name,
                                           network.results.size(), source.count));
    }
    networks.push_back(std::move(network));
  }
  return networks;
}

}  // namespace weft::tb
