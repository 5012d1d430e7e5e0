// The hardware's counters, of the job that ran last.
#pragma once

#include <array>
#include <cstdint>

#include "weft/device.hpp"
#include "weft_gen/registers.h"

namespace weft::driver {

using Counters = std::array<uint64_t, regs::kNumCounters>;  // regs::Counter

// While no job runs: the next one clears them.
inline Counters read_counters(Device& device) {
  Counters counters{};
  for (size_t c = 0; c < counters.size(); ++c) {
    const uint32_t offset = regs::counter_offset(static_cast<regs::Counter>(c));
    const uint32_t low = device.read_register(offset);  // latches the high half
    counters[c] = uint64_t{device.read_register(offset + 4)} << 32 | low;
  }
  return counters;
}

}  // namespace weft::driver
