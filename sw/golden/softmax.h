// Softmax over rows.
#pragma once

#include <cstdint>
#include <span>

#include "model/graph.h"

namespace weft::golden {

// input, output [rows][depth]: output = 256 * e^d / (sum of e^d over the row) - 128, rounded,
// for the differences d of the inputs to the row's maximum.
void softmax(const model::Softmax& softmax, size_t depth, std::span<const int8_t> input,
             std::span<int8_t> output);

}  // namespace weft::golden
