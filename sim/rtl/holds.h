// Engines that stand still at random: each is held for a while, then free for a while.
#pragma once

#include <array>
#include <cstdint>
#include <random>

#include "base/error.h"
#include "weft_gen/isa.h"

namespace weft::sim {

class Holds {
 public:
  // `probability`: the part of all cycles in which an engine is held.
  Holds(double probability, uint64_t seed) : probability_(probability), random_(seed) {
    if (!(probability >= 0 && probability <= 0.95)) {
      fail(ErrorKind::kInvalidArgument, "a hold probability of {}; allowed is 0 to 0.95",
           probability);
    }
  }

  bool any() const { return probability_ > 0; }

  // The next cycle's engines, a bit each.
  uint8_t next() {
    for (size_t e = 0; e < left_.size(); ++e) {
      if (left_[e] > 0) {
        --left_[e];
        continue;
      }
      // Short and long spans: engines both jostle and run far ahead of each other.
      const bool held = std::bernoulli_distribution(probability_)(random_);
      const unsigned longest = 1U << (random_() % 12);
      left_[e] = static_cast<unsigned>(random_() % longest);
      mask_ = static_cast<uint8_t>(held ? mask_ | 1U << e : mask_ & ~(1U << e));
    }
    return mask_;
  }

 private:
  const double probability_;
  std::mt19937_64 random_;
  std::array<unsigned, isa::kNumEngines> left_{};
  uint8_t mask_ = 0;
};

}  // namespace weft::sim
