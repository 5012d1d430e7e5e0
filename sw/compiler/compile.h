// From graph to program.
#pragma once

#include <functional>
#include <string>

#include "compiler/layer.h"
#include "compiler/plan.h"
#include "cost/estimate.h"
#include "model/graph.h"
#include "program/program.h"

namespace weft::compiler {

// Spilled tensors: each keeps its memory to the end, so that all can be looked at, or gives it up when
// its last reader has run.
enum class Scratch : uint8_t { kKept, kReused };

// Told while a network is compiled: the layer whose descriptors were just made, and how much of all
// the work is done, 0 .. 1 and never falling. The compiler makes several plans and keeps the
// shortest, so that layers come again. What it throws ends the compilation.
using Progress = std::function<void(const std::string& layer, double fraction)>;

// Compiles a checked graph for one hardware configuration, to run shortest on a memory of the given
// timing; it is right on any. The result has passed program::verify. Throws Error(unsupported) naming
// the layer for what the device cannot run or hold.
program::Program compile(const model::Graph& graph, const isa::HardwareConfig& config,
                         Scratch scratch = Scratch::kKept, const cost::MemoryTiming& memory = {},
                         const Progress& progress = {});

// The same with what the compiler decided on the way; valid as long as `graph`.
struct Compilation {
  LayerGraph lowered;
  Plan plan;
  program::Program program;
};
Compilation compile_with_plan(const model::Graph& graph, const isa::HardwareConfig& config,
                              Scratch scratch = Scratch::kKept,
                              const cost::MemoryTiming& memory = {}, const Progress& progress = {});

}  // namespace weft::compiler
