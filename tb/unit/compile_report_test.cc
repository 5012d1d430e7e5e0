// The compiler's report: against the plan where that has the number too, and for what must hold of
// every plan.
#include <nlohmann/json.hpp>

#include "compiled.h"
#include "compiler/report.h"
#include "mixed_graph.h"
#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;

CompileReport report_of(const model::Graph& graph, const std::string& name) {
  const isa::HardwareConfig& config = isa::find_config(name);
  const Compilation compiled = compile_with_plan(graph, config);
  const CompileReport report = make_report(graph, config, compiled);
  CHECK(report.act_peak_words == compiled.plan.act_peak_words);
  CHECK(report.act_peak_words == static_cast<int>(compiled.program.act_peak_words));
  return report;
}

TEST_CASE("no two buffers in use at a time share a word of act memory") {
  for (const model::Graph& graph : {tb::mnist_graph(), tb::mixed_graph()}) {
    for (const isa::HardwareConfig& config : isa::kConfigs) {
      const CompileReport r = report_of(graph, std::string(config.name));
      INFO(graph.name << " " << config.name);
      CHECK(r.act.size() > 3);
      for (const ActBuffer& a : r.act) {
        CHECK(a.words > 0);
        CHECK(a.addr >= 0);
        CHECK(a.addr + a.words <= config.act_words);
        for (const ActBuffer& b : r.act) {
          if (&a == &b || a.last < b.first || b.last < a.first) continue;
          INFO(a.content << " and " << b.content << " in layer " << std::max(a.first, b.first));
          CHECK((a.addr + a.words <= b.addr || b.addr + b.words <= a.addr));
        }
      }
    }
  }
}

TEST_CASE("the digits' network, as it is reported") {
  const CompileReport r = report_of(tb::mnist_graph(), "base");
  CHECK(r.macs == 2528000);
  CHECK(r.host_macs == 0);
  CHECK(r.jobs == 1);
  CHECK(r.host_steps == 0);
  REQUIRE(r.layers.size() == 4);
  CHECK(r.layers[0].name == "conv1+pool1");
  CHECK(r.layers[0].where == model::RunsOn::kArray);
  CHECK(r.layers[0].macs == 194688);
  double share = 0;
  for (const LayerPlace& l : r.layers) share += l.share;
  CHECK(share == Approx(1));
  REQUIRE(r.cuts.size() == 4);
  CHECK(r.cuts[0].shallow);  // one channel: its nine taps are a tile of K
  CHECK(r.cuts[0].k_tiles == 1);
  CHECK(r.cuts[0].weights == "held");
  CHECK(r.cuts[0].weight_words == 16 * 2);
  CHECK(r.cuts[0].parameter_words == 9 * 2);
  CHECK(r.cuts[1].k_tiles == 9 * 2);
  CHECK_FALSE(r.cuts[1].shallow);
  // 13 x 13 pixels of two words, from the layer that makes them to the one that reads them.
  CHECK(std::count_if(r.act.begin(), r.act.end(), [](const ActBuffer& b) {
          return b.words == 13 * 13 * 2 && b.first == 0 && b.last == 1;
        }) == 1);
  uint64_t bytes = 0;
  for (const DramRegion& region : r.regions) bytes += region.bytes;
  CHECK(r.dram_bytes == bytes);
  REQUIRE(r.tensors.size() == 2);
  CHECK(r.tensors[0].region == "inputs");
  CHECK(r.tensors[1].role == "output");
  CHECK(r.tensors[1].bytes == 10);
}

TEST_CASE("steps of the host, with the reason and what they cost") {
  const CompileReport r = report_of(tb::mixed_graph(), "tiny");
  CHECK(r.jobs == 2);
  CHECK(r.host_steps == 2);
  REQUIRE(r.layers.size() == 4);
  CHECK(r.cuts.size() == 2);
  CHECK(r.layers[1].where == model::RunsOn::kHost);
  CHECK(r.layers[1].reason == "it moves single bytes");
  CHECK(r.layers[1].read_bytes == 5 * 6 * 4);
  CHECK(r.layers[1].write_bytes == 5 * 6 * 4);
  CHECK(r.layers[2].where == model::RunsOn::kVector);
  CHECK(r.cuts[1].name == "lut1");
  CHECK(r.cuts[1].tile_h > 0);
  CHECK(r.layers[2].read_bytes == 0);  // of the host's alone
  CHECK_THAT(to_text(r),
             ContainsSubstring("; 2 jobs of the device, 2 steps of the host\n") &&
                 ContainsSubstring("\ntranspose1 is on the host, between jobs: it moves "
                                   "single bytes; it reads 120 and writes 120 bytes"));
  const json j = json::parse(to_json(r));
  CHECK(j["layers"][1]["where"] == "host");
  CHECK(j["layers"][1]["reason"] == "it moves single bytes");
  CHECK(j["layers"][1]["read_bytes"] == 120);
  CHECK_FALSE(j["layers"][0].contains("reason"));
}

