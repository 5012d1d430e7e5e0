// The order of a job's descriptors. Layers are emitted one after the other; the machine is
// faster when engines work on several at a time, each as soon as its words are there. So the job is
// run on paper, every engine for as long as its loop nest takes, and the program's order is that of the
// starts. What depends on something else starts after its end, so that the order is legal.
#pragma once

#include <cstdint>
#include <vector>

#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::compiler {

struct Task {
  isa::Engine engine = isa::Engine::kLoad;
  int64_t busy = 1;        // cycles until the engine can begin another,
  int64_t latency = 0;     // and from then until the effects are there
  std::vector<int> after;  // tasks that must be done first, of lower index
  int acc_bank = -1;       // virtual accumulator bank it works in, -1: none
};

struct Schedule {
  std::vector<int> order;      // tasks by their starts
  std::vector<int> acc_banks;  // by virtual bank: the bank
};

// Virtual banks that the array may keep open at a time (begun, and not all of their tasks emitted).
int most_open_banks(const isa::HardwareConfig& config);

// `tasks` in an order in which they could run one after the other. Array and depthwise engine keep their
// tasks' order, so that few virtual banks are open; the others take the first that is ready. A virtual
// bank gets a bank when its first task starts and keeps it until all are done.
Schedule schedule(const std::vector<Task>& tasks, const isa::HardwareConfig& config);

}  // namespace weft::compiler
