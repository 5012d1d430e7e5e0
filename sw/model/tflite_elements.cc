// Operators on elements, windows and rows: ADD, SUB, MUL, MAXIMUM, MINIMUM, the pools, MEAN,
// SOFTMAX, LOGISTIC, TANH, RELU, RELU6, QUANTIZE, DEQUANTIZE.
#include <algorithm>

#include "model/tflite_import.h"
#include "quant/multiplier.h"
#include "quant/tables.h"

namespace weft::model::tflite_import {
namespace {

// The two operands and the output of an operator on elements.
void require_operands(const Site& site) {
  require_inputs(site, 2, 2);
  require_quantized(site, "input", site.input_tensor(0));
  require_quantized(site, "second input", site.input_tensor(1));
  require_activation(site, "output", site.output_tensor());
}

void require_unary(const Site& site) {
  require_inputs(site, 1, 1);
  require_activation(site, "input", site.input_tensor(0));
  require_activation(site, "output", site.output_tensor());
}

// Functions with a fixed range have an output of fixed quantisation.
void require_output(const Site& site, float scale, int32_t zero_point) {
  const Tensor& output = site.output_tensor();
  if (scale_of(output) != scale || zero_point_of(output) != zero_point) {
    refuse_output(ErrorKind::kUnsupported, site,
                  "scale {} and zero point {}; it must have {} and {}", scale_of(output),
                  zero_point_of(output), scale, zero_point);
  }
}

Reading read_sum(const Site& site, fb::ActivationFunctionType activation, bool subtract) {
  require_operands(site);
  const Tensor& output = site.output_tensor();
  const float scales[] = {scale_of(site.input_tensor(0)), scale_of(site.input_tensor(1))};
  const double twice_largest = 2 * static_cast<double>(std::max(scales[0], scales[1]));
  Add add;
  add.subtract = subtract;
  for (size_t i = 0; i < 2; ++i) {
    add.input_zero_points[i] = zero_point_of(site.input_tensor(i));
    add.input_rescale[i] = rescale_of(site, static_cast<double>(scales[i]) / twice_largest,
                                      fmt::format("input {}", i));
  }
  const double real =
      twice_largest / ((1 << add.left_shift) * static_cast<double>(scale_of(output)));
  if (real >= 1) {
    refuse_output(ErrorKind::kUnsupported, site, "scale {} is too small for inputs of {} and {}",
                  scale_of(output), scales[0], scales[1]);
  }
  add.output_rescale = rescale_of(site, real, "the sum");
  add.output_zero_point = zero_point_of(output);
  add.clamp = fused_clamp(site, activation, output);
  return {add, {site.input(0), site.input(1)}};
}

Reading read_max_min(const Site& site, bool maximum) {
  require_operands(site);
  require_same_quantization(site, "input", site.input_tensor(0), site.output_tensor());
  require_same_quantization(site, "second input", site.input_tensor(1), site.output_tensor());
  return {MaxMin{maximum}, {site.input(0), site.input(1)}};
}

template <class Pool>
Reading read_pool(const Site& site) {
  require_unary(site);
  const auto& options = options_of(site, site.op.builtin_options_as_Pool2DOptions());
  const Tensor& input = site.input_tensor(0);
  const Tensor& output = site.output_tensor();
  require_same_quantization(site, "input", input, output);
  require_rank(site, "input", input, 4);
  Pool pool;
  pool.filter_h = window_value(site, "filter_h", options.filter_height());
  pool.filter_w = window_value(site, "filter_w", options.filter_width());
  pool.stride_h = window_value(site, "stride_h", options.stride_h());
  pool.stride_w = window_value(site, "stride_w", options.stride_w());
  const Ends rows =
      resolve_padding(site, options.padding(), input.shape[1], pool.filter_h, 1, pool.stride_h);
  const Ends cols =
      resolve_padding(site, options.padding(), input.shape[2], pool.filter_w, 1, pool.stride_w);
  pool.padding = {rows.before, rows.after, cols.before, cols.after};
  pool.clamp = fused_clamp(site, options.fused_activation_function(), output);
  return {pool, {site.input(0)}};
}

template <class MakeTable>
Reading read_table(const Site& site, float scale, int32_t zero_point, MakeTable make_table) {
  require_unary(site);
  require_output(site, scale, zero_point);
  const Tensor& input = site.input_tensor(0);
  try {
    return {Lookup{make_table(scale_of(input), zero_point_of(input))}, {site.input(0)}};
  } catch (const Error& error) {
    refuse(ErrorKind::kUnsupported, site, "input", input, "{}", error.what());
  }
}

// int8 or uint8 with one scale.
void require_byte(const Site& site, const char* role, const Tensor& tensor) {
  if (tensor.type != DataType::kInt8 && tensor.type != DataType::kUInt8) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "of type {}; int8 or uint8 is supported",
           to_string(tensor.type));
  }
  if (tensor.is_constant()) refuse(ErrorKind::kUnsupported, site, role, tensor, "is a constant");
  if (tensor.quantization.scales.size() != 1) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "{} scales; an activation has one",
           tensor.quantization.scales.size());
  }
}

