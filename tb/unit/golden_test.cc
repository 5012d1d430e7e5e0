// The golden model against numbers worked out by hand and against vectors of CMSIS-NN.
#include "golden/golden.h"

#include <filesystem>

#include "base/error.h"
#include "cmsis_vectors.h"
#include "one_op_graph.h"
#include "tb/catch_compat.h"

namespace weft::golden {
namespace {

using Bytes = std::vector<int8_t>;
using Catch::Matchers::ContainsSubstring;

constexpr int32_t kHalf = 1 << 30;
constexpr model::Rescale kByOne{kHalf, 1};

Bytes output_of(const model::Graph& graph, const Bytes& input) {
  model::check(graph);
  return run(graph, {{0, input}}).at(1);
}

// Input less its zero point of 5, and the sums of the filter 1 2 / 3 4 over it:
//   -4 -3 -2
//   -1  0  1    -13 -3
//    2  3  4     17 27
model::Graph three_by_three(std::vector<model::Rescale> rescale, model::Clamp clamp) {
  model::Conv2d conv;
  conv.input_zero_point = 5;
  conv.output_zero_point = 100;
  conv.clamp = clamp;
  conv.rescale = std::move(rescale);
  return tb::one_op_graph("conv1", conv, {1, 3, 3, 1}, {1, 2, 2, 2},
                          {{2, 2, 2, 1}, {1, 2, 3, 4, -1, -2, -3, -4}}, {10, -10});
}
const Bytes kThreeByThree{1, 2, 3, 4, 5, 6, 7, 8, 9};

TEST_CASE("Convolution with zero points, clamped at both ends") {
  // Sums with bias: -3 7 27 37 and their negatives, plus 100.
  CHECK(output_of(three_by_three({kByOne, kByOne}, {90, 120}), kThreeByThree) ==
        Bytes{97, 103, 107, 93, 120, 90, 120, 90});
  CHECK(output_of(three_by_three({kByOne, kByOne}, {-128, 127}), kThreeByThree) ==
        Bytes{97, 103, 107, 93, 127, 73, 127, 63});
}

TEST_CASE("Convolution rescales each channel by its own multiplier") {
  // Half: -1.5 -> -1, 3.5 -> 4, 13.5 -> 14, 18.5 -> 19. A quarter of the negatives:
  // 1.5 -> 2 -> 1, -3.5 -> -3 -> -2, -13.5 -> -13 -> -7, -18.5 -> -18 -> -9.
  CHECK(output_of(three_by_three({{kHalf, 0}, {kHalf, -1}}, {-128, 127}), kThreeByThree) ==
        Bytes{99, 101, 104, 98, 114, 93, 119, 91});
  // A multiplier of zero leaves the zero point.
  CHECK(output_of(three_by_three({{0, 0}, {0, 0}}, {-128, 127}), kThreeByThree) == Bytes(8, 100));
}

// Sums of +-(2^31 - 1), rescaled to one less, leave 32 bits with the zero point.
TEST_CASE("A rescaled sum far beyond int8 saturates") {
  constexpr int32_t kMax = 2147483647;
  for (const int zero_point : {-128, 127}) {
    model::Conv2d conv;
    conv.input_zero_point = -128;
    conv.output_zero_point = zero_point;
    conv.rescale = {{kMax, 0}, {kMax, 0}};
    const model::Graph graph = tb::one_op_graph("conv1", conv, {1, 1, 1, 1}, {1, 1, 1, 2},
                                                {{2, 1, 1, 1}, {1, -1}}, {kMax - 255, 255 - kMax});
    CHECK(output_of(graph, {127}) == Bytes{127, -128});
  }
}

TEST_CASE("Convolution with input zero points at both ends") {
  for (const int zero_point : {-128, 127}) {
    model::Conv2d conv;
    conv.input_zero_point = zero_point;
    conv.rescale = {{kHalf, -14}};  // 2^-15
    const model::Graph graph = tb::one_op_graph("conv1", conv, {1, 1, 2, 1}, {1, 1, 2, 1},
                                                {{1, 1, 1, 1}, {-128}}, {-128 * 257});
    // -128 * 255 - 128 * 257 = -65536; -128 * 0 - 128 * 257 = -32896; +32640 - 32896 = -256.
    const Bytes expected = zero_point < 0 ? Bytes{-1, -2} : Bytes{0, -1};
    CHECK(output_of(graph, {-128, 127}) == expected);
  }
}

TEST_CASE("Taps outside the image add nothing") {
  model::Conv2d conv;
  conv.input_zero_point = -7;
  conv.padding = {1, 1, 1, 1};
  conv.rescale = {kByOne};
  const model::Graph graph =
      tb::one_op_graph("conv1", conv, {1, 1, 1, 1}, {1, 1, 1, 1},
                       {{1, 3, 3, 1}, {90, 91, 92, 93, 3, 94, 95, 96, 97}}, {});
  CHECK(output_of(graph, {10}) == Bytes{51});
  CHECK(output_of(graph, {-7}) == Bytes{0});
}

TEST_CASE("Convolution with strides, dilation and padding on one side") {
  model::Conv2d conv;
  conv.stride_w = 2;
  conv.dilation_w = 3;
  conv.padding.left = 1;
  conv.rescale = {kByOne};
  // Taps at columns -1, 2 and 1, 4 and 3, 6.
  const model::Graph graph =
      tb::one_op_graph("conv1", conv, {1, 1, 7, 1}, {1, 1, 3, 1}, {{1, 1, 2, 1}, {10, 1}}, {});
  CHECK(output_of(graph, {0, 1, 2, 3, 4, 5, 6}) == Bytes{2, 14, 36});
  conv = {};
  conv.stride_h = 2;
  conv.dilation_h = 3;
  conv.padding.bottom = 1;
  conv.rescale = {kByOne};
  // Taps at rows 0, 3 and 2, 5 and 4, 7 (outside).
  const model::Graph upright =
      tb::one_op_graph("conv1", conv, {1, 7, 1, 1}, {1, 3, 1, 1}, {{1, 2, 1, 1}, {10, 1}}, {});
  CHECK(output_of(upright, {0, 1, 2, 3, 4, 5, 6}) == Bytes{3, 25, 40});
}

TEST_CASE("Grouped convolution reads its own group's channels, in every batch") {
  model::Conv2d conv;
  conv.groups = 2;
  conv.rescale = {kByOne, kByOne, kByOne, kByOne};
  const model::Graph graph =
      tb::one_op_graph("conv1", conv, {2, 1, 1, 4}, {2, 1, 1, 4},
                       {{4, 1, 1, 2}, {1, 0, 0, 1, 1, 10, 10, 1}}, {0, 0, 0, 100});
  CHECK(output_of(graph, {1, 2, 3, 4, -5, -6, -7, 1}) == Bytes{1, 2, 43, 127, -5, -6, 3, 31});
}

TEST_CASE("Fully connected with zero points of input and weights") {
  model::FullyConnected dense;
  dense.input_zero_point = 1;
  dense.weights_zero_point = -2;
  dense.output_zero_point = -3;
  dense.clamp = {-40, 40};
  dense.rescale = {kByOne, {kHalf, 0}};
  // Weights less their zero point: 3 4 and -1 0; inputs: 2 3, -1 9, 0 -20.
  // Sums: 18 -2, 33 1, -80 0; second channel + 5, halved: 1.5, 3, 2.5.
  const tb::Weights weights{{2, 2}, {1, 2, -3, -2}};
  const Bytes input{3, 4, 0, 10, 1, -19};
  CHECK(output_of(tb::one_op_graph("dense1", dense, {3, 2}, {3, 2}, weights, {0, 5}), input) ==
        Bytes{15, -1, 30, 0, -40, 0});
  CHECK(output_of(tb::one_op_graph("dense1", dense, {1, 6}, {3, 2}, weights, {}), input) ==
        Bytes{15, -4, 30, -2, -40, -3});
}

TEST_CASE("The maximum counts taps of the image only, and is clamped") {
  model::MaxPool2d pool;
  pool.filter_h = pool.filter_w = 2;
  pool.stride_h = pool.stride_w = 2;
  pool.padding = {1, 0, 1, 0};
  // Two channels of 3x3: windows of the corner, of the top row, of the left column, of the rest.
  const Bytes input{-100, 1, -50, 2, -60, 3, -20, 4, -128, 5, -127, 6, -30, 7, -126, 8, -125, 9};
  const Bytes expected{-100, 1, -50, 3, -20, 7, -125, 9};
  CHECK(output_of(tb::one_op_graph("pool1", pool, {1, 3, 3, 2}, {1, 2, 2, 2}), input) == expected);
  pool.clamp = {-60, 4};
  const Bytes clamped{-60, 1, -50, 3, -20, 4, -60, 4};
  CHECK(output_of(tb::one_op_graph("pool1", pool, {1, 3, 3, 2}, {1, 2, 2, 2}), input) == clamped);
}

// A 1x1 convolution that doubles, reshaped.
model::Graph chain() {
  model::Conv2d conv;
  conv.rescale = {{kHalf, 2}};
  model::Graph graph =
      tb::one_op_graph("conv1", conv, {1, 2, 2, 1}, {1, 2, 2, 1}, {{1, 1, 1, 1}, {1}}, {});
  graph.tensors.push_back(tb::activation("flat", {1, 4}));
  graph.ops.push_back({"reshape1", "the test's operator", model::Reshape{}, {1}, {3}});
  graph.outputs = {3};
  return graph;
}

TEST_CASE("Every activation is returned, a reshape's bytes unchanged") {
  const model::Graph graph = chain();
  model::check(graph);
  const Values values = run(graph, {{0, {1, -2, 3, -128}}});
  const Values expected{{0, {1, -2, 3, -128}}, {1, {2, -4, 6, -128}}, {3, {2, -4, 6, -128}}};
  CHECK(values == expected);
}

TEST_CASE("Wrong inputs are refused by name") {
  const model::Graph graph = chain();
  CHECK_THROWS_WITH(run(graph, {}), ContainsSubstring("'input'"));
  CHECK_THROWS_WITH(run(graph, {{0, Bytes(3)}}),
                    ContainsSubstring("'input'") && ContainsSubstring("3 bytes"));
  CHECK_THROWS_WITH(run(graph, {{0, Bytes(5)}}), ContainsSubstring("which has 4"));
  CHECK_THROWS_WITH(run(graph, {{0, Bytes(4)}, {1, Bytes(4)}}), ContainsSubstring("tensor 1"));
  CHECK_THROWS_AS(run(graph, {}), Error);
}

size_t mismatches(const Bytes& a, const Bytes& b) {
  size_t count = 0;
  for (size_t i = 0; i < a.size(); ++i) count += a[i] != b.at(i) ? 1 : 0;
  return count;
}

TEST_CASE("The vectors of CMSIS-NN") {
  const std::filesystem::path directory = tb::cmsis_directory();
  if (!std::filesystem::is_directory(directory)) {
    WARN("skipped: the CMSIS-NN vectors are not present (" << directory.string() << ")");
    return;
  }
  const tb::CmsisVectors all = tb::read_cmsis_vectors(directory);
  std::map<tb::CmsisOperator, size_t> run_of;
  size_t compared = 0;
  for (const tb::CmsisVector& vector : all.vectors) {
    INFO(vector.name);
    Values inputs;
    for (size_t i = 0; i < vector.inputs.size(); ++i) {
      inputs[vector.graph.inputs.at(i)] = vector.inputs[i];
    }
    const Bytes output = run(vector.graph, inputs).at(vector.graph.outputs.at(0));
    REQUIRE(output.size() == vector.expected.size());
    CHECK(mismatches(output, vector.expected) == 0);
    compared += output.size();
    ++run_of[vector.kind];
  }
  INFO(all.vectors.size() << " vectors were run, " << compared << " bytes compared");
  CHECK(compared > 0);
  CHECK(all.others == std::vector<std::string>{});
  CHECK(run_of.size() == static_cast<size_t>(tb::CmsisOperator::kNetwork) + 1);
}

}  // namespace
}  // namespace weft::golden
