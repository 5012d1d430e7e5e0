#include "cost/depthwise_engine.h"

namespace weft::cost {

void DepthwiseEngine::nest_take() {
  const isa::DepthwiseDesc& d = *plan_.desc;
  nest_ = {};
  nest_.active = true;
  nest_.plan = plan_;
  nest_.first_last = (d.kw - 1) / 2;
  nest_.groups = d.out_w;
  uint32_t words = d.kw;
  if (plan_.sliding) {
    words += (d.out_w - 1) * d.stride_x;
    nest_.groups = (words + 1) / 2 - nest_.first_last;
  }
  nest_.odd = words % 2 != 0;
}

bool DepthwiseEngine::nest_last() const {
  return nest_.pair == nest_.pair_last() && nest_.ky + 1 == nest_.plan.desc->kh &&
         nest_.group + 1 == nest_.groups && nest_.oy + 1 == nest_.plan.desc->out_h;
}

DepthwiseEngine::Pair DepthwiseEngine::pair() const {
  const isa::DepthwiseDesc& d = *nest_.plan.desc;
  const auto column = static_cast<uint32_t>(d.x0) + nest_.column + 2 * nest_.pair * d.dil_x;
  const auto row = static_cast<uint32_t>(d.y0) + nest_.oy * d.stride_y + nest_.ky * d.dil_y;
  const auto ix = static_cast<int32_t>(column), iy = static_cast<int32_t>(row);
  const auto in_w = static_cast<int32_t>(d.in_w);
  const int32_t second_ix = ix + static_cast<int32_t>(d.dil_x);
  const bool second = !(nest_.odd && nest_.pair == nest_.pair_last() &&
                        (nest_.group + 1 == nest_.groups || !nest_.plan.sliding));
  Pair pair;
  const uint32_t address = d.in_addr + row * d.in_row_pitch + column * d.in_col_pitch;
  pair.address = {address & 0xffff, (address + d.dil_x * d.in_col_pitch) & 0xffff};
  if (iy >= 0 && iy < static_cast<int32_t>(d.in_h)) {
    pair.read = {ix >= 0 && ix < in_w, second && second_ix >= 0 && second_ix < in_w};
  }
  return pair;
}

void DepthwiseEngine::nest_next() {
  const isa::DepthwiseDesc& d = *nest_.plan.desc;
  if (nest_.pair != nest_.pair_last()) {
    ++nest_.pair;
    return;
  }
  const uint32_t words = 2 * (nest_.pair_last() + 1);
  nest_.pair = 0;
  if (++nest_.ky < d.kh) return;
  nest_.ky = 0;
  // Sliding, a group begins behind the words of the one before; a first group of two pairs or one.
  nest_.column += nest_.plan.sliding ? words * d.dil_x : d.stride_x;
  if (++nest_.group < nest_.groups) return;
  nest_.group = 0;
  nest_.column = 0;
  if (++nest_.oy == d.out_h) nest_.active = false;
}

// weft_dw_steps.sv: the pairs that the present step shifts in.
uint32_t DepthwiseEngine::pairs_wanted() const {
  const isa::DepthwiseDesc& d = *tile_.desc;
  const bool group_end = group_ + 1 == tile_.groups();
  const uint32_t taps = group_end ? d.kw - kTaps * (tile_.groups() - 1) : kTaps;
  const bool by_two = (d.stride_x & 2) != 0;
  const bool odd = tile_.sliding ? ox_ % 2 != 0 && !by_two : group_ % 2 != 0;
  const uint32_t both = (odd ? 1 : 0) + taps > 2 ? 1 : 0;
  if (!tile_.sliding) return both + (odd ? 0 : 1);
  if (ox_ == 0) return both + 1;
  if (by_two) return 1;
  return (ox_ % 2 != 0) != (taps % 2 != 0) ? 1 : 0;
}

void DepthwiseEngine::request(ActMemory& act) {
  if (!fetching_) return;
  if (fetch_.read[0] && !got_[0]) act.request(ActMemory::kDepthwise0, fetch_.address[0]);
  if (fetch_.read[1] && !got_[1]) act.request(ActMemory::kDepthwise1, fetch_.address[1]);
}

// Words and products move on unless a sum waits; true: the last one of a descriptor was written.
bool DepthwiseEngine::step_lanes(bool run, Progress& progress) {
  const bool written = out_.valid && run;
  const bool ended = written && out_.desc_last;
  if (out_.valid || products_.valid || words_.valid) progress.moved = true;
  if (run) {
    out_ = products_;
    out_.valid = products_.valid && products_.last;
    products_ = words_;
    words_ = {};
  }
  return ended;
}

void DepthwiseEngine::step_steps(bool fire) {
  const bool waiting = !tiles_.empty();
  bool tile_end = false;
  if (fire) {
    const isa::DepthwiseDesc& d = *tile_.desc;
    words_.valid = true;
    words_.bank = (d.acc_addr + oy_ * d.out_w + ox_) / acc_depth_;
    if (++group_ == tile_.groups()) {
      group_ = 0;
      if (++ky_ == d.kh) {
        ky_ = 0;
        words_.last = true;
        if (++ox_ == d.out_w) {
          ox_ = 0;
          tile_end = words_.desc_last = ++oy_ == d.out_h;
        }
      }
    }
  }
  if (waiting && (!active_ || tile_end)) {
    active_ = true;
    tile_ = tiles_.front();
    tiles_.pop();
    oy_ = ox_ = ky_ = group_ = 0;
  } else if (tile_end) {
    active_ = false;
  }
}

void DepthwiseEngine::step_taps(bool params_free, bool free, Progress& progress) {
  const bool grant = reading_ && params_free;
  if (reading_ || given_ || free) progress.moved = true;
  if (free) {
    complete_[use_] = false;
    use_ ^= 1;
  }
  if (given_ && given_last_) {
    complete_[fill_] = true;
    fill_ ^= 1;
  }
  given_ = grant;
  given_last_ = grant && taps_left_ == 1;
  if (grant && --taps_left_ == 0) reading_ = false;
}

void DepthwiseEngine::step(Cycle now, const ActMemory& act, bool params_free, const AccAdd& before,
                           Progress& progress) {
  fired_ = false;
  ready_ = true;
  if (unfinished_ == 0) return;
  const bool room = unfinished_ != kDescs;

  // Of the cycle's beginning.
  const bool tiles_room = !tiles_.full();
  const bool taps_room = !reading_ && !given_ && !complete_[fill_];
  const bool places_left = places_ != kPairs;
  if (done(now)) {
    --unfinished_;
    progress.moved = true;
  }

  // Steps and sums.
  const bool run = !(out_.valid && before.valid && before.bank == out_.bank);
  const uint32_t pairs = active_ ? pairs_wanted() : 0;
  fired_ = active_ && complete_[use_] && count_ >= pairs && run;
  if (fired_) index_ = tile_.index;
  const uint32_t pops = fired_ ? pairs : 0;
  if (step_lanes(run, progress)) done_at_ = now + 1;
  if (fired_ || (!tiles_.empty() && !active_)) progress.moved = true;
  step_steps(fired_);
  step_taps(params_free, fired_ && words_.desc_last, progress);

  // Words.
  bool finished = fetching_;
  if (fetching_) {
    progress.moved = true;
    got_[0] = got_[0] || act.granted(ActMemory::kDepthwise0);
    got_[1] = got_[1] || act.granted(ActMemory::kDepthwise1);
    finished = (got_[0] || !fetch_.read[0]) && (got_[1] || !fetch_.read[1]);
  }
  if (finished) got_ = {};
  if (landed_) progress.moved = true;
  count_ = count_ + (landed_ ? 1 : 0) - pops;
  landed_ = finished;
  bool nest_free = !nest_.active;
  const bool take = nest_.active && (!fetching_ || finished) && places_left;
  places_ = places_ + (take ? 1 : 0) - pops;
  if (take) {
    progress.moved = true;
    fetch_ = pair();
    nest_free = nest_last();
    nest_next();
  }
  fetching_ = take || (fetching_ && !finished);

  // The plan, to each part that can take it.
  if (plan_at_ != kNever && now < plan_at_) {
    progress.at(now, plan_at_);
  } else if (plan_at_ != kNever) {
    if (!to_nest_ && nest_free) {
      nest_take();
      to_nest_ = progress.moved = true;
    }
    if (!to_taps_ && taps_room) {
      reading_ = true;
      taps_left_ = plan_.desc->kh * plan_.desc->kw;
      to_taps_ = progress.moved = true;
    }
    if (!to_steps_ && tiles_room) {
      tiles_.push(plan_);
      to_steps_ = progress.moved = true;
    }
    if (to_nest_ && to_taps_ && to_steps_) {
      to_nest_ = to_taps_ = to_steps_ = false;
      plan_at_ = kNever;
    }
  }
  ready_ = room && plan_at_ == kNever;
}

}  // namespace weft::cost
