// The importer's parts, for its own files only: tensors first (tflite_tensors.cc), then one
// operator after the other (tflite_operators.cc is their table; tflite_sums.cc,
// tflite_elements.cc and tflite_moves.cc read them) with what scales mean
// (tflite_quantization.cc).
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/graph.h"
#include "model/tflite_generated.h"

namespace weft::model::tflite_import {

// One operator of the file; the indices in it have been checked against `tensors`.
struct Site {
  const fb::Operator& op;
  fb::BuiltinOperator code;
  std::string source;  // "operator 3 (CONV_2D)"
  const std::vector<Tensor>& tensors;

  size_t input_count() const { return op.inputs() ? op.inputs()->size() : 0; }
  // Tensor index of an input; -1 where it is absent.
  int input(size_t i) const {
    return i < input_count() ? op.inputs()->Get(static_cast<flatbuffers::uoffset_t>(i)) : -1;
  }
  const Tensor& input_tensor(size_t i) const { return tensor(input(i)); }
  int output() const { return op.outputs()->Get(0); }
  const Tensor& output_tensor() const { return tensor(output()); }
  const Tensor& tensor(int index) const { return tensors.at(static_cast<size_t>(index)); }
};

// Error about one tensor of an operator: "operator 3 (CONV_2D), filter 'w': <what>".
template <class... Args>
[[noreturn]] void refuse(ErrorKind kind, const Site& site, const char* role, const Tensor& tensor,
                         fmt::format_string<Args...> format, Args&&... args) {
  fail(kind, "{}, {} '{}': {}", site.source, role, tensor.name,
       fmt::format(format, std::forward<Args>(args)...));
}

// Error about the operator itself, which its output names.
template <class... Args>
[[noreturn]] void refuse_output(ErrorKind kind, const Site& site,
                                fmt::format_string<Args...> format, Args&&... args) {
  refuse(kind, site, "output", site.output_tensor(), "{}",
         fmt::format(format, std::forward<Args>(args)...));
}

// Names for the subgraph's tensors: their own, made printable, and unique.
std::vector<std::string> tensor_names(const fb::SubGraph& subgraph);

// "1x28x28x1", for messages.
inline std::string shape_text(const std::vector<int>& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

// All tensors with their constants. `file_bytes` bounds what constants that share a buffer may
// unfold to.
std::vector<Tensor> read_tensors(const fb::Model& model, const fb::SubGraph& subgraph,
                                 const std::vector<std::string>& names, size_t file_bytes);

bool is_supported(fb::BuiltinOperator code);

// "conv", "pool", ...: the operator's name without its ordinal.
const char* base_name(fb::BuiltinOperator code);

// Attributes, inputs and output of a supported operator. Whether shapes fit each other is left
// to check(), which sees every graph.
Op read_operator(const Site& site);

// The readers, one an operator: attributes and inputs.
struct Reading {
  Attributes attributes;
  std::vector<int> inputs;
};
Reading read_conv(const Site& site);
Reading read_depthwise(const Site& site);
Reading read_transpose_conv(const Site& site);
Reading read_dense(const Site& site);
Reading read_batch_matmul(const Site& site);
Reading read_add(const Site& site);
Reading read_sub(const Site& site);
Reading read_mul(const Site& site);
Reading read_maximum(const Site& site);
Reading read_minimum(const Site& site);
Reading read_max_pool(const Site& site);
Reading read_average_pool(const Site& site);
Reading read_mean(const Site& site);
Reading read_softmax(const Site& site);
Reading read_logistic(const Site& site);
Reading read_tanh(const Site& site);
Reading read_relu(const Site& site);
Reading read_relu6(const Site& site);
Reading read_quantize(const Site& site);
Reading read_dequantize(const Site& site);
Reading read_reshape(const Site& site);
Reading read_squeeze(const Site& site);
Reading read_expand_dims(const Site& site);
Reading read_pad(const Site& site);
Reading read_concatenation(const Site& site);
Reading read_transpose(const Site& site);
Reading read_strided_slice(const Site& site);

// Between `least` and `most` inputs, the first `least` of them there.
void require_inputs(const Site& site, size_t least, size_t most);
void require_rank(const Site& site, const char* role, const Tensor& tensor, size_t rank);

template <class Options>
const Options& options_of(const Site& site, const Options* options) {
  if (!options) refuse_output(ErrorKind::kMalformedFile, site, "its options are missing");
  return *options;
}

// A stride, dilation or kernel extent within what the rest relies on (1..65535).
int window_value(const Site& site, const char* what, int value);

struct Ends {
  int before, after;
};

// Padding along one axis: for SAME, output = ceil(input / stride) and the odd one goes behind.
Ends resolve_padding(const Site& site, fb::Padding padding, int64_t in, int64_t kernel,
                     int64_t dilation, int64_t stride);

// The numbers of a constant list (or scalar) of INT32 or INT64.
std::vector<int> constant_list(const Site& site, const char* role, const Tensor& tensor);

// Refuses a tensor that is not int8 with one scale and a zero point in -128..127; the first
// refuses constants, too.
void require_activation(const Site& site, const char* role, const Tensor& tensor);
void require_quantized(const Site& site, const char* role, const Tensor& tensor);

// What is true of operators that pass values on: one scale and zero point.
void require_same_quantization(const Site& site, const char* role, const Tensor& tensor,
                               const Tensor& output);

inline float scale_of(const Tensor& tensor) { return tensor.quantization.scales.at(0); }
inline int32_t zero_point_of(const Tensor& tensor) { return tensor.quantization.zero_points.at(0); }

// zero point + real / scale of the output, rounded, in float32 as TFLite has it; far beyond int8
// it stops growing.
int32_t quantized(const Tensor& output, float real);

// The output bounds that an activation function fused into the operator gives.
Clamp fused_clamp(const Site& site, fb::ActivationFunctionType function, const Tensor& output);

// quant::quantize_multiplier, its errors as the operator's; `what` begins them ("channel 3").
Rescale rescale_of(const Site& site, double real, const std::string& what);

// One rescale an output channel, by the operator's own expression; checks the scales of weights
// and of the bias (which may be null) on the way. The output channels are the weights' dimension
// `channels`.
std::vector<Rescale> channel_rescale(const Site& site, const Tensor& input, const Tensor& weights,
                                     int channels, const Tensor* bias, const Tensor& output);

}  // namespace weft::model::tflite_import
