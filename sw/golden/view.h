// Elements of a four-dimensional tensor by their coordinates, in row-major order: activations
// are (n, y, x, channel), filters (output channel, y, x, input channel).
#pragma once

#include <array>
#include <cstddef>

namespace weft::golden {

template <class T>
struct View4 {
  T* data;
  std::array<int, 4> shape;

  T& operator()(int i, int j, int k, int l) const {
    auto at = static_cast<size_t>(i);
    at = at * static_cast<size_t>(shape[1]) + static_cast<size_t>(j);
    at = at * static_cast<size_t>(shape[2]) + static_cast<size_t>(k);
    at = at * static_cast<size_t>(shape[3]) + static_cast<size_t>(l);
    return data[at];
  }
};

}  // namespace weft::golden
