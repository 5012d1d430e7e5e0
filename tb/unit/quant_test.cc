// The rounding and the multipliers, against numbers worked out by hand.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "quant/average.h"
#include "quant/fixed_point.h"
#include "quant/multiplier.h"
#include "quant/rounding.h"
#include "quant/tables.h"
#include "tb/catch_compat.h"

namespace weft::quant {
namespace {

constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
constexpr int32_t kHalf = 1 << 30;  // the multiplier of one half

TEST_CASE("The high product rounds ties towards plus infinity") {
  const auto srdhm = saturating_rounding_doubling_high_mul;
  CHECK(srdhm(0, kHalf) == 0);
  CHECK(srdhm(1, kHalf) == 1);    // 0.5
  CHECK(srdhm(-1, kHalf) == 0);   // -0.5
  CHECK(srdhm(3, kHalf) == 2);    // 1.5
  CHECK(srdhm(-3, kHalf) == -1);  // -1.5
  CHECK(srdhm(4, kHalf) == 2);
  CHECK(srdhm(-4, kHalf) == -2);
  CHECK(srdhm(1, kHalf - 1) == 0);    // just below the tie
  CHECK(srdhm(-1, kHalf + 1) == -1);  // just below the tie
  CHECK(srdhm(-1, kHalf - 1) == 0);
  CHECK(srdhm(kMax, kMax) == 2147483646);  // 2^31 - 2 + 2^-31
  CHECK(srdhm(kMin, kMax) == -kMax);       // exact
  CHECK(srdhm(kMin, kHalf) == -kHalf);
  CHECK(srdhm(kMin, kMin) == kMax);  // 2^31 does not fit
}

TEST_CASE("The division by a power of two rounds ties away from zero") {
  const auto divide = rounding_divide_by_power_of_two;
  CHECK(divide(1, 1) == 1);
  CHECK(divide(-1, 1) == -1);
  CHECK(divide(5, 1) == 3);
  CHECK(divide(-5, 1) == -3);
  CHECK(divide(1, 2) == 0);
  CHECK(divide(-1, 2) == 0);
  CHECK(divide(2, 2) == 1);
  CHECK(divide(-2, 2) == -1);
  CHECK(divide(3, 2) == 1);
  CHECK(divide(-3, 2) == -1);
  CHECK(divide(6, 2) == 2);
  CHECK(divide(-6, 2) == -2);
  CHECK(divide(7, 3) == 1);
  CHECK(divide(-12, 3) == -2);
  CHECK(divide(-11, 3) == -1);
  for (const int32_t x : {kMin, -1, 0, 1, kMax}) CHECK(divide(x, 0) == x);
  CHECK(divide(kMin, 31) == -1);
  CHECK(divide(-kHalf, 31) == -1);  // -0.5
  CHECK(divide(-kHalf + 1, 31) == 0);
  CHECK(divide(kHalf - 1, 31) == 0);
  CHECK(divide(kHalf, 31) == 1);  // 0.5
  CHECK(divide(kMax, 31) == 1);
  CHECK(divide(kMin, 30) == -2);
  CHECK(divide(kMax, 30) == 2);
}

TEST_CASE("A rescaled sum is rounded twice") {
  const auto rescale = multiply_by_quantized_multiplier;
  // A quarter: 0.25 -> 0.5 -> 1, and so on; one rounding would give 0, 0, 1, -1.
  CHECK(rescale(1, kHalf, -1) == 1);
  CHECK(rescale(-1, kHalf, -1) == 0);
  CHECK(rescale(5, kHalf, -1) == 2);    // 2.5 -> 3 -> 1.5 -> 2
  CHECK(rescale(-5, kHalf, -1) == -1);  // -2.5 -> -2 -> -1
  CHECK(rescale(-6, kHalf, -1) == -2);  // -3 -> -1.5 -> -2
  // Three quarters of a power of two.
  CHECK(rescale(100, 3 << 29, 0) == 75);
  CHECK(rescale(-100, 3 << 29, -2) == -19);  // -75 -> -18.75
  // Multipliers of one and more shift left first.
  CHECK(rescale(-77, kHalf, 1) == -77);
  CHECK(rescale(3, kHalf, 2) == 6);
  CHECK(rescale(-3, 3 << 29, 2) == -9);
  CHECK(rescale(1, kMax, 1) == 2);
  CHECK(rescale(1, kHalf, 30) == 1 << 29);
}

TEST_CASE("A rescaled sum at the ends of its range") {
  const auto rescale = multiply_by_quantized_multiplier;
  for (const int32_t x : {kMin, -1, 0, 1, kMax}) {
    for (const int shift : {-31, -1, 0}) CHECK(rescale(x, 0, shift) == 0);
  }
  CHECK(rescale(kMin, kHalf, -31) == -1);     // -2^30 / 2^31
  CHECK(rescale(kMin + 2, kHalf, -31) == 0);  // one less than the tie
  CHECK(rescale(kMax, kHalf, -31) == 1);      // 2^30 - 0.5 -> 2^30 -> 0.5
  CHECK(rescale(kMax - 1, kHalf, -31) == 0);
  CHECK(rescale(kMin, kMax, -31) == -1);
  CHECK(rescale(kMax, kMax, -31) == 1);
  CHECK(rescale(kMin, kMax, 0) == -kMax);
  CHECK(rescale(kMin, kHalf, 0) == -kHalf);
  CHECK(rescale(kMin, kHalf, -30) == -1);
}

void check_quantized(double real, int32_t multiplier, int shift) {
  CAPTURE(real);
  const Multiplier m = quantize_multiplier(real);
  CHECK(m.multiplier == multiplier);
  CHECK(m.shift == shift);
}

TEST_CASE("A real multiplier becomes 31 bits and a shift") {
  check_quantized(0, 0, 0);
  check_quantized(1, kHalf, 1);
  check_quantized(0.5, kHalf, 0);
  check_quantized(0.25, kHalf, -1);
  check_quantized(0.75, 1610612736, 0);
  check_quantized(3, 1610612736, 2);
  // Half a unit of the mantissa rounds up.
  check_quantized(0.5 + std::ldexp(1, -33), kHalf, 0);
  check_quantized(0.5 + std::ldexp(1, -32), kHalf + 1, 0);
  // Near one: the largest mantissa, and those that round up to 2^31.
  check_quantized(1 - std::ldexp(1, -31), kMax, 0);
  check_quantized(1 - std::ldexp(3, -33), kMax, 0);
  check_quantized(1 - std::ldexp(1, -32), kHalf, 1);
  check_quantized(1 - std::ldexp(1, -33), kHalf, 1);
}

TEST_CASE("A tiny multiplier flushes to zero, an impossible one is refused") {
  check_quantized(std::ldexp(1, -32), kHalf, -31);
  check_quantized(std::nextafter(std::ldexp(1, -32), 0), kHalf, -31);  // rounds up to it
  check_quantized(std::ldexp(3, -34), 0, 0);
  check_quantized(std::ldexp(1, -33), 0, 0);
  check_quantized(std::numeric_limits<double>::denorm_min(), 0, 0);
  check_quantized(std::ldexp(1, 29), kHalf, 30);
  CHECK_THROWS_AS(quantize_multiplier(std::ldexp(1, 30)), Error);
  CHECK_THROWS_AS(quantize_multiplier(-0.5), Error);
  CHECK_THROWS_AS(quantize_multiplier(std::numeric_limits<double>::infinity()), Error);
  CHECK_THROWS_AS(quantize_multiplier(std::numeric_limits<double>::quiet_NaN()), Error);
}

// The scales of two layers of MLPerf Tiny's anomaly detection network.
TEST_CASE("The product of a fully connected operator's scales is a float32") {
  const auto of_dense = [](float x, float w, float y) {
    return quantize_multiplier(fully_connected_multiplier(x, w, y));
  };
  const auto of_conv = [](float x, float w, float y) {
    return quantize_multiplier(convolution_multiplier(x, w, y));
  };
  const float first[] = {0x1.90664cp-2F, 0x1.8b2e9cp-12F, 0x1.952b50p-5F};
  CHECK(of_dense(first[0], first[1], first[2]).multiplier == 1638001653);
  CHECK(of_dense(first[0], first[1], first[2]).shift == -8);
  CHECK(of_conv(first[0], first[1], first[2]).multiplier == 1638001719);
  CHECK(of_conv(first[0], first[1], first[2]).shift == -8);
  const float last[] = {0x1.962c88p-6F, 0x1.406aacp-6F, 0x1.753f16p-2F};
  CHECK(of_dense(last[0], last[1], last[2]).multiplier == 1462485078);
  CHECK(of_dense(last[0], last[1], last[2]).shift == -9);
  CHECK(of_conv(last[0], last[1], last[2]).multiplier == 1462485049);
  CHECK(of_conv(last[0], last[1], last[2]).shift == -9);
  // By hand: (1 + 2^-23)^2 = 1 + 2^-22 + 2^-46, of which a float32 keeps all but the last term.
  const float one_more = 1 + 0x1p-23F;
  CHECK(fully_connected_multiplier(one_more, one_more, 1) == 1 + 0x1p-22);
  CHECK(convolution_multiplier(one_more, one_more, 1) == 1 + 0x1p-22 + 0x1p-46);
}

// 0.3F / 0.7F by exact arithmetic, rounded to double and to float32.
TEST_CASE("Ratios are taken in double or in float32, as each operator has it") {
  const Multiplier ratio = quantize_multiplier(ratio_multiplier(0.3F, 0.7F));
  CHECK(ratio.multiplier == 1840700374);
  CHECK(ratio.shift == -1);
  const Multiplier relu = quantize_multiplier(relu_multiplier(0.3F, 0.7F));
  CHECK(relu.multiplier == 1840700416);
  CHECK(relu.shift == -1);
}

TEST_CASE("A mean's rescale holds the division") {
  struct Case {
    Multiplier rescale;
    int64_t count;
    int32_t multiplier;
    int shift;
  };
  const auto c =
      GENERATE(Case{{kHalf, 1}, 1, kHalf, 1}, Case{{kHalf, 1}, 4, kHalf, -1},
               Case{{kHalf, 1}, 3, 715827882, 0},    // 2^31 / 3 = 715827882.67, cut off
               Case{{kHalf, 1}, 49, 701219150, -4},  // 2^35 / 49 = 701219150.37
               Case{{kMax, 0}, 1 << 20, kMax, -20},
               Case{{kHalf, -29}, 1000, 4294967, -31},  // only two bits of shift are left
               Case{{kHalf, -31}, 7, 153391689, -31}, Case{{0, 0}, 5, 0, -2});
  const Multiplier divided = divide_multiplier(c.rescale, c.count);
  INFO(c.rescale.multiplier << ", " << c.rescale.shift << " by " << c.count);
  CHECK(divided.multiplier == c.multiplier);
  CHECK(divided.shift == c.shift);
}

TEST_CASE("Softmax's scaling") {
  const auto check = [](float scale, float beta, int32_t multiplier, int shift, int32_t diff_min) {
    const SoftmaxScaling scaling = softmax_scaling(scale, beta);
    INFO(scale << " times " << beta);
    CHECK(scaling.multiplier.multiplier == multiplier);
    CHECK(scaling.multiplier.shift == shift);
    CHECK(scaling.diff_min == diff_min);
  };
  check(1881344896.0F / 8589934592.0F, 1, 1881344896, 24, -124);  // CMSIS-NN's DS-CNN
  check(0.14469251F, 1, 1242899200, 24, -124);
  check(0.1F, 2, 1717986944, 24, -124);
  check(1.0F, 1, kHalf, 27, -15);
  check(17185.0F, 1, kMax, 31, 0);  // saturated
  check(0x1p-25F, 1, kHalf, 2, -520093696);
  CHECK_THROWS_AS(softmax_scaling(0x1p-26F, 1), Error);
  CHECK_THROWS_AS(softmax_scaling(0.1F, 0), Error);
  CHECK_THROWS_AS(softmax_scaling(0.1F, -1), Error);
  CHECK_THROWS_AS(softmax_scaling(0.1F, std::numeric_limits<float>::quiet_NaN()), Error);
}

TEST_CASE("The exponential, the reciprocal and what is made of them") {
  CHECK(exp_on_negative_values(0, 5) == kMax);
  CHECK(one_over_one_plus_x(0) == kMax);
  CHECK(logistic(0) == kHalf);
  CHECK(tanh(0) == 0);
  constexpr double kOne = 2147483648.0;
  for (int32_t x = -(1 << 30); x < 0; x += 1234567) {
    INFO(x);
    CHECK(std::abs(exp_on_negative_values(x, 5) / kOne - std::exp(x / 67108864.0)) < 3e-7);
    CHECK(std::abs(exp_on_negative_values(x, 4) / kOne - std::exp(x / 134217728.0)) < 3e-7);
  }
  for (const int integer_bits : {4, 5}) {  // the very end: e^-16 and e^-32
    const int32_t smallest = exp_on_negative_values(kMin, integer_bits);
    CHECK(smallest == (integer_bits == 4 ? 242 : 0));
  }
  for (int64_t x = 0; x <= kMax; x += 1234567) {
    const double wanted = 1 / (1 + static_cast<double>(x) / kOne);
    INFO(x);
    CHECK(std::abs(one_over_one_plus_x(static_cast<int32_t>(x)) / kOne - wanted) < 1e-8);
  }
  for (int64_t x = kMin + 1; x <= kMax; x += 2345678) {
    const double real = static_cast<double>(x) / 134217728.0;
    INFO(x);
    CHECK(std::abs(logistic(static_cast<int32_t>(x)) / kOne - 1 / (1 + std::exp(-real))) < 1e-6);
    CHECK(std::abs(tanh(static_cast<int32_t>(x)) / kOne - std::tanh(real)) < 1e-6);
  }
}

// Rounded real functions differ from the integer ones where they are all but at a tie: hardly
// ever, and by one.
TEST_CASE("The tables of the logistic function and the hyperbolic tangent") {
  int entries = 0, differing = 0;
  for (float scale = 0x1p-10F; scale < 1; scale *= 1.0193F) {
    const int zero_point = entries / 256 % 256 - 128;
    const Table logistic = logistic_table(scale, zero_point), tanh = tanh_table(scale, zero_point);
    for (int q = -128; q < 128; ++q, ++entries) {
      const double x = double{scale} * (q - zero_point);
      const auto i = static_cast<size_t>(q + 128);
      const double s = std::min(std::round(256 / (1 + std::exp(-x))) - 128, 127.0);
      const double t = std::clamp(std::round(128 * std::tanh(x)), -128.0, 127.0);
      INFO("scale " << scale << ", zero point " << zero_point << ", input " << q);
      CHECK(std::abs(logistic[i] - s) + std::abs(tanh[i] - t) <= 1);
      differing += logistic[i] != s || tanh[i] != t ? 1 : 0;
    }
  }
  CHECK(entries > 80000);
  CHECK(differing <= 3);
  CHECK(logistic_table(1, 0)[128] == 0);
  CHECK(tanh_table(1, 5)[133] == 0);
  // Beyond 15 all is saturated; a scale of 2^10 leaves nothing but the zero point's neighbours.
  CHECK(logistic_table(1024, 0)[127] == -128);
  CHECK(tanh_table(1024, 0)[129] == 127);
  CHECK(logistic_table(3e38F, 0)[129] == 127);
  CHECK_THROWS_AS(logistic_table(0x1p-29F, 0), Error);
  CHECK_THROWS_AS(tanh_table(1e-38F, 0), Error);
}

// As the reference kernels write it.
int32_t divided(int32_t sum, int32_t count) {
  return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

// Both sides are step functions of the sum: it is enough to look where the quotient changes.
TEST_CASE("averages equal the reference kernels' division for every tap count and sum") {
  uint64_t wrong = 0, compared = 0;
  for (int taps = 1; taps <= kMostTaps; ++taps) {
    const Reciprocal by = reciprocal_of(taps);
    for (int quotient = 0; quotient <= 128; ++quotient) {
      const int first =
          quotient * taps - taps / 2;  // the least sum with this quotient, where positive
      for (int sum = first - 1; sum <= first + 1; ++sum) {
        if (sum < 0 || sum > 128 * taps) continue;
        wrong += average(sum, by) != divided(sum, taps);
        wrong += average(-sum, by) != divided(-sum, taps);
        compared += 2;
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(compared > 40'000'000);
  for (const int taps : {1, 2, 3, 7, 9, 49, 64, 961, 2942}) {
    const Reciprocal by = reciprocal_of(taps);
    for (int sum = -128 * taps; sum <= 128 * taps; ++sum)
      wrong += average(sum, by) != divided(sum, taps);
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace weft::quant
