#include "cost/vector_engine.h"

namespace weft::cost {

void VectorEngine::accept(Cycle now, const isa::VectorDesc& desc, size_t index) {
  const auto opcode = static_cast<isa::Opcode>(desc.header.opcode);
  next_ = {&desc, isa::vector_op(opcode), opcode == isa::Opcode::kAdd, index, set_};
  next_valid_ = true;
  next_at_ = now + kOffsets;
  set_free_at_[set_] = kNever;
  if (next_.op.params != isa::VectorOp::Params::kNone) {
    const auto words = static_cast<Cycle>(isa::param_words(next_.op, config_));
    const bool table = next_.op.params == isa::VectorOp::Params::kTable;
    params_at_ = now;
    params_ready_at_ = now + words;
    params_soon_at_ = now + (table ? words : kBlockSoon);
    if (table) {
      table_free_at_ = kNever;
      table_set_ = set_;
    }
  }
  set_ ^= 1;
}

// Taps outside the source are passed over.
void VectorEngine::begin_window() {
  const isa::VectorDesc& d = *pass_.desc;
  const int64_t y = int64_t{oy_} * d.win_stride_y + d.y0;
  const int64_t x = int64_t{ox_} * d.win_stride_x + d.x0;
  y_ = std::max<int64_t>(y, 0);
  x_ = x_begin_ = std::max<int64_t>(x, 0);
  y_end_ = std::min<int64_t>(y + d.win_h, d.src_h);
  x_end_ = std::min<int64_t>(x + d.win_w, d.src_w);
  second_ = false;
}

uint32_t VectorEngine::tap_address() const {
  const isa::VectorDesc& d = *pass_.desc;
  const uint32_t address = second_ ? d.src2_addr + oy_ * d.src2_row_pitch + ox_ * d.src2_col_pitch
                                   : d.src_addr + static_cast<uint32_t>(y_) * d.src_row_pitch +
                                         static_cast<uint32_t>(x_) * d.src_col_pitch;
  return address & 0xffff;
}

void VectorEngine::next_tap() {
  if (tap_last()) {
    if (++ox_ == pass_.desc->out_w) {
      ox_ = 0;
      ++oy_;
    }
    begin_window();
  } else if (window_last()) {
    second_ = true;
  } else if (x_ + 1 == x_end_) {
    x_ = x_begin_;
    ++y_;
  } else {
    ++x_;
  }
}

void VectorEngine::request(Cycle now, ActMemory& act) {
  issue_ = false;
  if (idle()) return;
  const bool room = valid_ && (!tap_last() || !results_.full());
  const bool pair_due = (pairs_ >> (kPairDelay - 1) & 1) != 0;
  issue_ = valid_ && room && !pair_due && (pass_.each || pairs_ == 0);
  if (issue_ && !pass_.op.from_acc) act.request(ActMemory::kVectorRead, tap_address());
  if (!results_.empty() && results_.front().at <= now) {
    act.request(ActMemory::kVectorWrite, results_.front().address);
  }
}

void VectorEngine::step(Cycle now, const ActMemory& act, const AccAdd& add, Progress& progress) {
  nest_ready_ = !next_valid_;
  granted_ = false;
  if (idle()) return;
  granted_ = issue_;
  if (issue_ && pass_.op.from_acc) {
    const bool adding = add.valid && !add.overwrite;
    granted_ = !(adding && add.bank == tap_address() / acc_depth_);
  } else if (issue_) {
    granted_ = act.granted(ActMemory::kVectorRead);
  }
  if (issue_ || pairs_ != 0) progress.moved = true;

  if (!results_.empty() && results_.front().at <= now) {
    progress.moved = true;
    if (act.granted(ActMemory::kVectorWrite)) {
      if (results_.front().pass_last) done_at_ = now + 1;
      results_.pop();
    }
  }

  bool pass_end = false;
  pairs_ = (pairs_ << 1) & ((1U << kPairDelay) - 1);
  if (granted_) {
    index_ = pass_.index;
    if (pass_.each && second_) pairs_ |= 1;
    if (tap_last()) {
      pass_end = pass_last();
      const isa::VectorDesc& d = *pass_.desc;
      const Cycle at = now + kTapToWrite + (pass_.each ? kPairDelay : 0);
      const uint32_t address = d.dst_addr + oy_ * d.dst_row_pitch + ox_ * d.dst_col_pitch;
      results_.push({at, address & 0xffff, pass_end});
      if (pass_end) {
        set_free_at_[pass_.set] = at;
        if (pass_.set == table_set_ && table_free_at_ == kNever) table_free_at_ = at;
        progress.at(now, at);
      }
    }
    if (!pass_end) next_tap();
  }
  const bool handover =
      next_valid_ && now >= next_at_ && now >= params_soon_at_ && (!valid_ || pass_end);
  if (handover) {
    next_valid_ = false;
    valid_ = progress.moved = true;
    pass_ = next_;
    oy_ = ox_ = 0;
    begin_window();
  } else if (pass_end) {
    valid_ = false;
  }
  if (next_valid_) {
    progress.at(now, next_at_);
    progress.at(now, params_soon_at_);
  }
  if (!results_.empty()) progress.at(now, results_.front().at);
  progress.at(now, params_ready_at_);
  for (const Cycle at : set_free_at_) {
    if (at != kNever) progress.at(now, at);
  }
}

}  // namespace weft::cost
