// What a compiled program costs: the machine's timing without its data, cycle by cycle, from the
// descriptor stream alone. It knows nothing of compiler strategies, only of descriptors, and needs
// no simulated hardware: a program in memory is enough.
//
// Each part of the machine that takes time has its counterpart here, which is written from the RTL
// it names and moves as that does; cycles in which nothing can move, or only the array streams, are
// passed over. tb/sys/cost_test.cc holds it against the RTL, descriptor by descriptor.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "isa/hardware_config.h"
#include "program/program.h"
#include "weft_gen/isa.h"

namespace weft::cost {

// The memory behind the bus, as sim/axi_memory.h and `--latency`, `--bandwidth` have it.
struct MemoryTiming {
  uint32_t latency = 100;                         // from a burst to its first beat or response
  uint32_t bandwidth_num = 1, bandwidth_den = 1;  // beats in cycles, each direction
};

// Cycles of the program's jobs one after the other, host steps taking none; a job's first cycle is
// the one in which its entry's fetch begins.
struct DescriptorTiming {
  uint64_t begin = 0;  // its engine takes it
  uint64_t done = 0;   // its effects are complete
};

// Every cycle of a job is one of these for each engine; isa::Activity splits `stalled` further.
struct EngineCycles {
  uint64_t busy = 0;     // a unit of its stream moves
  uint64_t stalled = 0;  // holds a descriptor, nothing moves
  uint64_t waiting = 0;  // empty, the next descriptor waits for semaphores
  uint64_t idle = 0;     // empty
  bool operator==(const EngineCycles&) const = default;
};

struct LayerCost {
  uint64_t cycles = 0;  // as reports have it: driver::RunStatistics::layer_cycles
  // Cycles in which an engine worked on the layer's descriptors; for the array those in which it
  // waited for weights to be shifted in are work too.
  std::array<uint64_t, isa::kNumEngines> work{};
};

struct Estimate {
  uint64_t cycles = 0;  // of all jobs
  std::vector<DescriptorTiming> descriptors;
  std::vector<LayerCost> layers;
  std::array<EngineCycles, isa::kNumEngines> engines{};
};

// Error(invalid_argument) for a latency of 0 or a bandwidth outside (0, 1].
void check_memory(const MemoryTiming& memory);

// One job alone; layers 0 to the highest that its descriptors name. `region_bases`: addresses, of which
// only the place in 4 KiB counts. What the descriptors must be is said below.
Estimate estimate_job(std::span<const program::Descriptor> job,
                      std::span<const uint64_t> region_bases, const isa::HardwareConfig& config,
                      const MemoryTiming& memory = {});

// `program` has passed program::verify for `config`. Error(invalid_argument) for a latency of 0 or a
// bandwidth outside (0, 1]; Error(internal) if the program cannot come to its end.
Estimate estimate(const program::Program& program, const isa::HardwareConfig& config,
                  const MemoryTiming& memory = {});

}  // namespace weft::cost
