// A compiled network on a device, ready to run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driver/counters.h"
#include "driver/job_queue.h"
#include "driver/loaded_program.h"
#include "program/program.h"

namespace weft::driver {

// What a run cost. All zero on a backend without time, but for the traffic.
struct RunStatistics {
  uint64_t cycles = 0;           // from the job's fetch to its last descriptor's end
  uint64_t dram_read_bytes = 0;  // whole bus beats, descriptors included
  uint64_t dram_write_bytes = 0;
  double host_seconds = 0;  // of the operators that the host ran
  // By layer: from the end of the layer before to its own last vector pass; the last layer's also
  // holds what follows. Layers that overlap so that one ends before its predecessor have 0.
  std::vector<uint64_t> layer_cycles;
  Counters counters{};
};

// What was seen of a job, in cycles as Device::cycle() counts them.
struct JobTrace {
  uint32_t first = 0, count = 0;  // of the program's descriptors
  uint64_t start = 0;             // when the doorbell was rung
  uint64_t cycles = 0;            // from its fetch to its last descriptor's end
  std::vector<TraceEvent> events;
  std::vector<MemoryBurst> bursts;
  std::vector<ActivityChange> activity;
};

class Session {
 public:
  // Device memory that `program` and the driver need.
  static uint64_t memory_needed(const program::Program& program);

  // Loads the program's constants and descriptors. The session has the device to itself.
  // Error(mismatch) when the program was compiled for another configuration than the device's,
  // Error(invalid_argument) when it has operators for the host and there is no `host`.
  // `program` must outlive the session.
  Session(Device& device, const program::Program& program, HostRunner host = {});

  // One inference. `inputs`: int8 NHWC, one for each of the program's input tensors, in their order;
  // they are read before the run begins.
  // Error(invalid_argument) names an input of the wrong size; Error(device) says how the job failed
  // and leaves the session usable; Error(timeout) likewise.
  void run(InputSpans inputs);
  void run(const Inputs& inputs) { run(spans_of(inputs)); }

  // From the next run() on: keeps what the device shows of each job.
  void record_jobs(bool record);
  // Of the last run(), in order.
  const std::vector<JobTrace>& jobs() const { return jobs_; }

  // The bytes of a tensor that the program keeps in DRAM (inputs, outputs, spills), int8 NHWC.
  // Error(not_found) lists them.
  std::vector<int8_t> read_tensor(const std::string& name) const;
  // The same into `out`, which has as many; else Error(invalid_argument).
  void read_tensor(const std::string& name, std::span<int8_t> out) const;

  // Where that tensor's first byte, and a region, lie in the device's memory.
  uint64_t address(const program::Tensor& tensor) const;
  uint64_t region_address(size_t region) const { return loaded_.region_address(0, region); }

  const RunStatistics& statistics() const { return statistics_; }
  static constexpr uint64_t kTimeoutCycles = 1'000'000'000;  // unless set
  void set_timeout(uint64_t cycles) { timeout_cycles_ = cycles; }

 private:
  void run_job(const program::Step& step);
  void run_on_host(const program::HostOp& op);
  const program::Tensor& find(const std::string& name) const;
  void add_statistics(const program::Step& step, uint64_t start_cycle);

  Device& device_;
  const program::Program& program_;
  MemoryPool pool_;
  std::optional<JobQueue> queue_;
  bool in_doubt_ = false;  // it is not known how the last job ended
  LoadedProgram loaded_;
  HostRunner host_;
  RunStatistics statistics_;
  bool recording_ = false;
  std::vector<JobTrace> jobs_;
  std::vector<uint64_t> layer_ends_;  // cycles of all jobs until a layer's last vector pass
  uint64_t timeout_cycles_ = kTimeoutCycles;
};

}  // namespace weft::driver
