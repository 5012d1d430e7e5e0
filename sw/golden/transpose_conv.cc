#include "golden/transpose_conv.h"

#include <vector>

#include "golden/requantize.h"

namespace weft::golden {
namespace {

// One input pixel's contribution to the image of sums.
void scatter(const model::TransposeConv& conv, View4<const int8_t> input,
             View4<const int8_t> filter, View4<int32_t> sums, int n, int iy, int ix) {
  for (int ky = 0; ky < filter.shape[1]; ++ky) {
    const int y = iy * conv.stride_h + ky - conv.padding_top;
    if (y < 0 || y >= sums.shape[1]) continue;
    for (int kx = 0; kx < filter.shape[2]; ++kx) {
      const int x = ix * conv.stride_w + kx - conv.padding_left;
      if (x < 0 || x >= sums.shape[2]) continue;
      for (int oc = 0; oc < filter.shape[0]; ++oc) {
        for (int ic = 0; ic < filter.shape[3]; ++ic) {
          sums(n, y, x, oc) +=
              filter(oc, ky, kx, ic) * (input(n, iy, ix, ic) - conv.input_zero_point);
        }
      }
    }
  }
}

}  // namespace

void transpose_conv(const model::TransposeConv& conv, View4<const int8_t> input,
                    View4<const int8_t> filter, std::span<const int32_t> bias,
                    View4<int8_t> output) {
  const size_t channels = bias.size();
  size_t elements = channels;
  for (int d = 0; d < 3; ++d) elements *= static_cast<size_t>(output.shape[static_cast<size_t>(d)]);
  std::vector<int32_t> sums(elements);
  for (int n = 0; n < input.shape[0]; ++n) {
    for (int iy = 0; iy < input.shape[1]; ++iy) {
      for (int ix = 0; ix < input.shape[2]; ++ix) {
        scatter(conv, input, filter, {sums.data(), output.shape}, n, iy, ix);
      }
    }
  }
  for (size_t i = 0; i < elements; ++i) {
    const size_t c = i % channels;
    output.data[i] =
        requantize(sums[i] + bias[c], conv.rescale[c], conv.output_zero_point, conv.clamp);
  }
}

}  // namespace weft::golden
