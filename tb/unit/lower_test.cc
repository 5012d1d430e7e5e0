// Where operators go: onto the device as layers of its engines, or to the host with the reason.
#include "compiler/layer.h"

#include <algorithm>

#include "base/bytes.h"
#include "compiler/pack.h"
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

// Of one channel and bias 20; weights 1, 2, 3 ... row by row.
Graph transposed(model::TransposeConv a, std::vector<int> in, std::vector<int> kernel,
                 std::vector<int> out, model::Rescale rescale = half()) {
  a.rescale = {rescale};
  tb::Weights weights{{1, kernel[0], kernel[1], 1}, {}};
  for (int i = 0; i < kernel[0] * kernel[1]; ++i) {
    weights.values.push_back(static_cast<int8_t>(1 + i % 100));
  }
  Graph graph =
      tb::one_op_graph("tconv1", a, {1, in[0], in[1], 1}, {1, out[0], out[1], 1}, weights, {20});
  model::check(graph);
  return graph;
}

TEST_CASE("a transposed convolution is a convolution for each set of taps") {
  model::TransposeConv a;
  a.stride_h = a.stride_w = 2;
  a.padding_left = 1;
  a.input_zero_point = 3;
  const Graph graph = transposed(a, {4, 4}, {3, 3}, {9, 8});
  const LayerGraph layers = lowered(graph);
  struct Part {
    int y, x, h, w, kernel_h, kernel_w, pad_top, pad_left;
    std::vector<uint8_t> taps;
  };
  // Even rows: taps 2 and 0; odd ones: tap 1. Columns begin one tap later.
  const std::vector<Part> wanted = {{0, 0, 5, 4, 2, 1, 1, 0, {8, 2}},
                                    {0, 1, 5, 4, 2, 2, 1, 0, {9, 7, 3, 1}},
                                    {1, 0, 4, 4, 1, 1, 0, 0, {5}},
                                    {1, 1, 4, 4, 1, 2, 0, 0, {6, 4}}};
  REQUIRE(layers.layers.size() == wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    const Layer& layer = layers.layers[i];
    const Part& part = wanted[i];
    INFO("part " << i);
    CHECK(layer.kind == LayerKind::kConv);
    CHECK(layer.name == "tconv1");
    CHECK(layer.out_y == part.y);
    CHECK(layer.out_x == part.x);
    CHECK(layer.step_y == 2);
    CHECK(layer.step_x == 2);
    CHECK(layer.out == View{1, part.h, part.w, 1});
    CHECK(layer.whole == View{1, 9, 8, 1});
    CHECK(layer.kernel.h == part.kernel_h);
    CHECK(layer.kernel.w == part.kernel_w);
    CHECK(layer.kernel.pad_top == part.pad_top);
    CHECK(layer.kernel.pad_left == part.pad_left);
    const std::vector<uint8_t> words =
        pack_weights(layer, false, 0, {0, part.kernel_h}, {0, part.kernel_w}, {0, 1}, 4);
    REQUIRE(words.size() == 16 * part.taps.size());  // a K tile is four words of four channels
    int sum = 0;
    for (size_t tap = 0; tap < part.taps.size(); ++tap) {
      CHECK(words[16 * tap] == part.taps[tap]);
      sum += part.taps[tap];
    }
    const std::vector<uint8_t> unit = pack_parameters(layer, 4).at(0);
    CHECK(static_cast<int32_t>(load_le32(unit.data())) == 20 - 3 * sum);
  }
}

TEST_CASE("outputs that no tap of a transposed convolution reaches are its bias") {
  model::TransposeConv a;
  a.stride_h = 3;
  a.output_zero_point = -4;
  const LayerGraph layers = lowered(transposed(a, {2, 5}, {2, 1}, {6, 5}));
  REQUIRE(layers.layers.size() == 3);
  const Layer& fill = layers.layers[0];
  CHECK(fill.kind == LayerKind::kVector);
  CHECK(fill.out == View{1, 6, 5, 1});
  REQUIRE(fill.operands[0].constant);
  CHECK(fill.operands[0].data == std::vector<int8_t>{20 / 2 - 4});
  CHECK(layers.layers[1].out_y == 0);
  CHECK(layers.layers[2].out_y == 1);
  CHECK(layers.layers[2].out == View{1, 2, 5, 1});

  a.clamp = {7, 9};
  const LayerGraph high = lowered(transposed(a, {2, 5}, {2, 1}, {6, 5}));
  CHECK(high.layers[0].operands[0].data == std::vector<int8_t>{7});
  a.clamp = {-9, 5};
  CHECK(lowered(transposed(a, {2, 5}, {2, 1}, {6, 5})).layers[0].operands[0].data ==
        std::vector<int8_t>{5});
}

TEST_CASE("a transposed convolution that the device cannot run is the host's, with the reason") {
  model::TransposeConv a;
  a.stride_h = a.stride_w = 17;
  const auto reason = [&](std::vector<int> kernel, std::vector<int> out, model::Rescale rescale) {
    const LayerGraph graph =
        lowered(transposed(a, {2, 2}, std::move(kernel), std::move(out), rescale));
    REQUIRE(graph.layers.size() == 1);
    CHECK(graph.layers[0].kind == LayerKind::kHost);
    return graph.layers[0].reason;
  };
  CHECK_THAT(reason({17, 17}, {34, 34}, half()), ContainsSubstring("289 convolutions"));
  CHECK_THAT(reason({1, 1}, {18, 18}, {1 << 30, 1}), ContainsSubstring("by 1 or more"));
  a.stride_h = a.stride_w = 1;
  CHECK_THAT(reason({256, 1}, {257, 2}, half()), ContainsSubstring("256"));
}

TEST_CASE("a transposed convolution of stride 1 takes a pool as any convolution") {
  model::TransposeConv a;
  a.padding_top = 1;
  Graph graph = transposed(a, {4, 4}, {3, 3}, {4, 6});
  model::MaxPool2d pool;
  pool.filter_h = pool.filter_w = pool.stride_h = pool.stride_w = 2;
  graph.tensors.push_back(tb::activation("pooled", {1, 2, 3, 1}));
  const int pooled = static_cast<int>(graph.tensors.size()) - 1;
  graph.ops.push_back({"pool1", "the test's operator", pool, {1}, {pooled}});
  graph.outputs = {pooled};
  const LayerGraph layers = lowered(graph);
  REQUIRE(layers.layers.size() == 1);
  CHECK(layers.layers[0].name == "tconv1+pool1");
  CHECK(layers.layers[0].step_y == 1);
  CHECK(layers.layers[0].taps.y == 2);
  CHECK(layers.layers[0].taps.step_y == -1);
  CHECK(layers.layers[0].kernel.pad_top == 1);
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
