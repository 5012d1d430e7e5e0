// Where operators go: onto the device as layers of its engines, or to the host with the reason.
#include "compiler/layer.h"

#include <algorithm>

#include "one_op_graph.h"
#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

using Catch::Matchers::ContainsSubstring;
using model::Graph;

LayerGraph lowered(const Graph& graph, const char* config = "tiny") {
  return lower(graph, isa::find_config(config));
}

model::Rescale half() { return {1 << 30, 0}; }

TEST_CASE("what the device cannot run is the host's, with the reason") {
  struct Case {
    const char* name;
    model::Attributes attributes;
    std::vector<int> in, out;
    const char* reason;
  };
  model::Mean over_batch;
  over_batch.axes = {0};
  model::Mean grows;
  grows.axes = {1, 2};
  grows.rescale = {1 << 30, 1};
  model::Pad channels;
  channels.before = {0, 0, 0, 1};
  channels.after = {0, 0, 0, 0};
  model::MaxPool2d large;
  large.filter_h = 300;
  model::StridedSlice slice;
  slice.begin = {0, 0, 0, 1}, slice.stride = {1, 1, 1, 1}, slice.extent = {1, 2, 2, 1};
  const auto c = GENERATE_REF(
      Case{"softmax1", model::Softmax{}, {1, 4}, {1, 4}, "softmax"},
      Case{
          "transpose1", model::Transpose{{0, 3, 1, 2}}, {1, 2, 2, 3}, {1, 3, 2, 2}, "single bytes"},
      Case{"quantize1", model::Quantize{}, {1, 4}, {1, 4}, "float32"},
      Case{"dequantize1", model::Dequantize{}, {1, 4}, {1, 4}, "float32"},
      Case{"mean1", over_batch, {2, 2, 2, 1}, {1, 2, 2, 1}, "axis 0"},
      Case{"mean2", grows, {1, 2, 2, 1}, {1, 1, 1, 1}, "by 1 or more"},
      Case{"pad1", channels, {1, 2, 2, 1}, {1, 2, 2, 2}, "more than rows and columns"},
      Case{"pool1", large, {1, 400, 2, 1}, {1, 101, 2, 1}, "300"},
      Case{"slice1", slice, {1, 2, 2, 2}, {1, 2, 2, 1}, "more than rows and columns"});
  const LayerGraph graph = lowered(tb::one_op_graph(c.name, c.attributes, c.in, c.out));
  INFO(c.name);
  REQUIRE(graph.layers.size() == 1);
  CHECK(graph.layers[0].kind == LayerKind::kHost);
  CHECK(graph.layers[0].name == c.name);
  CHECK_THAT(graph.layers[0].reason, ContainsSubstring(c.reason));
  REQUIRE(graph.layers[0].operands.size() == 1);
  CHECK(graph.layers[0].operands[0].tensor == 0);
}

TEST_CASE("unary operators are passes of the vector engine") {
  struct Case {
    const char* name;
    model::Attributes attributes;
    std::vector<int> out;
    isa::Opcode opcode;
    size_t layers;
  };
  model::Mean mean;
  mean.axes = {1, 2};
  mean.rescale = half();
  model::Pad pad;
  pad.before = {0, 1, 2, 0};
  pad.after = {0, 0, 1, 0};
  const auto c =
      GENERATE_REF(Case{"pool1", model::MaxPool2d{}, {1, 4, 4, 8}, isa::Opcode::kMaxpool, 1},
                   Case{"avgpool1", model::AveragePool2d{}, {1, 4, 4, 8}, isa::Opcode::kAvgpool, 1},
                   Case{"mean1", mean, {1, 8}, isa::Opcode::kMean, 1},
                   Case{"tanh1", model::Lookup{}, {1, 4, 4, 8}, isa::Opcode::kLut, 1},
                   Case{"relu1", model::Requantize{}, {1, 4, 4, 8}, isa::Opcode::kLut, 1},
                   Case{"pad1", pad, {1, 5, 7, 8}, isa::Opcode::kMaxpool, 2});
  const LayerGraph graph = lowered(tb::one_op_graph(c.name, c.attributes, {1, 4, 4, 8}, c.out));
  INFO(c.name);
  REQUIRE(graph.layers.size() == c.layers);
  for (const Layer& layer : graph.layers) {
    CHECK(layer.kind == LayerKind::kVector);
    CHECK(layer.opcode == c.opcode);
    CHECK(layer.output == 1);
  }
  const Layer& last = graph.layers.back();
  CHECK(last.operands[0].tensor == 0);
  if (c.layers == 2) {  // filled, then the middle
    CHECK(graph.layers[0].operands[0].constant);
    CHECK(graph.layers[0].out == View{1, 5, 7, 8});
    CHECK(last.out_y == 1);
    CHECK(last.out_x == 2);
    CHECK(last.out == View{1, 4, 4, 8});
    CHECK(last.whole == View{1, 5, 7, 8});
  }
}

