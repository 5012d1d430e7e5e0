// Transposed convolution: each input pixel adds its multiple of the kernel to the output.
#pragma once

#include <cstdint>
#include <span>

#include "golden/view.h"
#include "model/graph.h"

namespace weft::golden {

// input [N,H,W,Cin], filter [Cout,KH,KW,Cin], bias [Cout], output [N,OH,OW,Cout]: the sum at
// (y,x) is bias + filter(ky,kx) * (input(iy,ix) - zero point) over all with
// y = iy * stride_h + ky - padding_top and x = ix * stride_w + kx - padding_left.
void transpose_conv(const model::TransposeConv& conv, View4<const int8_t> input,
                    View4<const int8_t> filter, std::span<const int32_t> bias,
                    View4<int8_t> output);

}  // namespace weft::golden
