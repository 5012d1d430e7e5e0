#include "quant/fixed_point.h"

#include <limits>

#include "quant/rounding.h"

namespace weft::quant {
namespace {

constexpr int32_t kOne = std::numeric_limits<int32_t>::max();  // of Q0.31

constexpr auto mul = saturating_rounding_doubling_high_mul;
constexpr auto divide = rounding_divide_by_power_of_two;

int32_t saturating_shift_left(int32_t x, int bits) {
  const int64_t shifted = int64_t{x} * (int64_t{1} << bits);
  if (shifted > std::numeric_limits<int32_t>::max()) return std::numeric_limits<int32_t>::max();
  if (shifted < std::numeric_limits<int32_t>::min()) return std::numeric_limits<int32_t>::min();
  return static_cast<int32_t>(shifted);
}

// e^x for x in [-1/4, 0), Q0.31: Taylor's polynomial of degree 4 about -1/8.
int32_t exp_near_zero(int32_t x) {
  constexpr int32_t kExpOfMinusEighth = 1895147668, kThird = 715827883;
  const int32_t t = x + (1 << 28);  // x + 1/8
  const int32_t t2 = mul(t, t);
  const int32_t t3 = mul(t2, t);
  const int32_t t4_over_4 = divide(mul(t2, t2), 2);
  const int32_t higher_terms = divide(mul(t4_over_4 + t3, kThird) + t2, 1);
  return kExpOfMinusEighth + mul(kExpOfMinusEighth, t + higher_terms);
}

// 1 / d by three steps of Newton and Raphson, for d in [1/2, 1) as Q0.31; the result, in (1, 2],
// is Q2.29.
int32_t reciprocal(int32_t d) {
  constexpr int32_t k48Over17 = 1515870810, kMinus32Over17 = -1010580540;  // Q2.29
  int32_t x = k48Over17 + mul(d, kMinus32Over17);
  for (int step = 0; step < 3; ++step) {
    const int32_t error = (1 << 29) - mul(d, x);
    x += saturating_shift_left(mul(x, error), 2);
  }
  return x;
}

// (1 + x) / 2, rounded away from zero.
int32_t half_of_one_plus(int32_t x) { return static_cast<int32_t>((int64_t{x} + kOne + 1) / 2); }

}  // namespace

int32_t exp_on_negative_values(int32_t x, int integer_bits) {
  if (x == 0) return kOne;
  const int fraction_bits = 31 - integer_bits;
  // x = near - rest: `near` in [-1/4, 0), `rest` a sum of powers of two from 1/4 up.
  const int32_t quarter = 1 << (fraction_bits - 2);
  const int32_t near = (x & (quarter - 1)) - quarter;
  const int32_t rest = near - x;
  int32_t result = exp_near_zero(saturating_shift_left(near, integer_bits));
  // e^-(1/4), e^-(1/2), e^-1 .. e^-16.
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308,
                                  39332535,   720401,     242};
  for (int power = -2; power < integer_bits; ++power) {
    if (rest & (1 << (fraction_bits + power))) result = mul(result, kFactors[power + 2]);
  }
  return result;
}

int32_t one_over_one_plus_x(int32_t x) {
  // Half the reciprocal of half of 1 + x: Q2.29 read as Q1.30.
  return saturating_shift_left(reciprocal(half_of_one_plus(x)), 1);
}

int32_t logistic(int32_t x) {
  if (x == 0) return 1 << 30;
  const int32_t of_magnitude = one_over_one_plus_x(exp_on_negative_values(x > 0 ? -x : x, 4));
  return x > 0 ? of_magnitude : kOne - of_magnitude;
}

int32_t tanh(int32_t x) {
  if (x == 0) return 0;
  // (1 - e^-2x) / (1 + e^-2x) = 2 / (1 + e^-2x) - 1; x of Q4.27 is 2x of Q5.26.
  const int32_t power = exp_on_negative_values(x > 0 ? -x : x, 5);
  const int32_t magnitude =
      saturating_shift_left(reciprocal(half_of_one_plus(power)) - (1 << 29), 2);
  return x > 0 ? magnitude : -magnitude;
}

}  // namespace weft::quant
