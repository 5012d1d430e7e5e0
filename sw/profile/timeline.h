// When every descriptor, burst and wait of one run took place, and what the engines did during
// each layer. One time axis: cycles of the jobs, one after the other, as the report counts them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "isa/activity.h"
#include "program/program.h"
#include "runtime/report.h"

namespace weft::profile {

// A descriptor in its engine. Engines take descriptors ahead and finish them in order: it is
// `issue` when the engine took it and `end` when its effects were visible; `begin` is the later of
// issue and the end of the engine's descriptor before it. So [begin, end) of an engine never overlap.
struct Slice {
  uint32_t index = 0;  // in the program
  isa::Opcode opcode{};
  isa::Engine engine{};
  uint32_t layer = 0;
  uint64_t issue = 0, begin = 0, end = 0;
};

struct Burst {
  std::string what;                        // the tensor, "conv1 weights", "descriptors"
  uint64_t issue = 0, first = 0, end = 0;  // its beats: [first, end)
  uint64_t address = 0;
  uint32_t bytes = 0;
  bool write = false;
};

struct Activity {
  isa::Engine engine{};
  isa::Activity activity{};
  uint64_t begin = 0, end = 0;
};

// Cycles by activity.
using Activities = std::array<uint64_t, isa::kNumActivities>;
using EngineActivities = std::array<Activities, isa::kNumEngines>;

struct LayerTime {
  uint64_t begin = 0, end = 0;  // from the end of the layer before to its own, as reports count
  // Cycles in which an engine held a descriptor of the layer ([begin, end) of its slices), whenever.
  std::array<uint64_t, isa::kNumEngines> held{};
  EngineActivities activities{};  // of all engines in that time, whichever layer they worked for
};

// What the layer took: its time, or, where it overlaps with others, what it took of the engine that
// held its descriptors longest, if that is more.
uint64_t cycles_taken(const LayerTime& layer);

struct Timeline {
  uint64_t cycles = 0;
  std::vector<uint64_t> job_begins;
  std::vector<LayerTime> layers;     // of the program
  std::vector<Slice> slices;         // by engine, in order of time
  std::vector<Burst> bursts;         // in order of their ends
  std::vector<Activity> activities;  // by engine, in order of time; empty where not shown
};

// `trace`: of a run of `program` that ended well.
Timeline make_timeline(const program::Program& program, const runtime::RunTrace& trace);

}  // namespace weft::profile
