#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "model/graph.h"

namespace weft::model {
namespace {

constexpr int kMaxExtent = 1 << 30;     // room for padding in 32-bit arithmetic
constexpr int64_t kMaxWindow = 65535;   // strides, dilations, the reach of a kernel
constexpr int64_t kMaxActivation = 255; // |q - zero point| of two int8 numbers
constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();

int64_t bytes_of(DataType type) {
  switch (type) {
    case DataType::kInt8:
    case DataType::kUInt8: return 1;
    case DataType::kInt16: return 2;
    case DataType::kInt32:
    case DataType::kFloat32: return 4;
    case DataType::kInt64: return 8;
  }
  return 0;
}

void check_tensor(const Tensor& tensor, size_t index) {
  const auto refuse = [&](const std::string& what) {
    fail(ErrorKind::kInvalidArgument, "tensor {} '{}': {}", index, tensor.name, what);
  };
  int64_t bytes = bytes_of(tensor.type);
  if (bytes == 0) refuse("unknown type");
  for (const int extent : tensor.shape) {
    if (extent < 1 || extent > kMaxExtent) refuse(fmt::format("a dimension of {}", extent));
    bytes *= extent;
    if (bytes > kInt32Max) refuse("larger than 2 GiB");
  }
  if (tensor.is_constant() && tensor.data.size() != static_cast<size_t>(bytes)) {
    refuse(fmt::format("{} bytes of data; its shape and type take {}", tensor.data.size(), bytes));
  }
  const Quantization& q = tensor.quantization;
  if (q.scales.size() != q.zero_points.size()) refuse("as many scales as zero points are needed");
  for (const float scale : q.scales) {
    if (!std::isnormal(scale) || scale < 0) refuse(fmt::format("scale {}", scale));
  }
}

// One operator of a graph whose tensors have been checked.
class OpChecker {
 public:
  OpChecker(const Graph& graph, const Op& op) : graph_(graph), op_(op) {}

  // Indices, and each input known by now; marks the output as written.
  void definitions(std::vector<bool>& defined) const {
    const size_t kinds = std::holds_alternative<Conv2d>(op_.attributes) ||
                         std::holds_alternative<FullyConnected>(op_.attributes) ? 3 : 1;
    if (op_.outputs.size() != 1 || op_.inputs.empty() || op_.inputs.size() > kinds ||
        (kinds == 3 && op_.inputs.size() < 2)) {
      fail(ErrorKind::kInvalidArgument, "{}: {} inputs and {} outputs do not suit it", place(),
           op_.inputs.size(), op_.outputs.size());
    }
    const auto tensors = static_cast<int64_t>(graph_.tensors.size());
    for (size_t i = 0; i < op_.inputs.size(); ++i) {
      const int index = op_.inputs[i];
      if (index == -1 && i == 2) continue;
      if (index < 0 || index >= tensors) index_error("input", index);
      const Tensor& tensor = graph_.tensor(index);
      if (i == 0 && tensor.is_constant()) refuse("input", tensor, "is a constant");
      if (i > 0 && !tensor.is_constant()) {
        refuse(kRoles[i], tensor, "has no data; it must be constant");
      }
      if (i == 0 && !defined[static_cast<size_t>(index)]) {
        refuse("input", tensor,
               "is read before any operator writes it (a cycle, or not in execution order)");
      }
    }
    const int out = op_.outputs[0];
    if (out < 0 || out >= tensors) index_error("output", out);
    const Tensor& tensor = graph_.tensor(out);
    if (tensor.is_constant()) refuse("output", tensor, "is a constant");
    if (defined[static_cast<size_t>(out)]) {
      refuse("output", tensor,
             "is written already, by an earlier operator or as an input of the graph");
    }
    defined[static_cast<size_t>(out)] = true;
  }

  void operator()(const Conv2d& conv) const {
    const Tensor& x = activation(0);
    const Tensor& w = input(1);
    const Tensor& y = output();
    require_rank("input", x, 4);
    require_rank("weights", w, 4);
    require_type("weights", w, DataType::kInt8);
    if (conv.groups < 1 || int64_t{w.shape[3]} * conv.groups != x.shape[3] ||
        w.shape[0] % conv.groups != 0) {
      refuse("weights", w, fmt::format("shape {} and {} groups do not fit an input of {} channels",
                                       text(w.shape), conv.groups, x.shape[3]));
    }
    const Padding& p = conv.padding;
    require_shape({x.shape[0],
                   window(x.shape[1], w.shape[1], conv.stride_h, conv.dilation_h, p.top, p.bottom),
                   window(x.shape[2], w.shape[2], conv.stride_w, conv.dilation_w, p.left, p.right),
                   w.shape[0]},
                  y);
    require_range("input zero point", conv.input_zero_point);
    require_range("output zero point", conv.output_zero_point);
    require_clamp(conv.clamp);
    check_channels(w, 0, conv.rescale);
  }

