// A device that runs a job only when it is waited for, one at each wait, and that can go wrong in every
// way a real one can: for what happens between submitting a job and its end.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "driver/forwarding_device.h"
#include "weft_gen/isa.h"
#include "weft_gen/registers.h"

namespace weft::tb {

class LateDevice final : public driver::ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;

  // Switches, from any thread.
  std::atomic<bool> held = false;       // no job begins
  std::atomic<bool> dead = false;       // all registers read as ones
  std::atomic<bool> refuses = false;    // register accesses throw
  std::atomic<bool> resets_end = true;  // else a soft reset hangs
  // The next wait for a job throws. The job runs on until a soft reset, and writes all over the memory
  // that was granted to it.
  std::atomic<bool> hiccup = false;
  std::atomic<int> hang_at = -1;           // that job, counted from 0, never ends
  std::atomic<int> spoil_at = -1;          // that job's entry has a wrong configuration
  std::atomic<uint64_t> most_waiting = 0;  // jobs that were in the ring at a time
  std::atomic<int> begun = 0, resets = 0;

  uint32_t read_register(uint32_t offset) override {
    check();
    if (dead) return ~0U;
    if (offset == regs::kRingHeadOffset) return head_;
    uint32_t value = inner().read_register(offset);
    if (offset == regs::kControlOffset && !resets_end) value |= regs::kControlSoftResetMask;
    return value;
  }

  void write_register(uint32_t offset, uint32_t value) override {
    check();
    if (dead) return;
    if (offset == regs::kRingHeadOffset) {
      head_ = static_cast<uint16_t>(value);
      most_waiting = std::max<uint64_t>(most_waiting, static_cast<uint16_t>(head_ - given_));
      return;
    }
    if (offset == regs::kControlOffset && (value & regs::kControlSoftResetMask) != 0) {
      // As the hardware: what was in the ring is gone.
      ++resets;
      inner().write_register(offset, 0);
      inner().write_register(regs::kRingHeadOffset, head_);
      given_ = head_;
      running_ = {};
    }
    inner().write_register(offset, value);
  }

  bool wait_interrupt(uint64_t max_cycles) override {
    check();
    if (dead) return false;
    // Cycles take time, or every limit would be over at once.
    if (held || begun == hang_at) std::this_thread::sleep_for(std::chrono::microseconds(100));
    if (held || given_ == head_) return inner().wait_interrupt(max_cycles);
    if (hiccup.exchange(false)) {
      running_ = writable_memory();
      fail(ErrorKind::kIo, "a hiccup of the bus");
    }
    const int job = begun;
    if (job == hang_at) return false;
    if (job == spoil_at) spoil_entry();
    ++begun;
    inner().write_register(regs::kRingHeadOffset, ++given_);
    return inner().wait_interrupt(max_cycles);
  }

  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    inner().write_memory(address, data);
    for (const auto& [first, last] : running_) {
      const uint64_t from = std::max(first, address), to = std::min(last, address + data.size());
      if (from < to) inner().write_memory(from, std::vector<uint8_t>(to - from, 0x55));
    }
  }

 private:
  using Extents = std::vector<std::pair<uint64_t, uint64_t>>;

  void check() const {
    if (refuses) fail(ErrorKind::kDevice, "the card was pulled out");
  }
  uint64_t entry_address() {
    const uint64_t base = uint64_t{inner().read_register(regs::kRingBaseHiOffset)} << 32 |
                          inner().read_register(regs::kRingBaseLoOffset);
    const uint64_t entries = uint64_t{1} << inner().read_register(regs::kRingSizeOffset);
    return base + given_ % entries * isa::kJobBytes;
  }
  void spoil_entry() {
    const std::vector<uint8_t> wrong(isa::kJobConfigHashBytes, 0xee);
    inner().write_memory(entry_address() + isa::kJobConfigHashByte, wrong);
  }
  // Of the next job.
  Extents writable_memory() {
    Extents extents;
    std::vector<uint8_t> grants(size_t{16} * isa::kNumRegions);
    inner().read_memory(entry_address() + isa::kJobRegionsByte, grants);
    for (size_t r = 0; r < grants.size(); r += 16) {
      const uint64_t base = load_le64(&grants[r]);
      if ((base & 2) != 0) extents.emplace_back(base & ~uint64_t{63}, load_le64(&grants[r + 8]));
    }
    return extents;
  }

  uint16_t head_ = 0, given_ = 0;  // of the ring: rung by the driver, passed on
  Extents running_;                // what the job may write that runs since a hiccup
};

}  // namespace weft::tb
