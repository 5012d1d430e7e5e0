// Random one- and two-layer networks from seeds, for comparing golden model, emulator and RTL.
#pragma once

#include <cstdint>

#include "model/graph.h"

namespace weft::tb {

// A convolution, a dense layer, a max-pool or a convolution with a pool to fuse; shapes walk
// round the array sizes and powers of two, weights and biases span their ranges, zero points
// include both ends, and multipliers are such that outputs neither vanish nor all saturate.
model::Graph random_graph(uint64_t seed);

}  // namespace weft::tb
