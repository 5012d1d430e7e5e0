// Semaphores from hazards. Whenever a descriptor must see, or must not overtake, the effects of an
// earlier one on another engine, the earlier raises and the later waits. Engines work in order, so one semaphore for each
// pair of engines is enough, and waiting for a descriptor includes all before it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "compiler/hazards.h"

namespace weft::compiler {

struct SemaphoreUse {
  std::vector<int> waits;   // semaphores, one taken of each
  std::vector<int> raises;  // semaphores, one added to each
};

class Synchroniser {
 public:
  Synchroniser();

  // Takes the next descriptor in program order and the earlier ones it must not overtake.
  void add(isa::Engine engine, const std::vector<Hazard>& hazards);

  // By descriptor, in the order added.
  std::vector<SemaphoreUse> finish() &&;

  // The semaphore by which `consumer` waits for `producer`.
  static int semaphore(isa::Engine producer, isa::Engine consumer);

 private:
  static constexpr size_t kEngines = 5;
  using Clock = std::array<int, kEngines>;  // by engine: last descriptor known to be done, -1 none

  isa::Engine engine_at(size_t index) const { return static_cast<isa::Engine>(engine_of_[index]); }
  bool has_room(int index, isa::Engine consumer, int most) const;
  bool wait_elsewhere(int index, const std::vector<int>& hosts);
  int raiser(size_t engine, int index, isa::Engine consumer) const;

  std::vector<uint8_t> engine_of_;
  std::vector<Clock> done_;  // by descriptor: what is done once it is done
  std::vector<SemaphoreUse> uses_;
  std::array<std::vector<int>, kEngines * kEngines> takers_;  // by semaphore: who waits, in order
  std::array<Clock, kEngines> issued_{};  // by engine: what is done when its next descriptor starts
};

}  // namespace weft::compiler
