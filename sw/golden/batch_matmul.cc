#include "golden/batch_matmul.h"

#include <utility>

#include "golden/coordinates.h"
#include "golden/requantize.h"

namespace weft::golden {
namespace {

// Strides with which an operand is read at the output's coordinates: its last two are those of
// its rows and columns after the swap.
std::vector<int64_t> matrix_strides(const std::vector<int>& shape, bool swapped, size_t rank) {
  std::vector<int64_t> strides = broadcast_strides(shape, rank);
  if (swapped) std::swap(strides[rank - 2], strides[rank - 1]);
  return strides;
}

}  // namespace

void batch_matmul(const model::BatchMatMul& product, Operand x, Operand y,
                  const std::vector<int>& output_shape, std::span<int8_t> output) {
  const size_t rank = output_shape.size();
  const int depth = x.shape[x.shape.size() - (product.swapped_x ? 2 : 1)];
  std::vector<int64_t> of_x = matrix_strides(x.shape, product.swapped_x, rank);
  std::vector<int64_t> of_y = matrix_strides(y.shape, product.swapped_y, rank);
  // The sum runs along x's columns and y's rows; the output's coordinates leave them at 0.
  const auto x_step = static_cast<size_t>(std::exchange(of_x[rank - 1], 0));
  const auto y_step = static_cast<size_t>(std::exchange(of_y[rank - 2], 0));
  size_t next = 0;
  for_each_coordinate(output_shape, [&](const std::vector<int>& at) {
    const size_t x_first = offset_of(at, of_x), y_first = offset_of(at, of_y);
    int32_t sum = 0;  // fits 32 bits (model::check)
    for (size_t i = 0; i < static_cast<size_t>(depth); ++i) {
      sum += (x.elements[x_first + i * x_step] - product.input_zero_points[0]) *
             (y.elements[y_first + i * y_step] - product.input_zero_points[1]);
    }
    output[next++] = requantize(sum, product.rescale, product.output_zero_point, product.clamp);
  });
}

}  // namespace weft::golden
