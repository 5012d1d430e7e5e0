#include "cost/transfer.h"

namespace weft::cost {

void DramBursts::step(bool taken, Progress& progress) {
  const bool take = running_ && (!valid_ || taken);
  bool ended = false;
  if (valid_ && taken) progress.moved = true;
  if (take) {
    progress.moved = true;
    const uint64_t address = first_piece_ ? run_ : rest_address_;
    const uint32_t bytes = first_piece_ ? desc_->dram_run : rest_bytes_;
    const uint32_t left = window_ - static_cast<uint32_t>(address % window_);
    const uint32_t piece = std::min(bytes, left);
    first_piece_ = bytes <= left;
    const auto first_lane = static_cast<uint32_t>(address % bus_bytes_);
    const bool run_last = left1_ == 1 && left2_ == 1;
    burst_ = {(first_lane + piece + bus_bytes_ - 1) / bus_bytes_, first_lane,
              (first_lane + piece - 1) % bus_bytes_, first_piece_ && run_last};
    if (!first_piece_) {
      rest_address_ = address + piece;
      rest_bytes_ = bytes - piece;
    } else if (run_last) {
      ended = true;
    } else if (left1_ == 1) {
      run_ = group_ += static_cast<uint64_t>(int64_t{desc_->dram_stride2});
      left1_ = desc_->dram_count1;
      --left2_;
    } else {
      run_ += static_cast<uint64_t>(int64_t{desc_->dram_stride1});
      --left1_;
    }
  }
  if (take || taken) valid_ = take;
  if (running_ && !ended) return;
  running_ = !nests_.empty();
  if (!running_) return;
  progress.moved = true;
  desc_ = nests_.front().desc;
  run_ = group_ = nests_.front().address;
  nests_.pop();
  left1_ = desc_->dram_count1;
  left2_ = desc_->dram_count2;
}

void LoadEngine::request(ActMemory& act) {
  ready_ = bursts_.nest_ready() && words_.nest_ready();
  if (!writes_.empty() && writes_.front().act) {
    act.request(ActMemory::kLoad, writes_.front().address);
  }
}

void LoadEngine::step(Cycle now, const ActMemory& act, ReadBus& bus, bool bus_free,
                      Progress& progress) {
  busy_ = beat_taken_ = false;
  if (words_.idle() && bursts_.idle() && writes_.empty()) return;
  const bool write_ready = !writes_.full();
  busy_ = !writes_.empty() && (!writes_.front().act || act.granted(ActMemory::kLoad));
  if (!writes_.empty()) progress.moved = true;
  if (busy_) {
    if (writes_.front().last) done_at_ = now + 1;
    writes_.pop();
  }

  const bool beat = bus.beat().valid && bus.beat().client == ReadBus::kLoad;
  const bool in_valid = beat && !nest_read_;
  uint32_t in_bytes = 0;
  if (in_valid) {
    const DramBursts::Burst& info = infos_.front();
    const uint32_t first = first_beat_ ? info.first_lane : 0;
    in_bytes = (bus.beat().last ? info.last_lane : bus_bytes_ - 1) - first + 1;
  }
  const bool want = words_.valid();
  const uint32_t out_bytes = want ? words_.bytes() : 0;
  const auto [in_ready, out_valid] =
      realign_.look(in_valid, in_bytes, want, out_bytes, write_ready);
  const bool take = in_valid && in_ready;
  const bool give = out_valid && write_ready;
  realign_.move(take, in_bytes, give, out_bytes);
  beat_taken_ = take;
  if (give) {
    writes_.push({words_.memory() == isa::Memory::kAct, words_.last(), words_.address()});
  }
  const bool nest_end = give && words_.last();
  if (take) first_beat_ = bus.beat().last;
  nest_read_ = (nest_read_ || (take && bus.beat().last && infos_.front().nest_last)) && !nest_end;
  words_.step(give, progress);

  const bool sent = bursts_.offered() && !infos_.full() && bus_free && bus.room();
  if (sent) bus.send(ReadBus::kLoad, bursts_.burst().beats);
  const DramBursts::Burst burst = bursts_.burst();
  if (take && bus.beat().last) infos_.pop();
  if (sent) infos_.push(burst);
  bursts_.step(sent, progress);
}

void StoreEngine::request(ActMemory& act) {
  ready_ = bursts_.nest_ready() && words_.nest_ready();
  if (wants_word()) act.request(ActMemory::kStore, words_.address());
}

void StoreEngine::step(Cycle now, const ActMemory& act, WriteBus& bus, Progress& progress) {
  busy_ = false;
  if (words_.idle() && bursts_.idle() && responses_.empty()) return;

  // Words to beats.
  const bool info = !infos_.empty();
  const bool in_valid = !pieces_.empty() && !nest_given_;
  const uint32_t in_bytes = in_valid ? pieces_.front().bytes : 0;
  uint32_t out_bytes = 0;
  bool last_beat = false;
  if (info) {
    const DramBursts::Burst& burst = infos_.front();
    last_beat = beat_ + 1 == burst.beats;
    out_bytes =
        (last_beat ? burst.last_lane : bus_bytes_ - 1) - (beat_ == 0 ? burst.first_lane : 0) + 1;
  }
  const auto [in_ready, out_valid] =
      realign_.look(in_valid, in_bytes, info, out_bytes, bus.beat_room());
  const bool take = in_valid && in_ready;
  const bool give = out_valid && bus.beat_room();
  realign_.move(take, in_bytes, give, out_bytes);
  if (give) bus.send_beat(last_beat);
  const bool nest_end = give && last_beat && infos_.front().nest_last;
  nest_given_ = (nest_given_ || (take && pieces_.front().last)) && !nest_end;
  if (take || give) progress.moved = true;

  // Responses.
  if (bus.response()) {
    if (responses_.front()) done_at_ = now + 1;
    progress.moved = true;
  }

  // Bursts.
  const bool sent = bursts_.offered() && !infos_.full() && !responses_.full() && bus.room();
  const DramBursts::Burst burst = bursts_.burst();
  if (bus.response()) responses_.pop();
  if (give) beat_ = last_beat ? 0 : beat_ + 1;
  if (give && last_beat) infos_.pop();
  if (sent) {
    bus.send(burst.beats);
    infos_.push(burst);
    responses_.push(burst.nest_last);
  }
  bursts_.step(sent, progress);

  // Reads.
  const bool wants = wants_word();
  busy_ = wants && act.granted(ActMemory::kStore);
  if (wants) progress.moved = true;
  if (take) pieces_.pop(), --used_;
  if (fetched_.bytes > 0) {
    pieces_.push(fetched_);
    progress.moved = true;
  }
  fetched_ = {};
  if (busy_) {
    fetched_ = {words_.bytes(), words_.last()};
    ++used_;
  }
  words_.step(busy_, progress);
}

}  // namespace weft::cost
