// What a descriptor touches, and which earlier ones it must not overtake.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::compiler {

enum class Space : uint8_t { kAct, kWgt, kParam, kAcc, kDram };

// count2 groups of count1 runs of `run` units: words, acc entries, or 64-byte lines of DRAM.
struct Access {
  Space space = Space::kAct;
  bool write = false;
  int64_t start = 0;
  int64_t run = 1;
  int64_t count1 = 1, stride1 = 0;
  int64_t count2 = 1, stride2 = 0;
};

// An earlier descriptor whose effects must come first.
struct Hazard {
  int index = 0;
  // Both are the vector engine's, and the later one reads from act memory what the earlier one
  // writes: the engine reads ahead of its own writes, so that even there it must wait. All else
  // that stays inside one engine happens in order.
  bool own_read = false;
};

class Hazards {
 public:
  // `dram_lines`: 64-byte lines of DRAM that the program itself writes.
  Hazards(const isa::HardwareConfig& config, int64_t dram_lines);
  // Of accumulators alone.
  static Hazards of_sums(int64_t entries);

  // Takes the next descriptor in program order and gives what it must not overtake, ascending. Of array
  // and depthwise engine that is the last of each kind: they keep their order.
  std::vector<Hazard> add(isa::Engine engine, const std::vector<Access>& accesses);

 private:
  Hazards() = default;

  struct Cell {
    int writer = -1;
    std::vector<int> readers;  // since; of array and depthwise engine the last
  };

  void touch(isa::Engine engine, const Access& access, std::vector<Hazard>& found);

  std::array<std::vector<Cell>, 5> spaces_;
  std::vector<isa::Engine> engine_of_;
};

}  // namespace weft::compiler
