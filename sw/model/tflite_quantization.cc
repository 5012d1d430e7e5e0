#include <algorithm>
#include <cmath>

#include "model/tflite_import.h"
#include "quant/multiplier.h"

namespace weft::model::tflite_import {
namespace {

// The bias is in units of input scale * weights scale; converters round that product to float32.
constexpr double kBiasTolerance = 1e-5;

// `tensor` is a constant of `type`, quantised with zero points 0 by one scale or one a channel.
void require_channel_quantization(const Site& site, const char* role, const Tensor& tensor,
                                  DataType type, const char* type_name) {
  if (tensor.type != type) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "not of type {}", type_name);
  }
  if (!tensor.is_constant()) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "has no data; it must be constant");
  }
  const Quantization& q = tensor.quantization;
  if (q.scales.empty()) refuse(ErrorKind::kUnsupported, site, role, tensor, "has no quantisation");
  if (q.scales.size() > 1 && q.dimension != 0) {
    refuse(ErrorKind::kUnsupported, site, role, tensor,
           "quantised along dimension {}; the output channels are dimension 0", q.dimension);
  }
  for (size_t c = 0; c < q.zero_points.size(); ++c) {
    if (q.zero_points[c] != 0) {
      refuse(ErrorKind::kUnsupported, site, role, tensor, "zero point {} is {}; it must be 0", c,
             q.zero_points[c]);
    }
  }
}

float scale_of(const Tensor& tensor, size_t channel) {
  const std::vector<float>& scales = tensor.quantization.scales;
  return scales[scales.size() == 1 ? 0 : channel];
}

}  // namespace

void require_activation(const Site& site, const char* role, const Tensor& tensor) {
  if (tensor.type != DataType::kInt8) {
    refuse(ErrorKind::kUnsupported, site, role, tensor,
           "not of type INT8; convert the model to full int8");
  }
  if (tensor.is_constant()) refuse(ErrorKind::kUnsupported, site, role, tensor, "is a constant");
  const size_t scales = tensor.quantization.scales.size();
  if (scales == 0) refuse(ErrorKind::kUnsupported, site, role, tensor, "has no quantisation");
  if (scales > 1) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "{} scales; an activation has one", scales);
  }
}

Clamp fused_clamp(const Site& site, fb::ActivationFunctionType function, const Tensor& output) {
  const float scale = output.quantization.scales.at(0);
  const int32_t zero = output.quantization.zero_points.at(0);
  // TFLite divides in float32. Beyond +-512 the int8 bounds decide, and the cast would overflow.
  const auto quantized = [&](float real) {
    return zero + static_cast<int32_t>(std::clamp(std::round(real / scale), -512.0F, 512.0F));
  };
  Clamp clamp;
  switch (function) {
    case fb::ActivationFunctionType::NONE: break;
    case fb::ActivationFunctionType::RELU: clamp.min = std::max(clamp.min, quantized(0)); break;
    case fb::ActivationFunctionType::RELU6:
      clamp.min = std::max(clamp.min, quantized(0));
      clamp.max = std::min(clamp.max, quantized(6));
      break;
    case fb::ActivationFunctionType::RELU_N1_TO_1:
      clamp.min = std::max(clamp.min, quantized(-1));
      clamp.max = std::min(clamp.max, quantized(1));
      break;
    default:
      refuse(ErrorKind::kUnsupported, site, "output", output,
             "fused activation {} ({}) is not supported; NONE, RELU, RELU6 and RELU_N1_TO_1 are",
             fb::EnumNameActivationFunctionType(function), static_cast<int>(function));
  }
  return clamp;
}

std::vector<Rescale> channel_rescale(const Site& site, const Tensor& input, const Tensor& weights,
                                     const Tensor* bias, const Tensor& output) {
  require_channel_quantization(site, "weights", weights, DataType::kInt8, "INT8");
  if (bias) {
    require_channel_quantization(site, "bias", *bias, DataType::kInt32, "INT32");
    if (bias->shape.size() != 1 || bias->shape[0] != weights.shape[0]) {
      refuse(ErrorKind::kMalformedFile, site, "bias", *bias, "must have {} elements",
             weights.shape[0]);
    }
  }
  const float input_scale = input.quantization.scales[0];
  const float output_scale = output.quantization.scales[0];
  const bool float_product =
      site.code == fb::BuiltinOperator::FULLY_CONNECTED && weights.quantization.scales.size() == 1;
  std::vector<Rescale> all;
  for (size_t c = 0; c < static_cast<size_t>(weights.shape[0]); ++c) {
    const float weights_scale = scale_of(weights, c);
    const double product = static_cast<double>(input_scale) * static_cast<double>(weights_scale);
    if (bias && std::abs(scale_of(*bias, c) - product) > kBiasTolerance * product) {
      refuse(ErrorKind::kMalformedFile, site, "bias", *bias,
             "scale {} is {}; input scale times weights scale is {}", c, scale_of(*bias, c),
             product);
    }
    try {
      const quant::Multiplier m = quant::quantize_multiplier(
          float_product
              ? quant::fully_connected_multiplier(input_scale, weights_scale, output_scale)
              : quant::convolution_multiplier(input_scale, weights_scale, output_scale));
      all.push_back({m.multiplier, m.shift});
    } catch (const Error& error) {
      refuse(ErrorKind::kUnsupported, site, "output", output, "channel {}: {}", c, error.what());
    }
  }
  return all;
}

}  // namespace weft::model::tflite_import
