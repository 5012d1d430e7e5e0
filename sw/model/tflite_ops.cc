#include <algorithm>
#include <cstring>

#include "model/tflite_import.h"

namespace weft::model::tflite_import {
namespace {

// Of kernels, strides, dilations and the reach of a dilated kernel; well past any real network,
// and padding computed from them cannot overflow.
constexpr int64_t kMaxWindow = 65535;

void require_inputs(const Site& site, size_t least, size_t most) {
  const size_t count = site.input_count();
  if (count < least || count > most) {
    fail(ErrorKind::kMalformedFile, "{}, output '{}': {} inputs; it has {} to {}", site.source,
         site.tensor(site.output()).name, count, least, most);
  }
  for (size_t i = 0; i < least; ++i) {
    if (site.input(i) < 0) {
      fail(ErrorKind::kMalformedFile, "{}, output '{}': input {} is absent", site.source,
           site.tensor(site.output()).name, i);
    }
  }
}

void require_rank(const Site& site, const char* role, const Tensor& tensor, size_t rank) {
  if (tensor.shape.size() != rank) {
    refuse(ErrorKind::kMalformedFile, site, role, tensor, "{} dimensions; it has {}",
           tensor.shape.size(), rank);
  }
}

template <class Options>
const Options& options_of(const Site& site, const Options* options) {
  if (!options) {
    fail(ErrorKind::kMalformedFile, "{}, output '{}': its options are missing", site.source,
         site.tensor(site.output()).name);
  }
  return *options;
}

// A stride, dilation or kernel extent within what the rest relies on.
int window_value(const Site& site, const char* what, int value) {
  if (value < 1 || value > kMaxWindow) {
    fail(ErrorKind::kMalformedFile, "{}, output '{}': {} is {}; it must be 1..{}", site.source,
         site.tensor(site.output()).name, what, value, kMaxWindow);
  }
  return value;
}

struct Ends {
  int before, after;
};

// Padding along one axis: for SAME, output = ceil(input / stride) and the odd one goes behind.
Ends resolve(const Site& site, fb::Padding padding, int64_t in, int64_t kernel, int64_t dilation,
             int64_t stride) {
  const int64_t reach = (kernel - 1) * dilation + 1;
  if (reach > kMaxWindow) {
    fail(ErrorKind::kUnsupported,
         "{}, output '{}': the kernel reaches over {} elements; at most {} are supported",
         site.source, site.tensor(site.output()).name, reach, kMaxWindow);
  }
  if (padding == fb::Padding::VALID) return {0, 0};
  if (padding != fb::Padding::SAME) {
    fail(ErrorKind::kMalformedFile, "{}, output '{}': unknown padding {}", site.source,
         site.tensor(site.output()).name, static_cast<int>(padding));
  }
  const int64_t out = (in + stride - 1) / stride;
  const auto total = static_cast<int>(std::max<int64_t>(0, (out - 1) * stride + reach - in));
  return {total / 2, total - total / 2};
}

const Tensor* optional_bias(const Site& site) {
  return site.input(2) >= 0 ? &site.tensor(site.input(2)) : nullptr;
}

Attributes read_conv(const Site& site) {
  require_inputs(site, 2, 3);
  const auto& options = options_of(site, site.op.builtin_options_as_Conv2DOptions());
  const Tensor& input = site.tensor(site.input(0));
  const Tensor& filter = site.tensor(site.input(1));
  const Tensor& output = site.tensor(site.output());
  require_activation(site, "input", input);
  require_activation(site, "output", output);
  require_rank(site, "input", input, 4);
  require_rank(site, "weights", filter, 4);
  if (input.shape[3] % filter.shape[3] != 0) {
    refuse(ErrorKind::kMalformedFile, site, "weights", filter,
           "takes {} channels of an input of {}", filter.shape[3], input.shape[3]);
  }
  Conv2d conv;
  conv.stride_h = window_value(site, "stride_h", options.stride_h());
  conv.stride_w = window_value(site, "stride_w", options.stride_w());
  conv.dilation_h = window_value(site, "dilation_h", options.dilation_h_factor());
  conv.dilation_w = window_value(site, "dilation_w", options.dilation_w_factor());
  conv.groups = input.shape[3] / filter.shape[3];
  const Ends rows = resolve(site, options.padding(), input.shape[1], filter.shape[1],
                            conv.dilation_h, conv.stride_h);
  const Ends cols = resolve(site, options.padding(), input.shape[2], filter.shape[2],
                            conv.dilation_w, conv.stride_w);
  conv.padding = {rows.before, rows.after, cols.before, cols.after};
  conv.input_zero_point = input.quantization.zero_points[0];
  conv.output_zero_point = output.quantization.zero_points[0];
  conv.clamp = fused_clamp(site, options.fused_activation_function(), output);
  conv.rescale = channel_rescale(site, input, filter, optional_bias(site), output);
  return conv;
}

Attributes read_dense(const Site& site) {
  require_inputs(site, 2, 3);
  const auto& options = options_of(site, site.op.builtin_options_as_FullyConnectedOptions());
  const Tensor& input = site.tensor(site.input(0));
  const Tensor& weights = site.tensor(site.input(1));
  const Tensor& output = site.tensor(site.output());
  if (options.weights_format() != fb::WeightsFormat::DEFAULT) {
    refuse(ErrorKind::kUnsupported, site, "weights", weights,
           "shuffled weights (format {}) are not supported",
           static_cast<int>(options.weights_format()));
  }
  require_activation(site, "input", input);
  require_activation(site, "output", output);
  require_rank(site, "weights", weights, 2);
  const int depth = weights.shape[1];
  if (input.elements() % depth != 0 ||
      (options.keep_num_dims() && (input.shape.empty() || input.shape.back() != depth))) {
    refuse(ErrorKind::kMalformedFile, site, "input", input,
           "does not split into vectors of {}, which '{}' takes", depth, weights.name);
  }
  std::vector<int> expected{static_cast<int>(input.elements() / depth)};
  if (options.keep_num_dims()) expected.assign(input.shape.begin(), input.shape.end() - 1);
  expected.push_back(weights.shape[0]);
  if (output.shape != expected) {
    refuse(ErrorKind::kMalformedFile, site, "output", output, "has shape {}; the operator makes {}",
           shape_text(output.shape), shape_text(expected));
  }
  FullyConnected dense;
  dense.input_zero_point = input.quantization.zero_points[0];
  dense.output_zero_point = output.quantization.zero_points[0];
  dense.clamp = fused_clamp(site, options.fused_activation_function(), output);
  dense.rescale = channel_rescale(site, input, weights, optional_bias(site), output);
  return dense;
}

// Operators that pass values on need the same scale and zero point on both sides.
void require_same_quantization(const Site& site, const Tensor& input, const Tensor& output) {
  require_activation(site, "input", input);
  require_activation(site, "output", output);
  const Quantization& x = input.quantization;
  const Quantization& y = output.quantization;
  if (x.scales[0] != y.scales[0] || x.zero_points[0] != y.zero_points[0]) {
    refuse(ErrorKind::kUnsupported, site, "output", output,
           "scale {} and zero point {} differ from the input's {} and {}", y.scales[0],
           y.zero_points[0], x.scales[0], x.zero_points[0]);
  }
}

Attributes read_pool(const Site& site) {
  require_inputs(site, 1, 1);
  const auto& options = options_of(site, site.op.builtin_options_as_Pool2DOptions());
  const Tensor& input = site.tensor(site.input(0));
  const Tensor& output = site.tensor(site.output());
  require_same_quantization(site, input, output);
  require_rank(site, "input", input, 4);
  MaxPool2d pool;
  pool.filter_h = window_value(site, "filter_h", options.filter_height());
  pool.filter_w = window_value(site, "filter_w", options.filter_width());
  pool.stride_h = window_value(site, "stride_h", options.stride_h());
  pool.stride_w = window_value(site, "stride_w", options.stride_w());
  const Ends rows =
      resolve(site, options.padding(), input.shape[1], pool.filter_h, 1, pool.stride_h);
  const Ends cols =
      resolve(site, options.padding(), input.shape[2], pool.filter_w, 1, pool.stride_w);
  pool.padding = {rows.before, rows.after, cols.before, cols.after};
  pool.clamp = fused_clamp(site, options.fused_activation_function(), output);
  return pool;
}

// `wanted` (which may have one -1 for "the rest") must describe the output.
void require_shape(const Site& site, const std::vector<int>& wanted, const Tensor& output) {
  bool same =
      wanted.size() == output.shape.size() && std::count(wanted.begin(), wanted.end(), -1) <= 1;
  for (size_t i = 0; same && i < wanted.size(); ++i) {
    same = wanted[i] == -1 || wanted[i] == output.shape[i];
  }
  if (!same) {
    refuse(ErrorKind::kMalformedFile, site, "output", output,
           "has shape {}; the operator asks for {}", shape_text(output.shape), shape_text(wanted));
  }
}

Attributes read_reshape(const Site& site) {
  require_inputs(site, 1, 2);
  const Tensor& output = site.tensor(site.output());
  require_same_quantization(site, site.tensor(site.input(0)), output);
  const auto* options = site.op.builtin_options_as_ReshapeOptions();
  if (site.input(1) >= 0) {
    const Tensor& shape = site.tensor(site.input(1));
    if (shape.type != DataType::kInt32 || shape.shape.size() != 1 || !shape.is_constant()) {
      refuse(ErrorKind::kUnsupported, site, "shape", shape, "must be a constant list of INT32");
    }
    std::vector<int> wanted(static_cast<size_t>(shape.elements()));
    std::memcpy(wanted.data(), shape.data.data(), shape.data.size());
    require_shape(site, wanted, output);
  } else if (options && options->new_shape()) {
    require_shape(site, {options->new_shape()->begin(), options->new_shape()->end()}, output);
  }
  return Reshape{};
}

struct Kind {
  fb::BuiltinOperator code;
  const char* name;
  Attributes (*read)(const Site&);
  size_t inputs;  // how many of the file's inputs the graph keeps
};

constexpr Kind kKinds[] = {
    {fb::BuiltinOperator::CONV_2D, "conv", read_conv, 3},
    {fb::BuiltinOperator::FULLY_CONNECTED, "dense", read_dense, 3},
    {fb::BuiltinOperator::MAX_POOL_2D, "pool", read_pool, 1},
    {fb::BuiltinOperator::RESHAPE, "reshape", read_reshape, 1},
};

const Kind* find_kind(fb::BuiltinOperator code) {
  const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const Kind& k) { return k.code == code; });
  return kind == std::end(kKinds) ? nullptr : kind;
}

}  // namespace

bool is_supported(fb::BuiltinOperator code) { return find_kind(code) != nullptr; }

const char* base_name(fb::BuiltinOperator code) { return find_kind(code)->name; }

Op read_operator(const Site& site) {
  const Kind& kind = *find_kind(site.code);
  Op op;
  op.attributes = kind.read(site);
  for (size_t i = 0; i < kind.inputs; ++i) op.inputs.push_back(site.input(i));
  op.outputs = {site.output()};
  return op;
}

}  // namespace weft::model::tflite_import
