// The emulator's inner loops over the lanes of a word, once for each instruction set of the host
// that has something to give: all compute the same to the bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "weft_gen/isa.h"

namespace weft::emulator {

constexpr int kMostLanes = 32;

// Words of int8 lanes, `step` bytes apart (0: the same one again).
struct Run {
  const int8_t* first = nullptr;
  ptrdiff_t step = 0;
  int count = 0;
};

// How a tap joins what its window has so far.
enum class Join { kFirst, kSum, kMaximum };

// What all outputs of a vector pass share.
struct PassConstants {
  isa::Opcode opcode{};
  bool subtract = false;
  int valid_lanes = 0;
  // Of the parameter block, lane by lane.
  int32_t bias[kMostLanes], multiplier[kMostLanes], right_shift[kMostLanes];
  const uint8_t* table = nullptr;
  int32_t zero_point = 0;  // 0 where the opcode has none
  int32_t clamp_min = 0, clamp_max = 0;
  int32_t src_zero_point = 0, src_multiplier = 0, src_right_shift = 0;
  int32_t src2_zero_point = 0, src2_multiplier = 0, src2_right_shift = 0;
};

// Word i of the runs, taken one after the other, is act[i]; sums wrap at 32 bits.
struct Kernels {
  const char* name;
  // acc[i][c] += sum over r of act[i][r] * weights[r][c]: a K tile of the array.
  void (*multiply)(std::span<const Run> act, const int8_t* weights, int32_t* acc);
  // acc[i][c] += act[i][c] * tap[c]: a tap of the depthwise engine.
  void (*weigh)(std::span<const Run> act, const int8_t* tap, int32_t* acc);
  // value[c] = value[c] joined with tap[c].
  void (*join_act)(Join how, const int8_t* tap, int32_t* value);
  void (*join_acc)(Join how, const int32_t* tap, int32_t* value);
  // An output word of a vector pass from its window's value and the word of its second source
  // (nullptr where the opcode has none), which may be `out` itself.
  void (*finish)(const PassConstants& pass, const int32_t* value, const int8_t* second,
                 int8_t* out);
};

// Those that this processor runs, for words of 4, 8, 16 or 32 lanes: plain C++ first, the fastest
// last.
std::span<const Kernels> kernels_of(int lanes);

}  // namespace weft::emulator
