// From a 32-bit sum to the int8 activation.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/graph.h"
#include "quant/rounding.h"

namespace weft::golden {

// clamp(sum * rescale + zero_point). The zero point is added in 64 bits: a rescaled sum may be
// as large as 32 bits can hold.
inline int8_t requantize(int32_t sum, const model::Rescale& rescale, int32_t zero_point,
                         const model::Clamp& clamp) {
  const int64_t scaled =
      quant::multiply_by_quantized_multiplier(sum, rescale.multiplier, rescale.shift);
  return static_cast<int8_t>(std::clamp<int64_t>(scaled + zero_point, clamp.min, clamp.max));
}

}  // namespace weft::golden
