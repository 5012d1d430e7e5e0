#include "quant/multiplier.h"

#include <cmath>

#include "base/error.h"

namespace weft::quant {

Multiplier quantize_multiplier(double real) {
  if (!std::isfinite(real) || real < 0) {
    fail(ErrorKind::kInvalidArgument, "a multiplier of {} cannot be quantised", real);
  }
  if (real == 0) return {};
  int shift = 0;
  const double mantissa = std::frexp(real, &shift);
  auto fixed = static_cast<int64_t>(std::round(mantissa * static_cast<double>(int64_t{1} << 31)));
  if (fixed == int64_t{1} << 31) {
    fixed /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  if (shift > 30) fail(ErrorKind::kInvalidArgument, "a multiplier of {} is too large", real);
  return {static_cast<int32_t>(fixed), shift};
}

double convolution_multiplier(float input_scale, float weights_scale, float output_scale) {
  return static_cast<double>(input_scale) * static_cast<double>(weights_scale) /
         static_cast<double>(output_scale);
}

double fully_connected_multiplier(float input_scale, float weights_scale, float output_scale) {
  const float product = input_scale * weights_scale;
  return static_cast<double>(product) / static_cast<double>(output_scale);
}

}  // namespace weft::quant
