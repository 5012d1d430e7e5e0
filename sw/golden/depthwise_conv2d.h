// Two-dimensional convolution of each channel by itself.
#pragma once

#include <cstdint>
#include <span>

#include "golden/view.h"
#include "model/graph.h"

namespace weft::golden {

// input [N,H,W,C], filter [1,KH,KW,C*multiplier], bias [C*multiplier], output
// [N,OH,OW,C*multiplier] = requantize(bias + sum over the taps inside the image of filter *
// (input - zero point)); output channel c reads input channel c / multiplier.
void depthwise_conv2d(const model::DepthwiseConv2d& conv, View4<const int8_t> input,
                      View4<const int8_t> filter, std::span<const int32_t> bias,
                      View4<int8_t> output);

}  // namespace weft::golden
