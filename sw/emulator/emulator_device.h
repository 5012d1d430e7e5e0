// The emulator as a Device: registers, job ring and memory around a Machine. It has no time:
// jobs run to their end inside the register write that lets them begin.
#pragma once

#include <cstdint>
#include <vector>

#include "driver/backend.h"
#include "emulator/machine.h"

namespace weft::emulator {

class EmulatorDevice final : public driver::Device {
 public:
  // `kernels`: see Machine.
  EmulatorDevice(const isa::HardwareConfig& config, const driver::DeviceOptions& options,
                 const Kernels* kernels = nullptr);

  std::string backend() const override { return "emulator"; }
  std::string config() const override { return std::string(config_.name); }
  uint32_t read_register(uint32_t offset) override;
  void write_register(uint32_t offset, uint32_t value) override;
  uint64_t memory_base() const override;
  uint64_t memory_bytes() const override { return memory_.size(); }
  void read_memory(uint64_t address, std::span<uint8_t> out) override;
  void write_memory(uint64_t address, std::span<const uint8_t> data) override;
  bool wait_interrupt(uint64_t max_cycles) override;
  uint64_t cycle() const override { return 0; }
  void enable_trace(bool) override {}
  std::vector<driver::TraceEvent> take_trace() override { return {}; }
  std::vector<uint8_t> read_on_chip(driver::OnChip memory) override;
  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) override;

 private:
  struct JobError {
    Fault fault;
    uint32_t engine = 0;
    uint32_t index = 0;
  };

  DramAnswer bus(uint64_t address, uint64_t bytes);
  std::span<uint8_t> on_chip(driver::OnChip memory);
  uint8_t* host(uint64_t address, uint64_t bytes);
  void run_jobs();
  // Runs the job at `entry`; true: its completion record is to be written.
  bool run_job(uint64_t entry, JobError& error);
  void run_descriptors(uint64_t first, uint32_t count, JobError& error);
  bool write_record(uint64_t entry, const JobError& error);
  void soft_reset();
  uint64_t counter(uint32_t index) const;

  const isa::HardwareConfig& config_;
  std::vector<uint8_t> memory_;
  const uint64_t error_window_bytes_;
  Machine machine_;
  // Registers with state.
  bool enabled_ = false, halted_ = false;
  uint32_t irq_status_ = 0, irq_enable_ = 0, ring_log2_ = 0, watchdog_;
  uint64_t ring_base_ = 0;
  uint16_t head_ = 0, tail_ = 0;
  uint32_t latched_ = 0;
  JobError last_error_;
  uint64_t fetched_bytes_ = 0;  // job entry and descriptors
};

}  // namespace weft::emulator
