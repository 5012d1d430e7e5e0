// How fast the depthwise engine works in a real network: MobileNetV1 0.25 of visual wake words, each
// depthwise layer alone in base. Cycles in which the engine waits for other engines are not its own.
#include <map>
#include <string>

#include "isa/activity.h"
#include "model/tflite.h"
#include "tb/catch_compat.h"
#include "tb/data_directory.h"
#include "tb/sys/verify_graph.h"

namespace {

using namespace weft;

double rate_of(const model::Graph& graph, const std::string& layer) {
  const runtime::Report report = tb::verify_graph(graph, layer, 0, "base", "rtl");
  REQUIRE(report.pass);
  uint64_t cycles = 0;
  for (const isa::Activity a : {isa::Activity::kBusy, isa::Activity::kSource, isa::Activity::kSink,
                                isa::Activity::kOperand, isa::Activity::kLatency}) {
    cycles += report.counters[static_cast<size_t>(isa::counter_of(isa::Engine::kDepthwise, a))];
  }
  return static_cast<double>(report.macs) / static_cast<double>(cycles);
}

TEST_CASE("products a cycle of depthwise layers, padded taps counted") {
  const auto model = tb::data_directory() / "mlperf_tiny/models/vww_96_int8.tflite";
  if (!std::filesystem::exists(model)) {
    WARN("skipped: MLPerf Tiny is not present (" << model.string() << ")");
    return;
  }
  const model::Graph graph = model::import_tflite(model);
  // Of 48 that there are. The first layer has 8 channels for 16 lanes. A row's start costs stride 2 three
  // cycles: much where a row has six outputs, and more where it has three.
  const std::map<std::string, double> slow = {{"dw1", 20}, {"dw6", 39}, {"dw12", 33}};
  for (int i = 1; i <= 13; ++i) {
    const std::string layer = "dw" + std::to_string(i);
    const auto known = slow.find(layer);
    const double rate = rate_of(graph, layer);
    INFO(layer);
    CHECK(rate >= (known == slow.end() ? 40 : known->second));
    CHECK(rate <= 48);
  }
}

}  // namespace
