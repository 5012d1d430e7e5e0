#include "golden/conv2d.h"

#include <cstdint>
#include <vector>

#include "golden/requantize.h"

namespace weft::golden {
namespace {

// What the taps of an output pixel see of one group's channels, less the zero point: 0 outside the
// image. In the order of a filter's elements, so that a sum of products runs along both.
void see_window(const model::Conv2d& conv, View4<const int8_t> input, View4<const int8_t> filter,
                int n, int oy, int ox, int first_channel, std::vector<int16_t>& window) {
  window.clear();
  for (int ky = 0; ky < filter.shape[1]; ++ky) {
    const int y = oy * conv.stride_h + ky * conv.dilation_h - conv.padding.top;
    for (int kx = 0; kx < filter.shape[2]; ++kx) {
      const int x = ox * conv.stride_w + kx * conv.dilation_w - conv.padding.left;
      const bool inside = y >= 0 && y < input.shape[1] && x >= 0 && x < input.shape[2];
      for (int ic = 0; ic < filter.shape[3]; ++ic) {
        const int value = inside ? input(n, y, x, first_channel + ic) - conv.input_zero_point : 0;
        window.push_back(static_cast<int16_t>(value));
      }
    }
  }
}

// It fits 32 bits (model::check).
int32_t sum_of_products(const int8_t* filter, const std::vector<int16_t>& window) {
  int32_t sum = 0;
  for (size_t i = 0; i < window.size(); ++i) sum += filter[i] * window[i];
  return sum;
}

}  // namespace

void conv2d(const model::Conv2d& conv, View4<const int8_t> input, View4<const int8_t> filter,
            std::span<const int32_t> bias, View4<int8_t> output) {
  const int channels_per_group = output.shape[3] / conv.groups;
  std::vector<int16_t> window;
  for (int n = 0; n < output.shape[0]; ++n) {
    for (int oy = 0; oy < output.shape[1]; ++oy) {
      for (int ox = 0; ox < output.shape[2]; ++ox) {
        for (int oc = 0; oc < output.shape[3]; ++oc) {
          if (oc % channels_per_group == 0) {
            const int first_channel = oc / channels_per_group * filter.shape[3];
            see_window(conv, input, filter, n, oy, ox, first_channel, window);
          }
          const auto c = static_cast<size_t>(oc);
          const int32_t sum = sum_of_products(&filter(oc, 0, 0, 0), window) + bias[c];
          output(n, oy, ox, oc) =
              requantize(sum, conv.rescale[c], conv.output_zero_point, conv.clamp);
        }
      }
    }
  }
}

}  // namespace weft::golden
