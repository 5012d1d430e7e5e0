// On-chip addresses are computed modulo 65536, as the descriptors' fields are.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::emulator {

constexpr size_t wrap16(int64_t value) { return static_cast<size_t>(value & 0xffff); }

}  // namespace weft::emulator
