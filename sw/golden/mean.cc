#include "golden/mean.h"

#include "golden/coordinates.h"
#include "golden/requantize.h"

namespace weft::golden {

void mean(const model::Mean& mean, Operand input, std::span<int8_t> output) {
  std::vector<int> kept = input.shape;
  for (const int axis : mean.axes) kept[static_cast<size_t>(axis)] = 1;
  const std::vector<int64_t> of_output = broadcast_strides(kept, kept.size());
  std::vector<int32_t> sums(output.size());  // they fit 32 bits (model::check)
  size_t next = 0;
  for_each_coordinate(input.shape, [&](const std::vector<int>& at) {
    sums[offset_of(at, of_output)] += input.elements[next++] - mean.input_zero_point;
  });
  for (size_t i = 0; i < output.size(); ++i) {
    output[i] = requantize(sums[i], mean.rescale, mean.output_zero_point, {});
  }
}

}  // namespace weft::golden