TEST_CASE("a requantisation is a table of its function") {
  model::Requantize a;
  a.input_zero_point = 3;
  a.output_zero_point = -5;
  a.rescale = {1 << 30, 2};  // by two: no rescaling of the device's
  a.clamp = {-100, 90};
  const LayerGraph graph = lowered(tb::one_op_graph("relu1", a, {1, 4}, {1, 4}));
  for (int x = -128; x < 128; ++x) {
    const int want = std::clamp(2 * (x - 3) - 5, -100, 90);
    INFO(x);
    CHECK(graph.layers[0].table[static_cast<size_t>(x + 128)] == want);
  }
}

TEST_CASE("a concatenation is a copy of each part to its place, or the host's") {
  const auto parts = [](int first, const char* config) {
    return lowered(tb::many_input_graph("concat1", model::Concat{3},
                                        {{1, 2, 2, first}, {1, 2, 2, 5}}, {1, 2, 2, first + 5}),
                   config);
  };
  const LayerGraph graph = parts(8, "tiny");
  REQUIRE(graph.layers.size() == 2);
  CHECK(graph.layers[0].out_c == 0);
  CHECK(graph.layers[1].out_c == 8);
  CHECK(graph.layers[1].whole == View{1, 2, 2, 13});
  CHECK(graph.layers[1].operands[0].tensor == 1);
  const LayerGraph unaligned = parts(8, "base");
  REQUIRE(unaligned.layers.size() == 1);
  CHECK(unaligned.layers[0].kind == LayerKind::kHost);
  CHECK_THAT(unaligned.layers[0].reason, ContainsSubstring("channel 8") && ContainsSubstring("16"));
}

// pad1 -> (reshape1 ->) dw1.
Graph padded(bool reshaped, int8_t value) {
  model::Pad pad;
  pad.before = {0, 1, 2, 0};
  pad.after = {0, 1, 0, 0};
  pad.value = value;
  Graph graph = tb::one_op_graph("pad1", pad, {1, 4, 4, 2}, {1, 6, 6, 2});
  int x = 1;
  if (reshaped) {
    graph.tensors.push_back(tb::activation("reshaped", {1, 12, 3, 2}));
    graph.ops.push_back({"reshape1", "the test's operator", model::Reshape{}, {x}, {2}});
    x = 2;
  }
  model::DepthwiseConv2d dw;
  dw.input_zero_point = 5;
  dw.rescale = {half(), half()};
  const int w = static_cast<int>(graph.tensors.size());
  graph.tensors.push_back(
      tb::constant("weights", tb::Weights{{1, 3, 3, 2}, std::vector<int8_t>(18, 1)}));
  std::vector<int> out = graph.tensor(x).shape;
  out[1] -= 2;
  out[2] -= 2;
  graph.tensors.push_back(tb::activation("dw", out));
  graph.ops.push_back({"dw1", "the test's operator", dw, {x, w, -1}, {w + 1}});
  graph.outputs = {w + 1};
  model::check(graph);
  return graph;
}

TEST_CASE("a pad goes into the kernel that alone reads it, and reads it as it is") {
  const LayerGraph folded = lowered(padded(false, 5));
  REQUIRE(folded.layers.size() == 1);
  CHECK(folded.layers[0].operands[0].tensor == 0);
  CHECK(folded.layers[0].in() == View{1, 4, 4, 2});
  CHECK(folded.layers[0].kernel.pad_top == 1);
  CHECK(folded.layers[0].kernel.pad_left == 2);

  CHECK(lowered(padded(false, 4)).layers.size() == 3);  // not the zero point
  const LayerGraph reshaped = lowered(padded(true, 5));
  REQUIRE(reshaped.layers.size() == 3);
  CHECK(reshaped.layers[2].in() == View{1, 12, 3, 2});
  CHECK(reshaped.layers[2].kernel.pad_top == 0);
}

}  // namespace
}  // namespace weft::compiler
