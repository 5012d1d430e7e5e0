// Control: rtl/ctl/. A job's entry and descriptors are fetched ahead, sent in program order to the
// queues of their engines, begin when their semaphores are there, and raise when they are done.
#pragma once

#include <span>
#include <vector>

#include "cost/bus.h"
#include "cost/estimate.h"
#include "cost/parts.h"

namespace weft::cost {

class Control {
 public:
  static constexpr size_t kEngines = isa::kNumEngines;
  static constexpr uint32_t kLines = 8;       // weft_fetch.sv: Depth
  static constexpr uint32_t kEntryLines = 3;  // weft_job.sv: EntryLines
  static constexpr size_t kMostQueued = 256;  // of any configuration: weftgen's limit
  static constexpr size_t kFlying = 32;       // weft_issue.sv: Flying

  Control(std::span<const Descriptor> job, std::span<DescriptorTiming> timing,
          const isa::HardwareConfig& config);

  // Of a cycle's beginning: all descriptors are done and nothing is raised any more.
  bool finished() const;
  bool flying(size_t engine) const { return !flights_[engine].empty(); }
  // The descriptor that an engine has held longest.
  size_t oldest(size_t engine) const { return flights_[engine].front(); }
  bool waiting(size_t engine) const { return waiting_[engine]; }
  bool wants_burst() const { return left_ > 0 && room_ > 0; }

  void done(Cycle now, size_t engine, Cycle offset);
  // `ready(engine, descriptor)`: the engine could take it; `accept` gives it.
  template <class Ready, class Accept>
  void step(Cycle now, Cycle offset, ReadBus& bus, Ready ready, Accept accept, Progress& progress);

 private:
  enum class State { kEntry, kCheck, kRun };
  using Slots = std::array<isa::SemaphoreSlot, isa::kSemaphoreSlots>;

  static bool used(const Slots& slots);
  static uint32_t asked(const Slots& slots, size_t last);
  bool can_take(const Slots& slots) const;
  bool can_raise(const Slots& slots) const;
  void fetch_line(ReadBus& bus, bool burst, Progress& progress);
  void dispatch(const std::array<bool, kEngines>& full, Progress& progress);

  std::span<const Descriptor> job_;
  std::span<DescriptorTiming> timing_;
  const uint32_t line_beats_;
  const size_t queue_depth_;

  State state_ = State::kEntry;
  uint32_t left_ = kEntryLines, room_ = kLines;  // lines to ask for; room for them
  uint32_t lines_ = 0, entry_ = 0;               // lines here; lines of the entry seen
  size_t sent_ = 0;                              // descriptors dispatched
  std::array<Fifo<size_t, kMostQueued>, kEngines> queues_;
  std::array<Fifo<size_t, kFlying>, kEngines> flights_, raises_;
  std::array<bool, kEngines> waiting_{};
  std::array<uint32_t, isa::kNumSemaphores> semaphores_{};
};

template <class Ready, class Accept>
void Control::step(Cycle now, Cycle offset, ReadBus& bus, Ready ready, Accept accept,
                   Progress& progress) {
  // What everything below sees of this cycle's beginning.
  std::array<bool, kEngines> full{}, raising{};
  for (size_t e = 0; e < kEngines; ++e) {
    full[e] = queues_[e].size() == queue_depth_;
    raising[e] = !raises_[e].empty();
  }
  const bool burst = wants_burst() && bus.room();

  // One engine's raises a cycle, the lowest's that fit.
  const Slots* raise = nullptr;
  for (size_t e = 0; e < kEngines && raise == nullptr; ++e) {
    if (!raising[e] || !can_raise(job_[raises_[e].front()].header.raise)) continue;
    raise = &job_[raises_[e].front()].header.raise;
    raises_[e].pop();
    progress.moved = true;
  }
  // Heads: one that waits for semaphores a cycle, the lowest that can have them.
  bool taken = false;
  for (size_t e = 0; e < kEngines && state_ == State::kRun; ++e) {
    waiting_[e] = false;
    if (queues_[e].empty()) continue;
    const size_t index = queues_[e].front();
    const Descriptor& d = job_[index];
    if (!ready(e, d) || flights_[e].size() + raises_[e].size() >= kFlying) continue;
    if (used(d.header.wait)) {
      waiting_[e] = taken || !can_take(d.header.wait);
      if (waiting_[e]) continue;
      taken = true;
      for (const isa::SemaphoreSlot& s : d.header.wait) semaphores_[s.sem] -= s.count;
    }
    queues_[e].pop();
    flights_[e].push(index);
    timing_[index].begin = offset + now;
    accept(e, d, index);
    progress.moved = true;
  }
  if (raise != nullptr) {
    for (const isa::SemaphoreSlot& s : *raise) semaphores_[s.sem] += s.count;
  }
  dispatch(full, progress);
  fetch_line(bus, burst, progress);
}

}  // namespace weft::cost
