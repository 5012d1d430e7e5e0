#include "quant/tables.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "quant/fixed_point.h"
#include "quant/rounding.h"

namespace weft::quant {
namespace {

constexpr int kIntegerBits = 4;  // the functions take Q4.27

// Inputs of this radius or more saturate: 15 in units of 2^(shift - 27).
int64_t input_radius(int shift) {
  return shift > 31 ? 0 : (int64_t{15} << (31 - kIntegerBits)) >> shift;
}

template <class Function>
Table table_of(float scale, int32_t zero_point, Function function) {
  int shift = 0;
  const double mantissa =
      std::frexp(static_cast<double>(scale) * (1 << (31 - kIntegerBits)), &shift);
  if (shift < 0) fail(ErrorKind::kInvalidArgument, "an input scale of {} is too small", scale);
  // A float's mantissa has 24 bits, so this is exact.
  const auto multiplier = static_cast<int32_t>(std::round(mantissa * 2147483648.0));
  const int64_t radius = input_radius(shift);
  Table table{};
  for (int32_t q = -128; q < 128; ++q) {
    const int32_t x = q - zero_point;
    int32_t y = 0;
    if (x <= -radius) {
      y = -128;
    } else if (x >= radius) {
      y = 127;
    } else {
      y = function(multiply_by_quantized_multiplier(x, multiplier, shift));
    }
    table[static_cast<size_t>(q + 128)] = static_cast<int8_t>(std::clamp(y, -128, 127));
  }
  return table;
}

}  // namespace

Table logistic_table(float input_scale, int32_t input_zero_point) {
  return table_of(input_scale, input_zero_point, [](int32_t x) {
    return rounding_divide_by_power_of_two(logistic(x), 31 - 8) - 128;
  });
}

Table tanh_table(float input_scale, int32_t input_zero_point) {
  return table_of(input_scale, input_zero_point,
                  [](int32_t x) { return rounding_divide_by_power_of_two(tanh(x), 31 - 7); });
}

}  // namespace weft::quant