  void operator()(const FullyConnected& dense) const {
    const Tensor& x = activation(0);
    const Tensor& w = input(1);
    const Tensor& y = output();
    require_rank("weights", w, 2);
    require_type("weights", w, DataType::kInt8);
    if (x.elements() % w.shape[1] != 0) {
      refuse("input", x,
             fmt::format("{} elements do not split into vectors of {}", x.elements(), w.shape[1]));
    }
    const int64_t wanted = x.elements() / w.shape[1] * w.shape[0];
    if (y.shape.empty() || y.shape.back() != w.shape[0] || y.elements() != wanted) {
      refuse("output", y, fmt::format("shape {} is not that of {} vectors of {}", text(y.shape),
                                      x.elements() / w.shape[1], w.shape[0]));
    }
    require_range("input zero point", dense.input_zero_point);
    require_range("weights zero point", dense.weights_zero_point);
    require_range("output zero point", dense.output_zero_point);
    require_clamp(dense.clamp);
    check_channels(w, dense.weights_zero_point, dense.rescale);
  }

  void operator()(const MaxPool2d& pool) const {
    const Tensor& x = activation(0);
    const Padding& p = pool.padding;
    require_rank("input", x, 4);
    require_shape(
        {x.shape[0], window(x.shape[1], pool.filter_h, pool.stride_h, 1, p.top, p.bottom),
         window(x.shape[2], pool.filter_w, pool.stride_w, 1, p.left, p.right), x.shape[3]},
        output());
    require_clamp(pool.clamp);
  }

  void operator()(const Reshape&) const {
    const Tensor& x = activation(0);
    if (x.elements() != output().elements()) {
      refuse("output", output(),
             fmt::format("shape {} has not the {} elements of its input", text(output().shape),
                         x.elements()));
    }
  }

 private:
  static constexpr const char* kRoles[] = {"input", "weights", "bias"};

  std::string place() const { return fmt::format("{} '{}'", op_.source, op_.name); }
  static std::string text(const std::vector<int>& shape) {
    return fmt::format("{}", fmt::join(shape, "x"));
  }

  [[noreturn]] void refuse(const char* role, const Tensor& tensor, const std::string& what) const {
    fail(ErrorKind::kInvalidArgument, "{}, {} '{}': {}", place(), role, tensor.name, what);
  }
  [[noreturn]] void index_error(const char* role, int index) const {
    fail(ErrorKind::kInvalidArgument, "{}, {}: tensor index {} is out of range; the graph has {}",
         place(), role, index, graph_.tensors.size());
  }

  const Tensor& input(size_t i) const { return graph_.tensor(op_.inputs[i]); }
  const Tensor& output() const { return graph_.tensor(op_.outputs[0]); }
  const Tensor& activation(size_t i) const {
    require_type("input", input(i), DataType::kInt8);
    require_type("output", output(), DataType::kInt8);
    return input(i);
  }

  void require_type(const char* role, const Tensor& tensor, DataType type) const {
    if (tensor.type != type) {
      refuse(role, tensor, type == DataType::kInt8 ? "not of type int8" : "not of type int32");
    }
  }
  void require_rank(const char* role, const Tensor& tensor, size_t rank) const {
    if (tensor.shape.size() != rank) {
      refuse(role, tensor, fmt::format("{} dimensions; it has {}", tensor.shape.size(), rank));
    }
  }
  void require_range(const char* what, int32_t value) const {
    if (value < -128 || value > 127) {
      refuse("output", output(), fmt::format("{} {} is not an int8 number", what, value));
    }
  }
  void require_clamp(const Clamp& clamp) const {
    require_range("clamp", clamp.min);
    require_range("clamp", clamp.max);
    if (clamp.min > clamp.max) {
      refuse("output", output(), fmt::format("clamp {}..{} is empty", clamp.min, clamp.max));
    }
  }
  void require_shape(const std::vector<int64_t>& wanted, const Tensor& tensor) const {
    if (!std::equal(wanted.begin(), wanted.end(), tensor.shape.begin(), tensor.shape.end())) {
      refuse("output", tensor,
             fmt::format("shape {}; the operator makes {}", text(tensor.shape),
                         fmt::join(wanted, "x")));
    }
  }