TEST_CASE("the same as JSON") {
  const CompileReport r = report_of(tb::mnist_graph(), "tiny");
  const json j = json::parse(to_json(r));
  CHECK(j["config"] == "tiny");
  CHECK(j["macs"] == r.macs);
  CHECK(j["layers"].size() == r.layers.size());
  CHECK(j["tiles"].size() == r.cuts.size());
  CHECK(j["tiles"][1]["k_tiles"] == r.cuts[1].k_tiles);
  CHECK(j["tiles"][1]["chunk"] ==
        json{r.cuts[1].chunk_h, r.cuts[1].chunk_w, r.cuts[1].chunk_blocks});
  CHECK(j["tiles"][1]["tile"] == json{r.cuts[1].tile_h, r.cuts[1].tile_w});
  CHECK(j["act"]["peak_words"] == r.act_peak_words);
  CHECK(j["act"]["peak_layer"] == r.layers[r.act_peak_layer].name);
  CHECK(j["act"]["buffers"].size() == r.act.size());
  CHECK(j["act"]["buffers"][0]["address"] == r.act[0].addr);
  CHECK(j["dram"]["bytes"] == r.dram_bytes);
  CHECK(j["dram"]["regions"].size() == r.regions.size());
  CHECK(j["dram"]["tensors"].size() == r.tensors.size());
}

TEST_CASE("operators without a layer of their own are in another's, or nothing") {
  const model::Graph graph = tb::mnist_graph();
  const auto where = places(graph, lower(graph, isa::find_config("tiny")));
  REQUIRE(where.size() == graph.ops.size());
  for (size_t i = 0; i < where.size(); ++i) {
    const std::string& name = graph.ops[i].name;
    INFO(name);
    CHECK((where[i].where == model::RunsOn::kNothing) == (name == "reshape1"));
    CHECK(where[i].layer == (name == "conv1" || name == "pool1"   ? "conv1+pool1"
                             : name == "conv2" || name == "pool2" ? "conv2+pool2"
                                                                  : ""));
  }
  // A pad that the kernel behind it does itself.
  model::Pad pad;
  pad.before = {0, 1, 1, 0};
  pad.after = {0, 1, 1, 0};
  model::Graph padded = tb::one_op_graph("pad1", pad, {1, 4, 4, 1}, {1, 6, 6, 1});
  model::Conv2d conv;
  conv.rescale = {{1 << 30, 0}};
  padded.tensors.push_back(
      tb::constant("weights", tb::Weights{{1, 3, 3, 1}, std::vector<int8_t>(9, 1)}));
  padded.tensors.push_back(tb::activation("conv", {1, 4, 4, 1}));
  padded.ops.push_back({"conv1", "the test's operator", conv, {1, 2, -1}, {3}});
  padded.outputs = {3};
  const auto both = places(padded, lower(padded, isa::find_config("tiny")));
  CHECK(both[0].layer == "conv1");
  CHECK(both[1].layer == "");
  CHECK(both[1].where == model::RunsOn::kArray);
  // A fill, then the convolution, whose place it is.
  model::TransposeConv spread;
  spread.stride_h = 3;
  spread.rescale = {{1 << 30, 0}};
  const model::Graph rare = tb::one_op_graph("tconv1", spread, {1, 2, 2, 1}, {1, 6, 2, 1},
                                             tb::Weights{{1, 1, 1, 1}, {1}}, {});
  const LayerGraph parts = lower(rare, isa::find_config("tiny"));
  REQUIRE(parts.layers.size() == 2);
  CHECK(places(rare, parts)[0].where == model::RunsOn::kArray);
  // Each of the host's has its reason.
  const model::Graph mixed = tb::mixed_graph();
  const auto places_mixed = places(mixed, lower(mixed, isa::find_config("tiny")));
  CHECK(places_mixed[1].reason == "it moves single bytes");
  CHECK(places_mixed[0].reason == "");
}

}  // namespace
}  // namespace weft::compiler
