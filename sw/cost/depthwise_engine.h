// Depthwise tiles: rtl/dw/weft_dw_engine.sv and its parts.
#pragma once

#include "cost/array_engine.h"
#include "cost/parts.h"

namespace weft::cost {

class DepthwiseEngine {
 public:
  static constexpr size_t kDescs = 8;      // weft_dw_engine.sv: Descs
  static constexpr size_t kPlans = 4;      // weft_dw_steps.sv: Plans
  static constexpr uint32_t kPairs = 8;    // weft_dw_engine.sv: Pairs
  static constexpr Cycle kSetup = 11;      // accept to plan: ten states of weft_dw_setup.sv
  static constexpr uint32_t kTaps = 3;     // DW_TAPS
  static constexpr uint32_t kWindows = 4;  // DW_WINDOWS

  explicit DepthwiseEngine(const isa::HardwareConfig& config)
      : acc_depth_(static_cast<uint32_t>(config.acc_depth)) {}

  bool ready() const { return ready_; }
  bool done(Cycle now) const { return done_at_ == now; }
  bool busy() const { return fired_; }
  size_t index() const { return index_; }

  void request(ActMemory& act);
  // `params_free`: parameter memory is not read by the vector engine. `before`: what the array did
  // to acc memory in the last cycle, whose sum it writes in this one.
  void step(Cycle now, const ActMemory& act, bool params_free, const AccAdd& before,
            Progress& progress);
  void accept(Cycle now, const isa::DepthwiseDesc& desc, size_t index) {
    plan_ = {&desc, index, slides(desc)};
    plan_at_ = now + kSetup;
    ++unfinished_;
  }

 private:
  struct Plan {
    const isa::DepthwiseDesc* desc = nullptr;
    size_t index = 0;
    bool sliding = false;
    uint32_t groups() const { return (desc->kw + kTaps - 1) / kTaps; }
  };
  struct Pair {
    std::array<bool, 2> read{};
    std::array<uint32_t, 2> address{};
  };
  struct Step {  // on its way through weft_dw_lanes.sv
    bool valid = false, last = false, desc_last = false;
    uint32_t bank = 0;
  };

  // weft_dw_setup.sv: slides.
  static bool slides(const isa::DepthwiseDesc& d) {
    return d.kh <= kWindows && d.kw <= kTaps && d.dil_x == 1 && d.stride_x <= 2 &&
           d.stride_x <= d.kw;
  }

  Pair pair() const;
  bool nest_last() const;
  void nest_take();
  void nest_next();
  uint32_t pairs_wanted() const;
  bool step_lanes(bool run, Progress& progress);
  void step_steps(bool fire);
  void step_fetch(bool finished, uint32_t pops, bool& nest_ended, Progress& progress);
  void step_taps(bool params_free, bool free, Progress& progress);

  const uint32_t acc_depth_;

  Plan plan_;
  Cycle plan_at_ = kNever;
  bool ready_ = true;
  bool to_nest_ = false, to_taps_ = false, to_steps_ = false;  // have taken the plan
  size_t unfinished_ = 0;

  // weft_dw_nest.sv
  struct Nest {
    bool active = false;
    Plan plan;
    uint32_t groups = 0, first_last = 0;  // groups of a row; last pair of its first group
    bool odd = false;
    uint32_t oy = 0, group = 0, ky = 0, pair = 0, column = 0;  // column: of the group's first word
    uint32_t pair_last() const { return plan.sliding && group > 0 ? 0 : first_last; }
  } nest_;

  // weft_dw_fetch.sv
  bool fetching_ = false;
  Pair fetch_;
  std::array<bool, 2> got_{};
  bool landed_ = false;
  uint32_t places_ = 0, count_ = 0;

  // weft_dw_taps.sv
  bool reading_ = false, given_ = false, given_last_ = false;
  uint32_t taps_left_ = 0;
  std::array<bool, 2> complete_{};
  size_t fill_ = 0, use_ = 0;

  // weft_dw_steps.sv
  Fifo<Plan, kPlans> tiles_;
  bool active_ = false;
  Plan tile_;
  uint32_t oy_ = 0, ox_ = 0, ky_ = 0, group_ = 0;

  // weft_dw_lanes.sv
  Step words_, products_, out_;
  bool fired_ = false;
  size_t index_ = 0;
  Cycle done_at_ = kNever;
};

}  // namespace weft::cost
