// What the importer makes of each operator that the small network has not; multipliers by exact
// arithmetic, apart from this code.
#include "tflite_operators.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "model/operators.h"
#include "model/tflite.h"
#include "quant/tables.h"
#include "tb/catch_compat.h"

namespace weft::model {
namespace {

using tb::ModelSpec;
using List = std::vector<int>;

Graph import(const ModelSpec& spec) { return import_tflite(tb::write(spec), "one"); }

template <class T>
T attributes_of(const ModelSpec& spec) {
  return std::get<T>(import(spec).ops.at(0).attributes);
}

void check_rescale(const Rescale& rescale, int32_t multiplier, int32_t shift) {
  CHECK(rescale.multiplier == multiplier);
  CHECK(rescale.shift == shift);
}

TEST_CASE("Depthwise convolution") {
  ModelSpec spec = tb::depthwise_model();
  const Graph graph = import(spec);
  CHECK(graph.ops[0].name == "dw1");
  CHECK(graph.ops[0].inputs == List{0, 1, 2});
  CHECK(macs(graph, graph.ops[0]) == 2 * 2 * 4 * 2 * 2);
  const auto conv = std::get<DepthwiseConv2d>(graph.ops[0].attributes);
  CHECK(conv.multiplier == 2);
  CHECK(conv.input_zero_point == -3);
  CHECK(conv.output_zero_point == 7);
  REQUIRE(conv.rescale.size() == 4);
  for (const auto& [channel, shift] : {std::pair{0, -2}, {1, -3}, {2, -1}, {3, -2}}) {
    check_rescale(conv.rescale[static_cast<size_t>(channel)], 1431655765, shift);
  }
  spec.ops[0].options.padding = fb::Padding::SAME;
  spec.ops[0].options.stride_h = 2;
  spec.ops[0].options.dilation_w = 2;
  spec.tensors[3].shape = {1, 2, 3, 4};
  const auto same = attributes_of<DepthwiseConv2d>(spec);
  CHECK(same.stride_h == 2);
  CHECK(same.dilation_w == 2);
  CHECK(same.padding.top == 0);
  CHECK(same.padding.bottom == 1);
  CHECK(same.padding.left == 1);
  CHECK(same.padding.right == 1);
}

TEST_CASE("Transposed convolution") {
  const Graph graph = import(tb::transpose_conv_model());
  CHECK(graph.ops[0].name == "tconv1");
  CHECK(graph.ops[0].inputs == List{2, 1, -1});
  CHECK(macs(graph, graph.ops[0]) == 4 * 18);
  const auto conv = std::get<TransposeConv>(graph.ops[0].attributes);
  CHECK(conv.stride_h == 2);
  CHECK(conv.padding_top == 1);   // 3 rows of 2: two in all
  CHECK(conv.padding_left == 0);  // 4 columns: one, behind
  check_rescale(conv.rescale.at(0), 1431655765, -2);
  ModelSpec valid = tb::transpose_conv_model();
  valid.ops[0].options.padding = fb::Padding::VALID;
  valid.tensors[0].data = tb::int32_bytes({1, 5, 6, 1});
  valid.tensors[3].shape = {1, 5, 6, 1};
  CHECK(attributes_of<TransposeConv>(valid).padding_top == 0);
}

TEST_CASE("Matrix products multiply scales in float32") {
  ModelSpec spec = tb::matmul_model();
  const Graph graph = import(spec);
  CHECK(graph.ops[0].name == "matmul1");
  CHECK(macs(graph, graph.ops[0]) == 2 * 5 * 4 * 2 * 3);
  const auto product = std::get<BatchMatMul>(graph.ops[0].attributes);
  CHECK(product.input_zero_points == std::array<int32_t, 2>{-3, 4});
  check_rescale(product.rescale, 1717987014, -3);  // in double it would be 1717986944
  spec.ops[0].options.adj_x = spec.ops[0].options.adj_y = true;
  spec.tensors[0].shape = {2, 1, 3, 4};
  spec.tensors[1].shape = {5, 2, 3};
  const Graph swapped = import(spec);
  CHECK(macs(swapped, swapped.ops[0]) == 2 * 5 * 4 * 2 * 3);
  CHECK(std::get<BatchMatMul>(swapped.ops[0].attributes).swapped_y);
}

TEST_CASE("Addition, subtraction, multiplication") {
  const Graph graph = import(tb::add_model());
  CHECK(graph.ops[0].name == "add1");
  const auto add = std::get<Add>(graph.ops[0].attributes);
  CHECK(!add.subtract);
  CHECK(add.left_shift == 20);
  CHECK(add.input_zero_points == std::array<int32_t, 2>{-3, 4});
  CHECK(add.output_zero_point == 7);
  check_rescale(add.input_rescale[0], 1 << 30, 0);
  check_rescale(add.input_rescale[1], 1288490240, -1);
  check_rescale(add.output_rescale, 1533916918, -19);
  // The first addition of MLPerf Tiny's ResNet.
  ModelSpec resnet = tb::add_model();
  resnet.tensors[0].scales = {0.039393551647663116F};
  resnet.tensors[1].scales = {0.10419496148824692F};
  resnet.tensors[2].scales = {0.050945673137903214F};
  resnet.ops[0].options.activation = fb::ActivationFunctionType::RELU;
  const auto first = attributes_of<Add>(resnet);
  check_rescale(first.input_rescale[0], 1623821475, -2);
  check_rescale(first.input_rescale[1], 1 << 30, 0);
  check_rescale(first.output_rescale, 1098017566, -17);
  CHECK(first.clamp.min == 7);
  CHECK(attributes_of<Add>(tb::sub_model()).subtract);
  const auto mul = attributes_of<Mul>(tb::mul_model());
  check_rescale(mul.rescale, 1840700374, -2);
  CHECK(mul.input_zero_points == std::array<int32_t, 2>{-3, 4});
}

TEST_CASE("Maximum and minimum with a constant") {
  const Graph graph = import(tb::maximum_model());
  CHECK(graph.ops[0].name == "maximum1");
  CHECK(graph.ops[0].inputs == List{0, 1});
  CHECK(std::get<MaxMin>(graph.ops[0].attributes).maximum);
  CHECK(!attributes_of<MaxMin>(tb::maximum_model(fb::BuiltinOperator::MINIMUM)).maximum);
}

TEST_CASE("Average pool and mean") {
  const auto pool = attributes_of<AveragePool2d>(tb::average_model());
  CHECK(pool.filter_h == 2);
  CHECK(pool.filter_w == 3);
  CHECK(pool.padding.top == 0);
  CHECK(pool.padding.bottom == 1);
  CHECK(pool.padding.left == 0);
  CHECK(pool.padding.right == 1);
  CHECK(pool.clamp.min == -3);
  CHECK(pool.clamp.max == 9);
  ModelSpec spec = tb::mean_model();
  const auto mean = attributes_of<Mean>(spec);
  CHECK(mean.axes == List{1, 2});
  // 0.3F / 0.7F is (1840700374, -1); by 49: 1840700374 * 2^5 / 49, cut off.
  check_rescale(mean.rescale, 1202090040, -6);
  spec.ops[0].options.keep_dims = true;
  spec.tensors[2].shape = {1, 1, 1, 4};
  CHECK(attributes_of<Mean>(spec).axes == List{1, 2});
}

TEST_CASE("Softmax, logistic, tanh") {
  const auto softmax = attributes_of<Softmax>(tb::softmax_model());
  CHECK(softmax.multiplier == 1717986944);
  CHECK(softmax.left_shift == 24);
  CHECK(softmax.diff_min == -124);
  const auto logistic =
      attributes_of<Lookup>(tb::unary_model(fb::BuiltinOperator::LOGISTIC, 1.0F / 256, -128));
  CHECK(logistic.table == quant::logistic_table(0.1F, 4));
  const auto tanh =
      attributes_of<Lookup>(tb::unary_model(fb::BuiltinOperator::TANH, 1.0F / 128, 0));
  CHECK(tanh.table == quant::tanh_table(0.1F, 4));
}

TEST_CASE("Rectifiers by themselves") {
  ModelSpec spec = tb::unary_model(fb::BuiltinOperator::RELU, 0.7F, -10);
  spec.tensors[0].scales = {0.3F};
  const auto relu = attributes_of<Requantize>(spec);
  check_rescale(relu.rescale, 1840700416, -1);  // the quotient is rounded to float32
  CHECK(relu.input_zero_point == 4);
  CHECK(relu.output_zero_point == -10);
  CHECK(relu.clamp.min == -10);
  CHECK(relu.clamp.max == 127);
  const auto relu6 =
      attributes_of<Requantize>(tb::unary_model(fb::BuiltinOperator::RELU6, 0.1F, 4));
  check_rescale(relu6.rescale, 1 << 30, 1);
  CHECK(relu6.clamp.min == 4);
  CHECK(relu6.clamp.max == 64);
}

TEST_CASE("Quantisation of floats, between integers, and back") {
  const auto quantize = attributes_of<Quantize>(tb::quantize_model());
  CHECK(quantize.scale == 0.5F);
  CHECK(quantize.zero_point == -7);
  ModelSpec spec = tb::unary_model(fb::BuiltinOperator::QUANTIZE, 0.7F, 130);
  spec.tensors[0].scales = {0.3F};
  spec.tensors[1].type = fb::TensorType::UINT8;
  const auto requantize = attributes_of<Requantize>(spec);
  check_rescale(requantize.rescale, 1840700374, -1);  // in double
  CHECK(requantize.clamp.min == 0);
  CHECK(requantize.clamp.max == 255);
  const auto dequantize = attributes_of<Dequantize>(tb::dequantize_model());
  CHECK(dequantize.scale == 0.1F);
  CHECK(dequantize.zero_point == 4);
}

TEST_CASE("Operators that move bytes") {
  CHECK(import(tb::squeeze_model()).ops[0].name == "squeeze1");
  ModelSpec squeeze = tb::squeeze_model();
  squeeze.ops[0].options.new_shape = {-2};
  squeeze.tensors[1].shape = {1, 3, 2};
  CHECK(import(squeeze).ops.size() == 1);
  CHECK(import(tb::expand_dims_model()).ops[0].name == "expand_dims1");
  const auto pad = attributes_of<Pad>(tb::pad_model());
  CHECK(pad.before == List{1, 2});
  CHECK(pad.after == List{0, 3});
  CHECK(pad.value == 9);
  ModelSpec plain = tb::pad_model();
  plain.codes[0] = {34, fb::BuiltinOperator::PAD};
  plain.ops[0].inputs = {0, 1};
  CHECK(attributes_of<Pad>(plain).value == -3);
  const Graph concat = import(tb::concat_model());
  CHECK(std::get<Concat>(concat.ops[0].attributes).axis == 1);
  CHECK(concat.ops[0].inputs == List{0, 1, 2});
  CHECK(attributes_of<Transpose>(tb::transpose_model()).order == List{2, 0, 1});
}

TEST_CASE("Slices come to begin, stride and extent") {
  const auto slice = attributes_of<StridedSlice>(tb::slice_model());
  CHECK(slice.begin == List{1, 5, 1});
  CHECK(slice.stride == List{1, -2, 1});
  CHECK(slice.extent == List{1, 3, 3});
  ModelSpec spec = tb::slice_model();
  spec.ops[0].options.begin_mask = 6;  // dimensions 1 and 2 from their ends
  spec.ops[0].options.end_mask = 2;    // dimension 1 to its other end
  spec.tensors[1].data = tb::int32_bytes({-1, 3, 3});
  spec.tensors[2].data = tb::int32_bytes({5, 3, -2});
  spec.tensors[4].shape = {3, 2};
  const auto masked = attributes_of<StridedSlice>(spec);
  CHECK(masked.begin == List{2, 5, 0});
  CHECK(masked.extent == List{1, 3, 2});
  // Ends counted from the begin.
  ModelSpec offset = tb::slice_model();
  offset.ops[0].options.offset = true;
  offset.tensors[1].data = tb::int32_bytes({1, 5, 1});
  offset.tensors[2].data = tb::int32_bytes({9, -5, 2});
  offset.tensors[4].shape = {3, 2};
  CHECK(attributes_of<StridedSlice>(offset).extent == List{1, 3, 2});
  // 64-bit lists, with the largest number for "to the end".
  ModelSpec wide = tb::slice_model();
  wide.tensors[2].type = fb::TensorType::INT64;
  std::vector<uint8_t> ends(24, 0xff);
  ends[23] = 0x7f;  // 2^63 - 1; the others are -1
  std::fill(ends.begin(), ends.begin() + 16, uint8_t{0});
  wide.tensors[2].data = ends;
  CHECK(attributes_of<StridedSlice>(wide).extent == List{1, 3, 3});
}

TEST_CASE("The list of operators is sorted and complete") {
  std::vector<std::string> names;
  for (const SupportedOperator& op : supported_operators()) names.emplace_back(op.name);
  CHECK(names.size() == 28);
  CHECK(std::is_sorted(names.begin(), names.end()));
}

TEST_CASE("docs/operators.md is current (make docs writes it)") {
  std::ifstream in(WEFT_SOURCE_DIR "/docs/operators.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CHECK((text == operators_markdown()));
}

}  // namespace
}  // namespace weft::model
