// Whole networks of the MLPerf Tiny suite through importer and golden model, against results
// that TensorFlow Lite for Microcontrollers stored (Google, CFU-Playground).
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "cmsis_vectors.h"
#include "golden/golden.h"
#include "model/tflite.h"
#include "tb/catch_compat.h"

namespace weft::golden {
namespace {

using Bytes = std::vector<int8_t>;
using Json = nlohmann::json;

// What the stored result of a network says of its output bytes.
using Digest = std::function<Json(const Bytes&)>;

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

struct Network {
  const char* model;
  const char* inputs;   // folder below cfu_golden
  const char* results;  // in golden.json
  Digest digest;
  size_t count;
};

const Network kNetworks[] = {
    {"kws_ref_model", "kws", "kws_ref_model", all_bytes, 12},
    {"pretrainedResnet_quant", "imgc", "ic_pretrainedResnet_quant", all_bytes, 10},
    {"vww_96_int8", "vww", "vww_96_int8_out1_minus_out0", second_less_first, 4},
    {"ad01_int8", "anomd", "ad01_int8_xor32_of_640_outputs", checksum, 6},
};

TEST_CASE("The stored results of four networks, bit for bit") {
  const std::filesystem::path tiny = tb::data_directory() / "mlperf_tiny";
  if (!std::filesystem::is_directory(tiny)) {
    WARN("skipped: MLPerf Tiny is not present (" << tiny.string() << ")");
    return;
  }
  std::ifstream results(tiny / "cfu_golden/golden.json");
  const Json stored = Json::parse(results);
  for (const Network& network : kNetworks) {
    const model::Graph graph =
        model::import_tflite(tiny / "models" / (std::string(network.model) + ".tflite"));
    const auto elements = static_cast<size_t>(graph.tensor(graph.inputs.at(0)).elements());
    size_t compared = 0;
    for (const auto& [name, wanted] : stored.at(network.results).items()) {
      INFO(network.model << ", " << name);
      Bytes input(elements);  // some files have more inputs behind it
      std::ifstream file(tiny / "cfu_golden" / network.inputs / "test_data" / name,
                         std::ios::binary);
      file.read(reinterpret_cast<char*>(input.data()), static_cast<std::streamsize>(elements));
      REQUIRE(static_cast<size_t>(file.gcount()) == elements);
      const Values values = run(graph, {{graph.inputs[0], input}});
      CHECK(network.digest(values.at(graph.outputs.at(0))) == wanted);
      ++compared;
    }
    CHECK(compared == network.count);
  }
}

// That the multipliers of fully connected layers come of float32 products is checked apart: the
// results are too coarse to show it.
TEST_CASE("A fully connected layer's scales are multiplied in float32") {
  const std::filesystem::path path = tb::data_directory() / "mlperf_tiny/models/ad01_int8.tflite";
  if (!std::filesystem::exists(path)) {
    WARN("skipped: MLPerf Tiny is not present (" << path.string() << ")");
    return;
  }
  const model::Graph graph = model::import_tflite(path);
  const auto& first = std::get<model::FullyConnected>(graph.ops.at(0).attributes).rescale.at(0);
  CHECK(first.multiplier == 1638001653);
  CHECK(first.shift == -8);
}

}  // namespace
}  // namespace weft::golden
