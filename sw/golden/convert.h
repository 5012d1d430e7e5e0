// Operators that turn one element into one element: of other scales, other types, by a table.
#pragma once

#include <cstdint>
#include <span>

#include "model/graph.h"

namespace weft::golden {

// output = table[input + 128].
void lookup(const model::Lookup& lookup, std::span<const int8_t> input, std::span<int8_t> output);

// Bytes of int8 or uint8 tensors, each as its type says.
void requantize_elements(const model::Requantize& requantize, model::DataType input_type,
                         std::span<const int8_t> input, std::span<int8_t> output);

// `input`: float32, four bytes an element, little-endian.
void quantize(const model::Quantize& quantize, std::span<const int8_t> input,
              std::span<int8_t> output);

// `output`: float32, as above.
void dequantize(const model::Dequantize& dequantize, model::DataType input_type,
                std::span<const int8_t> input, std::span<int8_t> output);

}  // namespace weft::golden
