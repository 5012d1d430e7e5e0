// From real scales to the integers the machine multiplies and shifts by.
#pragma once

#include <cstdint>

namespace weft::quant {

// real ~= multiplier * 2^(shift - 31); multiplier is 0 or in 2^30 .. 2^31 - 1.
struct Multiplier {
  int32_t multiplier = 0;
  int shift = 0;
};

// TFLite's QuantizeMultiplier: frexp, mantissa rounded half away from zero to 31 bits; a real
// below 2^-32 flushes to zero. `real` must be finite and not negative: Error(invalid_argument).
Multiplier quantize_multiplier(double real);

// The real multiplier of a convolution, and of a fully connected operator with a scale a
// channel: every scale widened first, in this order.
double convolution_multiplier(float input_scale, float weights_scale, float output_scale);

// The real multiplier of a fully connected operator with one weights scale: the product of
// the scales is rounded to float32 before it is divided.
double fully_connected_multiplier(float input_scale, float weights_scale, float output_scale);

// Of MEAN and of QUANTIZE between integers: the quotient in double; of RELU: in float32.
double ratio_multiplier(float input_scale, float output_scale);
double relu_multiplier(float input_scale, float output_scale);

// MEAN's rescale, input to output scale, with the division by `count` elements in it. The
// result's multiplier may be below 2^30.
Multiplier divide_multiplier(Multiplier rescale, int64_t count);

// Of SOFTMAX: from input differences to Q5.26, and the least difference that counts. `beta` must
// be positive, and the product of scale and beta at least 2^-26: Error(invalid_argument).
struct SoftmaxScaling {
  Multiplier multiplier;  // shift 0..31
  int32_t diff_min = 0;
};
SoftmaxScaling softmax_scaling(float input_scale, float beta);

}  // namespace weft::quant
