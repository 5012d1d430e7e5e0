// The machine as a whole, one job at a time.
#pragma once

#include <span>
#include <vector>

#include "cost/array_engine.h"
#include "cost/control.h"
#include "cost/depthwise_engine.h"
#include "cost/transfer.h"
#include "cost/vector_engine.h"

namespace weft::cost {

class Machine {
 public:
  // `timing` gets the job's descriptors, `offset` added; `layers` and `engines` are added to.
  Machine(std::span<const Descriptor> job, std::span<const uint64_t> region_bases,
          std::span<DescriptorTiming> timing, std::vector<LayerCost>& layers,
          std::array<EngineCycles, isa::kNumEngines>& engines, const isa::HardwareConfig& config,
          const MemoryTiming& memory, Cycle offset);

  // Cycles of the job, as its record has them.
  Cycle run();

 private:
  Progress cycle();
  void account(Cycle cycles);
  bool ready(size_t engine, const Descriptor& d) const;
  void accept(size_t engine, const Descriptor& d, size_t index);

  std::span<const Descriptor> job_;
  std::span<const uint64_t> region_bases_;
  std::vector<LayerCost>& layers_;
  std::array<EngineCycles, isa::kNumEngines>& engines_;
  const Cycle offset_;
  Cycle now_ = 1;  // the first cycle that the job's counter counts

  Control control_;
  ReadBus read_bus_;
  WriteBus write_bus_;
  ActMemory act_;
  LoadEngine load_;
  ArrayEngine array_;
  DepthwiseEngine depthwise_;
  VectorEngine vector_;
  StoreEngine store_;

  std::array<bool, isa::kNumEngines> flying_{};  // at the cycle's beginning
};

}  // namespace weft::cost
