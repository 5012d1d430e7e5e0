// Semaphores from hazards. Each descriptor says what it reads and writes; whenever one
// must see, or must not overtake, the effects of an earlier one on another engine, the
// earlier raises and the later waits. Engines work in order, so one semaphore for each
// pair of engines is enough, and waiting for a descriptor includes all before it.
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

struct SemaphoreUse {
  std::vector<int> waits;   // semaphores, one taken of each
  std::vector<int> raises;  // semaphores, one added to each
};

class Synchroniser {
 public:
  // `dram_lines`: 64-byte lines of DRAM that the program itself writes.
  Synchroniser(const isa::HardwareConfig& config, int64_t dram_lines);

  // Takes the next descriptor in program order.
  void add(isa::Engine engine, const std::vector<Access>& accesses);

  // By descriptor, in the order added.
  std::vector<SemaphoreUse> finish() &&;

  // The semaphore by which `consumer` waits for `producer`.
  static int semaphore(isa::Engine producer, isa::Engine consumer);

 private:
  static constexpr size_t kEngines = 5;
  using Clock = std::array<int, kEngines>;  // by engine: last descriptor known to be done, -1 none

  struct Cell {
    int writer = -1;
    std::array<int, kEngines> reader{-1, -1, -1, -1, -1};
  };

  void touch(size_t engine, const Access& access, Clock& needed);
  isa::Engine engine_at(size_t index) const { return static_cast<isa::Engine>(engine_of_[index]); }
  bool has_room(int index, isa::Engine consumer, int most) const;
  bool wait_elsewhere(int index, const std::vector<int>& hosts);
  int raiser(size_t engine, int index, isa::Engine consumer) const;

  std::array<std::vector<Cell>, 5> spaces_;
  std::vector<uint8_t> engine_of_;
  std::vector<Clock> done_;  // by descriptor: what is done once it is done
  std::vector<SemaphoreUse> uses_;
  std::array<std::vector<int>, kEngines * kEngines> takers_;  // by semaphore: who waits, in order
  std::array<Clock, kEngines> issued_{};  // by engine: what is done when its next descriptor starts
};

}  // namespace weft::compiler
