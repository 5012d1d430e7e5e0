// A transposed convolution as ordinary ones: outputs of one residue modulo the stride see the same
// taps, every stride-th of the kernel, and inputs side by side.
#pragma once

#include <vector>

#include "compiler/layer.h"

namespace weft::compiler {

// `whole`: the layer that it would be if one could run it: its input, weights, output and arithmetic. The
// parts are layers of stride 1, each of which writes every stride-th row and column; where no tap
// reaches some outputs, before them a layer that fills the output with what the bias alone makes.
std::vector<Layer> split_transposed(const model::TransposeConv& conv, const Layer& whole);

// How many convolutions these are.
size_t transposed_parts(const model::TransposeConv& conv, const Layer& whole);

}  // namespace weft::compiler
