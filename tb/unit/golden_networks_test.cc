// Whole networks of the MLPerf Tiny suite through importer and golden model, against stored results.
#include "golden/golden.h"
#include "model/tflite.h"
#include "stored_results.h"
#include "tb/catch_compat.h"

namespace weft::golden {
namespace {

TEST_CASE("The stored results of four networks, bit for bit") {
  const std::vector<tb::StoredNetwork> networks = tb::stored_networks();
  if (networks.empty()) {
    WARN("skipped: MLPerf Tiny is not present (" << tb::mlperf_tiny_directory().string() << ")");
    return;
  }
  for (const tb::StoredNetwork& network : networks) {
    const model::Graph graph = model::import_tflite(network.model);
    for (const tb::StoredResult& result : network.results) {
      INFO(network.name << ", " << result.name);
      const Values values = run(graph, {{graph.inputs.at(0), result.input}});
      CHECK(network.digest(values.at(graph.outputs.at(0))) == result.expected);
    }
  }
}

// That the multipliers of fully connected layers come of float32 products is checked apart: the
// results are too coarse to show it.
TEST_CASE("A fully connected layer's scales are multiplied in float32") {
  const std::filesystem::path path = tb::mlperf_tiny_directory() / "models/ad01_int8.tflite";
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
