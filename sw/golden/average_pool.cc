#include "golden/average_pool.h"

#include <algorithm>

namespace weft::golden {
namespace {

int32_t average_of_taps(const model::AveragePool2d& pool, View4<const int8_t> input, int n, int oy,
                        int ox, int c) {
  int64_t sum = 0, count = 0;
  for (int ky = 0; ky < pool.filter_h; ++ky) {
    const int y = oy * pool.stride_h + ky - pool.padding.top;
    if (y < 0 || y >= input.shape[1]) continue;
    for (int kx = 0; kx < pool.filter_w; ++kx) {
      const int x = ox * pool.stride_w + kx - pool.padding.left;
      if (x < 0 || x >= input.shape[2]) continue;
      sum += input(n, y, x, c);
      ++count;
    }
  }
  // Every window has a tap inside the image (model::check). The division truncates.
  return static_cast<int32_t>((sum > 0 ? sum + count / 2 : sum - count / 2) / count);
}

}  // namespace

void average_pool(const model::AveragePool2d& pool, View4<const int8_t> input,
                  View4<int8_t> output) {
  for (int n = 0; n < output.shape[0]; ++n) {
    for (int oy = 0; oy < output.shape[1]; ++oy) {
      for (int ox = 0; ox < output.shape[2]; ++ox) {
        for (int c = 0; c < output.shape[3]; ++c) {
          const int32_t average = average_of_taps(pool, input, n, oy, ox, c);
          output(n, oy, ox, c) =
              static_cast<int8_t>(std::clamp(average, pool.clamp.min, pool.clamp.max));
        }
      }
    }
  }
}

}  // namespace weft::golden
