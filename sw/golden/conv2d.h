// Convolution, grouped and depthwise convolution included.
#pragma once

#include <cstdint>
#include <span>

#include "golden/view.h"
#include "model/graph.h"

namespace weft::golden {

// input [N,H,W,Cin], filter [Cout,KH,KW,Cin/groups], bias [Cout], output [N,OH,OW,Cout].
// output = requantize(bias + sum over the taps inside the image of filter * (input - zero point)).
void conv2d(const model::Conv2d& conv, View4<const int8_t> input, View4<const int8_t> filter,
            std::span<const int32_t> bias, View4<int8_t> output);

}  // namespace weft::golden
