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
  const int64_t m = layer.mid.pixels();
  const uint64_t blocks = ceil_div64(layer.mid.c, config.cols);
  const auto out_words =
      static_cast<uint64_t>(layer.out.pixels()) * ceil_div64(layer.out.c, config.cols);
  if (layer.uses_acc()) {
    const int64_t k = int64_t{layer.kernel.h} * layer.kernel.w * (layer.in().c / layer.groups);
    if (layer.uses_array()) {
      floor.array = ceil_div64(k, config.rows) * blocks *
                    static_cast<uint64_t>(std::max<int64_t>(m, config.rows));
    } else {
      constexpr int64_t kTapsACycle = 3;
      floor.depthwise = static_cast<uint64_t>(m) * blocks *
                        ceil_div64(int64_t{layer.kernel.h} * layer.kernel.w, kTapsACycle);
    }
    floor.vector = static_cast<uint64_t>(m) * blocks;
    constexpr int64_t kParameterBytes = 9;  // bias, multiplier, shift
    constant_bytes = layer.mid.c * (k + kParameterBytes);
  } else {
    constexpr uint64_t kAddCycles = 3;
    floor.vector = out_words * static_cast<uint64_t>(layer.pool.h * layer.pool.w) *
                   (layer.opcode == isa::Opcode::kAdd ? kAddCycles : 1);
  }
  const int64_t bus_bytes = config.bus_bits / 8;
  int64_t in = 0;
  for (const Operand& o : layer.operands) in += o.view.elements();
  const int64_t out = layer.out.elements();
  floor.bus =
      ceil_div64(constant_bytes + (reads_input ? in : 0) + (writes_output ? out : 0), bus_bytes);
  floor.bus_alone = ceil_div64(constant_bytes + in + out, bus_bytes);
  return floor;
}

}  // namespace weft::compiler
