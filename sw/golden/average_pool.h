// Average over windows.
#pragma once

#include <cstdint>

#include "golden/view.h"
#include "model/graph.h"

namespace weft::golden {

// input [N,H,W,C], output [N,OH,OW,C] = clamp(average of the taps inside the image, ties away
// from zero). The average is of the bytes: the zero point is not taken off.
void average_pool(const model::AveragePool2d& pool, View4<const int8_t> input,
                  View4<int8_t> output);

}  // namespace weft::golden
