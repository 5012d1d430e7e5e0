#include "golden/moves.h"

#include <algorithm>

#include "golden/coordinates.h"

namespace weft::golden {
namespace {

// Puts `input` into `output`, its first element at coordinates `origin`.
void place(Operand input, const std::vector<int>& origin, const std::vector<int>& output_shape,
           std::span<int8_t> output) {
  const std::vector<int64_t> strides = strides_of(output_shape);
  const size_t first = offset_of(origin, strides);
  size_t next = 0;
  for_each_coordinate(input.shape, [&](const std::vector<int>& at) {
    output[first + offset_of(at, strides)] = input.elements[next++];
  });
}

}  // namespace

void pad(const model::Pad& pad, Operand input, const std::vector<int>& output_shape,
         std::span<int8_t> output) {
  std::fill(output.begin(), output.end(), pad.value);
  place(input, pad.before, output_shape, output);
}

void concat(const model::Concat& concat, std::span<const Operand> inputs,
            const std::vector<int>& output_shape, std::span<int8_t> output) {
  const auto axis = static_cast<size_t>(concat.axis);
  std::vector<int> origin(output_shape.size());
  for (const Operand& input : inputs) {
    place(input, origin, output_shape, output);
    origin[axis] += input.shape[axis];
  }
}

void transpose(const model::Transpose& transpose, Operand input,
               const std::vector<int>& output_shape, std::span<int8_t> output) {
  const std::vector<int64_t> of_input = strides_of(input.shape);
  std::vector<int64_t> strides;
  for (const int d : transpose.order) strides.push_back(of_input[static_cast<size_t>(d)]);
  size_t next = 0;
  for_each_coordinate(output_shape, [&](const std::vector<int>& at) {
    output[next++] = input.elements[offset_of(at, strides)];
  });
}

void strided_slice(const model::StridedSlice& slice, Operand input, std::span<int8_t> output) {
  const std::vector<int64_t> of_input = strides_of(input.shape);
  std::vector<int> from(slice.begin.size());
  size_t next = 0;
  for_each_coordinate(slice.extent, [&](const std::vector<int>& at) {
    for (size_t d = 0; d < at.size(); ++d) from[d] = slice.begin[d] + at[d] * slice.stride[d];
    output[next++] = input.elements[offset_of(from, of_input)];
  });
}

}  // namespace weft::golden
