// CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, FULLY_CONNECTED, BATCH_MATMUL.
#include "model/tflite_import.h"
#include "quant/multiplier.h"

namespace weft::model::tflite_import {
namespace {

const Tensor* optional_tensor(const Site& site, size_t input) {
  return site.input(input) >= 0 ? &site.input_tensor(input) : nullptr;
}

// Input, weights and output of a convolution over images.
void require_images(const Site& site, const Tensor& input, const Tensor& filter) {
  require_activation(site, "input", input);
  require_activation(site, "output", site.output_tensor());
  require_rank(site, "input", input, 4);
  require_rank(site, "weights", filter, 4);
}

// What Conv2d and DepthwiseConv2d and their options have in common.
template <class Conv, class Options>
Conv windowed(const Site& site, const Options& options, const Tensor& input, const Tensor& filter) {
  const Tensor& output = site.output_tensor();
  Conv conv;
  conv.stride_h = window_value(site, "stride_h", options.stride_h());
  conv.stride_w = window_value(site, "stride_w", options.stride_w());
  conv.dilation_h = window_value(site, "dilation_h", options.dilation_h_factor());
  conv.dilation_w = window_value(site, "dilation_w", options.dilation_w_factor());
  const Ends rows = resolve_padding(site, options.padding(), input.shape[1], filter.shape[1],
                                    conv.dilation_h, conv.stride_h);
  const Ends cols = resolve_padding(site, options.padding(), input.shape[2], filter.shape[2],
                                    conv.dilation_w, conv.stride_w);
  conv.padding = {rows.before, rows.after, cols.before, cols.after};
  conv.input_zero_point = zero_point_of(input);
  conv.output_zero_point = zero_point_of(output);
  conv.clamp = fused_clamp(site, options.fused_activation_function(), output);
  return conv;
}

// Padding in front of a transposed convolution's output: that of the convolution that would
// make its input of its output, which gives the input's extent, too.
int transposed_padding(const Site& site, fb::Padding padding, int64_t in, int64_t kernel,
                       int64_t stride, int64_t out) {
  const Ends ends = resolve_padding(site, padding, out, kernel, 1, stride);
  const int64_t whole = out + ends.before + ends.after;
  const int64_t wanted =
      padding == fb::Padding::SAME ? (out + stride - 1) / stride : (whole - kernel) / stride + 1;
  if (whole < kernel || wanted != in) {
    refuse_output(ErrorKind::kMalformedFile, site,
                  "an extent of {} does not come of {} inputs with kernel {} and stride {}", out,
                  in, kernel, stride);
  }
  return ends.before;
}

}  // namespace

Reading read_conv(const Site& site) {
  require_inputs(site, 2, 3);
  const auto& options = options_of(site, site.op.builtin_options_as_Conv2DOptions());
  const Tensor& input = site.input_tensor(0);
  const Tensor& filter = site.input_tensor(1);
  require_images(site, input, filter);
  if (input.shape[3] % filter.shape[3] != 0) {
    refuse(ErrorKind::kMalformedFile, site, "weights", filter,
           "takes {} channels of an input of {}", filter.shape[3], input.shape[3]);
  }
  auto conv = windowed<Conv2d>(site, options, input, filter);
  conv.groups = input.shape[3] / filter.shape[3];
  conv.rescale =
      channel_rescale(site, input, filter, 0, optional_tensor(site, 2), site.output_tensor());
  return {conv, {site.input(0), site.input(1), site.input(2)}};
}

Reading read_depthwise(const Site& site) {
  require_inputs(site, 2, 3);
  const auto& options = options_of(site, site.op.builtin_options_as_DepthwiseConv2DOptions());
  const Tensor& input = site.input_tensor(0);
  const Tensor& filter = site.input_tensor(1);
  require_images(site, input, filter);
  if (filter.shape[0] != 1 || filter.shape[3] % input.shape[3] != 0) {
    refuse(ErrorKind::kMalformedFile, site, "weights", filter,
           "shape {} is not 1, rows, columns, multiple of the input's {} channels",
           shape_text(filter.shape), input.shape[3]);
  }
  auto conv = windowed<DepthwiseConv2d>(site, options, input, filter);
  // The shapes say it; like TFLite's kernels, the option is not relied on.
  conv.multiplier = filter.shape[3] / input.shape[3];
  conv.rescale =
      channel_rescale(site, input, filter, 3, optional_tensor(site, 2), site.output_tensor());
  return {conv, {site.input(0), site.input(1), site.input(2)}};
}

Reading read_transpose_conv(const Site& site) {
  require_inputs(site, 3, 4);
  const auto& options = options_of(site, site.op.builtin_options_as_TransposeConvOptions());
  const Tensor& filter = site.input_tensor(1);
  const Tensor& input = site.input_tensor(2);
  const Tensor& output = site.output_tensor();
  require_images(site, input, filter);
  require_rank(site, "output", output, 4);
  const std::vector<int> wanted = constant_list(site, "output shape", site.input_tensor(0));
  if (wanted != output.shape) {
    refuse_output(ErrorKind::kMalformedFile, site, "has shape {}; the operator asks for {}",
                  shape_text(output.shape), shape_text(wanted));
  }
  TransposeConv conv;
  conv.stride_h = window_value(site, "stride_h", options.stride_h());
  conv.stride_w = window_value(site, "stride_w", options.stride_w());
  conv.padding_top = transposed_padding(site, options.padding(), input.shape[1], filter.shape[1],
                                        conv.stride_h, output.shape[1]);
  conv.padding_left = transposed_padding(site, options.padding(), input.shape[2], filter.shape[2],
                                         conv.stride_w, output.shape[2]);
  conv.input_zero_point = zero_point_of(input);
  conv.output_zero_point = zero_point_of(output);
  conv.clamp = fused_clamp(site, options.fused_activation_function(), output);
  conv.rescale = channel_rescale(site, input, filter, 0, optional_tensor(site, 3), output);
  return {conv, {site.input(2), site.input(1), site.input(3)}};
}

Reading read_dense(const Site& site) {
  require_inputs(site, 2, 3);
  const auto& options = options_of(site, site.op.builtin_options_as_FullyConnectedOptions());
  const Tensor& input = site.input_tensor(0);
  const Tensor& weights = site.input_tensor(1);
  const Tensor& output = site.output_tensor();
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
    refuse_output(ErrorKind::kMalformedFile, site, "has shape {}; the operator makes {}",
                  shape_text(output.shape), shape_text(expected));
  }
  FullyConnected dense;
  dense.input_zero_point = zero_point_of(input);
  dense.output_zero_point = zero_point_of(output);
  dense.clamp = fused_clamp(site, options.fused_activation_function(), output);
  dense.rescale = channel_rescale(site, input, weights, 0, optional_tensor(site, 2), output);
  if (weights.quantization.scales.size() == 1) dense.weights_zero_point = zero_point_of(weights);
  return {dense, {site.input(0), site.input(1), site.input(2)}};
}

Reading read_batch_matmul(const Site& site) {
  require_inputs(site, 2, 2);
  const auto& options = options_of(site, site.op.builtin_options_as_BatchMatMulOptions());
  const Tensor& x = site.input_tensor(0);
  const Tensor& y = site.input_tensor(1);
  const Tensor& output = site.output_tensor();
  require_quantized(site, "input", x);
  require_quantized(site, "second input", y);
  require_activation(site, "output", output);
  BatchMatMul product;
  product.swapped_x = options.adj_x();
  product.swapped_y = options.adj_y();
  product.input_zero_points = {zero_point_of(x), zero_point_of(y)};
  product.output_zero_point = zero_point_of(output);
  product.rescale = rescale_of(
      site, quant::fully_connected_multiplier(scale_of(x), scale_of(y), scale_of(output)),
      "the product");
  return {product, {site.input(0), site.input(1)}};
}

}  // namespace weft::model::tflite_import
