// Several inferences at once.
#pragma once

#include "model/graph.h"

namespace weft::model {

// The graph with `count` images for each one: every activation's first extent, which must be 1, becomes
// `count`; image i of an output is what the graph makes of image i of its inputs. Weights are then
// needed once for all. Throws Error(unsupported) naming the operator that mixes or moves
// images, Error(invalid_argument) for a count below 1.
Graph batched(const Graph& graph, int count);

}  // namespace weft::model
