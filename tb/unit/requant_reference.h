// gemmlowp's rounding as its own sources write it, for benches of the requantisation lanes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace weft::tb {

inline int32_t saturating_rounding_doubling_high_mul(int32_t a, int32_t b) {
  if (a == b && a == std::numeric_limits<int32_t>::min()) {
    return std::numeric_limits<int32_t>::max();
  }
  const int64_t product = int64_t{a} * int64_t{b};
  const int64_t nudge = product >= 0 ? (int64_t{1} << 30) : 1 - (int64_t{1} << 30);
  return static_cast<int32_t>((product + nudge) / (int64_t{1} << 31));
}

inline int32_t rounding_divide_by_pot(int32_t x, int exponent) {
  const auto mask = static_cast<int32_t>((int64_t{1} << exponent) - 1);
  const int32_t remainder = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

struct LaneParams {
  int32_t bias = 0, multiplier = 0;
  int right_shift = 0;
};

struct PassParams {
  int zero_point = 0, clamp_min = -128, clamp_max = 127;
};

inline uint8_t clamp_byte(int64_t y, const PassParams& pass) {
  y = std::max<int64_t>(y, pass.clamp_min);
  return static_cast<uint8_t>(std::min<int64_t>(y, pass.clamp_max));
}

inline uint8_t requantise(int32_t v, const LaneParams& lane, const PassParams& pass) {
  const auto x = static_cast<int32_t>(static_cast<uint32_t>(v) + static_cast<uint32_t>(lane.bias));
  const int32_t high = saturating_rounding_doubling_high_mul(x, lane.multiplier);
  const int64_t y = rounding_divide_by_pot(high, lane.right_shift);
  return clamp_byte(y + pass.zero_point, pass);
}

// An average as the reference kernels have it: C's division, the divisor's half added on the sum's side.
inline int32_t divide_by_count(int32_t sum, int count) {
  return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

// The averaging lane for any parameters: sgn(v) * floor((|v| + bias) * multiplier / 2^(31 + e)).
inline uint8_t average(int32_t v, const LaneParams& lane, const PassParams& pass) {
  const int64_t magnitude = v < 0 ? -int64_t{v} : int64_t{v};
  const auto x =
      static_cast<int32_t>(static_cast<uint32_t>(magnitude) + static_cast<uint32_t>(lane.bias));
  const int64_t quotient = (int64_t{x} * lane.multiplier) >> (31 + lane.right_shift);
  return clamp_byte((v < 0 ? -quotient : quotient) + pass.zero_point, pass);
}

// How the terms of a sum are rescaled.
struct SourceParams {
  int zero_point = 0;
  int32_t multiplier = 0;
  int right_shift = 0;
};

// (q - zero point) * 2^20 * multiplier * 2^(-31 - right_shift), rounded as everywhere.
inline int32_t rescale_term(int q, const SourceParams& source) {
  const int32_t high =
      saturating_rounding_doubling_high_mul((q - source.zero_point) * (1 << 20), source.multiplier);
  return rounding_divide_by_pot(high, source.right_shift);
}

}  // namespace weft::tb
