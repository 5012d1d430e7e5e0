#include "compiler/durations.h"

#include <algorithm>

namespace weft::compiler {
namespace {

// Of the memory that figures are measured with, and of the way of a burst through the engine.
constexpr int64_t kMemoryLatency = 110;
// From an engine's last step to its raise and the next engine's first step.
constexpr int64_t kHandOver = 20;

}  // namespace

Duration duration_of(const isa::TransferDesc& d, const isa::HardwareConfig& config) {
  // A run takes whole beats on either side.
  const int64_t bus = config.bus_bits / 8;
  const auto beats = [&](int64_t run, int64_t count1, int64_t count2) {
    return (run + bus - 1) / bus * count1 * count2;
  };
  return {std::max(beats(d.chip_run, d.chip_count1, d.chip_count2),
                   beats(d.dram_run, d.dram_count1, d.dram_count2)),
          kMemoryLatency};
}

Duration duration_of(const isa::ArrayDesc& d, const isa::HardwareConfig& config) {
  const bool shallow = (d.header.flags & isa::kArrayFlagShallow) != 0;
  const int64_t tiles = shallow ? int64_t{d.kc} : int64_t{d.kh} * d.kw * d.kc;
  const int64_t vectors = int64_t{d.out_h} * d.out_w;
  return {tiles * std::max<int64_t>(vectors, config.rows), 2 * config.rows + kHandOver};
}

Duration duration_of(const isa::DepthwiseDesc& d, const isa::HardwareConfig&) {
  constexpr int64_t kTaps = 3;
  return {int64_t{d.out_h} * d.out_w * d.kh * ((d.kw + kTaps - 1) / kTaps), kHandOver};
}

Duration duration_of(const isa::VectorDesc& d, const isa::HardwareConfig&) {
  int64_t words = int64_t{d.win_h} * d.win_w;
  switch (static_cast<isa::Opcode>(d.header.opcode)) {
    case isa::Opcode::kAdd: words = 3; break;
    case isa::Opcode::kMul:
    case isa::Opcode::kMaximum:
    case isa::Opcode::kMinimum: words = 2; break;
    default: break;
  }
  return {int64_t{d.out_h} * d.out_w * words, kHandOver};
}

}  // namespace weft::compiler
