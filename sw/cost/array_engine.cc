#include "cost/array_engine.h"

namespace weft::cost {

void FeederNest::take(const isa::ArrayDesc& desc) {
  active_ = true;
  desc_ = &desc;
  outputs_ = desc.out_h * desc.out_w;
  ky_ = kx_ = kc_ = oy_ = ox_ = done_ = 0;
  iy_ = desc.y0;
  ix_ = desc.x0;
  tap_address_ = row_address_ = address_ = desc.in_addr +
                                           static_cast<uint32_t>(desc.y0) * desc.in_row_pitch +
                                           static_cast<uint32_t>(desc.x0) * desc.in_col_pitch;
}

void FeederNest::next_tile() {
  if (++kc_ == desc_->kc) {
    kc_ = 0;
    if (++kx_ == desc_->kw) {
      kx_ = 0;
      ++ky_;
    }
  }
  const auto y = static_cast<uint32_t>(desc_->y0) + ky_ * desc_->dil_y;
  const auto x = static_cast<uint32_t>(desc_->x0) + kx_ * desc_->dil_x;
  tap_address_ = row_address_ = address_ = desc_->in_addr + y * desc_->in_row_pitch +
                                           x * desc_->in_col_pitch + kc_ * desc_->in_blk_pitch;
  iy_ = static_cast<int32_t>(y);
  ix_ = static_cast<int32_t>(x);
  oy_ = ox_ = done_ = 0;
}

void FeederNest::step(bool vector_ready, ActMemory& act, Progress& progress) {
  const bool advance = active_ && (!valid_ || vector_ready);
  plan_ready_ = !active_;
  if (!advance) {
    if (valid_ && vector_ready) {
      valid_ = false;
      progress.moved = true;
    }
    return;
  }
  if (iy_ >= 0 && iy_ < int64_t{desc_->in_h} && ix_ >= 0 && ix_ < int64_t{desc_->in_w}) {
    act.request(ActMemory::kFeeder, address_ & 0xffff);
  }
  valid_ = true;
  vector_ = {done_ == 0, false};
  ++done_;
  if (++ox_ < desc_->out_w) {
    address_ += desc_->stride_x * desc_->in_col_pitch;
    ix_ += desc_->stride_x;
  } else if (ox_ = 0; ++oy_ < desc_->out_h) {
    row_address_ += desc_->stride_y * desc_->in_row_pitch;
    address_ = row_address_;
    iy_ += desc_->stride_y;
    ix_ = static_cast<int32_t>(static_cast<uint32_t>(desc_->x0) + kx_ * desc_->dil_x);
  } else if (ky_ + 1 == desc_->kh && kx_ + 1 == desc_->kw && kc_ + 1 == desc_->kc) {
    vector_.desc_last = true;
    active_ = false;
    plan_ready_ = true;
  } else {
    next_tile();
  }
}

Cycle FeederNest::uniform() const {
  if (!active_ || !valid_ || done_ < 2) return 0;  // the first of a tile is still to enter
  return outputs_ - 1 - done_;
}

void FeederNest::skip(Cycle cycles) {
  done_ += static_cast<uint32_t>(cycles);
  vector_.tile_first = false;
  oy_ = done_ / desc_->out_w;
  ox_ = done_ % desc_->out_w;
  row_address_ = tap_address_ + oy_ * desc_->stride_y * desc_->in_row_pitch;
  address_ = row_address_ + ox_ * desc_->stride_x * desc_->in_col_pitch;
  const auto y = static_cast<uint32_t>(desc_->y0) + ky_ * desc_->dil_y + oy_ * desc_->stride_y;
  const auto x = static_cast<uint32_t>(desc_->x0) + kx_ * desc_->dil_x + ox_ * desc_->stride_x;
  iy_ = static_cast<int32_t>(y);
  ix_ = static_cast<int32_t>(x);
}

ArrayEngine::ArrayEngine(const isa::HardwareConfig& config)
    : rows_(static_cast<uint32_t>(config.rows)),
      acc_depth_(static_cast<uint32_t>(config.acc_depth)),
      latency_(static_cast<uint32_t>(config.rows + config.cols - 1)),  // weft_array.sv: Latency
      packer_(rows_),
      adds_(std::bit_ceil(latency_ + 2)) {}

void ArrayEngine::accept(Cycle now, const isa::ArrayDesc& desc, size_t index) {
  plan_ = {&desc, index, false};
  plan_at_ = now + kSetup;
  ++unfinished_;
}

void ArrayEngine::enter(Cycle now, const Vector& vector) {
  const isa::ArrayDesc& desc = *plans_.front().desc;
  if (vector.tile_first) {
    first_tile_ = begins_;
    output_ = 0;
  }
  Slot& slot = adds_[(now + latency_) & (adds_.size() - 1)];
  const bool accumulate = (desc.header.flags & isa::kArrayFlagAccumulate) != 0;
  slot = {now + latency_,
          {true, !accumulate && first_tile_, (desc.acc_addr + output_) / acc_depth_}};
  ++output_;
  begins_ = vector.desc_last;
}

// weft_wgt_loader.sv. True: it has room for a plan in this cycle, being idle or reading its last word.
bool ArrayEngine::step_loader(bool tile_first, Progress& progress) {
  const bool shift = primed_ && (row_ != 0 || !loaded_ || tile_first);
  const bool read = tiles_ > 0 && (!primed_ || shift);
  if (shift || read || tile_first) progress.moved = true;
  if (read) {
    primed_ = true;
    if (++word_ == rows_) {
      word_ = 0;
      --tiles_;
    }
  } else if (shift) {
    primed_ = false;
  }
  if (shift && row_ + 1 == rows_) {
    loaded_ = true;
  } else if (tile_first) {
    loaded_ = false;
  }
  if (shift) row_ = (row_ + 1) % rows_;
  return tiles_ == 0;
}

void ArrayEngine::step(Cycle now, ActMemory& act, Progress& progress) {
  const bool room = unfinished_ != kDescs;
  ended_ = !done_.empty() && done_.front() == now;
  if (ended_) {
    done_.pop();
    --unfinished_;
    progress.moved = true;
  }
  if (!done_.empty()) progress.at(now, done_.front());
  packer_.look();
  entered_ = shifting_ = uniform_ = false;
  ready_ = true;
  if (unfinished_ == 0 && packer_.still()) return;

  const bool nest_busy = nest_.busy(), pack_busy = packer_.busy();
  const bool valid = nest_.vector_valid() || packer_.vector_valid();
  const Vector vector = nest_.vector_valid() ? nest_.vector() : packer_.vector();
  if (valid) index_ = plans_.front().index;
  const bool keep_apart = valid && begins_ && plans_.front().adds_apart && now <= apart_until_;
  const bool vector_ready = !vector.tile_first || (loaded_ && !keep_apart);
  entered_ = valid && vector_ready;
  shifting_ = valid && !vector_ready && !keep_apart;
  if (keep_apart) progress.at(now, apart_until_ + 1);

  Progress parts;
  const bool load_ready = step_loader(entered_ && vector.tile_first, parts);
  nest_.step(vector_ready, act, parts);
  packer_.step(now, vector_ready, act, parts);
  // A vector that was read into the empty register.
  if (!valid && nest_.vector_valid()) parts.moved = true;
  if (entered_) {
    enter(now, vector);
    if (vector.desc_last) {
      plans_.pop();
      done_.push(now + latency_ + kAddToDone);
      progress.at(now, done_.front());
      apart_until_ = now + kAccumulateApart;
    }
  }
  uniform_ = entered_ && !parts.moved && !vector.desc_last && nest_.active();
  progress.streamed = uniform_;
  if (parts.moved || (entered_ && !uniform_)) progress.moved = true;
  progress.wake = std::min(progress.wake, parts.wake);

  step_plan(now, nest_busy, pack_busy, load_ready, progress);
  ready_ = room && plan_at_ == kNever;
}

// A plan goes to feeder and loader, to each when that can take it.
void ArrayEngine::step_plan(Cycle now, bool nest_busy, bool pack_busy, bool load_ready,
                            Progress& progress) {
  if (plan_at_ == kNever) return;
  if (now < plan_at_) {
    progress.at(now, plan_at_);
    return;
  }
  const isa::ArrayDesc& desc = *plan_.desc;
  const bool shallow = (desc.header.flags & isa::kArrayFlagShallow) != 0;
  const bool feed_ready =
      shallow ? packer_.plan_ready() && !nest_busy : nest_.plan_ready() && !pack_busy;
  if (!fed_ && feed_ready) {
    fed_ = progress.moved = true;
    plan_.adds_apart =
        (desc.header.flags & isa::kArrayFlagAccumulate) != 0 && desc.acc_addr != last_acc_;
    last_acc_ = desc.acc_addr;
    plans_.push(plan_);
    if (shallow) {
      packer_.take(now, desc);
    } else {
      nest_.take(desc);
    }
  }
  if (!weights_ && load_ready) {
    weights_ = progress.moved = true;
    tiles_ = shallow ? desc.kc : desc.kh * desc.kw * desc.kc;
  }
  if (fed_ && weights_) {
    fed_ = weights_ = false;
    plan_at_ = kNever;
  }
}

Cycle ArrayEngine::uniform() const { return uniform_ ? nest_.uniform() : 0; }

void ArrayEngine::skip(Cycle now, Cycle cycles) {
  nest_.skip(cycles);
  // Only the sums that come after the skip are seen.
  const Cycle seen = std::min<Cycle>(cycles, latency_);
  output_ += static_cast<uint32_t>(cycles - seen);
  for (Cycle i = cycles - seen; i < cycles; ++i) enter(now + i, {});
}

}  // namespace weft::cost
