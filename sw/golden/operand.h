// An int8 tensor of any rank, as operators read it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weft::golden {

struct Operand {
  const std::vector<int>& shape;
  std::span<const int8_t> elements;  // row-major
};

}  // namespace weft::golden
