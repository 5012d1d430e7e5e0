// What the vector benches share: seeds, random parameters and accumulators that meet the corners.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

#include "requant_reference.h"

namespace weft::tb {

inline constexpr unsigned kLanes = WEFT_ROWS;

inline uint64_t bench_seed(uint64_t fallback) {
  const char* text = std::getenv("WEFT_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : fallback;
}

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t bits() { return engine_(); }
  int64_t in(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool one_in(unsigned n) { return engine_() % n == 0; }

 private:
  std::mt19937_64 engine_;
};

inline int32_t random_multiplier(Random& random) {
  switch (random.in(0, 7)) {
    case 0: return 0;
    case 1: return 1 << 30;
    case 2: return 0x7fffffff;
    case 3: return static_cast<int32_t>(random.bits() & 0x7fffffff);
    default: return static_cast<int32_t>((random.bits() & 0x3fffffff) | 0x40000000);
  }
}

// A value of x = v + bias: corners, ties of the second rounding, values that stay in a byte or not.
inline int32_t random_sum(Random& random, int right_shift) {
  switch (random.in(0, 9)) {
    case 0: return std::numeric_limits<int32_t>::min() + static_cast<int32_t>(random.in(0, 2));
    case 1: return std::numeric_limits<int32_t>::max() - static_cast<int32_t>(random.in(0, 2));
    case 2: return static_cast<int32_t>(random.in(-2, 2));
    case 3: {
      const int64_t power = int64_t{1} << random.in(0, 31);
      return static_cast<int32_t>((random.one_in(2) ? power : -power) + random.in(-1, 1));
    }
    case 4:
    case 5: {
      // With multiplier 2^30 the high half is x / 2: half a step above a multiple of 2^e.
      const int64_t half = right_shift == 0 ? 0 : int64_t{1} << (right_shift - 1);
      const int64_t high = random.in(-140, 140) * (int64_t{1} << right_shift) + half;
      return static_cast<int32_t>(2 * high + random.in(-2, 1));
    }
    case 6: return static_cast<int32_t>(random.bits());
    default: {
      const int64_t span = int64_t{1} << std::min(right_shift + 9, 31);
      return static_cast<int32_t>(random.in(-span, span - 1));
    }
  }
}

inline LaneParams random_lane(Random& random) {
  LaneParams lane;
  lane.multiplier = random_multiplier(random);
  lane.right_shift = static_cast<int>(random.one_in(4) ? random.in(0, 31) : random.in(0, 14));
  lane.bias = random.one_in(3) ? static_cast<int32_t>(random.bits())
                               : static_cast<int32_t>(random.in(-70000, 70000));
  return lane;
}

inline SourceParams random_source(Random& random) {
  SourceParams source;
  const int ends[] = {-128, 127, 0, static_cast<int>(random.in(-128, 127))};
  source.zero_point = ends[random.in(0, 3)];
  source.multiplier = random_multiplier(random);
  source.right_shift = static_cast<int>(random.one_in(4) ? random.in(0, 31) : random.in(0, 4));
  return source;
}

inline PassParams random_pass(Random& random) {
  PassParams pass;
  const int ends[] = {-128, 127, 0, static_cast<int>(random.in(-128, 127))};
  pass.zero_point = ends[random.in(0, 3)];
  if (random.one_in(2)) {
    pass.clamp_min = static_cast<int>(random.in(-128, 127));
    pass.clamp_max = static_cast<int>(random.in(pass.clamp_min, 127));
  }
  return pass;
}

}  // namespace weft::tb
