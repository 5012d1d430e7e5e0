#include "golden/softmax.h"

#include <algorithm>
#include <bit>

#include "quant/fixed_point.h"
#include "quant/rounding.h"

namespace weft::golden {
namespace {

// e^difference as Q0.31.
int32_t exponential(const model::Softmax& softmax, int32_t difference) {
  return quant::exp_on_negative_values(
      quant::multiply_by_quantized_multiplier(difference, softmax.multiplier, softmax.left_shift),
      5);
}

void softmax_row(const model::Softmax& softmax, std::span<const int8_t> input,
                 std::span<int8_t> output) {
  const int32_t max = *std::max_element(input.begin(), input.end());
  int32_t sum = 0;  // Q12.19; rows are short enough for it (model::check)
  for (const int8_t q : input) {
    if (q - max < softmax.diff_min) continue;
    sum += quant::rounding_divide_by_power_of_two(exponential(softmax, q - max), 12);
  }
  // sum = 2^bits_over_unit * (1 + fraction). At least one of the row, the maximum, is 1.
  const int headroom = std::countl_zero(static_cast<uint32_t>(sum));
  const int bits_over_unit = 12 - headroom;
  const auto fraction =
      static_cast<int32_t>((static_cast<uint32_t>(sum) << headroom) - (uint32_t{1} << 31));
  const int32_t reciprocal = quant::one_over_one_plus_x(fraction);
  const int right = bits_over_unit + 23;
  for (size_t i = 0; i < input.size(); ++i) {
    const int32_t difference = input[i] - max;
    int32_t scaled = 0;
    // A sum of 512 or more leaves less than half a step to each (TFLite-Micro aborts there).
    if (difference >= softmax.diff_min && right <= 31) {
      scaled =
          quant::rounding_divide_by_power_of_two(quant::saturating_rounding_doubling_high_mul(
                                                     reciprocal, exponential(softmax, difference)),
                                                 right);
    }
    output[i] = static_cast<int8_t>(std::clamp(scaled - 128, -128, 127));
  }
}

}  // namespace

void softmax(const model::Softmax& softmax, size_t depth, std::span<const int8_t> input,
             std::span<int8_t> output) {
  for (size_t first = 0; first < input.size(); first += depth) {
    softmax_row(softmax, input.subspan(first, depth), output.subspan(first, depth));
  }
}

}  // namespace weft::golden
