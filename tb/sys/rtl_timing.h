// When a program's descriptors begin and end in the RTL, cycle by cycle.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "driver/forwarding_device.h"
#include "driver/session.h"
#include "runtime/devices.h"
#include "runtime/host_ops.h"

namespace weft::tb {

// Passes everything on; keeps the events that the session takes, job by job.
class ListeningDevice final : public driver::ForwardingDevice {
 public:
  struct Job {
    uint64_t start = 0;   // before the doorbell
    uint64_t cycles = 0;  // as its counter has them
    std::vector<driver::TraceEvent> events;
  };

  explicit ListeningDevice(std::unique_ptr<driver::Device> device)
      : ForwardingDevice(std::move(device)) {
    inner().enable_trace(true);
  }
  // A session takes the events twice a job: before it and after it.
  const std::vector<Job>& jobs() const { return jobs_; }

  void enable_trace(bool) override {}
  std::vector<driver::TraceEvent> take_trace() override {
    std::vector<driver::TraceEvent> events = inner().take_trace();
    if (between_) {
      jobs_.push_back({cycle(), 0, {}});
    } else {
      jobs_.back().events = events;
      jobs_.back().cycles = read_register(regs::counter_offset(regs::Counter::kCycles));
    }
    between_ = !between_;
    return events;
  }

 private:
  bool between_ = true;
  std::vector<Job> jobs_;
};

struct RtlTiming {
  driver::RunStatistics statistics;
  std::vector<std::pair<uint64_t, uint64_t>>
      descriptors;  // begin, done; as cost::Estimate has them
};

// The write of the doorbell: a job's first counted cycle is the second after its session's start.
constexpr uint64_t kDoorbell = 1;

// Of inputs of zeros: time does not depend on data.
inline RtlTiming rtl_timing(const program::Program& program, driver::DeviceOptions options) {
  options.memory_bytes = driver::Session::memory_needed(program);
  ListeningDevice device(runtime::make_device("rtl", program.config, options));
  driver::Session session(device, program, runtime::run_host_op);
  std::vector<std::vector<int8_t>> inputs;
  for (const program::Tensor& t : program.tensors) {
    if (t.role == program::TensorRole::kInput) inputs.emplace_back(t.bytes);
  }
  session.run(inputs);
  RtlTiming timing;
  timing.statistics = session.statistics();
  timing.descriptors.resize(program.descriptor_count);
  size_t job = 0;
  uint64_t before = 0;
  for (const program::Step& step : program.steps) {
    if (step.host) continue;
    const ListeningDevice::Job& heard = device.jobs().at(job++);
    for (const driver::TraceEvent& event : heard.events) {
      const uint64_t cycle = event.cycle - heard.start - kDoorbell;
      auto& [begin, done] = timing.descriptors.at(step.first + event.index);
      (event.done ? done : begin) = before + cycle;
    }
    before += heard.cycles;
  }
  return timing;
}

}  // namespace weft::tb
