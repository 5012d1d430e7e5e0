// Elements of tensors of any rank: coordinates in row-major order, and strides to find them by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::golden {

// From an element to the next one along each dimension, in elements.
inline std::vector<int64_t> strides_of(const std::vector<int>& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t step = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    strides[d] = step;
    step *= shape[d];
  }
  return strides;
}

// The same for a tensor that is read at coordinates of `rank` dimensions: 0 along those it
// lacks or has once, so that it repeats there.
inline std::vector<int64_t> broadcast_strides(const std::vector<int>& shape, size_t rank) {
  std::vector<int64_t> strides(rank);
  const std::vector<int64_t> own = strides_of(shape);
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] > 1) strides[rank - shape.size() + d] = own[d];
  }
  return strides;
}

inline size_t offset_of(const std::vector<int>& at, const std::vector<int64_t>& strides) {
  int64_t offset = 0;
  for (size_t d = 0; d < at.size(); ++d) offset += at[d] * strides[d];
  return static_cast<size_t>(offset);
}

// visit(coordinates) for every element of `shape`, the last dimension fastest.
template <class Visit>
void for_each_coordinate(const std::vector<int>& shape, Visit visit) {
  std::vector<int> at(shape.size());
  while (true) {
    visit(static_cast<const std::vector<int>&>(at));
    size_t d = shape.size();
    while (d > 0 && ++at[d - 1] == shape[d - 1]) at[--d] = 0;
    if (d == 0) return;
  }
}

}  // namespace weft::golden
