// Passes of the vector engine, output by output.
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "emulator/address.h"
#include "emulator/machine.h"
#include "isa/vector_op.h"

namespace weft::emulator {
namespace {

using isa::ErrorCode;
using isa::Opcode;

// `params`: where the parameter block or table lies.
PassConstants constants_of(const isa::VectorDesc& d, const uint8_t* params, size_t lanes) {
  PassConstants pass;
  pass.opcode = static_cast<Opcode>(d.header.opcode);
  pass.subtract = (d.header.flags & isa::kVectorFlagSubtract) != 0;
  pass.valid_lanes = static_cast<int>(d.valid_lanes);
  pass.table = params;
  if (isa::vector_op(pass.opcode).params == isa::VectorOp::Params::kBlock) {
    for (size_t c = 0; c < lanes; ++c) {
      pass.bias[c] = static_cast<int32_t>(load_le32(params + 4 * c));
      pass.multiplier[c] = static_cast<int32_t>(load_le32(params + 4 * (lanes + c)) & 0x7fffffff);
      pass.right_shift[c] = params[8 * lanes + c] & 31;
    }
    pass.zero_point = d.zero_point;
  }
  pass.clamp_min = d.clamp_min;
  pass.clamp_max = d.clamp_max;
  pass.src_zero_point = d.src_zero_point;
  pass.src_multiplier = static_cast<int32_t>(d.src_multiplier);
  pass.src_right_shift = static_cast<int32_t>(d.src_right_shift);
  pass.src2_zero_point = d.src2_zero_point;
  pass.src2_multiplier = static_cast<int32_t>(d.src2_multiplier);
  pass.src2_right_shift = static_cast<int32_t>(d.src2_right_shift);
  return pass;
}

}  // namespace

// What an output's window holds, lane by lane: maximum or sum. `value` is made to point to
// `storage`, or to the window's only tap where that is as good.
Fault Machine::window_value(const isa::VectorDesc& d, int oy, int ox, std::span<int32_t> storage,
                            const int32_t*& value) {
  const auto opcode = static_cast<Opcode>(d.header.opcode);
  const bool from_acc = isa::vector_op(opcode).from_acc;
  const bool sum = opcode == Opcode::kMean || opcode == Opcode::kAvgpool;
  const auto lanes = static_cast<size_t>(config_.rows);
  const size_t words = (from_acc ? acc_.size() : act_.size()) / lanes;
  const bool only = d.win_h == 1 && d.win_w == 1;
  value = storage.data();
  Join how = Join::kFirst;
  for (int wy = 0; wy < static_cast<int>(d.win_h); ++wy) {
    const int sy = oy * static_cast<int>(d.win_stride_y) + wy + d.y0;
    if (sy < 0 || sy >= static_cast<int>(d.src_h)) continue;
    for (int wx = 0; wx < static_cast<int>(d.win_w); ++wx) {
      const int sx = ox * static_cast<int>(d.win_stride_x) + wx + d.x0;
      if (sx < 0 || sx >= static_cast<int>(d.src_w)) continue;
      ++busy(isa::Engine::kVector);
      const size_t src = wrap16(int64_t{d.src_addr} + int64_t{sy} * d.src_row_pitch +
                                int64_t{sx} * d.src_col_pitch);
      if (src >= words) return {ErrorCode::kChipRange, 0, 0};
      if (from_acc && only) {
        value = acc_.data() + src * lanes;
        return {};
      }
      if (from_acc) {
        kernels_.join_acc(how, acc_.data() + src * lanes, storage.data());
      } else {
        const auto* tap = reinterpret_cast<const int8_t*>(act_.data()) + src * lanes;
        kernels_.join_act(how, tap, storage.data());
      }
      how = sum ? Join::kSum : Join::kMaximum;
    }
  }
  return {how == Join::kFirst ? ErrorCode::kBadDescriptor : ErrorCode::kNone, 0, 0};
}

Fault Machine::vector_pass(const isa::VectorDesc& d) {
  const auto lanes = static_cast<size_t>(config_.rows);
  const isa::VectorOp op = isa::vector_op(static_cast<Opcode>(d.header.opcode));
  // check_descriptor has seen to its range
  const PassConstants pass = constants_of(d, param_.data() + d.param_addr * lanes, lanes);
  auto* act = reinterpret_cast<int8_t*>(act_.data());
  std::array<int32_t, kMostLanes> storage;
  for (int oy = 0; oy < static_cast<int>(d.out_h); ++oy) {
    for (int ox = 0; ox < static_cast<int>(d.out_w); ++ox) {
      const int32_t* value = nullptr;
      if (Fault f = window_value(d, oy, ox, storage, value); f.code != ErrorCode::kNone) return f;
      const int8_t* second = nullptr;
      if (op.second_source) {
        ++busy(isa::Engine::kVector);
        const size_t src2 = wrap16(int64_t{d.src2_addr} + int64_t{oy} * d.src2_row_pitch +
                                   int64_t{ox} * d.src2_col_pitch);
        if ((src2 + 1) * lanes > act_.size()) return {ErrorCode::kChipRange, 0, 0};
        second = act + src2 * lanes;
      }
      const size_t dst = wrap16(int64_t{d.dst_addr} + int64_t{oy} * d.dst_row_pitch +
                                int64_t{ox} * d.dst_col_pitch);
      if ((dst + 1) * lanes > act_.size()) return {ErrorCode::kChipRange, 0, 0};
      kernels_.finish(pass, value, second, act + dst * lanes);
    }
  }
  return {};
}

}  // namespace weft::emulator
