// The emulator as a Device: a Controller with its memory. It has no time: jobs run to their end
// inside the register write that lets them begin.
#pragma once

#include <cstdint>
#include <vector>

#include "driver/backend.h"
#include "emulator/controller.h"

namespace weft::emulator {

class EmulatorDevice final : public driver::Device, private Dram {
 public:
  // `kernels`: see Machine.
  EmulatorDevice(const isa::HardwareConfig& config, const driver::DeviceOptions& options,
                 const Kernels* kernels = nullptr);

  std::string backend() const override { return "emulator"; }
  std::string config() const override { return std::string(config_.name); }
  uint32_t read_register(uint32_t offset) override { return controller_.read_register(offset); }
  void write_register(uint32_t offset, uint32_t value) override;
  uint64_t memory_base() const override;
  uint64_t memory_bytes() const override { return memory_.size(); }
  void read_memory(uint64_t address, std::span<uint8_t> out) override;
  void write_memory(uint64_t address, std::span<const uint8_t> data) override;
  bool wait_interrupt(uint64_t) override { return controller_.interrupt(); }
  uint64_t cycle() const override { return 0; }
  void enable_trace(bool) override {}
  std::vector<driver::TraceEvent> take_trace() override { return {}; }
  std::vector<uint8_t> read_on_chip(driver::OnChip memory) override;
  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) override;

 private:
  DramAnswer read(uint64_t address, uint64_t bytes) override;
  uint32_t write(uint64_t address, std::span<const uint8_t> data) override;

  // nullptr: not all in the memory.
  uint8_t* find(uint64_t address, uint64_t bytes);
  uint32_t refusal(uint64_t address, uint64_t bytes) const;
  uint8_t* host(uint64_t address, uint64_t bytes);

  const isa::HardwareConfig& config_;
  std::vector<uint8_t> memory_;
  const uint64_t error_window_bytes_;
  Controller controller_;
};

}  // namespace weft::emulator
