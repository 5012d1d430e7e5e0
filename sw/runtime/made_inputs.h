// Inputs that are made up, from a seed.
#pragma once

#include "runtime/inputs.h"

namespace weft::runtime {

// `full_range`: as InputKind::kFullRange has it, else random. An input of float32 gets the reals of
// the bytes that the network quantises it to, some of them between two, some beyond the last.
InputSet made_inputs(const model::Graph& graph, bool full_range, int count, uint64_t seed);

}  // namespace weft::runtime
