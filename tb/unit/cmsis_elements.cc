#include "cmsis_fields.h"
#include "one_op_graph.h"

namespace weft::tb {
namespace {

using model::Rescale;
using Shape = std::vector<int>;
using Bytes = std::vector<int8_t>;

model::Clamp clamp_of(const Fields& f) {
  return {f.number("OUT_ACTIVATION_MIN"), f.number("OUT_ACTIVATION_MAX")};
}

CmsisVector add(const Fields& f) {
  model::Add add;
  add.left_shift = f.number("LEFT_SHIFT");
  add.input_zero_points = {-f.number("INPUT1_OFFSET"), -f.number("INPUT2_OFFSET")};
  add.input_rescale = {Rescale{f.number("INPUT1_MULT"), f.number("INPUT1_SHIFT")},
                       Rescale{f.number("INPUT2_MULT"), f.number("INPUT2_SHIFT")}};
  add.output_zero_point = f.number("OUTPUT_OFFSET");
  add.output_rescale = {f.number("OUTPUT_MULT"), f.number("OUTPUT_SHIFT")};
  add.clamp = clamp_of(f);
  const Shape shape{f.number("DST_SIZE")};
  return {.graph = many_input_graph("add1", add, {shape, shape}, shape),
          .inputs = {f.array<int8_t>({"input1"}), f.array<int8_t>({"input2"})}};
}

CmsisVector mul(const Fields& f) {
  model::Mul mul;
  mul.input_zero_points = {-f.number("INPUT1_OFFSET"), -f.number("INPUT2_OFFSET")};
  mul.output_zero_point = f.number("OUTPUT_OFFSET");
  mul.rescale = {f.number("OUTPUT_MULT"), f.number("OUTPUT_SHIFT")};
  mul.clamp = clamp_of(f);
  const Shape shape{f.number("DST_SIZE")};
  return {.graph = many_input_graph("mul1", mul, {shape, shape}, shape),
          .inputs = {f.array<int8_t>({"input1"}), f.array<int8_t>({"input2"})}};
}

CmsisVector max_min(const Fields& f) {
  const auto shape = [&](const std::string& input) {
    return Shape{f.number("BATCH_" + input), f.number("HEIGHT_" + input),
                 f.number("WIDTH_" + input), f.number("CHANNEL_" + input)};
  };
  const Shape output{f.number("OUTPUT_BATCH"), f.number("OUTPUT_HEIGHT"), f.number("OUTPUT_WIDTH"),
                     f.number("OUTPUT_CHANNEL")};
  const model::MaxMin pick{f.text("LAYER_TYPE") == "maximum"};
  return {.graph = many_input_graph("maximum1", pick, {shape("1"), shape("2")}, output),
          .inputs = {f.array<int8_t>({"input_tensor_1"}), f.array<int8_t>({"input_tensor_2"})}};
}

CmsisVector batch_matmul(const Fields& f) {
  const auto shape = [&](const std::string& which) {
    return Shape{f.number(which + "_BATCH"), f.number(which + "_HEIGHT"), f.number(which + "_ROWS"),
                 f.number(which + "_COLS")};
  };
  model::BatchMatMul product;
  product.swapped_x = f.number("ADJ_X") != 0;
  product.swapped_y = f.number("ADJ_Y") != 0;
  product.input_zero_points = {-f.number("LHS_OFFSET"), -f.number("RHS_OFFSET")};
  product.output_zero_point = f.number("OUTPUT_OFFSET");
  product.rescale = {f.number("OUTPUT_MULTIPLIER"), f.number("OUTPUT_SHIFT")};
  product.clamp = {f.number("ACTIVATION_MIN"), f.number("ACTIVATION_MAX")};
  return {
      .graph = many_input_graph("matmul1", product, {shape("LHS"), shape("RHS")}, shape("OUTPUT")),
      .inputs = {f.array<int8_t>({"lhs_input_tensor"}), f.array<int8_t>({"rhs_input_tensor"})}};
}

CmsisVector softmax(const Fields& f) {
  const Shape shape{f.number("NUM_ROWS"), f.number("ROW_SIZE")};
  const model::Softmax softmax{f.number("INPUT_MULT"), f.number("INPUT_LEFT_SHIFT"),
                               f.number("DIFF_MIN")};
  return {.graph = one_op_graph("softmax1", softmax, shape, shape),
          .inputs = {f.array<int8_t>({"input"})}};
}

CmsisVector pad(const Fields& f) {
  model::Pad pad;
  pad.value = static_cast<int8_t>(f.number("PAD_VALUE"));
  Shape input, output;
  for (const std::string d : {"N", "H", "W", "C"}) {
    input.push_back(f.number("INPUT_" + d));
    pad.before.push_back(f.number("PRE_PAD_" + d));
    pad.after.push_back(f.number("POST_PAD_" + d));
    output.push_back(pad.before.back() + input.back() + pad.after.back());
  }
  return {.graph = one_op_graph("pad1", pad, input, output),
          .inputs = {f.array<int8_t>({"input_tensor"})}};
}

// The files have lost shapes and orders; these are the ones that their data fit.
CmsisVector transpose(const Fields& f) {
  struct Case {
    const char* name;
    Shape order, input;
  };
  const Case cases[] = {{"transpose_3dim", {0, 2, 1}, {5, 4, 20}},
                        {"transpose_chwn", {3, 1, 2, 0}, {5, 4, 12, 17}},
                        {"transpose_matrix", {1, 0}, {5, 20}},
                        {"transpose_ncwh", {0, 3, 2, 1}, {5, 4, 3, 9}},
                        {"transpose_nwhc", {0, 2, 1, 3}, {1, 19, 3, 64}}};
  for (const Case& c : cases) {
    if (f.name() != c.name) continue;
    Shape output;
    for (const int d : c.order) output.push_back(c.input[static_cast<size_t>(d)]);
    return {.graph = one_op_graph("transpose1", model::Transpose{c.order}, c.input, output),
            .inputs = {f.array<int8_t>({"input_tensor"})}};
  }
  fail(ErrorKind::kMalformedFile, "{}: its shape is not known", f.name());
}

}  // namespace

CmsisVector element_vector(const Fields& fields, CmsisOperator kind) {
  const auto make = [&]() -> CmsisVector {
    switch (kind) {
      case CmsisOperator::kAdd: return add(fields);
      case CmsisOperator::kMul: return mul(fields);
      case CmsisOperator::kMaxMin: return max_min(fields);
      case CmsisOperator::kBatchMatMul: return batch_matmul(fields);
      case CmsisOperator::kSoftmax: return softmax(fields);
      case CmsisOperator::kPad: return pad(fields);
      default: return transpose(fields);
    }
  };
  CmsisVector vector = make();
  vector.expected = fields.array<int8_t>({"output_ref", "output"});
  return vector;
}

}  // namespace weft::tb
