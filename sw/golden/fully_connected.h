// Fully connected layer: vectors times a matrix.
#pragma once

#include <cstdint>
#include <span>

#include "model/graph.h"

namespace weft::golden {

// input [batch][depth], weights [channels][depth], bias [channels], output [batch][channels].
// output = requantize(bias + sum over depth of (weights - their zero point) * (input - its own)).
void fully_connected(const model::FullyConnected& dense, std::span<const int8_t> input,
                     std::span<const int8_t> weights, std::span<const int32_t> bias,
                     std::span<int8_t> output);

}  // namespace weft::golden
