// Division by a window's tap count as the vector engine's `avgpool` does it: a product, no division.
#pragma once

#include <bit>
#include <cstdint>

namespace weft::quant {

constexpr int kMostTaps = 255 * 255;

// What stands in a parameter block for a division by a tap count.
struct Reciprocal {
  int32_t bias = 0;
  int32_t multiplier = 0;
  int right_shift = 0;
};

// For 1 .. kMostTaps. With these average() is sum / taps, to the nearest, ties away from zero, for every
// sum of that many int8: the multiplier is above 2^(30 + right_shift) / taps by less than one, which
// adds less than (128 * taps + taps / 2) / 2^(30 + right_shift) < 1 / taps.
constexpr Reciprocal reciprocal_of(int taps) {
  const int shift = std::bit_width(static_cast<unsigned>(taps)) - 1;
  const int64_t power = int64_t{1} << (30 + shift);
  return {2 * (taps / 2), static_cast<int32_t>((power + taps - 1) / taps), shift};
}

// sgn(sum) * floor((2 |sum| + bias) * multiplier / 2^(31 + right_shift)), the inner sum wrapping at 32 bits.
constexpr int32_t average(int32_t sum, const Reciprocal& by) {
  const uint32_t magnitude = sum < 0 ? 0U - static_cast<uint32_t>(sum) : static_cast<uint32_t>(sum);
  const auto x = static_cast<int32_t>(2 * magnitude + static_cast<uint32_t>(by.bias));
  const auto quotient = static_cast<int32_t>((int64_t{x} * by.multiplier) >> 31) >> by.right_shift;
  return sum < 0 ? -quotient : quotient;
}

}  // namespace weft::quant
