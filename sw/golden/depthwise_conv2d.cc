#include "golden/depthwise_conv2d.h"

#include <algorithm>
#include <vector>

#include "golden/requantize.h"

namespace weft::golden {
namespace {

// The sums of one output pixel without their biases. They fit 32 bits (model::check).
void sum_taps(const model::DepthwiseConv2d& conv, View4<const int8_t> input,
              View4<const int8_t> filter, int n, int oy, int ox, std::span<int32_t> sums) {
  std::fill(sums.begin(), sums.end(), 0);
  for (int ky = 0; ky < filter.shape[1]; ++ky) {
    const int y = oy * conv.stride_h + ky * conv.dilation_h - conv.padding.top;
    if (y < 0 || y >= input.shape[1]) continue;
    for (int kx = 0; kx < filter.shape[2]; ++kx) {
      const int x = ox * conv.stride_w + kx * conv.dilation_w - conv.padding.left;
      if (x < 0 || x >= input.shape[2]) continue;
      // Channels lie side by side, and 16 bits hold a difference: compilers vectorise the inner loop.
      const int8_t* taps = &filter(0, ky, kx, 0);
      const int8_t* values = &input(n, y, x, 0);
      for (int m = 0; m < conv.multiplier; ++m) {
        for (int ic = 0; ic < input.shape[3]; ++ic) {
          const int oc = ic * conv.multiplier + m;
          sums[static_cast<size_t>(oc)] +=
              taps[oc] * static_cast<int16_t>(values[ic] - conv.input_zero_point);
        }
      }
    }
  }
}

}  // namespace

void depthwise_conv2d(const model::DepthwiseConv2d& conv, View4<const int8_t> input,
                      View4<const int8_t> filter, std::span<const int32_t> bias,
                      View4<int8_t> output) {
  std::vector<int32_t> sums(bias.size());
  for (int n = 0; n < output.shape[0]; ++n) {
    for (int oy = 0; oy < output.shape[1]; ++oy) {
      for (int ox = 0; ox < output.shape[2]; ++ox) {
        sum_taps(conv, input, filter, n, oy, ox, sums);
        for (int oc = 0; oc < output.shape[3]; ++oc) {
          const auto c = static_cast<size_t>(oc);
          output(n, oy, ox, oc) =
              requantize(sums[c] + bias[c], conv.rescale[c], conv.output_zero_point, conv.clamp);
        }
      }
    }
  }
}

}  // namespace weft::golden
