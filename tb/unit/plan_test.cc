// Layers too large for the smallest configuration's memories, cut into chunks.
#include "compiler/plan.h"

#include "base/error.h"
#include "compiler/compile.h"
#include "one_op_graph.h"
#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

using model::Graph;

const isa::HardwareConfig& tiny() { return isa::find_config("tiny"); }

Plan planned(const Graph& graph) { return make_plan(graph, lower(graph, tiny()), tiny(), {}); }

// Words of all buffers of a layer, and that each lies in act memory.
int staged_words(const LayerPlan& layer) {
  int words = 0;
  std::vector<Staging> all = layer.in;
  all.push_back(layer.out);
  for (const Staging& s : all) {
    for (const int addr : s.addr) {
      CHECK(addr >= 0);
      CHECK(addr + s.words <= tiny().act_words);
      words += s.words;
    }
  }
  CHECK(words <= tiny().act_words);
  return words;
}

Graph pooled(int h, int w, int channels, int window) {
  model::MaxPool2d pool;
  pool.filter_h = pool.filter_w = window;
  return tb::one_op_graph("pool1", pool, {1, h, w, channels},
                          {1, h - window + 1, w - window + 1, channels});
}

Graph depthwise(int h, int w, int channels) {
  model::DepthwiseConv2d dw;
  dw.padding = {1, 1, 1, 1};
  dw.rescale.assign(static_cast<size_t>(channels), {1 << 30, -6});
  const std::vector<int> shape{1, h, w, channels};
  return tb::one_op_graph(
      "dw1", dw, shape, shape,
      {{1, 3, 3, channels}, std::vector<int8_t>(static_cast<size_t>(9 * channels), 3)}, {});
}

TEST_CASE("what fits is one chunk") {
  const Plan plan = planned(pooled(8, 8, 8, 3));
  CHECK(plan.layers.at(0).chunk_blocks == 2);
  CHECK(plan.layers.at(0).chunk_w == 6);
}

// 8 KiB hold 2048 words of 4 channels.
TEST_CASE("a pool whose window's rows of all channels do not fit is cut by channel blocks") {
  // One output row needs 9 x 20 x 32 words (128 channels), nearly three times what there is; of one
  // block 180.
  const Graph graph = pooled(12, 20, 128, 9);
  const LayerPlan plan = planned(graph).layers.at(0);
  CHECK(plan.chunk_w == 12);  // whole rows
  CHECK(plan.chunk_blocks < 32);
  CHECK(plan.chunk_blocks >= 1);
  CHECK(staged_words(plan) > tiny().act_words / 4);
  CHECK_NOTHROW(compile(graph, tiny()));
}

TEST_CASE("a depthwise layer whose rows of all channels do not fit is cut by channel blocks") {
  // Three rows of 40 x 16 words in, one out, each twice: more than there is.
  const Graph graph = depthwise(20, 40, 64);
  const LayerPlan plan = planned(graph).layers.at(0);
  CHECK(plan.chunk_w == 40);
  CHECK(plan.chunk_blocks < 16);
  CHECK(plan.planar);
  CHECK(staged_words(plan) > tiny().act_words / 4);
  CHECK_NOTHROW(compile(graph, tiny()));
}

TEST_CASE("columns are cut when one row of one block does not fit") {
  const Graph graph = pooled(9, 300, 8, 9);
  const LayerPlan plan = planned(graph).layers.at(0);
  CHECK(plan.chunk_h == 1);
  CHECK(plan.chunk_blocks == 1);
  CHECK(plan.chunk_w < 292);
  staged_words(plan);
  CHECK_NOTHROW(compile(graph, tiny()));
}

TEST_CASE("a window that does not fit at all is refused by name") {
  const Graph graph = pooled(60, 60, 4, 50);
  try {
    planned(graph);
    FAIL("planned");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUnsupported);
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("pool1") &&
                                 Catch::Matchers::ContainsSubstring("use a larger configuration"));
  }
}

}  // namespace
}  // namespace weft::compiler
