// Jobs: what the device is given to do, and how it ended.
#pragma once

#include <array>
#include <cstdint>

#include "driver/memory.h"
#include "weft_gen/isa.h"

namespace weft::driver {

struct RegionGrant {
  uint64_t base = 0, bytes = 0;  // multiples of 64
  bool readable = false, writable = false;
};

struct Job {
  uint64_t config_hash = 0;
  uint32_t descriptor_region = 0;
  uint64_t descriptor_offset = 0;  // bytes
  uint32_t descriptor_count = 0;
  std::array<RegionGrant, isa::kNumRegions> regions{};
};

// The device's completion record; or, where it could not write one, its error registers.
struct Completion {
  isa::ErrorCode code = isa::ErrorCode::kNone;
  uint32_t engine = 0;    // isa::Engine, or 7: control
  uint32_t index = 0;     // descriptor
  uint32_t response = 0;  // AXI, of a bus error
  uint64_t address = 0;   // of a bus or region error
  uint64_t cycles = 0;
  bool recorded = true;  // false: from the registers
};

// The device's job ring, run one job at a time. Takes the device over when made: whatever
// it did before is abandoned by a soft reset.
class JobQueue {
 public:
  // Error(device) where there is no Weft, or one of another instruction set version.
  JobQueue(Device& device, MemoryPool& pool);
  // Stops the device from taking jobs.
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  // Runs a job to its end. After an error the device is ready for the next one. Error(timeout)
  // where it does not end within `max_cycles`; it is then abandoned by a soft reset.
  Completion run(const Job& job, uint64_t max_cycles);

  // Cycles without progress after which the hardware ends a job; 0: never.
  void set_watchdog(uint32_t cycles);

 private:
  void soft_reset();
  Completion read_completion(uint64_t entry, uint64_t id);

  Device& device_;
  Buffer ring_;
  uint16_t head_ = 0;
  uint64_t next_id_ = 1;
};

}  // namespace weft::driver