void require_float(const Site& site, const char* role, const Tensor& tensor) {
  if (tensor.type != DataType::kFloat32) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "of type {}; float32 is supported",
           to_string(tensor.type));
  }
}

}  // namespace

Reading read_add(const Site& site) {
  const auto& options = options_of(site, site.op.builtin_options_as_AddOptions());
  return read_sum(site, options.fused_activation_function(), false);
}

Reading read_sub(const Site& site) {
  const auto& options = options_of(site, site.op.builtin_options_as_SubOptions());
  return read_sum(site, options.fused_activation_function(), true);
}

Reading read_mul(const Site& site) {
  const auto& options = options_of(site, site.op.builtin_options_as_MulOptions());
  require_operands(site);
  const Tensor& a = site.input_tensor(0);
  const Tensor& b = site.input_tensor(1);
  const Tensor& output = site.output_tensor();
  Mul mul;
  mul.input_zero_points = {zero_point_of(a), zero_point_of(b)};
  mul.output_zero_point = zero_point_of(output);
  mul.rescale =
      rescale_of(site, quant::convolution_multiplier(scale_of(a), scale_of(b), scale_of(output)),
                 "the product");
  mul.clamp = fused_clamp(site, options.fused_activation_function(), output);
  return {mul, {site.input(0), site.input(1)}};
}

Reading read_maximum(const Site& site) { return read_max_min(site, true); }

Reading read_minimum(const Site& site) { return read_max_min(site, false); }

Reading read_max_pool(const Site& site) { return read_pool<MaxPool2d>(site); }

Reading read_average_pool(const Site& site) { return read_pool<AveragePool2d>(site); }

Reading read_mean(const Site& site) {
  require_inputs(site, 2, 2);
  const Tensor& input = site.input_tensor(0);
  const Tensor& output = site.output_tensor();
  require_activation(site, "input", input);
  require_activation(site, "output", output);
  const auto& options = options_of(site, site.op.builtin_options_as_ReducerOptions());
  const auto rank = static_cast<int>(input.shape.size());
  Mean mean;
  for (const int axis : constant_list(site, "axes", site.input_tensor(1))) {
    if (axis < -rank || axis >= rank) {
      refuse(ErrorKind::kMalformedFile, site, "axes", site.input_tensor(1),
             "axis {} of an input of {} dimensions", axis, rank);
    }
    mean.axes.push_back(axis < 0 ? axis + rank : axis);
  }
  std::sort(mean.axes.begin(), mean.axes.end());
  mean.axes.erase(std::unique(mean.axes.begin(), mean.axes.end()), mean.axes.end());
  std::vector<int> expected;
  int64_t count = 1;
  for (int d = 0; d < rank; ++d) {
    const int extent = input.shape[static_cast<size_t>(d)];
    if (!std::binary_search(mean.axes.begin(), mean.axes.end(), d)) {
      expected.push_back(extent);
    } else {
      count *= extent;
      if (options.keep_dims()) expected.push_back(1);
    }
  }
  if (output.shape != expected) {
    refuse_output(ErrorKind::kMalformedFile, site, "has shape {}; the operator makes {}",
                  shape_text(output.shape), shape_text(expected));
  }
  mean.input_zero_point = zero_point_of(input);
  mean.output_zero_point = zero_point_of(output);
  const Rescale ratio =
      rescale_of(site, quant::ratio_multiplier(scale_of(input), scale_of(output)), "the mean");
  const quant::Multiplier divided =
      quant::divide_multiplier({ratio.multiplier, ratio.shift}, count);
  mean.rescale = {divided.multiplier, divided.shift};
  return {mean, {site.input(0)}};
}

