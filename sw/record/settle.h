// A device of another speed: it is let run until it has come as far as the recorded one had.
#pragma once

#include <weft/device.hpp>
#include "record/job_ring.h"

namespace weft::record {

// The bits of a register by what their values say between devices of different speed: see
// configs/registers.yaml.
struct TimingBits {
  uint32_t exact = ~uint32_t{0};  // the same always
  uint32_t busy = 0, progress = 0, jobs = 0;
};
// Of counters none is exact.
TimingBits timing_bits(uint32_t offset);

// Something still goes on that did not when `recorded` was read, or a count is lower.
bool is_behind(uint32_t offset, uint32_t value, uint32_t recorded);

// Longer than so many cycles nothing is waited for.
inline constexpr uint64_t kMostCycles = 1'000'000'000;

// Reads the register until it is not behind; gives up where the device stands still, and after
// kMostCycles. `ring`: of the traffic.
uint32_t read_settled(driver::Device& device, const JobRing& ring, uint32_t offset,
                      uint32_t recorded);

enum class WaitEnd { kInterrupt, kLate, kStandsStill };

// Waits for the interrupt as the recorded host did, but gives up where the device stands still, and
// after kMostCycles.
WaitEnd wait_settled(driver::Device& device, uint64_t max_cycles);

}  // namespace weft::record
