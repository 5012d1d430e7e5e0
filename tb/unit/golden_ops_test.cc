// Operators of the golden model beyond convolution, dense layer and max-pool, against numbers
// worked out by hand.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "base/bytes.h"
#include "golden/golden.h"
#include "one_op_graph.h"
#include "quant/multiplier.h"
#include "tb/catch_compat.h"

namespace weft::golden {
namespace {

using Bytes = std::vector<int8_t>;
using Shape = std::vector<int>;
using model::DataType;

constexpr int32_t kHalf = 1 << 30;
constexpr model::Rescale kByOne{kHalf, 1}, kByHalf{kHalf, 0};

Bytes output_of(const model::Graph& graph, const std::vector<Bytes>& inputs) {
  model::check(graph);
  Values values;
  for (size_t i = 0; i < inputs.size(); ++i) values[graph.inputs.at(i)] = inputs[i];
  return run(graph, values).at(graph.outputs.at(0));
}

Bytes output_of(const model::Attributes& attributes, const Shape& input, const Shape& output,
                const Bytes& values) {
  return output_of(tb::one_op_graph("op1", attributes, input, output), {values});
}

TEST_CASE("A depthwise convolution gives each channel its multiple") {
  model::DepthwiseConv2d conv;
  conv.multiplier = 2;
  conv.input_zero_point = 1;
  conv.rescale = {kByOne, kByHalf, kByOne, kByOne};
  // Pixels less the zero point: 1 2, 3 4, 5 6.
  const tb::Weights filter{{1, 1, 2, 4}, {1, 2, 3, 4, 10, 20, -1, -2}};
  const model::Graph graph =
      tb::one_op_graph("dw1", conv, {1, 1, 3, 2}, {1, 1, 2, 4}, filter, {0, 0, 10, -10});
  CHECK(output_of(graph, {{2, 3, 4, 5, 6, 7}}) == Bytes{31, 31, 12, -10, 53, 53, 16, -6});
}

TEST_CASE("A depthwise convolution with stride, dilation, padding and batches") {
  model::DepthwiseConv2d conv;
  conv.dilation_w = 2;
  conv.padding.left = 1;
  conv.input_zero_point = -1;
  conv.output_zero_point = 100;
  conv.clamp = {102, 120};
  conv.rescale = {kByOne};
  // Taps at columns -1 (outside), 1 and 0, 2.
  const tb::Weights filter{{1, 1, 2, 1}, {5, 1}};
  const model::Graph graph = tb::one_op_graph("dw1", conv, {2, 1, 3, 1}, {2, 1, 2, 1}, filter, {});
  CHECK(output_of(graph, {{0, 1, 2, -4, -2, 60}}) == Bytes{102, 108, 102, 120});
  conv = {};
  conv.stride_h = 3;
  conv.rescale = {kByOne};
  const model::Graph strided =
      tb::one_op_graph("dw1", conv, {1, 6, 1, 1}, {1, 2, 1, 1}, {{1, 2, 1, 1}, {10, 1}}, {});
  CHECK(output_of(strided, {{1, 2, 3, 4, 5, 6}}) == Bytes{12, 45});
  conv = {};
  conv.dilation_h = 2;
  conv.padding.bottom = 1;
  conv.rescale = {kByOne};
  // Taps at rows 0, 2 and 1, 3 (outside).
  const model::Graph dilated =
      tb::one_op_graph("dw1", conv, {1, 3, 1, 1}, {1, 2, 1, 1}, {{1, 2, 1, 1}, {10, 1}}, {});
  CHECK(output_of(dilated, {{1, 2, 3}}) == Bytes{13, 20});
}

TEST_CASE("A transposed convolution scatters its input") {
  model::TransposeConv conv;
  conv.stride_w = 2;
  conv.input_zero_point = -1;
  conv.rescale = {kByOne};
  const tb::Weights filter{{1, 1, 3, 1}, {1, 2, 3}};
  const auto graph = [&](int width) {
    return tb::one_op_graph("tconv1", conv, {1, 1, 2, 1}, {1, 1, width, 1}, filter, {5});
  };
  // 2 and 3 times the filter, two columns apart: 2 4 6+3 6 9.
  CHECK(output_of(graph(5), {{1, 2}}) == Bytes{7, 9, 14, 11, 14});
  CHECK(output_of(graph(6), {{1, 2}}) == Bytes{7, 9, 14, 11, 14, 5});
  conv.padding_left = 1;
  CHECK(output_of(graph(3), {{1, 2}}) == Bytes{9, 14, 11});
  model::TransposeConv upright;
  upright.stride_h = 1;
  upright.padding_top = 1;
  upright.output_zero_point = -10;
  upright.rescale = {kByOne, kByHalf};
  // Two channels to two; the first tap's row is cut off above: only the second one counts.
  const model::Graph mixed = tb::one_op_graph("tconv1", upright, {1, 1, 1, 2}, {1, 1, 1, 2},
                                              {{2, 2, 1, 2}, {9, 9, 1, 2, 9, 9, 3, 4}}, {});
  CHECK(output_of(mixed, {{1, 2}}) == Bytes{-5, -4});
}

TEST_CASE("Matrix products, swapped and repeated") {
  model::BatchMatMul product;
  product.input_zero_points = {1, -1};
  product.output_zero_point = 3;
  product.rescale = kByOne;
  // x less its zero point: 1 2 3 / 4 5 6; y: 1 0 / 0 1 / 2 -1.
  const Bytes x{2, 3, 4, 5, 6, 7}, y{0, -1, -1, 0, 1, -2}, wanted{10, 2, 19, 2};
  CHECK(output_of(tb::many_input_graph("matmul1", product, {{2, 3}, {3, 2}}, {2, 2}), {x, y}) ==
        wanted);
  product.swapped_x = true;
  CHECK(output_of(tb::many_input_graph("matmul1", product, {{3, 2}, {3, 2}}, {2, 2}),
                  {{2, 5, 3, 6, 4, 7}, y}) == wanted);
  product.swapped_x = false;
  product.swapped_y = true;
  CHECK(output_of(tb::many_input_graph("matmul1", product, {{2, 3}, {2, 3}}, {2, 2}),
                  {x, {0, -1, 1, -1, 0, -2}}) == wanted);
  // Two batches of y for one x; a row and a column.
  product.swapped_y = false;
  product.clamp = {0, 6};
  CHECK(output_of(tb::many_input_graph("matmul1", product, {{1, 2}, {2, 2, 1}}, {2, 1, 1}),
                  {{2, 3}, {0, 0, -3, -2}}) == Bytes{6, 0});
}

// Inputs at half, the sum at 2^-19: a + b.
model::Add plain_add() {
  model::Add add;
  add.input_rescale = {kByHalf, kByHalf};
  add.output_rescale = {kHalf, -18};
  return add;
}

TEST_CASE("Sums and differences with zero points, rounded and clamped") {
  model::Add add = plain_add();
  add.input_zero_points = {3, -4};
  add.output_zero_point = 10;
  const auto graph = [&] { return tb::many_input_graph("add1", add, {{4}, {4}}, {4}); };
  const Bytes a{5, -128, 127, 3}, b{-1, -128, 127, -4};
  CHECK(output_of(graph(), {a, b}) == Bytes{15, -128, 127, 10});
  add.subtract = true;
  CHECK(output_of(graph(), {a, b}) == Bytes{9, 3, 3, 10});
  add.clamp = {5, 9};
  CHECK(output_of(graph(), {a, b}) == Bytes{9, 5, 5, 9});
  // Half of 5 and of -5: ties away from zero.
  add = plain_add();
  add.output_rescale = {kHalf, -19};
  CHECK(output_of(graph(), {{5, -5, 4, -4}, {0, 0, 1, -1}}) == Bytes{3, -3, 3, -3});
  // The second input counts a quarter: 1 + 4 / 4.
  add.output_rescale = {kHalf, -18};
  add.input_rescale[1] = {kHalf, -2};
  CHECK(output_of(graph(), {{1, 1, 1, 1}, {4, 8, -4, -8}}) == Bytes{2, 3, 0, -1});
}

TEST_CASE("Operands repeat along dimensions they lack; constants serve as well") {
  const model::Add add = plain_add();
  const Bytes a{1, 2, 3, 4}, b{10, 20, 30};
  const Bytes wanted{11, 12, 21, 22, 31, 32, 13, 14, 23, 24, 33, 34};
  model::Graph graph = tb::many_input_graph("add1", add, {{2, 1, 2}, {3, 1}}, {2, 3, 2});
  CHECK(output_of(graph, {a, b}) == wanted);
  graph = tb::one_op_graph("add1", add, {2, 1, 2}, {2, 3, 2});
  graph.tensors.push_back(tb::constant("constant", tb::Weights{{3, 1}, b}));
  graph.ops[0].inputs = {0, 2};
  CHECK(output_of(graph, {a}) == wanted);
  graph.ops[0].inputs = {2, 0};
  CHECK(output_of(graph, {a}) == wanted);
  graph = tb::many_input_graph("add1", add, {{2}, {}}, {2});
  CHECK(output_of(graph, {{1, 2}, {5}}) == Bytes{6, 7});
  graph = tb::one_op_graph("add1", add, {2}, {2});
  graph.ops[0].inputs = {0, 0};
  CHECK(output_of(graph, {{1, 2}}) == Bytes{2, 4});
}

TEST_CASE("Products with zero points") {
  model::Mul mul;
  mul.input_zero_points = {1, -2};
  mul.output_zero_point = -20;
  mul.rescale = kByHalf;
  mul.clamp = {-30, 100};
  // 3*5, -3*5, 0, 255*255, each halved: 7.5 and -7.5 both round up.
  const model::Graph graph = tb::many_input_graph("mul1", mul, {{5}, {5}}, {5});
  CHECK(output_of(graph, {{4, -2, 1, -128, 4}, {3, 3, 9, 127, -20}}) ==
        Bytes{-12, -27, -20, -30, -30});
  mul.input_zero_points = {-128, -128};
  mul.rescale = {kHalf, -8};  // 65025 / 512 = 127.0
  CHECK(output_of(tb::many_input_graph("mul1", mul, {{1}, {1}}, {1}), {{127}, {127}}) ==
        Bytes{100});
}

TEST_CASE("The larger and the smaller") {
  const std::vector<Shape> shapes{{2, 2}, {2}};
  const std::vector<Bytes> inputs{{-128, 127, 3, -3}, {0, 5}};
  CHECK(output_of(tb::many_input_graph("maximum1", model::MaxMin{true}, shapes, {2, 2}), inputs) ==
        Bytes{0, 127, 3, 5});
  CHECK(output_of(tb::many_input_graph("minimum1", model::MaxMin{false}, shapes, {2, 2}), inputs) ==
        Bytes{-128, 5, 0, -3});
}

TEST_CASE("The average counts taps of the image only, ties away from zero") {
  model::AveragePool2d pool;
  pool.filter_h = pool.filter_w = 2;
  pool.stride_h = pool.stride_w = 2;
  pool.padding = {0, 1, 0, 1};
  // 1 2 | 7       of 4: 10 / 4 = 2.5; of 2: -3 / 2 = -1.5
  // 3 4 | -10     of 2: -11 / 2 = -5.5; of 1: -128
  // -5 -6 | -128
  const Bytes input{1, 2, 7, 3, 4, -10, -5, -6, -128};
  CHECK(output_of(pool, {1, 3, 3, 1}, {1, 2, 2, 1}, input) == Bytes{3, -2, -6, -128});
  pool.clamp = {-5, 2};
  CHECK(output_of(pool, {1, 3, 3, 1}, {1, 2, 2, 1}, input) == Bytes{2, -2, -5, -5});
  // Odd counts: 4 / 3 = 1.33, 5 / 3 = 1.67 and their negatives; two channels.
  model::AveragePool2d row;
  row.filter_w = 3;
  CHECK(output_of(row, {1, 1, 3, 2}, {1, 1, 1, 2}, {1, -1, 1, -1, 2, -3}) == Bytes{1, -2});
}

TEST_CASE("The mean over axes") {
  model::Mean mean;
  mean.axes = {1, 2};
  mean.input_zero_point = 5;
  mean.output_zero_point = -5;
  mean.rescale = {kHalf, -1};  // a quarter
  // Channels less the zero point: 1 2 3 4 -> 2.5 -> 3, and their negatives.
  const Bytes input{6, 4, 7, 3, 8, 2, 9, 1};
  CHECK(output_of(mean, {1, 2, 2, 2}, {1, 1, 1, 2}, input) == Bytes{-2, -8});
  CHECK(output_of(mean, {1, 2, 2, 2}, {1, 2}, input) == Bytes{-2, -8});
  mean.axes = {0};
  mean.rescale = kByHalf;
  // 1 + 3, -1 - 3, 2 + 4, -2 - 4, halved.
  CHECK(output_of(mean, {2, 4}, {4}, input) == Bytes{-3, -7, -2, -8});
  // A rescale of 1 with the division by 3 in it; multiplier below 2^30.
  const quant::Multiplier third = quant::divide_multiplier({kHalf, 1}, 3);
  mean.axes = {1};
  mean.input_zero_point = mean.output_zero_point = 0;
  mean.rescale = {third.multiplier, third.shift};
  CHECK(output_of(mean, {2, 3}, {2, 1}, {1, 1, 2, -127, -128, -128}) == Bytes{1, -128});
}

TEST_CASE("Softmax of equal, single and distant logits") {
  const quant::SoftmaxScaling scaling = quant::softmax_scaling(0.1F, 1.0F);
  const model::Softmax softmax{scaling.multiplier.multiplier, scaling.multiplier.shift,
                               scaling.diff_min};
  const auto of = [&](const Shape& shape, const Bytes& input) {
    return output_of(softmax, shape, shape, input);
  };
  CHECK(of({1, 2}, {5, 5}) == Bytes{0, 0});
  CHECK(of({1, 4}, {-128, -128, -128, -128}) == Bytes(4, -64));
  CHECK(of({1, 1}, {77}) == Bytes{127});
  CHECK(of({1, 2}, {127, -128}) == Bytes{127, -128});
  // Rows by themselves: e^0.7 / (1 + e^0.7) = 0.668.
  CHECK(of({2, 2}, {0, 7, 7, 0}) == Bytes{-43, 43, 43, -43});
  // Differences below the least one do not count: e^0, e^-0.2 of a sum of 1.8187.
  model::Softmax narrow = softmax;
  narrow.diff_min = -2;
  CHECK(output_of(narrow, {1, 3}, {1, 3}, {9, 7, 6}) == Bytes{13, -13, -128});
  // 256 / 511 rounds to 1, 256 / 512 would be a tie: TFLite-Micro aborts there.
  CHECK(of({511}, Bytes(511, 3)) == Bytes(511, -127));
  CHECK(of({512}, Bytes(512, 3)) == Bytes(512, -128));
  CHECK(of({4095}, Bytes(4095, 3)) == Bytes(4095, -128));
}

TEST_CASE("Softmax is within one of the real function") {
  std::mt19937 rng(1);
  for (const float scale : {0.003F, 0.05F, 0.1447F, 1.0F}) {
    const quant::SoftmaxScaling scaling = quant::softmax_scaling(scale, 1.0F);
    const model::Softmax softmax{scaling.multiplier.multiplier, scaling.multiplier.shift,
                                 scaling.diff_min};
    for (int round = 0; round < 50; ++round) {
      Bytes input(10);
      for (int8_t& q : input) q = static_cast<int8_t>(rng());
      const Bytes output = output_of(softmax, {1, 10}, {1, 10}, input);
      double sum = 0;
      for (const int8_t q : input) sum += std::exp(double{scale} * q);
      for (size_t i = 0; i < input.size(); ++i) {
        const double real = 256 * std::exp(double{scale} * input[i]) / sum - 128;
        INFO("scale " << scale << ", element " << i << " of round " << round);
        CHECK(std::abs(output[i] - std::min(real, 127.0)) <= 1.0);
      }
    }
  }
}

TEST_CASE("A table is read by the input's byte") {
  model::Lookup lookup;
  for (int q = -128; q < 128; ++q) {
    lookup.table[static_cast<size_t>(q + 128)] = static_cast<int8_t>(-1 - q);
  }
  CHECK(output_of(lookup, {4}, {4}, {-128, 127, 0, -1}) == Bytes{127, -128, -1, 0});
}

TEST_CASE("Requantisation between scales and between int8 and uint8") {
  model::Requantize requantize;
  requantize.input_zero_point = -3;
  requantize.output_zero_point = 4;
  requantize.rescale = kByHalf;
  CHECK(output_of(requantize, {5}, {5}, {-3, 0, -6, 127, -128}) == Bytes{4, 6, 3, 69, -58});
  requantize.clamp.min = 4;  // RELU
  CHECK(output_of(requantize, {5}, {5}, {-3, 0, -6, 127, -128}) == Bytes{4, 6, 4, 69, 4});
  // uint8 200 stands as byte -56.
  requantize = {128, 0, kByOne, {}};
  model::Graph graph = tb::one_op_graph("quantize1", requantize, {3}, {3});
  graph.tensors[0].type = DataType::kUInt8;
  CHECK(output_of(graph, {{0, -1, -56}}) == Bytes{-128, 127, 72});
  requantize = {0, 128, kByOne, {0, 255}};
  graph = tb::one_op_graph("quantize1", requantize, {3}, {3});
  graph.tensors[1].type = DataType::kUInt8;
  CHECK(output_of(graph, {{-128, 127, 72}}) == Bytes{0, -1, -56});
}

Bytes bytes_of_floats(const std::vector<float>& values) {
  Bytes bytes(4 * values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    store_le32(reinterpret_cast<uint8_t*>(bytes.data()) + 4 * i,
               std::bit_cast<uint32_t>(values[i]));
  }
  return bytes;
}

TEST_CASE("Floats are quantised by a float division, ties away from zero") {
  const float inf = std::numeric_limits<float>::infinity();
  const auto quantized = [](model::Quantize quantize, const std::vector<float>& values) {
    const int count = static_cast<int>(values.size());
    model::Graph graph = tb::one_op_graph("quantize1", quantize, {count}, {count});
    graph.tensors[0].type = DataType::kFloat32;
    return output_of(graph, {bytes_of_floats(values)});
  };
  CHECK(quantized({0.5F, -3}, {0, 0.25F, -0.25F, 0.2499F, 65, 65.3F, -62.5F, -70}) ==
        Bytes{-3, -2, -4, -3, 127, 127, -128, -128});
  CHECK(quantized({0.5F, -3}, {inf, -inf, 3e38F, -3e38F, std::nanf(""), 1e-45F}) ==
        Bytes{127, -128, 127, -128, -3, -3});
  // 0.35 / 0.1 in float32 is 3.5 and rounds to 4; in double it is below.
  CHECK(quantized({0.1F, 0}, {0.35F, -0.35F}) == Bytes{4, -4});
  // 36.75 / 0.3F is 122.49999; times the rounded reciprocal it would be 122.5.
  CHECK(quantized({0.3F, 0}, {36.75F, -36.75F}) == Bytes{122, -122});
}

TEST_CASE("Integers become floats by one rounding") {
  model::Graph graph = tb::one_op_graph("dequantize1", model::Dequantize{0.1F, -3}, {4}, {4});
  graph.tensors[1].type = DataType::kFloat32;
  CHECK(output_of(graph, {{-3, 0, 127, -128}}) == bytes_of_floats({0, 0.3F, 13, -12.5F}));
  graph = tb::one_op_graph("dequantize1", model::Dequantize{0.5F, 128}, {3}, {3});
  graph.tensors[0].type = DataType::kUInt8;
  graph.tensors[1].type = DataType::kFloat32;
  CHECK(output_of(graph, {{0, -128, -1}}) == bytes_of_floats({-64, 0, 63.5F}));
}

TEST_CASE("Padding in every dimension") {
  CHECK(output_of(model::Pad{{0, 1}, {1, 2}, 9}, {2, 2}, {3, 5}, {1, 2, 3, 4}) ==
        Bytes{9, 1, 2, 9, 9, 9, 3, 4, 9, 9, 9, 9, 9, 9, 9});
  CHECK(output_of(model::Pad{{0}, {0}, 9}, {2}, {2}, {1, 2}) == Bytes{1, 2});
}

TEST_CASE("Tensors side by side along each axis") {
  const std::vector<Bytes> inputs{{1, 2, 3, 4}, {5, 6}};
  CHECK(output_of(tb::many_input_graph("concat1", model::Concat{0}, {{2, 2}, {1, 2}}, {3, 2}),
                  inputs) == Bytes{1, 2, 3, 4, 5, 6});
  CHECK(output_of(tb::many_input_graph("concat1", model::Concat{1}, {{2, 2}, {2, 1}}, {2, 3}),
                  inputs) == Bytes{1, 2, 5, 3, 4, 6});
  model::Graph graph = tb::one_op_graph("concat1", model::Concat{1}, {1, 2}, {1, 5});
  graph.tensors.push_back(tb::constant("constant", tb::Weights{{1, 1}, {7}}));
  graph.ops[0].inputs = {0, 2, 0};
  CHECK(output_of(graph, {{1, 2}}) == Bytes{1, 2, 7, 1, 2});
}

TEST_CASE("Dimensions in another order") {
  CHECK(output_of(model::Transpose{{1, 0}}, {2, 3}, {3, 2}, {1, 2, 3, 4, 5, 6}) ==
        Bytes{1, 4, 2, 5, 3, 6});
  // Not its own inverse.
  CHECK(output_of(model::Transpose{{2, 0, 1}}, {1, 2, 3}, {3, 1, 2}, {1, 2, 3, 4, 5, 6}) ==
        Bytes{1, 4, 2, 5, 3, 6});
  CHECK(output_of(model::Transpose{{1, 2, 0}}, {2, 3, 1}, {3, 1, 2}, {1, 2, 3, 4, 5, 6}) ==
        Bytes{1, 4, 2, 5, 3, 6});
}

TEST_CASE("Slices with strides, backwards too") {
  const Bytes input{0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24};
  CHECK(output_of(model::StridedSlice{{0, 1}, {2, 2}, {2, 2}}, {3, 5}, {2, 2}, input) ==
        Bytes{1, 3, 21, 23});
  CHECK(output_of(model::StridedSlice{{2, 4}, {-1, -3}, {3, 2}}, {3, 5}, {3, 2}, input) ==
        Bytes{24, 21, 14, 11, 4, 1});
  CHECK(output_of(model::StridedSlice{{1, 0}, {1, 1}, {1, 5}}, {3, 5}, {5}, input) ==
        Bytes{10, 11, 12, 13, 14});
}

}  // namespace
}  // namespace weft::golden
