#include "golden/conv2d.h"

#include "golden/requantize.h"

namespace weft::golden {
namespace {

// The sum of one output element without its bias. It fits 32 bits (model::check).
int32_t sum_of_taps(const model::Conv2d& conv, View4<const int8_t> input,
                    View4<const int8_t> filter, int n, int oy, int ox, int oc, int first_channel) {
  int32_t sum = 0;
  for (int ky = 0; ky < filter.shape[1]; ++ky) {
    const int y = oy * conv.stride_h + ky * conv.dilation_h - conv.padding.top;
    if (y < 0 || y >= input.shape[1]) continue;
    for (int kx = 0; kx < filter.shape[2]; ++kx) {
      const int x = ox * conv.stride_w + kx * conv.dilation_w - conv.padding.left;
      if (x < 0 || x >= input.shape[2]) continue;
      for (int ic = 0; ic < filter.shape[3]; ++ic) {
        sum +=
            filter(oc, ky, kx, ic) * (input(n, y, x, first_channel + ic) - conv.input_zero_point);
      }
    }
  }
  return sum;
}

}  // namespace

void conv2d(const model::Conv2d& conv, View4<const int8_t> input, View4<const int8_t> filter,
            std::span<const int32_t> bias, View4<int8_t> output) {
  const int channels_per_group = output.shape[3] / conv.groups;
  for (int n = 0; n < output.shape[0]; ++n) {
    for (int oy = 0; oy < output.shape[1]; ++oy) {
      for (int ox = 0; ox < output.shape[2]; ++ox) {
        for (int oc = 0; oc < output.shape[3]; ++oc) {
          const int first_channel = oc / channels_per_group * filter.shape[3];
          const auto c = static_cast<size_t>(oc);
          const int32_t sum =
              sum_of_taps(conv, input, filter, n, oy, ox, oc, first_channel) + bias[c];
          output(n, oy, ox, oc) =
              requantize(sum, conv.rescale[c], conv.output_zero_point, conv.clamp);
        }
      }
    }
  }
}

}  // namespace weft::golden
