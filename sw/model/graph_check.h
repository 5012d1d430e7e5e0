// The parts of check(), for its own files only: one operator of a graph whose tensors have been
// checked and whose indices can be followed.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/graph.h"

namespace weft::model {

constexpr int64_t kMaxWindow = 65535;    // strides, dilations, the reach of a kernel
constexpr int64_t kMaxActivation = 255;  // |q - zero point| of two numbers of eight bits
constexpr int kMaxSoftmaxDepth = 4095;   // that many exponentials of 1 fit their 12 integer bits

// An operator with words for what is wrong with it.
class OpSite {
 public:
  OpSite(const Graph& graph, const Op& op) : graph_(graph), op_(op) {}

  std::string place() const { return fmt::format("{} '{}'", op_.source, op_.name); }
  [[noreturn]] void refuse(const char* role, const Tensor& tensor, const std::string& what) const {
    fail(ErrorKind::kInvalidArgument, "{}, {} '{}': {}", place(), role, tensor.name, what);
  }
  [[noreturn]] void refuse_output(const std::string& what) const {
    refuse("output", output(), what);
  }

  size_t input_count() const { return op_.inputs.size(); }
  const Tensor& input(size_t i) const { return graph_.tensor(op_.inputs.at(i)); }
  const Tensor& output() const { return graph_.tensor(op_.outputs.at(0)); }
  const Tensor* optional_input(size_t i) const {
    return i < op_.inputs.size() && op_.inputs[i] >= 0 ? &input(i) : nullptr;
  }
  // "input" or "input 2", "weights", "bias".
  const char* role(size_t i) const;

  void require_type(const char* role, const Tensor& tensor, DataType type) const;
  void require_rank(const char* role, const Tensor& tensor, size_t rank) const;
  // Every input but weights and bias, and the output, are int8.
  void require_int8() const;
  void require_shape(const std::vector<int64_t>& wanted) const;  // the output's
  void require_zero_point(const char* what, int32_t value, DataType type = DataType::kInt8) const;
  void require_clamp(const Clamp& clamp, DataType type = DataType::kInt8) const;
  // In range, and a sum of `bound` or less, shifted left, fits 32 bits.
  void require_rescale(const Rescale& rescale, int64_t bound, const std::string& what,
                       int32_t least_multiplier = 1 << 30) const;
  // The output's extent along one axis; every factor is bounded first, so that no product here
  // or in the loops of others can overflow.
  int64_t window(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t before,
                 int64_t after) const;

 private:
  const Graph& graph_;
  const Op& op_;
};

inline std::string shape_words(const std::vector<int>& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

// What each operator needs beyond that. Error naming operator and tensor.
void check_op(const OpSite& site, const Conv2d& conv);
void check_op(const OpSite& site, const DepthwiseConv2d& conv);
void check_op(const OpSite& site, const TransposeConv& conv);
void check_op(const OpSite& site, const FullyConnected& dense);
void check_op(const OpSite& site, const BatchMatMul& product);
void check_op(const OpSite& site, const Add& add);
void check_op(const OpSite& site, const Mul& mul);
void check_op(const OpSite& site, const MaxMin& pick);
void check_op(const OpSite& site, const MaxPool2d& pool);
void check_op(const OpSite& site, const AveragePool2d& pool);
void check_op(const OpSite& site, const Mean& mean);
void check_op(const OpSite& site, const Softmax& softmax);
void check_op(const OpSite& site, const Lookup& lookup);
void check_op(const OpSite& site, const Requantize& requantize);
void check_op(const OpSite& site, const Quantize& quantize);
void check_op(const OpSite& site, const Dequantize& dequantize);
void check_op(const OpSite& site, const Reshape& reshape);
void check_op(const OpSite& site, const Pad& pad);
void check_op(const OpSite& site, const Concat& concat);
void check_op(const OpSite& site, const Transpose& transpose);
void check_op(const OpSite& site, const StridedSlice& slice);

}  // namespace weft::model
