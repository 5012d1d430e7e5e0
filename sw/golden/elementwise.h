// Operators on two tensors, element by element; each repeats along dimensions it lacks or has
// once (numpy's broadcasting).
#pragma once

#include <cstdint>
#include <span>

#include "golden/operand.h"
#include "model/graph.h"

namespace weft::golden {

// output = requantize(a +- b), where each is (input - zero point) * 2^left_shift, rescaled.
void add(const model::Add& add, Operand a, Operand b, const std::vector<int>& output_shape,
         std::span<int8_t> output);

// output = requantize((a - its zero point) * (b - its own)).
void mul(const model::Mul& mul, Operand a, Operand b, const std::vector<int>& output_shape,
         std::span<int8_t> output);

// output = max(a, b) or min(a, b).
void max_min(const model::MaxMin& pick, Operand a, Operand b, const std::vector<int>& output_shape,
             std::span<int8_t> output);

}  // namespace weft::golden
