// The importer's parts, for its own files only: tensors first (tflite_tensors.cc), then one
// operator after the other (tflite_ops.cc) with what its scales mean (tflite_quantization.cc).
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
  std::string source;                  // "operator 3 (CONV_2D)"
  const std::vector<Tensor>& tensors;

  size_t input_count() const { return op.inputs() ? op.inputs()->size() : 0; }
  // Tensor index of an input; -1 where it is absent.
  int input(size_t i) const {
    return i < input_count() ? op.inputs()->Get(static_cast<flatbuffers::uoffset_t>(i)) : -1;
  }
  int output() const { return op.outputs()->Get(0); }
  const Tensor& tensor(int index) const { return tensors.at(static_cast<size_t>(index)); }
};

// Error about one tensor of an operator: "operator 3 (CONV_2D), filter 'w': <what>".
template <class... Args>
[[noreturn]] void refuse(ErrorKind kind, const Site& site, const char* role, const Tensor& tensor,
                         fmt::format_string<Args...> format, Args&&... args) {
  fail(kind, "{}, {} '{}': {}", site.source, role, tensor.name,
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

// Refuses a tensor that is not int8 with one scale and a zero point in -128..127.
void require_activation(const Site& site, const char* role, const Tensor& tensor);

// The output bounds that an activation function fused into the operator gives.
Clamp fused_clamp(const Site& site, fb::ActivationFunctionType function, const Tensor& output);

// One rescale an output channel, by the operator's own expression; checks the scales of weights
// [channels, ...] and of the bias (which may be null) on the way.
std::vector<Rescale> channel_rescale(const Site& site, const Tensor& input, const Tensor& weights,
                                     const Tensor* bias, const Tensor& output);

}  // namespace weft::model::tflite_import
