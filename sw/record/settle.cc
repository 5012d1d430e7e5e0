#include "record/settle.h"

#include <algorithm>

#include "weft_gen/registers.h"

namespace weft::record {
namespace {

constexpr uint64_t kCyclesATry = 1000;
constexpr uint64_t kTries = kMostCycles / kCyclesATry;
// Between two looks at a device that is waited for.
constexpr uint64_t kCyclesALook = 100'000;

// An interrupt that is pending would end the wait at once, so none is let through meanwhile.
void let_run(driver::Device& device, const JobRing& ring) {
  device.write_register(regs::kIrqEnableOffset, 0);
  device.wait_interrupt(kCyclesATry);
  device.write_register(regs::kIrqEnableOffset, ring.irq_enable());
}

// No job runs, and none will begin by itself. Between two jobs a device is idle for a cycle, so one
// look says nothing.
bool stands_still(driver::Device& device) {
  const auto busy = [&] {
    return (device.read_register(regs::kStatusOffset) & regs::kStatusBusyMask) != 0;
  };
  return !busy() && !busy();
}

}  // namespace

TimingBits timing_bits(uint32_t offset) {
  TimingBits bits;
  if (offset >= regs::kCounterBase) bits.exact = 0;
  for (const regs::FieldInfo& f : regs::kRegisterFields) {
    if (f.offset != offset || f.timing == regs::Timing::kNone) continue;
    const auto mask = static_cast<uint32_t>(((uint64_t{1} << f.bits) - 1) << f.bit);
    bits.exact &= ~mask;
    if (f.timing == regs::Timing::kBusy) bits.busy |= mask;
    if (f.timing == regs::Timing::kProgress) bits.progress |= mask;
    if (f.timing == regs::Timing::kJobs) bits.jobs |= mask;
  }
  return bits;
}

bool is_behind(uint32_t offset, uint32_t value, uint32_t recorded) {
  const TimingBits bits = timing_bits(offset);
  if ((value & ~recorded & bits.busy) != 0) return true;
  if (bits.progress == 0) return false;
  // The half of the count's range before the recorded one is behind it. (Counts begin at bit 0.)
  const uint32_t left = (recorded - value) & bits.progress;
  return left != 0 && left <= bits.progress / 2;
}

uint32_t read_settled(driver::Device& device, const JobRing& ring, uint32_t offset,
                      uint32_t recorded) {
  uint32_t value = device.read_register(offset);
  bool still = false;
  for (uint64_t i = 0; i < kTries && !still && is_behind(offset, value, recorded); ++i) {
    let_run(device, ring);
    still = stands_still(device);  // before the read: it has come as far as it will
    value = device.read_register(offset);
  }
  return value;
}

WaitEnd wait_settled(driver::Device& device, uint64_t max_cycles) {
  uint64_t left = std::min(max_cycles, kMostCycles);
  while (true) {
    const uint64_t piece = std::min(left, kCyclesALook);
    if (device.wait_interrupt(piece)) return WaitEnd::kInterrupt;
    left -= piece;
    if (left == 0) return WaitEnd::kLate;
    if (stands_still(device)) return WaitEnd::kStandsStill;
  }
}

}  // namespace weft::record
