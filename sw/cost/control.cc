#include "cost/control.h"

namespace weft::cost {

Control::Control(std::span<const Descriptor> job, std::span<DescriptorTiming> timing,
                 const isa::HardwareConfig& config)
    : job_(job),
      timing_(timing),
      line_beats_(static_cast<uint32_t>(isa::kDescriptorBytes / config.bus_bytes())),
      queue_depth_(static_cast<size_t>(config.queue_depth)) {}

bool Control::finished() const {
  if (sent_ != job_.size()) return false;
  for (size_t e = 0; e < kEngines; ++e) {
    if (!queues_[e].empty() || !flights_[e].empty() || !raises_[e].empty()) return false;
  }
  return true;
}

bool Control::used(const Slots& slots) {
  return std::any_of(slots.begin(), slots.end(), [](const auto& s) { return s.count != 0; });
}

// What the slots up to and including `last` ask of its semaphore.
uint32_t Control::asked(const Slots& slots, size_t last) {
  uint32_t sum = 0;
  for (size_t s = 0; s <= last; ++s) {
    if (slots[s].sem == slots[last].sem) sum += slots[s].count;
  }
  return sum;
}

bool Control::can_take(const Slots& slots) const {
  for (size_t s = 0; s < slots.size(); ++s) {
    if (asked(slots, s) > semaphores_[slots[s].sem]) return false;
  }
  return true;
}

bool Control::can_raise(const Slots& slots) const {
  for (size_t s = 0; s < slots.size(); ++s) {
    if (semaphores_[slots[s].sem] + asked(slots, s) > isa::kSemaphoreMax) return false;
  }
  return true;
}

void Control::done(Cycle now, size_t engine, Cycle offset) {
  const size_t index = flights_[engine].front();
  flights_[engine].pop();
  timing_[index].done = offset + now;
  if (used(job_[index].header.raise)) raises_[engine].push(index);
}

void Control::dispatch(const std::array<bool, kEngines>& full, Progress& progress) {
  const bool line = lines_ > 0;
  const auto consume = [&] {
    --lines_;
    ++room_;
    progress.moved = true;
  };
  switch (state_) {
    case State::kEntry:
      if (line) {
        consume();
        if (++entry_ == kEntryLines) state_ = State::kCheck;
      }
      break;
    case State::kCheck:
      state_ = State::kRun;
      left_ = static_cast<uint32_t>(job_.size());
      progress.moved = true;
      break;
    case State::kRun:
      if (line && !full[static_cast<size_t>(job_[sent_].engine)]) {
        queues_[static_cast<size_t>(job_[sent_].engine)].push(sent_);
        ++sent_;
        consume();
      }
      break;
  }
}

void Control::fetch_line(ReadBus& bus, bool burst, Progress& progress) {
  if (burst) {
    bus.send(ReadBus::kControl, line_beats_);
    --left_;
    --room_;
    progress.moved = true;
  }
  if (bus.beat().valid && bus.beat().client == ReadBus::kControl && bus.beat().last) {
    ++lines_;
    progress.moved = true;
  }
}

}  // namespace weft::cost
