// exp, logistic, tanh and reciprocal on 32-bit fixed-point numbers, as gemmlowp has them and the
// TFLite-Micro kernels use them: integers alone, so the same on every host. "Qi.f" is a signed
// number of i integer and f fractional bits; all products are rounded by
// saturating_rounding_doubling_high_mul (the integer bits of its factors add up).
#pragma once

#include <cstdint>

namespace weft::quant {

// e^x for x <= 0 in Q(integer_bits).(31 - integer_bits), integer_bits 1..5, as Q0.31; e^0 is
// 2^31 - 1.
int32_t exp_on_negative_values(int32_t x, int integer_bits);

// 1 / (1 + x) for x in [0, 1), both Q0.31.
int32_t one_over_one_plus_x(int32_t x);

// 1 / (1 + e^-x) and tanh(x), of Q4.27, as Q0.31.
int32_t logistic(int32_t x);
int32_t tanh(int32_t x);

}  // namespace weft::quant
