#include "golden/elementwise.h"

#include <algorithm>

#include "golden/coordinates.h"
#include "golden/requantize.h"

namespace weft::golden {
namespace {

// output = function(a, b) at every element of the output's shape.
template <class Function>
void combine(Operand a, Operand b, const std::vector<int>& output_shape, std::span<int8_t> output,
             Function function) {
  const std::vector<int64_t> of_a = broadcast_strides(a.shape, output_shape.size());
  const std::vector<int64_t> of_b = broadcast_strides(b.shape, output_shape.size());
  size_t next = 0;
  for_each_coordinate(output_shape, [&](const std::vector<int>& at) {
    output[next++] = function(a.elements[offset_of(at, of_a)], b.elements[offset_of(at, of_b)]);
  });
}

}  // namespace

void add(const model::Add& add, Operand a, Operand b, const std::vector<int>& output_shape,
         std::span<int8_t> output) {
  const auto scaled = [&](size_t input, int32_t q) {
    return quant::multiply_by_quantized_multiplier(
        (q - add.input_zero_points[input]) * (1 << add.left_shift),
        add.input_rescale[input].multiplier, add.input_rescale[input].shift);
  };
  combine(a, b, output_shape, output, [&](int8_t qa, int8_t qb) {
    const int32_t va = scaled(0, qa), vb = scaled(1, qb);
    const int32_t sum = add.subtract ? va - vb : va + vb;  // below 2^30
    return requantize(sum, add.output_rescale, add.output_zero_point, add.clamp);
  });
}

void mul(const model::Mul& mul, Operand a, Operand b, const std::vector<int>& output_shape,
         std::span<int8_t> output) {
  combine(a, b, output_shape, output, [&](int8_t qa, int8_t qb) {
    const int32_t product = (qa - mul.input_zero_points[0]) * (qb - mul.input_zero_points[1]);
    return requantize(product, mul.rescale, mul.output_zero_point, mul.clamp);
  });
}

void max_min(const model::MaxMin& pick, Operand a, Operand b, const std::vector<int>& output_shape,
             std::span<int8_t> output) {
  combine(a, b, output_shape, output,
          [&](int8_t qa, int8_t qb) { return pick.maximum ? std::max(qa, qb) : std::min(qa, qb); });
}

}  // namespace weft::golden
