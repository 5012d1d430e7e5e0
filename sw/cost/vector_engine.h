// Vector passes: rtl/vec/weft_vector_engine.sv with its nest and parameters.
#pragma once

#include "cost/array_engine.h"
#include "cost/parts.h"
#include "isa/vector_op.h"

namespace weft::cost {

class VectorEngine {
 public:
  static constexpr size_t kOutputs = 8;  // weft_vector_engine.sv: Outputs
  // Offsets take four cycles of a multiplier, from the cycle after the acceptance on; the handover may
  // follow (weft_vec_nest.sv: step_q).
  static constexpr Cycle kOffsets = 5;
  // From the start of a block to the earliest handover: word 5 of it is read (weft_vec_params.sv:
  // BlockSoon); of a table the last one is.
  static constexpr Cycle kBlockSoon = 6;
  // From an output's last tap to the offer of its write: word, value, four stages of the lanes,
  // result queue; a sum's second tap comes four cycles before the sum itself (PairDelay).
  static constexpr Cycle kTapToWrite = 7, kPairDelay = 4;

  explicit VectorEngine(const isa::HardwareConfig& config)
      : config_(config), acc_depth_(static_cast<uint32_t>(config.acc_depth)) {}

  bool ready(Cycle now, const isa::VectorDesc& desc) const {
    const bool lut = desc.header.opcode == static_cast<uint8_t>(isa::Opcode::kLut);
    return nest_ready_ && now >= params_ready_at_ && now >= set_free_at_[set_] &&
           !(lut && now < table_free_at_);
  }
  bool done(Cycle now) const { return done_at_ == now; }
  bool busy() const { return granted_; }
  size_t index() const { return index_; }  // while busy
  // It reads parameter memory: before the depthwise engine.
  bool reads_params(Cycle now) const { return now > params_at_ && now < params_ready_at_ + 1; }

  void request(Cycle now, ActMemory& act);
  void step(Cycle now, const ActMemory& act, const AccAdd& add, Progress& progress);
  void accept(Cycle now, const isa::VectorDesc& desc, size_t index);

 private:
  struct Pass {
    const isa::VectorDesc* desc = nullptr;
    isa::VectorOp op;
    bool each = false;  // a sum: each word goes through the lanes by itself
    size_t index = 0, set = 0;
  };
  struct Result {
    Cycle at = 0;  // its write is offered
    uint32_t address = 0;
    bool pass_last = false;
  };

  bool idle() const { return !valid_ && !next_valid_ && results_.empty() && pairs_ == 0; }
  void begin_window();
  void next_tap();
  bool window_last() const { return x_ + 1 == x_end_ && y_ + 1 == y_end_; }
  bool tap_last() const { return window_last() && (second_ || !pass_.op.second_source); }
  bool pass_last() const { return ox_ + 1 == pass_.desc->out_w && oy_ + 1 == pass_.desc->out_h; }
  uint32_t tap_address() const;

  const isa::HardwareConfig& config_;
  const uint32_t acc_depth_;

  // Acceptance.
  bool nest_ready_ = true;
  size_t set_ = 0;
  std::array<Cycle, 2> set_free_at_{};
  Cycle table_free_at_ = 0;
  size_t table_set_ = 0;
  // Parameters: from the cycle after params_at_ on a word a cycle, the last in params_ready_at_.
  Cycle params_at_ = 0, params_ready_at_ = 0, params_soon_at_ = 0;

  // The waiting pass, the present one.
  bool next_valid_ = false;
  Pass next_;
  Cycle next_at_ = 0;  // the earliest handover
  bool valid_ = false;
  Pass pass_;
  uint32_t oy_ = 0, ox_ = 0;
  int64_t y_ = 0, x_ = 0, y_end_ = 0, x_begin_ = 0, x_end_ = 0;
  bool second_ = false;

  // Of this cycle.
  bool issue_ = false, granted_ = false;
  size_t index_ = 0;

  unsigned pairs_ = 0;  // pair_valid_q
  Fifo<Result, kOutputs> results_;
  Cycle done_at_ = kNever;
};

}  // namespace weft::cost
