// The table of operators: to support another, add its entry here and its reader.
#include <algorithm>
#include <vector>

#include "model/operators.h"
#include "model/tflite_import.h"

namespace weft::model {
namespace tflite_import {
namespace {

using Code = fb::BuiltinOperator;

struct Entry {
  Code code;
  Reading (*read)(const Site&);
  SupportedOperator words;
};

// On the device, or where `unless` holds on the host.
constexpr Placing on_array(const char* unless) { return {RunsOn::kArray, unless}; }
constexpr Placing on_vector(const char* unless) { return {RunsOn::kVector, unless}; }
constexpr Placing on_host(const char* why) { return {RunsOn::kHost, why}; }
constexpr Placing kNothing{RunsOn::kNothing};
constexpr Placing kArray = on_array("");
constexpr Placing kVector = on_vector("");
constexpr Placing kDepthwise{
    RunsOn::kDepthwise,
    "the multiplier is not 1, or the kernel has more taps than the engine takes", RunsOn::kArray};
constexpr Placing kElementwise = on_vector("an activation is repeated along channels");
constexpr Placing kPad = on_vector("it pads more than rows and columns of an image");

// By name. Where operators run is the compiler's decision (compiler/lower.cc), told here for people;
// the test of placings holds this against that.
constexpr Entry kOperators[] = {
    {Code::ADD,
     read_add,
     {"ADD", "add", "add",
      "Shapes broadcast; either operand may be constant. Fused NONE, RELU, RELU6, RELU_N1_TO_1. "
      "Output scale above 2^-19 times the larger input scale.",
      kElementwise}},
    {Code::AVERAGE_POOL_2D,
     read_average_pool,
     {"AVERAGE_POOL_2D", "avgpool", "average_pool",
      "Input and output have one scale and zero point. SAME or VALID, any filter and stride up to "
      "65535, fused activations.",
      kVector}},
    {Code::BATCH_MATMUL,
     read_batch_matmul,
     {"BATCH_MATMUL", "matmul", "batch_matmul",
      "Leading dimensions broadcast; either operand may be constant, either may be transposed "
      "(adj_x, adj_y). Depth up to 33025. One scale each, zero points allowed.",
      on_host("no macro operation multiplies two activations")}},
    {Code::CONCATENATION,
     read_concatenation,
     {"CONCATENATION", "concat", "concat",
      "All inputs have the output's scale and zero point; some may be constant. No fused "
      "activation.",
      on_vector("it joins along the batch, or a part begins at a channel that is no multiple of "
                "the array's rows")}},
    {Code::CONV_2D,
     read_conv,
     {"CONV_2D", "conv", "conv2d",
      "Any kernel, stride and dilation whose reach is at most 65535, SAME or VALID, groups, fused "
      "activations. Constant int8 weights, zero point 0, one scale or one an output channel; "
      "constant int32 bias or none.",
      kArray}},
    {Code::DEPTHWISE_CONV_2D,
     read_depthwise,
     {"DEPTHWISE_CONV_2D", "dw", "depthwise_conv2d",
      "As CONV_2D; any multiplier (taken from the shapes); weight scales along dimension 3.",
      kDepthwise}},
    {Code::DEQUANTIZE,
     read_dequantize,
     {"DEQUANTIZE", "dequantize", "dequantize", "int8 or uint8 to float32.",
      on_host("it makes float32")}},
    {Code::EXPAND_DIMS,
     read_expand_dims,
     {"EXPAND_DIMS", "expand_dims", "(bytes unchanged)", "Constant axis.", kNothing}},
    {Code::FULLY_CONNECTED,
     read_dense,
     {"FULLY_CONNECTED", "dense", "fully_connected",
      "Constant int8 weights in the default format, one scale (any zero point) or one an output "
      "channel; constant int32 bias or none. Fused activations, keep_num_dims.",
      on_array("the weights have a zero point")}},
    {Code::LOGISTIC,
     read_logistic,
     {"LOGISTIC", "logistic", "lookup",
      "Output scale 1/256, zero point -128; input scale at least 2^-28.", kVector}},
    {Code::MAXIMUM,
     read_maximum,
     {"MAXIMUM", "maximum", "max_min",
      "Shapes broadcast; either operand may be constant. One scale and zero point for all.",
      kElementwise}},
    {Code::MAX_POOL_2D,
     read_max_pool,
     {"MAX_POOL_2D", "pool", "max_pool", "As AVERAGE_POOL_2D.", kVector}},
    {Code::MEAN,
     read_mean,
     {"MEAN", "mean", "mean", "Constant axes, counted from either end; keep_dims or not.",
      on_vector("it is over channels or the batch, or not of four dimensions")}},
    {Code::MINIMUM, read_minimum, {"MINIMUM", "minimum", "max_min", "As MAXIMUM.", kElementwise}},
    {Code::MUL,
     read_mul,
     {"MUL", "mul", "mul", "Shapes broadcast; either operand may be constant. Fused activations.",
      kElementwise}},
    {Code::PAD,
     read_pad,
     {"PAD", "pad", "pad", "Constant padding, not negative; one scale and zero point.", kPad}},
    {Code::PADV2,
     read_pad,
     {"PADV2", "pad", "pad", "As PAD; the value is a constant of the output's quantisation.",
      kPad}},
    {Code::QUANTIZE,
     read_quantize,
     {"QUANTIZE", "quantize", "quantize, requantize_elements",
      "float32 to int8, or between int8 and uint8 of any scales. A NaN becomes the zero point, "
      "what is out of range saturates.",
      on_vector("its input is float32")}},
    {Code::RELU,
     read_relu,
     {"RELU", "relu", "requantize_elements", "Input and output may have different scales.",
      kVector}},
    {Code::RELU6,
     read_relu6,
     {"RELU6", "relu6", "requantize_elements", "One scale and zero point: a clamp.", kVector}},
    {Code::RESHAPE,
     read_reshape,
     {"RESHAPE", "reshape", "(bytes unchanged)", "The shape is constant, or in the options.",
      kNothing}},
    {Code::SOFTMAX,
     read_softmax,
     {"SOFTMAX", "softmax", "softmax",
      "Over the last dimension, of 1 to 4095; output scale 1/256, zero point -128; input scale "
      "times beta above 2^-26. A row whose exponentials sum to 512 or more gives -128 throughout "
      "(TFLite-Micro aborts).",
      on_host("it needs a sum over channels and a division")}},
    {Code::SQUEEZE,
     read_squeeze,
     {"SQUEEZE", "squeeze", "(bytes unchanged)", "Named dimensions, or all of 1.", kNothing}},
    {Code::STRIDED_SLICE,
     read_strided_slice,
     {"STRIDED_SLICE", "slice", "strided_slice",
      "Constant begin, end and strides, negative ones too; begin, end and shrink masks. No "
      "ellipsis, no new axis, no empty slice.",
      on_vector("it slices more than rows and columns of an image, or steps backwards")}},
    {Code::SUB, read_sub, {"SUB", "sub", "add", "As ADD.", kElementwise}},
    {Code::TANH,
     read_tanh,
     {"TANH", "tanh", "lookup", "Output scale 1/128, zero point 0; input scale at least 2^-28.",
      kVector}},
    {Code::TRANSPOSE,
     read_transpose,
     {"TRANSPOSE", "transpose", "transpose", "Constant order.", on_host("it moves single bytes")}},
    {Code::TRANSPOSE_CONV,
     read_transpose_conv,
     {"TRANSPOSE_CONV", "tconv", "transpose_conv",
      "Any kernel and stride up to 65535, SAME or VALID, fused activations; weights and bias as "
      "CONV_2D. The output shape is constant.",
      on_array("it is more than 256 convolutions, one for each set of taps that an output sees")}},
};

const Entry* find_entry(Code code) {
  const auto* entry = std::find_if(std::begin(kOperators), std::end(kOperators),
                                   [&](const Entry& e) { return e.code == code; });
  return entry == std::end(kOperators) ? nullptr : entry;
}

}  // namespace

bool is_supported(fb::BuiltinOperator code) { return find_entry(code) != nullptr; }

const char* base_name(fb::BuiltinOperator code) { return find_entry(code)->words.layer; }

Op read_operator(const Site& site) {
  Reading reading = find_entry(site.code)->read(site);
  Op op;
  op.attributes = std::move(reading.attributes);
  op.inputs = std::move(reading.inputs);
  op.outputs = {site.output()};
  return op;
}

}  // namespace tflite_import

std::span<const SupportedOperator> supported_operators() {
  static const std::vector<SupportedOperator> all = [] {
    std::vector<SupportedOperator> words;
    for (const auto& entry : tflite_import::kOperators) words.push_back(entry.words);
    return words;
  }();
  return all;
}

}  // namespace weft::model
