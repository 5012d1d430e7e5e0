// Values on their way into descriptor fields.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace weft::compiler {

// A field's value; the encoder refuses what does not fit it, so nothing is cut off here.
inline uint32_t field(int64_t value) {
  return static_cast<uint32_t>(std::clamp<int64_t>(value, 0, std::numeric_limits<uint32_t>::max()));
}

// On-chip addresses and pitches are modulo 65536.
inline int64_t wrap16(int64_t value) { return value & 0xffff; }

}  // namespace weft::compiler