  // Output extent along one axis.
  int64_t window(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, int64_t before,
                 int64_t after) const {
    const auto bounded = [](int64_t v) { return v >= 1 && v <= kMaxWindow; };
    const bool fits = bounded(kernel) && bounded(stride) && bounded(dilation);
    const int64_t reach = fits ? (kernel - 1) * dilation + 1 : 0;
    if (!fits || reach > kMaxWindow) {
      refuse("output", output(),
             fmt::format(
                 "kernel {}, stride {}, dilation {}: each, and the kernel's reach, must be 1..{}",
                 kernel, stride, dilation, kMaxWindow));
    }
    if (before < 0 || after < 0 || before >= reach || after >= reach) {
      refuse(
          "output", output(),
          fmt::format("padding {} and {} do not suit a kernel of reach {}", before, after, reach));
    }
    if (in + before + after < reach) {
      refuse("output", output(),
             fmt::format("the kernel's reach of {} does not fit an input of {} padded by {}", reach,
                         in, before + after));
    }
    return (in + before + after - reach) / stride + 1;
  }

  // Rescales, bias, and the proof that no sum can leave 32 bits, whatever the activations are.
  void check_channels(const Tensor& w, int32_t weights_zero,
                      const std::vector<Rescale>& rescale) const {
    const auto channels = static_cast<size_t>(w.shape[0]);
    if (rescale.size() != channels) {
      refuse("weights", w,
             fmt::format("{} rescales for {} output channels", rescale.size(), channels));
    }
    const Tensor* bias = op_.inputs.size() > 2 && op_.inputs[2] >= 0 ? &input(2) : nullptr;
    if (bias) {
      require_type("bias", *bias, DataType::kInt32);
      if (bias->shape.size() != 1 || static_cast<size_t>(bias->shape[0]) != channels) {
        refuse(
            "bias", *bias,
            fmt::format("shape {}; {} output channels need as many", text(bias->shape), channels));
      }
    }
    const size_t taps = w.data.size() / channels;
    for (size_t c = 0; c < channels; ++c) {
      int64_t weights = 0;
      for (size_t i = 0; i < taps; ++i) {
        weights += std::abs(int32_t{static_cast<int8_t>(w.data[c * taps + i])} - weights_zero);
      }
      int32_t offset = 0;
      if (bias) std::memcpy(&offset, bias->data.data() + 4 * c, 4);
      const int64_t bound = weights * kMaxActivation + std::abs(int64_t{offset});
      const Rescale& r = rescale[c];
      if ((r.multiplier != 0 && r.multiplier < 1 << 30) || r.shift < -31 || r.shift > 30) {
        refuse("output", output(),
               fmt::format("channel {}: rescale {} * 2^({} - 31) is out of range", c, r.multiplier,
                           r.shift));
      }
      if (bound > kInt32Max >> std::max(r.shift, 0)) {
        refuse("weights", w,
               fmt::format("channel {}: a sum may reach {}, which{} does not fit 32 bits", c, bound,
                           r.shift > 0 ? fmt::format(" shifted left by {}", r.shift) : ""));
      }
    }
  }

  const Graph& graph_;
  const Op& op_;
};

void check_end(const Graph& graph, const char* what, int index) {
  if (index < 0 || index >= static_cast<int64_t>(graph.tensors.size())) {
    fail(ErrorKind::kInvalidArgument, "graph {}: tensor index {} is out of range; the graph has {}",
         what, index, graph.tensors.size());
  }
  const Tensor& tensor = graph.tensor(index);
  if (tensor.type != DataType::kInt8 || tensor.is_constant()) {
    fail(ErrorKind::kInvalidArgument, "graph {} '{}': must be an int8 activation", what,
         tensor.name);
  }
}

}  // namespace

void check(const Graph& graph) {
  if (graph.inputs.empty() || graph.outputs.empty() || graph.ops.empty()) {
    fail(ErrorKind::kInvalidArgument, "graph '{}' has no inputs, no outputs or no operators",
         graph.name);
  }
  for (size_t i = 0; i < graph.tensors.size(); ++i) check_tensor(graph.tensors[i], i);
  std::vector<bool> defined(graph.tensors.size());
  for (const int index : graph.inputs) {
    check_end(graph, "input", index);
    if (defined[static_cast<size_t>(index)]) {
      fail(ErrorKind::kInvalidArgument, "graph input '{}' is listed twice",
           graph.tensor(index).name);
    }
    defined[static_cast<size_t>(index)] = true;
  }
  const std::vector<bool> given = defined;
  for (const Op& op : graph.ops) {
    const OpChecker checker(graph, op);
    checker.definitions(defined);
    std::visit(checker, op.attributes);
  }
  std::vector<bool> seen(graph.tensors.size());
  for (const int index : graph.outputs) {
    check_end(graph, "output", index);
    const auto i = static_cast<size_t>(index);
    if (!defined[i] || given[i] || seen[i]) {
      fail(ErrorKind::kInvalidArgument, "graph output '{}' {}", graph.tensor(index).name,
           seen[i] ? "is listed twice" : "is not written by any operator");
    }
    seen[i] = true;
  }
}

}  // namespace weft::model
