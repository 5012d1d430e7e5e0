// From graph to program.
#pragma once

#include "compiler/layer.h"
#include "compiler/plan.h"
#include "model/graph.h"
#include "program/program.h"

namespace weft::compiler {

// Compiles a checked graph for one hardware configuration. The result has passed
// program::verify. Throws Error(unsupported) naming the layer for what the device cannot
// run or hold.
program::Program compile(const model::Graph& graph, const isa::HardwareConfig& config);

// The same with what the compiler decided on the way; valid as long as `graph`.
struct Compilation {
  LayerGraph lowered;
  Plan plan;
  program::Program program;
};
Compilation compile_with_plan(const model::Graph& graph, const isa::HardwareConfig& config);

}  // namespace weft::compiler
