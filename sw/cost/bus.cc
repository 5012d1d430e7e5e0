#include "cost/bus.h"

namespace weft::cost {

void ReadBus::tick(Cycle now, bool beat_taken, Progress& progress) {
  bandwidth_.refill(1);
  if (!addresses_.empty() && address_ready_) {
    Burst burst = addresses_.front();
    addresses_.pop();
    burst.due = now + latency_;
    open_.push(burst);
    progress.moved = true;
  }
  if (sent_.beats > 0) {
    addresses_.push(sent_);
    sent_ = {};
    progress.moved = true;
  }
  if (beat_.valid) progress.moved = true;
  if (!beat_.valid || beat_taken) {
    beat_.valid = false;
    if (!open_.empty()) {
      const Burst& burst = open_.front();
      if (burst.due > now + 1) {
        progress.at(now, burst.due - 1);
      } else if (!bandwidth_.may_move()) {
        progress.at(now, now + bandwidth_.wait());
      } else {
        beat_ = {true, ++given_ == burst.beats, burst.client};
        bandwidth_.pay();
        progress.moved = true;
        if (beat_.last) {
          open_.pop();
          given_ = 0;
        }
      }
    }
  }
  address_ready_ = open_.size() < kMemoryBursts;
}

void WriteBus::tick(Cycle now, Progress& progress) {
  const bool beat = !beats_.empty();
  if (!addresses_.empty() && address_ready_) {
    addresses_.pop();
    ++open_;
    progress.moved = true;
  }
  if (beat && beat_ready_) {
    if (beats_.front()) responses_.push(now + latency_);
    beats_.pop();
    progress.moved = true;
  }
  if (beat_sent_) {
    beats_.push(beat_last_);
    if (beat_last_) order_.pop();
    progress.moved = true;
  }
  if (sent_ > 0) {
    addresses_.push(sent_);
    order_.push(sent_);
    progress.moved = true;
  }
  sent_ = 0;
  beat_sent_ = false;
  if (response_) progress.moved = true;
  response_ = false;
  if (!responses_.empty()) {
    if (responses_.front() <= now + 1) {
      response_ = true;
      responses_.pop();
      --open_;
      progress.moved = true;
    } else {
      progress.at(now, responses_.front() - 1);
    }
  }
  address_ready_ = open_ < kMemoryBursts;
  promise_beat(beat);
  if (!beats_.empty()) progress.at(now, now + 1 + (beat_ready_ ? 0 : bandwidth_.wait()));
}

void WriteBus::skip(Cycle cycles) {
  if (bandwidth_.unlimited()) return;
  if (!beat_ready_) {
    const Cycle before = std::min(cycles, bandwidth_.wait() - 1);
    bandwidth_.refill(before);
    cycles -= before;
  }
  // Ready, and the beat given back, after two.
  for (cycles = std::min<Cycle>(cycles, 2); cycles > 0; --cycles) promise_beat(false);
}

}  // namespace weft::cost
