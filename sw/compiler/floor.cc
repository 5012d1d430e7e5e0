#include "compiler/floor.h"

#include <algorithm>

namespace weft::compiler {
namespace {

uint64_t ceil_div64(int64_t a, int64_t b) { return static_cast<uint64_t>((a + b - 1) / b); }

}  // namespace

Floor floor_of(const Layer& layer, const isa::HardwareConfig& config, bool reads_input,
               bool writes_output) {
  Floor floor;
  int64_t constant_bytes = 0;
  if (layer.uses_array()) {
    const int64_t m = int64_t{layer.mid.n} * layer.mid.h * layer.mid.w;
    const int64_t k = int64_t{layer.kernel.h} * layer.kernel.w * (layer.in.c / layer.groups);
    const uint64_t blocks = ceil_div64(layer.mid.c, config.cols);
    floor.array = ceil_div64(k, config.rows) * blocks *
                  static_cast<uint64_t>(std::max<int64_t>(m, config.rows));
    floor.vector = static_cast<uint64_t>(m) * blocks;
    constexpr int64_t kParameterBytes = 9;  // bias, multiplier, shift
    constant_bytes = layer.weights->elements() + layer.mid.c * kParameterBytes;
  } else {
    floor.vector = static_cast<uint64_t>(int64_t{layer.out.n} * layer.out.h * layer.out.w *
                                         layer.pool.h * layer.pool.w) *
                   ceil_div64(layer.out.c, config.cols);
  }
  const int64_t bus_bytes = config.bus_bits / 8;
  const int64_t in = layer.in.elements();
  const int64_t out = layer.out.elements();
  floor.bus = ceil_div64(constant_bytes + (reads_input ? in : 0) + (writes_output ? out : 0), bus_bytes);
  floor.bus_alone = ceil_div64(constant_bytes + in + out, bus_bytes);
  return floor;
}

}  // namespace weft::compiler
