#include <limits>

#include "model/graph_check.h"

namespace weft::model {
namespace {

constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();

struct Range {
  int32_t min, max;
};

Range range_of(DataType type) {
  return type == DataType::kUInt8 ? Range{0, 255} : Range{-128, 127};
}

}  // namespace

const char* OpSite::role(size_t i) const {
  if (i == 0) return "input";
  if (operands_of(op_.attributes).weights) return i == 1 ? "weights" : "bias";
  return i == 1 ? "second input" : "further input";
}

void OpSite::require_type(const char* role, const Tensor& tensor, DataType type) const {
  if (tensor.type != type) {
    refuse(role, tensor,
           fmt::format("not of type {} but {}", to_string(type), to_string(tensor.type)));
  }
}

void OpSite::require_rank(const char* role, const Tensor& tensor, size_t rank) const {
  if (tensor.shape.size() != rank) {
    refuse(role, tensor, fmt::format("{} dimensions; it has {}", tensor.shape.size(), rank));
  }
}

void OpSite::require_int8() const {
  const size_t activations = operands_of(op_.attributes).weights ? 1 : input_count();
  for (size_t i = 0; i < activations; ++i) require_type(role(i), input(i), DataType::kInt8);
  require_type("output", output(), DataType::kInt8);
}

void OpSite::require_shape(const std::vector<int64_t>& wanted) const {
  const std::vector<int>& shape = output().shape;
  if (!std::equal(wanted.begin(), wanted.end(), shape.begin(), shape.end())) {
    refuse_output(
        fmt::format("shape {}; the operator makes {}", shape_words(shape), fmt::join(wanted, "x")));
  }
}

void OpSite::require_zero_point(const char* what, int32_t value, DataType type) const {
  const Range range = range_of(type);
  if (value < range.min || value > range.max) {
    refuse_output(fmt::format("{} {} is not an {} number", what, value, to_string(type)));
  }
}

void OpSite::require_clamp(const Clamp& clamp, DataType type) const {
  require_zero_point("clamp", clamp.min, type);
  require_zero_point("clamp", clamp.max, type);
  if (clamp.min > clamp.max) {
    refuse_output(fmt::format("clamp {}..{} is empty", clamp.min, clamp.max));
  }
}

void OpSite::require_rescale(const Rescale& rescale, int64_t bound, const std::string& what,
                             int32_t least_multiplier) const {
  const bool multiplies = rescale.multiplier == 0 || rescale.multiplier >= least_multiplier;
  if (!multiplies || rescale.shift < -31 || rescale.shift > 30) {
    refuse_output(fmt::format("{}: rescale {} * 2^({} - 31) is out of range", what,
                              rescale.multiplier, rescale.shift));
  }
  if (bound > kInt32Max >> std::max(rescale.shift, 0)) {
    refuse_output(
        fmt::format("{}: a sum may reach {}, which{} does not fit 32 bits", what, bound,
                    rescale.shift > 0 ? fmt::format(" shifted left by {}", rescale.shift) : ""));
  }
}

int64_t OpSite::window(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t before,
                       int64_t after) const {
  const auto bounded = [](int64_t v) { return v >= 1 && v <= kMaxWindow; };
  const bool fits = bounded(kernel) && bounded(stride) && bounded(dilation);
  const int64_t reach = fits ? (kernel - 1) * dilation + 1 : 0;
  if (!fits || reach > kMaxWindow) {
    refuse_output(fmt::format(
        "kernel {}, stride {}, dilation {}: each, and the kernel's reach, must be 1..{}", kernel,
        stride, dilation, kMaxWindow));
  }
  if (before < 0 || after < 0 || before >= reach || after >= reach) {
    refuse_output(
        fmt::format("padding {} and {} do not suit a kernel of reach {}", before, after, reach));
  }
  if (in + before + after < reach) {
    refuse_output(fmt::format("the kernel's reach of {} does not fit an input of {} padded by {}",
                              reach, in, before + after));
  }
  return (in + before + after - reach) / stride + 1;
}

}  // namespace weft::model
