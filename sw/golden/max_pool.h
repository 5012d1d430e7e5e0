// Maximum over windows.
#pragma once

#include <cstdint>

#include "golden/view.h"
#include "model/graph.h"

namespace weft::golden {

// input [N,H,W,C], output [N,OH,OW,C] = clamp(max over the taps inside the image, -128 if none).
void max_pool(const model::MaxPool2d& pool, View4<const int8_t> input, View4<int8_t> output);

}  // namespace weft::golden
