// Jobs: what the device is given to do, and how it ended.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <vector>

#include <weft/core.h>

#include "driver/core_host.h"
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

// The device's job ring (the C core's, weft/core.h): jobs are submitted, run in their order, and are
// each reported once. Takes the device over when made: whatever it did before is abandoned by a
// soft reset. Belongs to one thread at a time, as the device does.
class JobQueue {
 public:
  static constexpr uint32_t kEntries = 16;  // jobs in flight at most
  // Of the device's memory: the ring and, behind it, what takes a session's regions to 1 KiB into a page
  // of 4 KiB. Where they begin decides how their bursts are cut: known cycle counts and
  // cost/estimate.cc have it so.
  static constexpr uint64_t kMemoryBytes = uint64_t{kEntries} * WEFT_JOB_BYTES + 1024;

  // Error(device) where there is no Weft, Error(mismatch) one of another instruction set version.
  JobQueue(Device& device, MemoryPool& pool);
  // Stops the device from taking jobs.
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  // Jobs submitted and not yet reported.
  size_t in_flight() const;
  bool full() const { return in_flight() >= kEntries; }

  // Gives the device a job; its id. Error(invalid_argument) when full.
  uint64_t submit(const Job& job);

  struct Ended {
    uint64_t id = 0;
    Completion completion;
  };
  // The jobs that have ended, in order, without waiting. After one that failed the device goes on
  // with the next. Here and in wait() an error is that of the oldest job not yet reported: those that
  // ended before it are returned first, and the next call throws.
  std::vector<Ended> poll();
  // Lets the device run until at least one has ended; empty: `max_cycles` have passed, or nothing is
  // in flight.
  std::vector<Ended> wait(uint64_t max_cycles);
  // Gives up, by a soft reset, the jobs that have not ended; their ids, and those of jobs of which nobody
  // knows how they ended. Those that had ended come with the next poll(). The queue is ready for the
  // next job.
  std::vector<uint64_t> abandon();

  // Runs a job to its end. After an error the device is ready for the next one. Error(timeout)
  // where it does not end within `max_cycles`; it is then abandoned. Error(invalid_argument) while
  // others are in flight.
  Completion run(const Job& job, uint64_t max_cycles);

  // Cycles without progress after which the hardware ends a job; 0: never.
  void set_watchdog(uint32_t cycles);

 private:
  void take(std::vector<Ended>& to, const weft_core_ended& ended);
  void take_ended(std::vector<Ended>& to);

  CoreHost host_;
  Buffer ring_;
  weft_core_queue queue_{};
  std::vector<Ended> kept_;  // ended before an abandon, not yet reported
  std::vector<uint64_t> given_up_;
  std::exception_ptr postponed_;  // what comes after the jobs that were returned
};

}  // namespace weft::driver
