// The loops of kernels.h in plain C++. They are compiled for several instruction sets by being
// inlined into functions for these (kernels.cc), so whatever is called here must be inlined, too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "emulator/kernels.h"
#include "quant/average.h"
#include "quant/rounding.h"

#define WEFT_ALWAYS_INLINE inline __attribute__((always_inline))

namespace weft::emulator::loops {

WEFT_ALWAYS_INLINE int32_t wrapping_add(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

template <int kLanes>
WEFT_ALWAYS_INLINE void multiply(std::span<const Run> act, const int8_t* weights, int32_t* acc) {
  // Products of 16 bits are what most processors multiply side by side.
  int16_t wide[kLanes * kLanes];
  for (int i = 0; i < kLanes * kLanes; ++i) wide[i] = weights[i];
  for (const Run& run : act) {
    const int8_t* word = run.first;
    for (int i = 0; i < run.count; ++i, word += run.step, acc += kLanes) {
      int32_t sum[kLanes] = {};
      for (int r = 0; r < kLanes; ++r) {
        const int16_t a = word[r];
        for (int c = 0; c < kLanes; ++c) sum[c] += a * wide[r * kLanes + c];
      }
      for (int c = 0; c < kLanes; ++c) acc[c] = wrapping_add(acc[c], sum[c]);
    }
  }
}

template <int kLanes>
WEFT_ALWAYS_INLINE void weigh(std::span<const Run> act, const int8_t* tap, int32_t* acc) {
  int16_t weights[kLanes];
  for (int c = 0; c < kLanes; ++c) weights[c] = tap[c];
  for (const Run& run : act) {
    const int8_t* word = run.first;
    for (int i = 0; i < run.count; ++i, word += run.step, acc += kLanes) {
      for (int c = 0; c < kLanes; ++c) acc[c] = wrapping_add(acc[c], word[c] * weights[c]);
    }
  }
}

template <int kLanes, typename Tap>
WEFT_ALWAYS_INLINE void join(Join how, const Tap* tap, int32_t* value) {
  switch (how) {
    case Join::kFirst:
      for (int c = 0; c < kLanes; ++c) value[c] = tap[c];
      break;
    case Join::kSum:
      for (int c = 0; c < kLanes; ++c) value[c] = wrapping_add(value[c], tap[c]);
      break;
    case Join::kMaximum:
      for (int c = 0; c < kLanes; ++c) value[c] = value[c] < tap[c] ? tap[c] : value[c];
      break;
  }
}

// x * multiplier * 2^(-31 - right_shift), rounded twice.
WEFT_ALWAYS_INLINE int32_t rescale(int32_t x, int32_t multiplier, int32_t right_shift) {
  return quant::rounding_divide_by_power_of_two(
      quant::saturating_rounding_doubling_high_mul(x, multiplier), right_shift);
}

WEFT_ALWAYS_INLINE int32_t requantise(const PassConstants& pass, int32_t value, int c) {
  return rescale(wrapping_add(value, pass.bias[c]), pass.multiplier[c], pass.right_shift[c]);
}

template <int kLanes>
WEFT_ALWAYS_INLINE void finish(const PassConstants& pass, const int32_t* value,
                               const int8_t* second, int8_t* out) {
  using isa::Opcode;
  constexpr int32_t kHeadRoom = 1 << 20;
  int32_t y[kLanes];
  switch (pass.opcode) {
    case Opcode::kRequant:
    case Opcode::kMean:
      for (int c = 0; c < kLanes; ++c) y[c] = requantise(pass, value[c], c);
      break;
    case Opcode::kAvgpool:
      for (int c = 0; c < kLanes; ++c)
        y[c] = quant::average(value[c], {pass.bias[c], pass.multiplier[c], pass.right_shift[c]});
      break;
    case Opcode::kLut:
      for (int c = 0; c < kLanes; ++c)
        y[c] = static_cast<int8_t>(pass.table[static_cast<uint8_t>(value[c])]);
      break;
    case Opcode::kAdd:
      for (int c = 0; c < kLanes; ++c) {
        const int32_t a = rescale((value[c] - pass.src_zero_point) * kHeadRoom, pass.src_multiplier,
                                  pass.src_right_shift);
        const int32_t b = rescale((second[c] - pass.src2_zero_point) * kHeadRoom,
                                  pass.src2_multiplier, pass.src2_right_shift);
        y[c] = requantise(pass, pass.subtract ? a - b : a + b, c);
      }
      break;
    case Opcode::kMul:
      for (int c = 0; c < kLanes; ++c)
        y[c] = requantise(pass,
                          (value[c] - pass.src_zero_point) * (second[c] - pass.src2_zero_point), c);
      break;
    case Opcode::kMaximum:
      for (int c = 0; c < kLanes; ++c) y[c] = value[c] < second[c] ? second[c] : value[c];
      break;
    case Opcode::kMinimum:
      for (int c = 0; c < kLanes; ++c) y[c] = value[c] < second[c] ? value[c] : second[c];
      break;
    default:  // maxpool
      for (int c = 0; c < kLanes; ++c) y[c] = value[c];
  }
  // Clamped before the zero point is added, which may lead beyond 32 bits.
  const int32_t least = pass.clamp_min - pass.zero_point, most = pass.clamp_max - pass.zero_point;
  for (int c = 0; c < kLanes; ++c) {
    const int32_t above = y[c] < least ? least : y[c];
    const int32_t clamped = (above < most ? above : most) + pass.zero_point;
    out[c] = static_cast<int8_t>(c < pass.valid_lanes ? clamped : 0);
  }
}

}  // namespace weft::emulator::loops