Reading read_softmax(const Site& site) {
  require_unary(site);
  require_output(site, 1.0F / 256, -128);
  const auto& options = options_of(site, site.op.builtin_options_as_SoftmaxOptions());
  try {
    const quant::SoftmaxScaling scaling =
        quant::softmax_scaling(scale_of(site.input_tensor(0)), options.beta());
    return {Softmax{scaling.multiplier.multiplier, scaling.multiplier.shift, scaling.diff_min},
            {site.input(0)}};
  } catch (const Error& error) {
    refuse(ErrorKind::kUnsupported, site, "input", site.input_tensor(0), "{}", error.what());
  }
}

Reading read_logistic(const Site& site) {
  return read_table(site, 1.0F / 256, -128, quant::logistic_table);
}

Reading read_tanh(const Site& site) { return read_table(site, 1.0F / 128, 0, quant::tanh_table); }

Reading read_relu(const Site& site) {
  require_unary(site);
  const Tensor& input = site.input_tensor(0);
  const Tensor& output = site.output_tensor();
  Requantize relu;
  relu.input_zero_point = zero_point_of(input);
  relu.output_zero_point = zero_point_of(output);
  relu.rescale =
      rescale_of(site, quant::relu_multiplier(scale_of(input), scale_of(output)), "the rescaling");
  relu.clamp.min = std::max(-128, zero_point_of(output));
  return {relu, {site.input(0)}};
}

Reading read_relu6(const Site& site) {
  require_unary(site);
  const Tensor& output = site.output_tensor();
  require_same_quantization(site, "input", site.input_tensor(0), output);
  Requantize relu;
  relu.input_zero_point = relu.output_zero_point = zero_point_of(output);
  relu.rescale = {1 << 30, 1};
  relu.clamp = {zero_point_of(output), std::min(127, quantized(output, 6))};
  return {relu, {site.input(0)}};
}

Reading read_quantize(const Site& site) {
  require_inputs(site, 1, 1);
  const Tensor& input = site.input_tensor(0);
  const Tensor& output = site.output_tensor();
  if (input.type == DataType::kFloat32) {
    require_activation(site, "output", output);
    return {Quantize{scale_of(output), zero_point_of(output)}, {site.input(0)}};
  }
  require_byte(site, "input", input);
  require_byte(site, "output", output);
  Requantize requantize;
  requantize.input_zero_point = zero_point_of(input);
  requantize.output_zero_point = zero_point_of(output);
  requantize.rescale =
      rescale_of(site, quant::ratio_multiplier(scale_of(input), scale_of(output)), "the rescaling");
  if (output.type == DataType::kUInt8) requantize.clamp = {0, 255};
  return {requantize, {site.input(0)}};
}

Reading read_dequantize(const Site& site) {
  require_inputs(site, 1, 1);
  const Tensor& input = site.input_tensor(0);
  require_byte(site, "input", input);
  require_float(site, "output", site.output_tensor());
  return {Dequantize{scale_of(input), zero_point_of(input)}, {site.input(0)}};
}

}  // namespace weft::model::tflite_import
