// Products of matrices, one for each combination of the leading dimensions.
#pragma once

#include <cstdint>
#include <span>

#include "golden/operand.h"
#include "model/graph.h"

namespace weft::golden {

// output(..., r, c) = requantize(sum over i of (x(..., r, i) - its zero point) * (y(..., i, c) -
// its own)), with x or y read swapped where marked so and repeated where it lacks a dimension.
void batch_matmul(const model::BatchMatMul& product, Operand x, Operand y,
                  const std::vector<int>& output_shape, std::span<int8_t> output);

}  // namespace weft::golden
