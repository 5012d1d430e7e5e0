// A device that is not what it should be, as a test wants it.
#pragma once

#include <weft/device.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "weft_gen/isa.h"
#include "weft_gen/registers.h"

namespace weft::tb {

// Registers that hold what is written, memory, and the ways to go wrong.
class FakeDevice : public driver::Device {
 public:
  explicit FakeDevice(uint64_t config_hash = 0) {
    registers_[regs::kIdOffset] = regs::kIdReset;
    registers_[regs::kVersionOffset] = static_cast<uint32_t>(isa::kIsaVersion);
    registers_[regs::kConfigHashLoOffset] = static_cast<uint32_t>(config_hash);
    registers_[regs::kConfigHashHiOffset] = static_cast<uint32_t>(config_hash >> 32);
  }

  std::string backend() const override { return "fake"; }
  std::string config() const override { return "tiny"; }
  uint32_t read_register(uint32_t offset) override {
    ++reads;
    if (refuse_after > 0 && --refuse_after == 0) throw Error(ErrorKind::kIo, "the card is gone");
    if (offset == regs::kControlOffset && resets_end)
      registers_[offset] &= ~regs::kControlSoftResetMask;
    if (offset == regs::kRingTailOffset && ends) return registers_[regs::kRingHeadOffset];
    return registers_[offset];
  }
  void write_register(uint32_t offset, uint32_t value) override {
    registers_[offset] = value;
    if (offset == regs::kControlOffset && (value & regs::kControlSoftResetMask) != 0)
      registers_[regs::kRingTailOffset] = registers_[regs::kRingHeadOffset];
  }
  uint64_t memory_base() const override { return 1 << 20; }
  uint64_t memory_bytes() const override { return memory_.size(); }
  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    std::copy_n(memory_.begin() + static_cast<long>(address - memory_base()), out.size(),
                out.begin());
  }
  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    std::copy(data.begin(), data.end(),
              memory_.begin() + static_cast<long>(address - memory_base()));
  }
  bool wait_interrupt(uint64_t) override {
    ++waits;
    return interrupts;
  }
  uint64_t cycle() const override { return 0; }
  void enable_trace(bool) override {}
  std::vector<driver::TraceEvent> take_trace() override { return {}; }

  uint32_t& reg(uint32_t offset) { return registers_[offset]; }

  uint64_t refuse_after = 0;  // the so-many-th register read is refused
  bool resets_end = true, interrupts = false;
  bool ends = false;  // whatever it is given has ended
  uint64_t reads = 0, waits = 0;

 private:
  std::map<uint32_t, uint32_t> registers_;
  std::vector<uint8_t> memory_ = std::vector<uint8_t>(1 << 20);
};

}  // namespace weft::tb
