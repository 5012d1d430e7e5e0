// What the table of operators says of where they run, against what the compiler does with a model of
// each.
#include <map>
#include <optional>

#include "compiler/report.h"
#include "model/operators.h"
#include "model/tflite.h"
#include "tb/catch_compat.h"
#include "tflite_operators.h"

namespace weft::compiler {
namespace {

using model::Graph;
using model::RunsOn;
using tb::Code;
using tb::ModelSpec;

Graph import(const ModelSpec& spec) { return model::import_tflite(tb::write(spec), "one"); }

// An operator of the small model by itself.
Graph small(const char* name, const ModelSpec& spec = tb::small_model()) {
  const Graph graph = import(spec);
  return model::single_op_graph(graph, model::find_op(graph, name));
}

// An ordinary model of an operator, and one for the note of its placing.
struct Models {
  Graph usual;
  std::optional<Graph> noted = {};
};

// The second operand has one channel where the first has three.
Graph repeated(ModelSpec spec) {
  spec.tensors[1] = tb::int8_tensor("b", {2, 1}, spec.tensors[1].scales[0],
                                    static_cast<int>(spec.tensors[1].zeros[0]));
  spec.inputs = {0, 1};
  return import(spec);
}
Models element_wise(const ModelSpec& spec) { return {import(spec), repeated(spec)}; }

Graph depthwise_of_one() {
  ModelSpec spec = tb::depthwise_model();
  spec.tensors[0].shape = {1, 3, 3, 4};
  return import(spec);
}

Graph concat_along_columns() {
  ModelSpec spec = tb::concat_model();
  spec.tensors[1] = tb::int8_constant("b", {1, 2}, 0.5F, -3, {1, 2});
  spec.tensors[2].shape = {4, 2};
  spec.tensors[3].shape = {8, 2};
  spec.ops[0].options.axis = 0;
  return import(spec);
}

Graph mean_over_channels() {
  ModelSpec spec = tb::mean_model();
  spec.tensors[1] = tb::int32_list("axes", {3});
  spec.tensors[2].shape = {1, 7, 7};
  return import(spec);
}

ModelSpec pad_of(Code code, ModelSpec spec) {
  spec.codes[0] = {static_cast<int8_t>(code), code};
  if (code == Code::PAD) spec.ops[0].inputs = {0, 1};
  return spec;
}

Models pad(Code code) {
  ModelSpec rows = tb::pad_model();
  rows.tensors[0].shape = {1, 3, 2, 2};
  rows.tensors[1] = tb::int32_list("padding", {0, 0, 1, 0, 0, 1, 0, 0});
  rows.tensors[1].shape = {4, 2};
  rows.tensors[3].shape = {1, 4, 3, 2};
  return {import(pad_of(code, rows)), import(pad_of(code, tb::pad_model()))};
}

Graph slice_of_rows() {
  ModelSpec spec = tb::slice_model();
  spec.tensors[0].shape = {1, 6, 4, 2};
  spec.tensors[1] = tb::int32_list("begin", {0, 1, 0, 0});
  spec.tensors[2] = tb::int32_list("end", {1, 6, 4, 2});
  spec.tensors[3] = tb::int32_list("strides", {1, 2, 1, 1});
  spec.tensors[4].shape = {1, 3, 4, 2};
  spec.ops[0].options.shrink_axis_mask = 0;
  return import(spec);
}

// 17 x 17 sets of one tap each.
Graph transposed_by_17() {
  ModelSpec spec = tb::transpose_conv_model();
  spec.tensors[0] = tb::int32_list("shape", {1, 34, 34, 1});
  spec.tensors[1] = tb::int8_constant("filter", {1, 17, 17, 2}, 0.25F, 0,
                                      std::vector<uint8_t>(size_t{17} * 17 * 2, 2));
  spec.tensors[3].shape = {1, 34, 34, 1};
  spec.ops[0].options.stride_h = spec.ops[0].options.stride_w = 17;
  return import(spec);
}

Graph dense_with_zero_point() {
  ModelSpec spec = tb::small_model();
  spec.tensors[tb::kWeights].zeros = {3};
  return small("dense1", spec);
}

Models unary(Code code, float scale, int zero) {
  return {import(tb::unary_model(code, scale, zero))};
}

std::map<std::string, Models> models() {
  return {
      {"ADD", element_wise(tb::add_model())},
      {"AVERAGE_POOL_2D", {import(tb::average_model())}},
      {"BATCH_MATMUL", {import(tb::matmul_model())}},
      {"CONCATENATION", {concat_along_columns(), import(tb::concat_model())}},
      {"CONV_2D", {small("conv1")}},
      {"DEPTHWISE_CONV_2D", {depthwise_of_one(), import(tb::depthwise_model())}},
      {"DEQUANTIZE", {import(tb::dequantize_model())}},
      {"EXPAND_DIMS", {import(tb::expand_dims_model())}},
      {"FULLY_CONNECTED", {small("dense1"), dense_with_zero_point()}},
      {"LOGISTIC", unary(Code::LOGISTIC, 1.0F / 256, -128)},
      {"MAXIMUM", element_wise(tb::maximum_model())},
      {"MAX_POOL_2D", {small("pool1")}},
      {"MEAN", {import(tb::mean_model()), mean_over_channels()}},
      {"MINIMUM", element_wise(tb::maximum_model(Code::MINIMUM))},
      {"MUL", element_wise(tb::mul_model())},
      {"PAD", pad(Code::PAD)},
      {"PADV2", pad(Code::PADV2)},
      {"QUANTIZE",
       {import(tb::unary_model(Code::QUANTIZE, 0.5F, -7)), import(tb::quantize_model())}},
      {"RELU", unary(Code::RELU, 0.7F, -10)},
      {"RELU6", unary(Code::RELU6, 0.1F, 4)},
      {"RESHAPE", {small("reshape1")}},
      {"SOFTMAX", {import(tb::softmax_model())}},
      {"SQUEEZE", {import(tb::squeeze_model())}},
      {"STRIDED_SLICE", {slice_of_rows(), import(tb::slice_model())}},
      {"SUB", element_wise(tb::sub_model())},
      {"TANH", unary(Code::TANH, 1.0F / 128, 0)},
      {"TRANSPOSE", {import(tb::transpose_model())}},
      {"TRANSPOSE_CONV", {import(tb::transpose_conv_model()), transposed_by_17()}},
  };
}

RunsOn placed(const Graph& graph) {
  const LayerGraph lowered = lower(graph, isa::find_config("tiny"));
  RunsOn where = RunsOn::kNothing;
  for (const Layer& layer : lowered.layers) {
    INFO(layer.reason);
    CHECK((where == RunsOn::kNothing || where == runs_on(layer.kind)));
    where = runs_on(layer.kind);
  }
  return where;
}

TEST_CASE("operators run where their table says") {
  const std::map<std::string, Models> all = models();
  CHECK(all.size() == model::supported_operators().size());
  for (const model::SupportedOperator& op : model::supported_operators()) {
    INFO(op.name);
    REQUIRE(all.count(op.name) == 1);
    const auto& [usual, noted] = all.at(op.name);
    const model::Placing& placing = op.placing;
    CHECK(std::string(to_string(placed(usual))) == to_string(placing.on));
    const bool note = *placing.note != 0;
    if (placing.on == RunsOn::kHost) {
      CHECK(note);
      continue;
    }
    // Each note has its case here, and each case its note.
    REQUIRE(note == noted.has_value());
    if (noted) CHECK(std::string(to_string(placed(*noted))) == to_string(placing.otherwise));
  }
}

TEST_CASE("five dimensions are the host's") {
  ModelSpec spec = tb::maximum_model();
  spec.tensors[0].shape = spec.tensors[2].shape = {1, 1, 1, 2, 3};
  CHECK(placed(import(spec)) == RunsOn::kHost);
}

}  // namespace
}  // namespace weft::compiler
