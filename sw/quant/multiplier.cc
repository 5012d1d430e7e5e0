#include "quant/multiplier.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/error.h"

namespace weft::quant {

namespace {

// Of a finite real above 0, whatever its size.
Multiplier split(double real) {
  Multiplier result;
  const double mantissa = std::frexp(real, &result.shift);
  auto fixed = static_cast<int64_t>(std::round(mantissa * static_cast<double>(int64_t{1} << 31)));
  if (fixed == int64_t{1} << 31) {
    fixed /= 2;
    ++result.shift;
  }
  result.multiplier = static_cast<int32_t>(fixed);
  return result;
}

}  // namespace

Multiplier quantize_multiplier(double real) {
  if (!std::isfinite(real) || real < 0) {
    fail(ErrorKind::kInvalidArgument, "a multiplier of {} cannot be quantised", real);
  }
  if (real == 0) return {};
  const Multiplier result = split(real);
  if (result.shift < -31) return {};
  if (result.shift > 30) {
    fail(ErrorKind::kInvalidArgument, "a multiplier of {} is too large", real);
  }
  return result;
}

double convolution_multiplier(float input_scale, float weights_scale, float output_scale) {
  return static_cast<double>(input_scale) * static_cast<double>(weights_scale) /
         static_cast<double>(output_scale);
}

double fully_connected_multiplier(float input_scale, float weights_scale, float output_scale) {
  const float product = input_scale * weights_scale;
  return static_cast<double>(product) / static_cast<double>(output_scale);
}

double ratio_multiplier(float input_scale, float output_scale) {
  return static_cast<double>(input_scale) / static_cast<double>(output_scale);
}

double relu_multiplier(float input_scale, float output_scale) {
  return static_cast<double>(input_scale / output_scale);
}

Multiplier divide_multiplier(Multiplier rescale, int64_t count) {
  // As many bits as the quotient's mantissa keeps, and the shift allows.
  int bits = 63 - std::countl_zero(static_cast<uint64_t>(count));
  bits = std::min({bits, 32, 31 + rescale.shift});
  const int64_t quotient = (int64_t{rescale.multiplier} << bits) / count;
  return {static_cast<int32_t>(quotient), rescale.shift - bits};
}

SoftmaxScaling softmax_scaling(float input_scale, float beta) {
  constexpr int kIntegerBits = 5;
  const double real = static_cast<double>(beta) * static_cast<double>(input_scale) *
                      static_cast<double>(1 << (31 - kIntegerBits));
  if (!(real > 1)) {
    fail(ErrorKind::kInvalidArgument, "an input scale of {} times beta of {} is too small",
         input_scale, beta);
  }
  SoftmaxScaling scaling;
  scaling.multiplier = split(std::min(real, 2147483647.0));
  scaling.diff_min =
      -static_cast<int32_t>((int64_t{31} << (31 - kIntegerBits)) >> scaling.multiplier.shift);
  return scaling;
}

}  // namespace weft::quant
