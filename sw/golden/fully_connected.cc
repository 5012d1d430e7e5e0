#include "golden/fully_connected.h"

#include "golden/requantize.h"

namespace weft::golden {

void fully_connected(const model::FullyConnected& dense, std::span<const int8_t> input,
                     std::span<const int8_t> weights, std::span<const int32_t> bias,
                     std::span<int8_t> output) {
  const size_t channels = bias.size();
  const size_t depth = weights.size() / channels;
  const size_t batch = input.size() / depth;
  for (size_t b = 0; b < batch; ++b) {
    for (size_t c = 0; c < channels; ++c) {
      int32_t sum = bias[c];  // fits 32 bits (model::check)
      for (size_t i = 0; i < depth; ++i) {
        // 16 bits hold a difference, and compilers vectorise their products.
        sum += static_cast<int16_t>(weights[c * depth + i] - dense.weights_zero_point) *
               static_cast<int16_t>(input[b * depth + i] - dense.input_zero_point);
      }
      output[b * channels + c] =
          requantize(sum, dense.rescale[c], dense.output_zero_point, dense.clamp);
    }
  }
}

}  // namespace weft::golden
