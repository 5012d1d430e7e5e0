// What LOGISTIC and TANH make of each int8 input, worked out by integers alone.
#pragma once

#include <array>
#include <cstdint>

namespace weft::quant {

using Table = std::array<int8_t, 256>;  // by input + 128

// For an input of this scale and zero point. The output's are 1/256 and -128 for the logistic
// function, 1/128 and 0 for the hyperbolic tangent. A scale below 2^-28 is
// Error(invalid_argument).
Table logistic_table(float input_scale, int32_t input_zero_point);
Table tanh_table(float input_scale, int32_t input_zero_point);

}  // namespace weft::quant
