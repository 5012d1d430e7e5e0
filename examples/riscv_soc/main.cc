// Runs the RISC-V program on a simulated system, and holds every output byte that it prints against
// the golden model.
//
//   riscv_soc PROGRAM.bin MODEL.tflite DIGITS-DIRECTORY BACKEND CONFIG
#include <cstdio>
#include <exception>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "golden/golden.h"
#include "model/idx.h"
#include "model/tflite.h"
#include "program/soc_map.h"
#include "runtime/devices.h"
#include "soc.h"

namespace {

using namespace weft;

constexpr size_t kPictures = 4;
constexpr uint64_t kMaxCycles = 50'000'000;
constexpr uint64_t kDramBytes = uint64_t{2} << 20;

struct Pictures {
  std::vector<std::vector<uint8_t>> memory;  // as the program finds them
  std::vector<std::vector<int8_t>> wanted;   // the golden outputs
};

Pictures make_pictures(const model::Graph& graph, const std::string& directory) {
  const model::Digits digits = model::find_digits(directory, "", "");
  const size_t size = static_cast<size_t>(digits.rows) * static_cast<size_t>(digits.cols);
  Pictures pictures;
  for (size_t p = 0; p < kPictures; ++p) {
    const auto input = model::quantize_pixels({digits.pixels.data() + p * size, size},
                                              graph.tensor(graph.inputs[0]));
    std::vector<uint8_t> memory(SOC_PICTURE_BYTES);
    std::copy(input.begin(), input.end(), memory.begin());
    memory.at(SOC_PICTURE_LABEL_BYTE) = digits.labels[p];
    pictures.memory.push_back(std::move(memory));
    pictures.wanted.push_back(golden::run(graph, {{graph.inputs[0], input}}).at(graph.outputs[0]));
  }
  return pictures;
}

// "picture N: ..., output b b b ..."
struct Comparison {
  size_t runs = 0, bytes = 0, wrong = 0;

  void add(const std::string& line, const std::vector<std::vector<int8_t>>& wanted) {
    constexpr std::string_view kPicture = "picture ", kOutput = "output";
    const size_t at = line.find(kOutput);
    if (line.rfind(kPicture, 0) != 0 || at == std::string::npos) return;
    const std::vector<int8_t>& want =
        wanted.at(static_cast<size_t>(std::stoi(line.substr(kPicture.size()))));
    std::istringstream numbers(line.substr(at + kOutput.size()));
    std::vector<int8_t> got;
    for (int number = 0; numbers >> number;) got.push_back(static_cast<int8_t>(number));
    ++runs;
    bytes += got.size();
    for (size_t i = 0; i < std::max(got.size(), want.size()); ++i)
      wrong += i >= got.size() || i >= want.size() || got[i] != want[i];
  }
};

int run(const std::string& program_file, const std::string& model, const std::string& digits,
        const std::string& backend, const std::string& config) {
  const model::Graph graph = model::import_tflite(std::filesystem::path(model));
  const Pictures pictures = make_pictures(graph, digits);
  driver::DeviceOptions options;
  options.memory_bytes = kDramBytes;
  const auto device = runtime::make_device(backend, config, options);
  Comparison compared;
  soc::Soc soc(*device, read_file(program_file), pictures.memory, [&](const std::string& line) {
    std::printf("| %s\n", line.c_str());
    std::fflush(stdout);
    compared.add(line, pictures.wanted);
  });
  const int code = soc.run(kMaxCycles);
  // Two runs more than pictures: after the bad job, and after the time-outs.
  const bool well =
      code == 0 && compared.wrong == 0 && compared.bytes > 0 && compared.runs == kPictures + 2;
  std::printf(
      "%s  exit code %d; %zu runs, %zu output bytes compared, %zu differ; %llu instructions, "
      "%llu interrupts, %llu cycles\n",
      well ? "PASS" : "FAIL", code, compared.runs, compared.bytes, compared.wrong,
      static_cast<unsigned long long>(soc.hart().instructions()),
      static_cast<unsigned long long>(soc.hart().traps()),
      static_cast<unsigned long long>(soc.cycles()));
  return well ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "usage: riscv_soc PROGRAM.bin MODEL.tflite DIGITS-DIRECTORY BACKEND CONFIG\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], argv[3], argv[4], argv[5]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "riscv_soc: %s\n", error.what());
    return 1;
  }
}
