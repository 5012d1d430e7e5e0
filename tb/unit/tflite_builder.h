// A small TFLite model as plain data, to be spoilt in one place and written as a file.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "model/tflite_generated.h"

namespace weft::tb {

namespace fb = model::fb;

struct TensorSpec {
  std::string name;
  std::vector<int> shape;
  fb::TensorType type = fb::TensorType::INT8;
  std::vector<float> scales;
  std::vector<int64_t> zeros;
  int dimension = 0;
  std::vector<uint8_t> data = {};
  int buffer = -1;  // -1: one of its own
  bool variable = false;
};

struct OptionsSpec {
  fb::BuiltinOptions kind = fb::BuiltinOptions::NONE;
  fb::Padding padding = fb::Padding::VALID;
  int stride_w = 1, stride_h = 1, dilation_w = 1, dilation_h = 1, filter_w = 1, filter_h = 1;
  fb::ActivationFunctionType activation = fb::ActivationFunctionType::NONE;
  fb::WeightsFormat format = fb::WeightsFormat::DEFAULT;
  bool keep_num_dims = false;
  std::vector<int> new_shape = {};  // and squeezed dimensions
  float beta = 1;
  int axis = 0;
  bool keep_dims = false, adj_x = false, adj_y = false, offset = false;
  int begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_axis_mask = 0;
};

struct OpSpec {
  uint32_t code = 0;
  std::vector<int> inputs, outputs;
  OptionsSpec options;
};

struct CodeSpec {
  int8_t deprecated = 0;
  fb::BuiltinOperator builtin = fb::BuiltinOperator::ADD;
  std::string custom = {};
};

struct ModelSpec {
  uint32_t version = 3;
  std::vector<CodeSpec> codes;
  std::vector<TensorSpec> tensors;
  std::vector<OpSpec> ops;
  std::vector<int> inputs, outputs;
  int subgraphs = 1;
  uint64_t buffer_offset = 0;  // of every buffer
};

inline std::vector<uint8_t> int32_bytes(const std::vector<int32_t>& values) {
  std::vector<uint8_t> bytes(4 * values.size());
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// Indices of small_model()'s tensors and operators.
enum : int { kImage, kFilter, kBias, kConv, kPool, kShape, kFlat, kWeights, kDense };

// 4x4x1 image -> conv 3x3x2 -> max pool 2x2 -> reshape -> dense 3; all multipliers below 1.
inline ModelSpec small_model() {
  ModelSpec m;
  m.codes = {{3, fb::BuiltinOperator::CONV_2D},
             {17, fb::BuiltinOperator::MAX_POOL_2D},
             {22, fb::BuiltinOperator::RESHAPE},
             {9, fb::BuiltinOperator::FULLY_CONNECTED}};
  const auto kInt32 = fb::TensorType::INT32;
  const auto kInt8 = fb::TensorType::INT8;
  m.tensors = {
      {"image", {1, 4, 4, 1}, kInt8, {0.5F}, {-3}},
      {"filter", {2, 3, 3, 1}, kInt8, {0.25F, 0.125F}, {0, 0}, 0, std::vector<uint8_t>(18, 2)},
      {"bias", {2}, kInt32, {0.125F, 0.0625F}, {0, 0}, 0, int32_bytes({5, -6})},
      {"conv", {1, 2, 2, 2}, kInt8, {0.75F}, {7}},
      {"pool", {1, 1, 1, 2}, kInt8, {0.75F}, {7}},
      {"shape", {2}, kInt32, {}, {}, 0, int32_bytes({-1, 2})},
      {"flat", {1, 2}, kInt8, {0.75F}, {7}},
      {"weights", {3, 2}, kInt8, {0.1F}, {0}, 0, std::vector<uint8_t>(6, 0xfd)},
      {"dense", {1, 3}, kInt8, {0.3F}, {-128}},
  };
  OptionsSpec conv{.kind = fb::BuiltinOptions::Conv2DOptions};
  OptionsSpec pool{.kind = fb::BuiltinOptions::Pool2DOptions,
                   .stride_w = 2,
                   .stride_h = 2,
                   .filter_w = 2,
                   .filter_h = 2};
  OptionsSpec reshape{.kind = fb::BuiltinOptions::ReshapeOptions, .new_shape = {-1, 2}};
  OptionsSpec dense{.kind = fb::BuiltinOptions::FullyConnectedOptions};
  m.ops = {{0, {kImage, kFilter, kBias}, {kConv}, conv},
           {1, {kConv}, {kPool}, pool},
           {2, {kPool, kShape}, {kFlat}, reshape},
           {3, {kFlat, kWeights, -1}, {kDense}, dense}};
  m.inputs = {kImage};
  m.outputs = {kDense};
  return m;
}

// A model of one operator: tensor i is its input i, the last tensor its output. What has no data
// is an input of the model.
inline ModelSpec one_op_model(fb::BuiltinOperator code, std::vector<TensorSpec> tensors,
                              const OptionsSpec& options = {}) {
  ModelSpec m;
  m.codes = {{static_cast<int8_t>(std::min(static_cast<int>(code), 127)), code}};
  m.tensors = std::move(tensors);
  const int output = static_cast<int>(m.tensors.size()) - 1;
  OpSpec op{0, {}, {output}, options};
  for (int i = 0; i < output; ++i) {
    op.inputs.push_back(i);
    if (m.tensors[static_cast<size_t>(i)].data.empty()) m.inputs.push_back(i);
  }
  m.ops = {op};
  m.outputs = {output};
  return m;
}

// Tensors for it: int8 of one scale, and constants.
inline TensorSpec int8_tensor(const std::string& name, std::vector<int> shape, float scale,
                              int64_t zero) {
  return {name, std::move(shape), fb::TensorType::INT8, {scale}, {zero}};
}
inline TensorSpec int8_constant(const std::string& name, std::vector<int> shape, float scale,
                                int64_t zero, std::vector<uint8_t> data) {
  return {name, std::move(shape), fb::TensorType::INT8, {scale}, {zero}, 0, std::move(data)};
}
inline TensorSpec int32_list(const std::string& name, const std::vector<int32_t>& values) {
  return {name,
          {static_cast<int>(values.size())},
          fb::TensorType::INT32,
          {},
          {},
          0,
          int32_bytes(values)};
}

inline flatbuffers::Offset<void> write_options(flatbuffers::FlatBufferBuilder& b,
                                               const OptionsSpec& o) {
  switch (o.kind) {
    case fb::BuiltinOptions::Conv2DOptions:
      return fb::CreateConv2DOptions(b, o.padding, o.stride_w, o.stride_h, o.activation,
                                     o.dilation_w, o.dilation_h)
          .Union();
    case fb::BuiltinOptions::Pool2DOptions:
      return fb::CreatePool2DOptions(b, o.padding, o.stride_w, o.stride_h, o.filter_w, o.filter_h,
                                     o.activation)
          .Union();
    case fb::BuiltinOptions::FullyConnectedOptions:
      return fb::CreateFullyConnectedOptions(b, o.activation, o.format, o.keep_num_dims).Union();
    case fb::BuiltinOptions::ReshapeOptions:
      return fb::CreateReshapeOptions(b, b.CreateVector(o.new_shape)).Union();
    case fb::BuiltinOptions::DepthwiseConv2DOptions:
      return fb::CreateDepthwiseConv2DOptions(b, o.padding, o.stride_w, o.stride_h, 1, o.activation,
                                              o.dilation_w, o.dilation_h)
          .Union();
    case fb::BuiltinOptions::TransposeConvOptions:
      return fb::CreateTransposeConvOptions(b, o.padding, o.stride_w, o.stride_h, o.activation)
          .Union();
    case fb::BuiltinOptions::BatchMatMulOptions:
      return fb::CreateBatchMatMulOptions(b, o.adj_x, o.adj_y).Union();
    case fb::BuiltinOptions::AddOptions: return fb::CreateAddOptions(b, o.activation).Union();
    case fb::BuiltinOptions::SubOptions: return fb::CreateSubOptions(b, o.activation).Union();
    case fb::BuiltinOptions::MulOptions: return fb::CreateMulOptions(b, o.activation).Union();
    case fb::BuiltinOptions::SoftmaxOptions: return fb::CreateSoftmaxOptions(b, o.beta).Union();
    case fb::BuiltinOptions::ConcatenationOptions:
      return fb::CreateConcatenationOptions(b, o.axis, o.activation).Union();
    case fb::BuiltinOptions::ReducerOptions:
      return fb::CreateReducerOptions(b, o.keep_dims).Union();
    case fb::BuiltinOptions::SqueezeOptions:
      return fb::CreateSqueezeOptions(b, b.CreateVector(o.new_shape)).Union();
    case fb::BuiltinOptions::StridedSliceOptions:
      return fb::CreateStridedSliceOptions(b, o.begin_mask, o.end_mask, o.ellipsis_mask,
                                           o.new_axis_mask, o.shrink_axis_mask, o.offset)
          .Union();
    default: return 0;
  }
}

inline std::vector<uint8_t> write(const ModelSpec& m) {
  flatbuffers::FlatBufferBuilder b;
  std::vector<flatbuffers::Offset<fb::Buffer>> buffers{fb::CreateBuffer(b)};
  std::vector<flatbuffers::Offset<fb::Tensor>> tensors;
  for (const TensorSpec& t : m.tensors) {
    auto buffer = static_cast<uint32_t>(t.buffer);
    if (t.buffer < 0) {
      buffer = t.data.empty() ? 0 : static_cast<uint32_t>(buffers.size());
      if (!t.data.empty()) {
        buffers.push_back(fb::CreateBuffer(b, b.CreateVector(t.data), m.buffer_offset));
      }
    }
    flatbuffers::Offset<fb::QuantizationParameters> quantization;
    if (!t.scales.empty()) {
      const auto scales = b.CreateVector(t.scales);
      const auto zeros = b.CreateVector(t.zeros);
      quantization = fb::CreateQuantizationParameters(
          b, scales, zeros, fb::QuantizationDetails::NONE, 0, t.dimension);
    }
    const auto shape = b.CreateVector(t.shape);
    const auto name = b.CreateString(t.name);
    tensors.push_back(fb::CreateTensor(b, shape, t.type, buffer, name, quantization, t.variable));
  }
  std::vector<flatbuffers::Offset<fb::Operator>> ops;
  for (const OpSpec& o : m.ops) {
    const auto options = write_options(b, o.options);
    const auto inputs = b.CreateVector(o.inputs);
    const auto outputs = b.CreateVector(o.outputs);
    ops.push_back(fb::CreateOperator(b, o.code, inputs, outputs, o.options.kind, options));
  }
  std::vector<flatbuffers::Offset<fb::OperatorCode>> codes;
  for (const CodeSpec& c : m.codes) {
    const auto custom = b.CreateString(c.custom);
    codes.push_back(fb::CreateOperatorCode(b, c.deprecated, custom, 1, c.builtin));
  }
  const auto subgraph = fb::CreateSubGraph(b, b.CreateVector(tensors), b.CreateVector(m.inputs),
                                           b.CreateVector(m.outputs), b.CreateVector(ops));
  const std::vector<flatbuffers::Offset<fb::SubGraph>> subgraphs(static_cast<size_t>(m.subgraphs),
                                                                 subgraph);
  const auto codes_vector = b.CreateVector(codes);
  const auto subgraphs_vector = b.CreateVector(subgraphs);
  const auto buffers_vector = b.CreateVector(buffers);
  fb::FinishModelBuffer(
      b, fb::CreateModel(b, m.version, codes_vector, subgraphs_vector, buffers_vector));
  return {b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize()};
}

}  // namespace weft::tb
