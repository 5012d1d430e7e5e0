// Operators that move elements and compute nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "golden/operand.h"
#include "model/graph.h"

namespace weft::golden {

// The input with `value` round it.
void pad(const model::Pad& pad, Operand input, const std::vector<int>& output_shape,
         std::span<int8_t> output);

// The inputs side by side along the axis.
void concat(const model::Concat& concat, std::span<const Operand> inputs,
            const std::vector<int>& output_shape, std::span<int8_t> output);

// output dimension i = input dimension order[i].
void transpose(const model::Transpose& transpose, Operand input,
               const std::vector<int>& output_shape, std::span<int8_t> output);

// output(..., i, ...) = input(..., begin + i * stride, ...), i < extent along each dimension.
void strided_slice(const model::StridedSlice& slice, Operand input, std::span<int8_t> output);

}  // namespace weft::golden
