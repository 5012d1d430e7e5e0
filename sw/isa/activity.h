// What an engine does in a cycle, one counter each: the same order as weft_pkg::activity_e and,
// engine by engine, as the counters of configs/registers.yaml.
#pragma once

#include <cstdint>

#include "weft_gen/isa.h"
#include "weft_gen/registers.h"

namespace weft::isa {

enum class Activity : uint8_t { kBusy, kSource, kSink, kOperand, kLatency, kWait, kIdle };
inline constexpr int kNumActivities = 7;

constexpr regs::Counter counter_of(Engine engine, Activity activity) {
  return static_cast<regs::Counter>(static_cast<int>(regs::Counter::kLoadBusy) +
                                    static_cast<int>(engine) * kNumActivities +
                                    static_cast<int>(activity));
}
static_assert(counter_of(Engine::kStore, Activity::kIdle) == regs::Counter::kStoreIdle);

}  // namespace weft::isa
