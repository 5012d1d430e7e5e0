#include "cost/packer.h"

namespace weft::cost {

void Packer::take(Cycle now, const isa::ArrayDesc& desc) {
  cutter_ = {};
  cutter_.active = true;
  cutter_.desc = &desc;
  cutter_.left = desc.kc;
  cutter_.iy = desc.y0;
  cutter_.row_address = desc.in_addr + static_cast<uint32_t>(desc.y0) * desc.in_row_pitch;
  cut(now);
}

// The next tile's segments; full_q is up in the cycle after the fourth.
void Packer::cut(Cycle now) {
  const isa::ArrayDesc& desc = *cutter_.desc;
  const int64_t span = int64_t{desc.out_w - 1} * desc.stride_x;
  const auto in_w = static_cast<int64_t>(desc.in_w);
  uint32_t lane = 0;
  cutter_.tile.desc = &desc;
  cutter_.tile.last = cutter_.left == 1;
  for (Segment& s : cutter_.tile.segments) {
    s = {};
    s.valid = cutter_.ky != desc.kh && lane != rows_;
    s.iy = cutter_.iy;
    s.row_address = cutter_.row_address & 0xffff;
    s.first_byte = desc.x0 + int64_t{cutter_.offset};
    if (!s.valid) continue;
    s.len = std::min(desc.kw - cutter_.offset, rows_ - lane);
    const int64_t last_byte = s.first_byte + s.len - 1 + span;
    s.in_x = last_byte >= 0 && s.first_byte < in_w;
    s.first_word = needed_from(s.first_byte);
    s.last_word = needed_from(std::min(last_byte, in_w - 1));
    lane += s.len;
    cutter_.offset += s.len;
    if (cutter_.offset == desc.kw) {
      ++cutter_.ky;
      cutter_.offset = 0;
      cutter_.iy += desc.dil_y;
      cutter_.row_address += desc.dil_y * desc.in_row_pitch;
    }
  }
  --cutter_.left;
  cutter_.full_at = now + 1 + kSegments;
}

void Packer::look() {
  plan_ready_ = !cutter_.active;
  busy_ = cutter_.active || !queue_.empty() || state_ != State::kIdle || valid_;
}

bool Packer::window_ok(const Window& w, const Segment& s) const {
  const auto in_w = static_cast<int64_t>(tile_.desc->in_w);
  const int64_t end = w.position + s.len - 1;
  if (!w.row || w.end || end < 0 || w.position >= in_w) return true;
  const uint32_t first = needed_from(w.position);
  const uint32_t last = needed_from(std::min(end, in_w - 1));
  return w.head == first && w.count > (first != last ? 1 : 0);
}

void Packer::look_at(Window& w, const Segment& s, bool step, bool row_last) const {
  w.ending = w.end || (step && row_last);
  uint32_t keep_from = needed_from(w.position);
  if (w.ending) {
    keep_from = s.last_word + 1;
  } else if (step) {
    keep_from = needed_from(w.position + tile_.desc->stride_x);
  }
  keep_from = std::min(keep_from, s.last_word + 1);
  w.pop = 0;
  if (w.row && keep_from > w.head) w.pop = std::min(keep_from - w.head > 1 ? 2 : 1, w.count);
  w.done = !w.row || (w.ending && w.head + static_cast<uint32_t>(w.pop) == s.last_word + 1);
}

void Packer::step(Cycle now, bool vector_ready, ActMemory& act, Progress& progress) {
  if (still()) return;
  const bool cut_valid = cutter_.active && now >= cutter_.full_at;
  const bool tile_valid = !queue_.empty();
  if (cutter_.active) progress.at(now, cutter_.full_at);

  // Outputs.
  bool all_ok = true, all_done = true;
  bool row_last = false, tile_last = false;
  if (state_ != State::kIdle) {
    row_last = ox_ == tile_.desc->out_w - 1;
    tile_last = row_last && oy_ == tile_.desc->out_h - 1;
    for (size_t j = 0; j < kSegments; ++j)
      all_ok = all_ok && window_ok(windows_[j], tile_.segments[j]);
  }
  const bool step = state_ == State::kRun && all_ok && (!valid_ || vector_ready);
  for (size_t j = 0; j < kSegments && state_ != State::kIdle; ++j) {
    look_at(windows_[j], tile_.segments[j], step, row_last);
    all_done = all_done && windows_[j].done;
  }
  const bool row_next = step && row_last && !tile_last && all_done;
  const bool row_start = row_next || (state_ == State::kRow && all_done);
  const bool tile_take =
      tile_valid &&
      (state_ == State::kIdle || ((state_ == State::kEnd || (step && tile_last)) && all_done));

  // Prefetch.
  const bool fetch_ready = !fetch_.active;
  const bool give = cut_valid && fetch_ready && !queue_.full();
  int picked = -1;
  if (fetch_.active) {
    for (int i = 0; i < kSegments && picked < 0; ++i) {
      const int j = (fetch_.turn + i) % kSegments;
      if ((fetch_.pending >> j & 1) != 0 && windows_[static_cast<size_t>(j)].room > 0) picked = j;
    }
  }
  const int arriving = fetch_.arriving;
  fetch_.arriving = picked;
  if (give) {
    fetch_.active = fetch_.row_start = true;
    fetch_.tile = cutter_.tile;
    fetch_.oy = 0;
    for (size_t j = 0; j < kSegments; ++j) {
      fetch_.iy[j] = cutter_.tile.segments[j].iy;
      fetch_.row[j] = cutter_.tile.segments[j].row_address;
    }
  } else if (fetch_.active && fetch_.row_start) {
    fetch_.row_start = false;
    fetch_.pending = 0;
    for (size_t j = 0; j < kSegments; ++j) {
      const Segment& s = fetch_.tile.segments[j];
      const bool in = fetch_.iy[j] >= 0 && fetch_.iy[j] < int64_t{fetch_.tile.desc->in_h};
      if (s.valid && s.in_x && in) fetch_.pending |= 1U << j;
      fetch_.word[j] = s.first_word;
    }
    progress.moved = true;
  } else if (picked >= 0) {
    const auto j = static_cast<size_t>(picked);
    act.request(ActMemory::kFeeder, (fetch_.row[j] + fetch_.word[j]) & 0xffff);
    fetch_.turn = (picked + 1) % kSegments;
    if (fetch_.word[j]++ == fetch_.tile.segments[j].last_word) fetch_.pending &= ~(1U << j);
    progress.moved = true;
  } else if (fetch_.active && fetch_.pending == 0) {
    if (++fetch_.oy == fetch_.tile.desc->out_h) {
      fetch_.active = false;
    } else {
      fetch_.row_start = true;
      for (size_t j = 0; j < kSegments; ++j) {
        fetch_.iy[j] += fetch_.tile.desc->stride_y;
        fetch_.row[j] += fetch_.tile.desc->stride_y * fetch_.tile.desc->in_row_pitch;
      }
    }
    progress.moved = true;
  }

  // Windows.
  for (size_t j = 0; j < kSegments; ++j) {
    Window& w = windows_[j];
    const int pop = state_ == State::kIdle ? 0 : w.pop;
    w.count += (arriving == static_cast<int>(j) ? 1 : 0) - pop;
    w.room += pop - (picked == static_cast<int>(j) ? 1 : 0);
    if (pop > 0) progress.moved = true;
    if (row_start) {
      const Segment& s = tile_.segments[j];
      const int64_t iy = iy_[j] + (row_next ? int64_t{tile_.desc->stride_y} : 0);
      w.row = s.valid && s.in_x && inside(iy);
      w.end = false;
      w.position = s.first_byte;
      w.head = s.first_word;
    } else if (state_ != State::kIdle) {
      if (w.done) w.row = false;
      if (w.ending) w.end = true;
      if (step) w.position += tile_.desc->stride_x;
      w.head += static_cast<uint32_t>(pop);
    }
  }
  if (arriving >= 0) progress.moved = true;

  // State.
  if (step) {
    vector_ = {ox_ == 0 && oy_ == 0, tile_last && tile_.last};
    valid_ = true;
  } else if (vector_ready) {
    valid_ = false;
  }
  const State before = state_;
  switch (state_) {
    case State::kIdle:
      if (tile_take) state_ = State::kRow;
      break;
    case State::kRow:
      if (row_start) state_ = State::kRun;
      break;
    case State::kRun:
      if (tile_take) {
        state_ = State::kRow;
      } else if (step && tile_last) {
        state_ = State::kEnd;
      } else if (step && row_last && !row_next) {
        state_ = State::kRow;
      }
      break;
    case State::kEnd:
      if (all_done) state_ = tile_take ? State::kRow : State::kIdle;
      break;
  }
  if (step || tile_take || row_start || give || state_ != before) progress.moved = true;
  if (tile_take) {
    tile_ = queue_.front();
    oy_ = 0;
    for (size_t j = 0; j < kSegments; ++j) iy_[j] = tile_.segments[j].iy;
  } else if (step && row_last) {
    ++oy_;
    for (int64_t& iy : iy_) iy += tile_.desc->stride_y;
  }
  if (row_start) {
    ox_ = 0;
  } else if (step) {
    ++ox_;
  }
  if (tile_take) queue_.pop();
  if (give) {
    queue_.push(cutter_.tile);
    if (cutter_.tile.last) {
      cutter_.active = false;
    } else {
      cut(now);
    }
  }
}

}  // namespace weft::cost
