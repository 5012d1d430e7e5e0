// One model for each operator that the importer reads and small_model() has not.
#pragma once

#include "tflite_builder.h"

namespace weft::tb {

using Code = fb::BuiltinOperator;
using Kind = fb::BuiltinOptions;

inline ModelSpec depthwise_model() {
  // 1x3x3x2, each channel to two, kernel 2x2.
  return one_op_model(Code::DEPTHWISE_CONV_2D,
                      {int8_tensor("image", {1, 3, 3, 2}, 0.5F, -3),
                       {"filter",
                        {1, 2, 2, 4},
                        fb::TensorType::INT8,
                        {0.25F, 0.125F, 0.5F, 0.25F},
                        {0, 0, 0, 0},
                        3,
                        std::vector<uint8_t>(16, 2)},
                       {"bias",
                        {4},
                        fb::TensorType::INT32,
                        {0.125F, 0.0625F, 0.25F, 0.125F},
                        {0, 0, 0, 0},
                        0,
                        int32_bytes({1, 2, 3, 4})},
                       int8_tensor("out", {1, 2, 2, 4}, 0.75F, 7)},
                      {.kind = Kind::DepthwiseConv2DOptions});
}

inline ModelSpec transpose_conv_model() {
  // Kernel 3x3, stride 2, SAME: 2x2 to 3x4.
  return one_op_model(
      Code::TRANSPOSE_CONV,
      {int32_list("shape", {1, 3, 4, 1}),
       int8_constant("filter", {1, 3, 3, 2}, 0.25F, 0, std::vector<uint8_t>(18, 2)),
       int8_tensor("image", {1, 2, 2, 2}, 0.5F, -3), int8_tensor("out", {1, 3, 4, 1}, 0.75F, 7)},
      {.kind = Kind::TransposeConvOptions,
       .padding = fb::Padding::SAME,
       .stride_w = 2,
       .stride_h = 2});
}

inline ModelSpec matmul_model() {
  return one_op_model(
      Code::BATCH_MATMUL,
      {int8_tensor("x", {2, 1, 4, 3}, 0.1F, -3), int8_tensor("y", {5, 3, 2}, 0.1F, 4),
       int8_tensor("out", {2, 5, 4, 2}, 0.1F, 7)},
      {.kind = Kind::BatchMatMulOptions});
}

inline ModelSpec binary_model(Code code, Kind options) {
  return one_op_model(code,
                      {int8_tensor("a", {2, 3}, 0.5F, -3), int8_tensor("b", {3}, 0.3F, 4),
                       int8_tensor("out", {2, 3}, 0.7F, 7)},
                      {.kind = options});
}

inline ModelSpec add_model() { return binary_model(Code::ADD, Kind::AddOptions); }
inline ModelSpec sub_model() { return binary_model(Code::SUB, Kind::SubOptions); }
inline ModelSpec mul_model() { return binary_model(Code::MUL, Kind::MulOptions); }

inline ModelSpec maximum_model(Code code = Code::MAXIMUM) {
  return one_op_model(
      code, {int8_tensor("a", {2, 3}, 0.5F, -3), int8_constant("b", {3}, 0.5F, -3, {1, 2, 3}),
             int8_tensor("out", {2, 3}, 0.5F, -3)});
}

inline ModelSpec average_model() {
  return one_op_model(
      Code::AVERAGE_POOL_2D,
      {int8_tensor("image", {1, 5, 4, 2}, 0.5F, -3), int8_tensor("out", {1, 3, 2, 2}, 0.5F, -3)},
      {.kind = Kind::Pool2DOptions,
       .padding = fb::Padding::SAME,
       .stride_w = 2,
       .stride_h = 2,
       .filter_w = 3,
       .filter_h = 2,
       .activation = fb::ActivationFunctionType::RELU6});
}

inline ModelSpec mean_model() {
  return one_op_model(Code::MEAN,
                      {int8_tensor("image", {1, 7, 7, 4}, 0.3F, -3), int32_list("axes", {-2, 1, 1}),
                       int8_tensor("out", {1, 4}, 0.7F, 7)},
                      {.kind = Kind::ReducerOptions});
}

inline ModelSpec unary_model(Code code, float scale, int zero) {
  return one_op_model(
      code, {int8_tensor("in", {1, 10}, 0.1F, 4), int8_tensor("out", {1, 10}, scale, zero)});
}

inline ModelSpec softmax_model() {
  ModelSpec m = unary_model(Code::SOFTMAX, 1.0F / 256, -128);
  m.ops[0].options = {.kind = Kind::SoftmaxOptions, .beta = 2};
  return m;
}

inline ModelSpec quantize_model() {
  ModelSpec m = unary_model(Code::QUANTIZE, 0.5F, -7);
  m.tensors[0] = {"in", {1, 10}, fb::TensorType::FLOAT32, {}, {}};
  return m;
}

inline ModelSpec dequantize_model() {
  ModelSpec m = unary_model(Code::DEQUANTIZE, 0.5F, -7);
  m.tensors[1] = {"out", {1, 10}, fb::TensorType::FLOAT32, {}, {}};
  return m;
}

inline ModelSpec squeeze_model() {
  return one_op_model(
      Code::SQUEEZE,
      {int8_tensor("in", {1, 3, 1, 2}, 0.5F, -3), int8_tensor("out", {3, 2}, 0.5F, -3)},
      {.kind = Kind::SqueezeOptions});
}

inline ModelSpec expand_dims_model() {
  return one_op_model(Code::EXPAND_DIMS,
                      {int8_tensor("in", {3, 2}, 0.5F, -3), int32_list("axis", {-1}),
                       int8_tensor("out", {3, 2, 1}, 0.5F, -3)});
}

inline ModelSpec pad_model() {
  ModelSpec m = one_op_model(
      Code::PADV2,
      {int8_tensor("in", {3, 2}, 0.5F, -3), int32_list("padding", {1, 0, 2, 3}),
       int8_constant("value", {1}, 0.5F, -3, {9}), int8_tensor("out", {4, 7}, 0.5F, -3)});
  m.tensors[1].shape = {2, 2};
  return m;
}

inline ModelSpec concat_model() {
  return one_op_model(
      Code::CONCATENATION,
      {int8_tensor("a", {3, 2}, 0.5F, -3), int8_constant("b", {3, 1}, 0.5F, -3, {1, 2, 3}),
       int8_tensor("c", {3, 4}, 0.5F, -3), int8_tensor("out", {3, 7}, 0.5F, -3)},
      {.kind = Kind::ConcatenationOptions, .axis = -1});
}

inline ModelSpec transpose_model() {
  return one_op_model(Code::TRANSPOSE,
                      {int8_tensor("in", {2, 3, 4}, 0.5F, -3), int32_list("order", {2, 0, 1}),
                       int8_tensor("out", {4, 2, 3}, 0.5F, -3)});
}

inline ModelSpec slice_model() {
  // in[1, -1:0:-2, 1:], of 3x6x4.
  return one_op_model(Code::STRIDED_SLICE,
                      {int8_tensor("in", {3, 6, 4}, 0.5F, -3), int32_list("begin", {1, -1, 1}),
                       int32_list("end", {0, 0, 77}), int32_list("strides", {1, -2, 1}),
                       int8_tensor("out", {3, 3}, 0.5F, -3)},
                      {.kind = Kind::StridedSliceOptions, .shrink_axis_mask = 1});
}

}  // namespace weft::tb
