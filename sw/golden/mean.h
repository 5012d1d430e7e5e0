// Mean over some dimensions.
#pragma once

#include <cstdint>
#include <span>

#include "golden/operand.h"
#include "model/graph.h"

namespace weft::golden {

// output = requantize(sum over the axes of (input - zero point)), where the rescale holds the
// division; row-major over the other dimensions.
void mean(const model::Mean& mean, Operand input, std::span<int8_t> output);

}  // namespace weft::golden
