// Random networks from seeds: 3 to 12 operators with branches and joins, for comparing golden
// model, emulator and RTL, and for the order of descriptors.
#pragma once

#include <cstdint>

#include "model/graph.h"

namespace weft::tb {

// Passes model::check. All that no operator reads is an output, and sometimes what one does.
// Shapes walk from 1 x 1 to about 40 x 40, channels round the array sizes; zero points include both
// ends; now and then an operator is one that the device leaves to the host.
model::Graph random_network(uint64_t seed);

}  // namespace weft::tb
