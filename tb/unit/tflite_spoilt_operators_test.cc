// The importer against files of one operator each with one thing wrong in it.
#include "tflite_operators.h"
#include "tflite_spoilt.h"

namespace weft::model {
namespace {

using tb::ModelSpec, tb::expect_refused;

TEST_CASE("Bad depthwise convolutions are refused by name") {
  const char* op = "operator 0 (DEPTHWISE_CONV_2D)";
  expect_refused(
      {{"filter rank",
        [](ModelSpec& m) {
          m.tensors[1].shape = {2, 2, 4};
          m.tensors[1].dimension = 2;
        },
        {op, "weights 'filter'", "3 dimensions"}},
       {"filter's first dimension",
        [](ModelSpec& m) {
          m.tensors[1].shape = {2, 1, 2, 4};
        },
        {op, "weights 'filter'", "2x1x2x4"}},
       {"channels",
        [](ModelSpec& m) { m.tensors[0].shape[3] = 3; },
        {op, "weights 'filter'", "3 channels"}},
       {"quantised dimension",
        [](ModelSpec& m) {
          m.tensors[1].shape = {1, 4, 1, 4};
          m.tensors[1].dimension = 1;
        },
        {op, "weights 'filter'", "dimension 1"}},
       {"zero point of weights",
        [](ModelSpec& m) { m.tensors[1].zeros[2] = 1; },
        {op, "weights 'filter'", "zero point 2 is 1"}},
       {"bias length",
        [](ModelSpec& m) {
          m.tensors[2] = {"bias", {1}, fb::TensorType::INT32, {0.125F},
                          {0},    0,   tb::int32_bytes({1})};
        },
        {op, "bias 'bias'", "4 elements"}},
       {"output", [](ModelSpec& m) { m.tensors[3].shape[3] = 2; }, {op, "output 'out'", "1x2x2x4"}},
       {"stride", [](ModelSpec& m) { m.ops[0].options.stride_h = -1; }, {op, "stride_h is -1"}},
       {"computed weights",
        [](ModelSpec& m) {
          m.tensors[1].data.clear();
          m.inputs = {0, 1};
        },
        {op, "weights 'filter'", "has no data"}},
       {"accumulator",
        [](ModelSpec& m) {
          m.tensors[2].data = tb::int32_bytes({0, 0, 0, 2147483647});
        },
        {op, "weights 'filter'", "channel 3", "32 bits"}}},
      tb::depthwise_model());
}

TEST_CASE("Bad transposed convolutions are refused by name") {
  const char* op = "operator 0 (TRANSPOSE_CONV)";
  expect_refused(
      {{"shape asked for",
        [](ModelSpec& m) {
          m.tensors[0].data = tb::int32_bytes({1, 4, 4, 1});
        },
        {op, "output 'out'", "1x4x4x1"}},
       {"computed shape",
        [](ModelSpec& m) { m.tensors[0].data.clear(); },
        {op, "output shape 'shape'", "constant"}},
       {"extent",
        [](ModelSpec& m) {
          m.tensors[0].data = tb::int32_bytes({1, 5, 4, 1});
          m.tensors[3].shape = {1, 5, 4, 1};
        },
        {op, "output 'out'", "extent of 5"}},
       {"huge extent",
        [](ModelSpec& m) {
          m.tensors[0].data = tb::int32_bytes({1, 3, 400000000, 1});
          m.tensors[3].shape = {1, 3, 400000000, 1};
        },
        {op, "output 'out'", "400000000"}},
       {"channels",
        [](ModelSpec& m) { m.tensors[2].shape[3] = 3; },
        {op, "weights 'filter'", "3 channels"}},
       {"stride", [](ModelSpec& m) { m.ops[0].options.stride_w = 0; }, {op, "stride_w is 0"}},
       {"absent input", [](ModelSpec& m) { m.ops[0].inputs[2] = -1; }, {op, "input 2 is absent"}},
       {"options", [](ModelSpec& m) { m.ops[0].options = {}; }, {op, "options are missing"}}},
      tb::transpose_conv_model());
}

TEST_CASE("Bad matrix products are refused by name") {
  const char* op = "operator 0 (BATCH_MATMUL)";
  expect_refused({{"depth",
                   [](ModelSpec& m) {
                     m.tensors[1].shape = {5, 4, 2};
                   },
                   {op, "second input 'y'", "5x4x2"}},
                  {"rank",
                   [](ModelSpec& m) { m.tensors[1].shape = {3}; },
                   {op, "second input 'y'", "2 dimensions"}},
                  {"batches",
                   [](ModelSpec& m) {
                     m.tensors[0].shape = {2, 3, 4, 3};
                   },
                   {op, "second input 'y'", "broadcast"}},
                  {"output",
                   [](ModelSpec& m) {
                     m.tensors[2].shape = {2, 5, 2, 4};
                   },
                   {op, "output 'out'", "2x5x4x2"}},
                  {"accumulator",
                   [](ModelSpec& m) {
                     m.tensors[0].shape = {2, 1, 4, 33026};
                     m.tensors[1].shape = {5, 33026, 2};
                   },
                   {op, "output 'out'", "depth of 33026", "32 bits"}},
                  {"left shift",
                   [](ModelSpec& m) { m.tensors[2].scales = {1e-9F}; },
                   {op, "output 'out'", "shifted left"}}},
                 tb::matmul_model());
}

TEST_CASE("Bad operators on elements are refused by name") {
  const char* op = "operator 0 (ADD)";
  expect_refused(
      {{"shapes",
        [](ModelSpec& m) { m.tensors[1].shape = {2}; },
        {op, "second input 'b'", "broadcast"}},
       {"output",
        [](ModelSpec& m) {
          m.tensors[2].shape = {1, 3};
        },
        {op, "output 'out'", "2x3"}},
       {"type",
        [](ModelSpec& m) { m.tensors[1].type = fb::TensorType::INT16; },
        {op, "second input 'b'", "INT8"}},
       {"scales",
        [](ModelSpec& m) { m.tensors[2].scales = {1e-7F}; },
        {op, "output 'out'", "too small"}},
       {"no quantisation",
        [](ModelSpec& m) { m.tensors[0].scales.clear(); },
        {op, "input 'a'", "no quantisation"}},
       {"operands", [](ModelSpec& m) { m.ops[0].inputs = {0}; }, {op, "output 'out'", "1 inputs"}},
       {"constants alone",
        [](ModelSpec& m) {
          m.tensors[0].data.assign(6, 1);
          m.tensors[1].data.assign(3, 1);
          m.tensors.push_back(tb::int8_tensor("image", {1}, 1, 0));
          m.inputs = {3};
        },
        {op, "input 'a'", "constant"}},
       {"itself",
        [](ModelSpec& m) {
          m.ops[0].inputs = {0, 2};
        },
        {op, "second input 'out'", "before any operator writes it"}},
       {"over its input",
        [](ModelSpec& m) {
          m.ops[0].outputs = {0};
          m.outputs = {0};
        },
        {op, "output 'a'", "written already"}},
       {"activation",
        [](ModelSpec& m) { m.ops[0].options.activation = fb::ActivationFunctionType::TANH; },
        {op, "output 'out'", "TANH"}}},
      tb::add_model());
  expect_refused({{"left shift",
                   [](ModelSpec& m) { m.tensors[2].scales = {1e-7F}; },
                   {"operator 0 (MUL)", "output 'out'", "shifted left"}},
                  {"too large",
                   [](ModelSpec& m) { m.tensors[2].scales = {1e-20F}; },
                   {"operator 0 (MUL), output 'out'", "too large"}}},
                 tb::mul_model());
  expect_refused({{"scales",
                   [](ModelSpec& m) { m.tensors[1].scales = {0.25F}; },
                   {"operator 0 (MAXIMUM), output 'out'", "second input's"}},
                  {"zero points",
                   [](ModelSpec& m) { m.tensors[0].zeros = {0}; },
                   {"operator 0 (MAXIMUM), output 'out'", "differ"}}},
                 tb::maximum_model());
}

TEST_CASE("Bad pools, means and rows are refused by name") {
  expect_refused({{"scales",
                   [](ModelSpec& m) { m.tensors[1].scales = {0.25F}; },
                   {"operator 0 (AVERAGE_POOL_2D), output 'out'", "differ"}},
                  {"filter",
                   [](ModelSpec& m) { m.ops[0].options.filter_w = 0; },
                   {"operator 0 (AVERAGE_POOL_2D)", "filter_w is 0"}},
                  {"shape",
                   [](ModelSpec& m) { m.tensors[1].shape[2] = 3; },
                   {"operator 0 (AVERAGE_POOL_2D)", "output 'out'", "1x3x2x2"}}},
                 tb::average_model());
  const char* mean = "operator 0 (MEAN)";
  expect_refused(
      {{"axis",
        [](ModelSpec& m) {
          m.tensors[1].data = tb::int32_bytes({1, 4, 2});
        },
        {mean, "axes 'axes'", "axis 4"}},
       {"negative axis",
        [](ModelSpec& m) {
          m.tensors[1].data = tb::int32_bytes({1, -5, 2});
        },
        {mean, "axes 'axes'", "axis -5"}},
       {"computed axes", [](ModelSpec& m) { m.tensors[1].data.clear(); }, {mean, "constant"}},
       {"float axes",
        [](ModelSpec& m) { m.tensors[1].type = fb::TensorType::FLOAT32; },
        {mean, "axes 'axes'", "INT32"}},
       {"kept", [](ModelSpec& m) { m.ops[0].options.keep_dims = true; }, {mean, "1x1x1x4"}},
       {"accumulator",
        [](ModelSpec& m) {
          m.tensors[0].shape = {1, 5000, 5000, 4};
        },
        {mean, "25000000 elements", "32 bits"}}},
      tb::mean_model());
  const char* softmax = "operator 0 (SOFTMAX)";
  expect_refused(
      {{"scale",
        [](ModelSpec& m) { m.tensors[1].scales = {0.1F}; },
        {softmax, "output 'out'", "must have 0.00390625"}},
       {"zero point",
        [](ModelSpec& m) { m.tensors[1].zeros = {0}; },
        {softmax, "output 'out'", "-128"}},
       {"beta", [](ModelSpec& m) { m.ops[0].options.beta = 0; }, {softmax, "too small"}},
       {"endless beta",
        [](ModelSpec& m) { m.ops[0].options.beta = std::numeric_limits<float>::quiet_NaN(); },
        {softmax, "input 'in'"}},
       {"long rows",
        [](ModelSpec& m) {
          m.tensors[0].shape = m.tensors[1].shape = {1, 4096};
        },
        {softmax, "input 'in'", "4095"}},
       {"shape", [](ModelSpec& m) { m.tensors[1].shape = {10}; }, {softmax, "1x10"}}},
      tb::softmax_model());
}

TEST_CASE("Bad conversions are refused by name") {
  expect_refused({{"small scale",
                   [](ModelSpec& m) { m.tensors[0].scales = {1e-30F}; },
                   {"operator 0 (LOGISTIC), input 'in'", "too small"}},
                  {"output",
                   [](ModelSpec& m) { m.tensors[1].zeros = {0}; },
                   {"operator 0 (LOGISTIC), output 'out'", "zero point 0"}},
                  {"shape",
                   [](ModelSpec& m) {
                     m.tensors[1].shape = {1, 9};
                   },
                   {"operator 0 (LOGISTIC)", "output 'out'", "1x10"}}},
                 tb::unary_model(fb::BuiltinOperator::LOGISTIC, 1.0F / 256, -128));
  expect_refused({{"scales",
                   [](ModelSpec& m) { m.tensors[1].scales = {0.2F}; },
                   {"operator 0 (RELU6), output 'out'", "differ"}}},
                 tb::unary_model(fb::BuiltinOperator::RELU6, 0.1F, 4));
  expect_refused({{"left shift",
                   [](ModelSpec& m) { m.tensors[1].scales = {1e-9F}; },
                   {"operator 0 (RELU)", "output 'out'", "shifted left"}}},
                 tb::unary_model(fb::BuiltinOperator::RELU, 0.1F, 4));
  const char* quantize = "operator 0 (QUANTIZE)";
  expect_refused({{"no scale",
                   [](ModelSpec& m) { m.tensors[1].scales.clear(); },
                   {quantize, "output 'out'", "no quantisation"}},
                  {"to int16",
                   [](ModelSpec& m) { m.tensors[1].type = fb::TensorType::INT16; },
                   {quantize, "output 'out'", "INT8"}},
                  {"from int16",
                   [](ModelSpec& m) { m.tensors[0].type = fb::TensorType::INT16; },
                   {quantize, "input 'in'", "int16"}},
                  {"zero point",
                   [](ModelSpec& m) { m.tensors[1].zeros = {-129}; },
                   {"tensor 1 'out'", "zero point 0 is -129"}},
                  {"a constant",
                   [](ModelSpec& m) { m.tensors[0].data.assign(40, 0); },
                   {"graph input 'in'", "constant"}}},
                 tb::quantize_model());
  expect_refused({{"from float",
                   [](ModelSpec& m) {
                     m.tensors[0].type = fb::TensorType::FLOAT32;
                     m.tensors[0].zeros = {0};
                   },
                   {"operator 0 (DEQUANTIZE), input 'in'", "float32"}},
                  {"to int8",
                   [](ModelSpec& m) { m.tensors[1].type = fb::TensorType::INT8; },
                   {"operator 0 (DEQUANTIZE), output 'out'", "int8"}}},
                 tb::dequantize_model());
}

TEST_CASE("Bad moves are refused by name") {
  expect_refused({{"shape",
                   [](ModelSpec& m) {
                     m.tensors[1].shape = {2, 3};
                   },
                   {"operator 0 (SQUEEZE), output 'out'", "3x2"}},
                  {"not 1",
                   [](ModelSpec& m) { m.ops[0].options.new_shape = {1}; },
                   {"operator 0 (SQUEEZE)", "is 3, not 1"}},
                  {"dimension",
                   [](ModelSpec& m) { m.ops[0].options.new_shape = {4}; },
                   {"operator 0 (SQUEEZE)", "dimension 4"}}},
                 tb::squeeze_model());
  expect_refused({{"axis",
                   [](ModelSpec& m) { m.tensors[1].data = tb::int32_bytes({3}); },
                   {"operator 0 (EXPAND_DIMS)", "dimension 3"}},
                  {"axes",
                   [](ModelSpec& m) {
                     m.tensors[1] = tb::int32_list("axis", {0, 1});
                   },
                   {"operator 0 (EXPAND_DIMS), axis 'axis'", "2 numbers"}}},
                 tb::expand_dims_model());
  const char* pad = "operator 0 (PADV2)";
  expect_refused({{"negative",
                   [](ModelSpec& m) {
                     m.tensors[1].data = tb::int32_bytes({-1, 2, 2, 3});
                   },
                   {pad, "output 'out'", "-1"}},
                  {"huge",
                   [](ModelSpec& m) {
                     m.tensors[1].data = tb::int32_bytes({2147483647, 2147483647, 2, 3});
                   },
                   {pad, "output 'out'", "2147483647"}},
                  {"rows",
                   [](ModelSpec& m) {
                     m.tensors[1].shape = {4, 1};
                   },
                   {pad, "padding 'padding'", "2x2"}},
                  {"output",
                   [](ModelSpec& m) {
                     m.tensors[3].shape = {4, 8};
                   },
                   {pad, "output 'out'", "4x7"}},
                  {"computed",
                   [](ModelSpec& m) { m.tensors[1].data.clear(); },
                   {pad, "padding 'padding'", "constant"}},
                  {"value's scale",
                   [](ModelSpec& m) { m.tensors[2].scales = {0.25F}; },
                   {pad, "value's 0.25"}},
                  {"computed value",
                   [](ModelSpec& m) {
                     m.tensors[2].data.clear();
                     m.inputs = {0, 2};
                   },
                   {pad, "value 'value'", "constant"}},
                  {"values",
                   [](ModelSpec& m) {
                     m.tensors[2].shape = {2};
                     m.tensors[2].data = {1, 2};
                   },
                   {pad, "value 'value'", "one constant"}}},
                 tb::pad_model());
  const char* concat = "operator 0 (CONCATENATION)";
  expect_refused(
      {{"shape",
        [](ModelSpec& m) {
          m.tensors[2].shape = {4, 3};
        },
        {concat, "further input 'c'", "4x3"}},
       {"rank", [](ModelSpec& m) { m.tensors[2].shape = {12}; }, {concat, "further input 'c'"}},
       {"axis", [](ModelSpec& m) { m.ops[0].options.axis = 2; }, {concat, "dimension 2"}},
       {"scale", [](ModelSpec& m) { m.tensors[2].scales = {1}; }, {concat, "input 2's 1"}},
       {"output",
        [](ModelSpec& m) {
          m.tensors[3].shape = {3, 6};
        },
        {concat, "output 'out'", "3x7"}},
       {"no inputs", [](ModelSpec& m) { m.ops[0].inputs.clear(); }, {concat, "0 inputs"}},
       {"activation",
        [](ModelSpec& m) { m.ops[0].options.activation = fb::ActivationFunctionType::RELU; },
        {concat, "fused"}}},
      tb::concat_model());
  const char* transpose = "operator 0 (TRANSPOSE)";
  expect_refused({{"repeated",
                   [](ModelSpec& m) {
                     m.tensors[1].data = tb::int32_bytes({2, 0, 2});
                   },
                   {transpose, "output 'out'", "no order"}},
                  {"beyond",
                   [](ModelSpec& m) {
                     m.tensors[1].data = tb::int32_bytes({2, 0, 3});
                   },
                   {transpose, "dimension 3"}},
                  {"short",
                   [](ModelSpec& m) {
                     m.tensors[1] = tb::int32_list("order", {1, 0});
                   },
                   {transpose, "order 'order'", "2 numbers"}},
                  {"output",
                   [](ModelSpec& m) {
                     m.tensors[2].shape = {4, 3, 2};
                   },
                   {transpose, "4x2x3"}}},
                 tb::transpose_model());
  const char* slice = "operator 0 (STRIDED_SLICE)";
  expect_refused(
      {{"stride 0",
        [](ModelSpec& m) {
          m.tensors[3].data = tb::int32_bytes({1, 0, 1});
        },
        {slice, "strides 'strides'", "stride 1 is 0"}},
       {"empty",
        [](ModelSpec& m) {
          m.tensors[1].data = tb::int32_bytes({1, 0, 1});
        },
        {slice, "nothing is left of dimension 1"}},
       {"beyond",
        [](ModelSpec& m) {
          m.tensors[1].data = tb::int32_bytes({3, -1, 1});
        },
        {slice, "nothing is left of dimension 0"}},
       {"length",
        [](ModelSpec& m) {
          m.tensors[2] = tb::int32_list("end", {0, 0});
        },
        {slice, "end 'end'", "2 numbers"}},
       {"ellipsis", [](ModelSpec& m) { m.ops[0].options.ellipsis_mask = 1; }, {slice, "ellipsis"}},
       {"new axis", [](ModelSpec& m) { m.ops[0].options.new_axis_mask = 1; }, {slice, "new axis"}},
       {"output", [](ModelSpec& m) { m.tensors[4].shape = {9}; }, {slice, "3x3"}}},
      tb::slice_model());
}

// Every byte flip of every operator's model ends in a graph that holds or in an Error.
TEST_CASE("Flipped bytes in any operator's model never do harm") {
  using C = fb::BuiltinOperator;
  const std::vector<ModelSpec> models{tb::depthwise_model(),
                                      tb::transpose_conv_model(),
                                      tb::matmul_model(),
                                      tb::add_model(),
                                      tb::sub_model(),
                                      tb::mul_model(),
                                      tb::maximum_model(),
                                      tb::average_model(),
                                      tb::mean_model(),
                                      tb::softmax_model(),
                                      tb::unary_model(C::LOGISTIC, 1.0F / 256, -128),
                                      tb::unary_model(C::TANH, 1.0F / 128, 0),
                                      tb::unary_model(C::RELU, 0.7F, 3),
                                      tb::unary_model(C::RELU6, 0.1F, 4),
                                      tb::quantize_model(),
                                      tb::dequantize_model(),
                                      tb::squeeze_model(),
                                      tb::expand_dims_model(),
                                      tb::pad_model(),
                                      tb::concat_model(),
                                      tb::transpose_model(),
                                      tb::slice_model()};
  int imported = 0, refused = 0;
  for (const ModelSpec& model : models) {
    const std::vector<uint8_t> whole = tb::write(model);
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const uint8_t flip : {0x01, 0x02, 0x10, 0x80, 0xff}) {
        std::vector<uint8_t> bytes = whole;
        bytes[at] ^= flip;
        INFO("operator code " << static_cast<int>(model.codes[0].builtin) << ", byte " << at
                              << " with " << int{flip});
        try {
          check(import_tflite(bytes, "hostile"));
          ++imported;
        } catch (const Error& error) {
          ++refused;
          if (error.kind() != ErrorKind::kMalformedFile &&
              error.kind() != ErrorKind::kUnsupported) {
            FAIL(error.what());
          }
        }
      }
    }
  }
  CHECK(imported > 5000);
  CHECK(refused > 5000);
}

}  // namespace
}  // namespace weft::model
