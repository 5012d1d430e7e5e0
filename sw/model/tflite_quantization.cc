#include <algorithm>
#include <cmath>

#include "model/tflite_import.h"
#include "quant/multiplier.h"

namespace weft::model::tflite_import {
namespace {

// The bias is in units of input scale * weights scale; converters round that product to float32.
constexpr double kBiasTolerance = 1e-5;

// `tensor` is a constant of `type`, quantised by one scale or one a channel.
void require_channel_quantization(const Site& site, const char* role, const Tensor& tensor,
                                  DataType type, const char* type_name, int channels) {
  if (tensor.type != type) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "not of type {}", type_name);
  }
  if (!tensor.is_constant()) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "has no data; it must be constant");
  }
  const Quantization& q = tensor.quantization;
  if (q.scales.empty()) refuse(ErrorKind::kUnsupported, site, role, tensor, "has no quantisation");
  if (q.scales.size() > 1 && q.dimension != channels) {
    refuse(ErrorKind::kUnsupported, site, role, tensor,
           "quantised along dimension {}; the output channels are dimension {}", q.dimension,
           channels);
  }
}

void require_zero_points_0(const Site& site, const char* role, const Tensor& tensor) {
  const std::vector<int32_t>& zeros = tensor.quantization.zero_points;
  for (size_t c = 0; c < zeros.size(); ++c) {
    if (zeros[c] != 0) {
      refuse(ErrorKind::kUnsupported, site, role, tensor, "zero point {} is {}; it must be 0", c,
             zeros[c]);
    }
  }
}

float channel_scale(const Tensor& tensor, size_t channel) {
  const std::vector<float>& scales = tensor.quantization.scales;
  return scales[scales.size() == 1 ? 0 : channel];
}

}  // namespace

void require_quantized(const Site& site, const char* role, const Tensor& tensor) {
  if (tensor.type != DataType::kInt8) {
    refuse(ErrorKind::kUnsupported, site, role, tensor,
           "not of type INT8; convert the model to full int8");
  }
  const size_t scales = tensor.quantization.scales.size();
  if (scales == 0) refuse(ErrorKind::kUnsupported, site, role, tensor, "has no quantisation");
  if (scales > 1) {
    refuse(ErrorKind::kUnsupported, site, role, tensor, "{} scales; an activation has one", scales);
  }
}

void require_activation(const Site& site, const char* role, const Tensor& tensor) {
  if (tensor.is_constant()) refuse(ErrorKind::kUnsupported, site, role, tensor, "is a constant");
  require_quantized(site, role, tensor);
}

void require_same_quantization(const Site& site, const char* role, const Tensor& tensor,
                               const Tensor& output) {
  if (scale_of(tensor) != scale_of(output) || zero_point_of(tensor) != zero_point_of(output)) {
    refuse_output(ErrorKind::kUnsupported, site,
                  "scale {} and zero point {} differ from the {}'s {} and {}", scale_of(output),
                  zero_point_of(output), role, scale_of(tensor), zero_point_of(tensor));
  }
}

int32_t quantized(const Tensor& output, float real) {
  // TFLite divides in float32. Beyond +-512 the int8 bounds decide, and the cast would overflow.
  const float steps = std::clamp(std::round(real / scale_of(output)), -512.0F, 512.0F);
  return zero_point_of(output) + static_cast<int32_t>(steps);
}

Clamp fused_clamp(const Site& site, fb::ActivationFunctionType function, const Tensor& output) {
  Clamp clamp;
  switch (function) {
    case fb::ActivationFunctionType::NONE: break;
    case fb::ActivationFunctionType::RELU:
      clamp.min = std::max(clamp.min, quantized(output, 0));
      break;
    case fb::ActivationFunctionType::RELU6:
      clamp.min = std::max(clamp.min, quantized(output, 0));
      clamp.max = std::min(clamp.max, quantized(output, 6));
      break;
    case fb::ActivationFunctionType::RELU_N1_TO_1:
      clamp.min = std::max(clamp.min, quantized(output, -1));
      clamp.max = std::min(clamp.max, quantized(output, 1));
      break;
    default:
      refuse_output(
          ErrorKind::kUnsupported, site,
          "fused activation {} ({}) is not supported; NONE, RELU, RELU6 and RELU_N1_TO_1 are",
          fb::EnumNameActivationFunctionType(function), static_cast<int>(function));
  }
  return clamp;
}

Rescale rescale_of(const Site& site, double real, const std::string& what) {
  try {
    const quant::Multiplier m = quant::quantize_multiplier(real);
    return {m.multiplier, m.shift};
  } catch (const Error& error) {
    refuse_output(ErrorKind::kUnsupported, site, "{}: {}", what, error.what());
  }
}

std::vector<Rescale> channel_rescale(const Site& site, const Tensor& input, const Tensor& weights,
                                     int channels, const Tensor* bias, const Tensor& output) {
  const int count = weights.shape.at(static_cast<size_t>(channels));
  const bool one_scale = weights.quantization.scales.size() == 1;
  const bool dense = site.code == fb::BuiltinOperator::FULLY_CONNECTED;
  require_channel_quantization(site, "weights", weights, DataType::kInt8, "INT8", channels);
  if (!(dense && one_scale)) require_zero_points_0(site, "weights", weights);
  if (bias) {
    require_channel_quantization(site, "bias", *bias, DataType::kInt32, "INT32", 0);
    require_zero_points_0(site, "bias", *bias);
    if (bias->shape.size() != 1 || bias->shape[0] != count) {
      refuse(ErrorKind::kMalformedFile, site, "bias", *bias, "must have {} elements", count);
    }
  }
  std::vector<Rescale> all;
  for (size_t c = 0; c < static_cast<size_t>(count); ++c) {
    const float weights_scale = channel_scale(weights, c);
    const double product =
        static_cast<double>(scale_of(input)) * static_cast<double>(weights_scale);
    if (bias && std::abs(channel_scale(*bias, c) - product) > kBiasTolerance * product) {
      refuse(ErrorKind::kMalformedFile, site, "bias", *bias,
             "scale {} is {}; input scale times weights scale is {}", c, channel_scale(*bias, c),
             product);
    }
    const double real =
        dense && one_scale
            ? quant::fully_connected_multiplier(scale_of(input), weights_scale, scale_of(output))
            : quant::convolution_multiplier(scale_of(input), weights_scale, scale_of(output));
    all.push_back(rescale_of(site, real, fmt::format("channel {}", c)));
  }
  return all;
}

}  // namespace weft::model::tflite_import
