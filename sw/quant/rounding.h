// The one place of the rounding that golden model, emulator and tests share: gemmlowp's
// double rounding, as the TFLite-Micro reference kernels have it. The RTL has its own
// (rtl/vec/weft_requant_lanes.sv) and is compared with this.
#pragma once

#include <cstdint>
#include <limits>

namespace weft::quant {

// floor((a * b + 2^30) / 2^31): ties towards plus infinity; the one product that does not fit,
// INT32_MIN * INT32_MIN, saturates.
constexpr int32_t saturating_rounding_doubling_high_mul(int32_t a, int32_t b) {
  constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
  if (a == kMin && b == kMin) return std::numeric_limits<int32_t>::max();
  const int64_t product = int64_t{a} * int64_t{b};
  return static_cast<int32_t>((product + (int64_t{1} << 30)) >> 31);
}

// x / 2^exponent, exponent 0..31, to the nearest: ties away from zero.
constexpr int32_t rounding_divide_by_power_of_two(int32_t x, int exponent) {
  const auto mask = static_cast<int32_t>((uint32_t{1} << exponent) - 1);
  const int32_t remainder = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

// x * multiplier * 2^(shift - 31), rounded twice. multiplier: 0 or 2^30 .. 2^31 - 1;
// shift: -31..30, above zero only where x * 2^shift fits 32 bits (the importer proves it).
constexpr int32_t multiply_by_quantized_multiplier(int32_t x, int32_t multiplier, int shift) {
  const int left = shift > 0 ? shift : 0;
  const int right = shift > 0 ? 0 : -shift;
  const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(x) << left);
  return rounding_divide_by_power_of_two(saturating_rounding_doubling_high_mul(shifted, multiplier),
                                         right);
}

}  // namespace weft::quant
