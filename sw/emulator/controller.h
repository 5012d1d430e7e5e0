// The machine's registers and job ring. It has no time: its owner says when a job begins, which
// executes it, and when it has ended, which the host then sees.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "emulator/machine.h"
#include "weft/device.hpp"
#include "weft_gen/registers.h"

namespace weft::emulator {

class Controller {
 public:
  // What was done of a job, for those who reckon its time.
  struct JobWork {
    std::vector<isa::Bytes> descriptors;  // that were executed; of a failed one those before it
    RegionTable regions{};
    bool failed = false;
  };

  // `dram` must outlive it. `kernels`: see Machine.
  Controller(const isa::HardwareConfig& config, Dram& dram, const Kernels* kernels = nullptr);

  // Error(device): refused.
  uint32_t read_register(uint32_t offset);
  void write_register(uint32_t offset, uint32_t value);
  // As a read without its side effects; nothing where it would be refused.
  std::optional<uint32_t> peek_register(uint32_t offset) const;

  bool interrupt() const { return (irq_status_ & irq_enable_) != 0; }

  // Whether the ring has a job that may begin; none runs then.
  bool job_waits() const { return !running_ && enabled_ && !halted_ && head_ != tail_; }
  // Executes it. `work`: what is told of it; nullptr: nothing is kept.
  void begin_job(JobWork* work = nullptr);
  // Its record, counters and interrupt. `cycles` and `counters` (by regs::Counter, added to those
  // that need no time) are what its owner reckons.
  void end_job(uint64_t cycles = 0, std::vector<uint64_t> counters = {});
  // False again when a soft reset has abandoned it.
  bool job_runs() const { return running_; }

  // An on-chip memory, as driver::Device has it.
  std::span<uint8_t> on_chip(driver::OnChip memory);

 private:
  struct JobError {
    Fault fault;
    uint32_t engine = 0;
    uint32_t index = 0;
  };

  // Runs the job at `entry`; true: its completion record is to be written.
  bool run_job(uint64_t entry, JobWork* work);
  void run_descriptors(uint64_t first, uint32_t count, JobWork* work);
  // 0, or the AXI response that refuses it.
  uint32_t write_record(uint64_t cycles);
  void soft_reset();
  uint64_t counter(uint32_t index) const;

  const isa::HardwareConfig& config_;
  Dram& dram_;
  Machine machine_;
  // Registers with state.
  bool enabled_ = false, halted_ = false;
  uint32_t irq_status_ = 0, irq_enable_ = 0, ring_log2_ = 0, watchdog_ = regs::kWatchdogReset;
  uint64_t ring_base_ = 0;
  uint16_t head_ = 0, tail_ = 0;
  uint32_t latched_ = 0;
  JobError last_error_;
  // The job that runs, or ran last.
  bool running_ = false, recorded_ = false;
  uint64_t entry_ = 0, id_ = 0;
  JobError error_;
  uint64_t fetched_bytes_ = 0;  // job entry and descriptors
  std::vector<uint64_t> reckoned_;
};

}  // namespace weft::emulator
