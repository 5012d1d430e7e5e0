// What the engines of a Verilated model do, cycle by cycle, from its performance counters:
// sim/public.vlt makes them visible. A model built without it shows nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "isa/activity.h"
#include "verilated.h"
#include "verilated_sym_props.h"
#include "verilated_syms.h"
#include "weft/device.hpp"

namespace weft::sim {

class ActivityLog {
 public:
  void enable(bool enable, VerilatedContext& context) {
    counters_ = enable ? find(context) : nullptr;
    changes_.clear();
    now_.fill(isa::kNumActivities);
    if (counters_ != nullptr) remember();
  }
  bool enabled() const { return counters_ != nullptr; }

  // Behind the rising edge that ends `cycle`: the counters hold what was done in it.
  void sample(uint64_t cycle) {
    for (size_t e = 0; e < isa::kNumEngines; ++e) {
      const uint64_t* counts = counters_ + kFirst + e * isa::kNumActivities;
      uint64_t* last = last_.data() + e * isa::kNumActivities;
      // Mostly it is what it was.
      if (now_[e] < isa::kNumActivities && counts[now_[e]] == last[now_[e]] + 1) {
        ++last[now_[e]];
        continue;
      }
      uint8_t does = isa::kNumActivities;
      for (uint8_t a = 0; a < isa::kNumActivities; ++a) {
        // They fall when a job clears them.
        if (counts[a] > last[a]) does = a;
        last[a] = counts[a];
      }
      if (does == now_[e]) continue;
      now_[e] = does;
      changes_.push_back({cycle, static_cast<uint8_t>(e), does});
    }
  }

  std::vector<driver::ActivityChange> take() { return std::exchange(changes_, {}); }

 private:
  static constexpr size_t kFirst = static_cast<size_t>(regs::Counter::kLoadBusy);
  static constexpr size_t kCount = size_t{isa::kNumEngines} * isa::kNumActivities;

  static const uint64_t* find(VerilatedContext& context) {
    for (const auto& [name, scope] : *context.scopeNameMap()) {
      const VerilatedVar* counters = scope->varFind("count_q");
      if (counters != nullptr && std::string(name).find("counters") != std::string::npos) {
        return static_cast<const uint64_t*>(counters->datap());
      }
    }
    return nullptr;
  }

  void remember() {
    for (size_t i = 0; i < kCount; ++i) last_[i] = counters_[kFirst + i];
  }

  const uint64_t* counters_ = nullptr;
  std::array<uint64_t, kCount> last_{};
  std::array<uint8_t, isa::kNumEngines> now_{};
  std::vector<driver::ActivityChange> changes_;
};

}  // namespace weft::sim
