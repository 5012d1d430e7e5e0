// acc[m][c] += sum over r of act[m][r] * wgt[r][c], 32-bit wrapping: what the array does with
// one K tile.
#pragma once

#include <cstdint>

namespace weft::emulator {

// act: m x lanes, wgt: lanes x lanes, acc: m x lanes. lanes is 4, 8, 16 or 32.
void multiply_tile(const int8_t* act, const int8_t* wgt, int32_t* acc, int m, int lanes);

}  // namespace weft::emulator
