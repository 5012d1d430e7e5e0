// Compiles a network and classifies one digit on a device: the whole way through the driver.
//
//   classify_digit MODEL.tflite DIGITS-DIRECTORY BACKEND CONFIG
#include <algorithm>
#include <cstdio>
#include <exception>

#include "compiler/compile.h"
#include "driver/session.h"
#include "model/idx.h"
#include "model/tflite.h"
#include "runtime/devices.h"

int main(int argc, char** argv) {
  using namespace weft;
  if (argc != 5) {
    std::fprintf(stderr, "usage: classify_digit MODEL.tflite DIGITS-DIRECTORY BACKEND CONFIG\n");
    return 2;
  }
  try {
    // The program is made for one hardware configuration, and for no other.
    const model::Graph graph = model::import_tflite(std::filesystem::path(argv[1]));
    const program::Program program = compiler::compile(graph, isa::find_config(argv[4]));

    // Any backend; from here on nothing knows which.
    const auto device = runtime::make_device(argv[3], argv[4], {});
    driver::Session session(*device, program);

    const model::Digits digits = model::find_digits(argv[2], "", "");
    const size_t size = static_cast<size_t>(digits.rows) * static_cast<size_t>(digits.cols);
    const auto input =
        model::quantize_pixels({digits.pixels.data(), size}, graph.tensor(graph.inputs[0]));

    session.run({input});
    const std::vector<int8_t> scores = session.read_tensor(graph.tensor(graph.outputs[0]).name);
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    std::printf("read as %d, label %d, %llu cycles\n", static_cast<int>(best), digits.labels[0],
                static_cast<unsigned long long>(session.statistics().cycles));
    return best == digits.labels[0] ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "classify_digit: %s\n", error.what());
    return 1;
  }
}
