// Passes of the vector engine, output by output.
#include <algorithm>

#include "base/bytes.h"
#include "emulator/machine.h"
#include "isa/vector_op.h"
#include "quant/average.h"
#include "quant/rounding.h"

namespace weft::emulator {
namespace {

using isa::ErrorCode;
using isa::Opcode;

size_t wrap16(int64_t value) { return static_cast<size_t>(value & 0xffff); }

int32_t wrapping_add(int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

// A parameter block, or what of it a lane has.
std::vector<quant::Reciprocal> read_block(const uint8_t* block, size_t lanes) {
  std::vector<quant::Reciprocal> params(lanes);
  for (size_t c = 0; c < lanes; ++c) {
    params[c].bias = static_cast<int32_t>(load_le32(block + 4 * c));
    params[c].multiplier = static_cast<int32_t>(load_le32(block + 4 * (lanes + c)) & 0x7fffffff);
    params[c].right_shift = block[8 * lanes + c] & 31;
  }
  return params;
}

int32_t requantise(int32_t v, const quant::Reciprocal& lane) {
  return quant::multiply_by_quantized_multiplier(wrapping_add(v, lane.bias), lane.multiplier,
                                                 -lane.right_shift);
}

// A term of a sum: (q - zero_point) * 2^20, rescaled.
int32_t rescale_term(int8_t q, int32_t zero_point, uint32_t multiplier, uint32_t right_shift) {
  return quant::multiply_by_quantized_multiplier((q - zero_point) * (1 << 20),
                                                 static_cast<int32_t>(multiplier),
                                                 -static_cast<int>(right_shift));
}

}  // namespace

// What an output's window holds, lane by lane: maximum or sum.
Fault Machine::window_value(const isa::VectorDesc& d, int oy, int ox, std::span<int32_t> value) {
  const auto opcode = static_cast<Opcode>(d.header.opcode);
  const bool from_acc = isa::vector_op(opcode).from_acc;
  const bool sum = opcode == Opcode::kMean || opcode == Opcode::kAvgpool;
  const size_t lanes = value.size();
  const size_t words = (from_acc ? acc_.size() : act_.size()) / lanes;
  bool any = false;
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
      const int32_t* acc = acc_.data() + src * lanes;
      const auto* act = reinterpret_cast<const int8_t*>(act_.data()) + src * lanes;
      for (size_t c = 0; c < lanes; ++c) {
        const int32_t v = from_acc ? acc[c] : act[c];
        value[c] = !any ? v : sum ? value[c] + v : std::max(value[c], v);
      }
      any = true;
    }
  }
  return {any ? ErrorCode::kNone : ErrorCode::kBadDescriptor, 0, 0};
}

Fault Machine::vector_pass(const isa::VectorDesc& d) {
  const auto opcode = static_cast<Opcode>(d.header.opcode);
  const isa::VectorOp op = isa::vector_op(opcode);
  const auto lanes = static_cast<size_t>(config_.rows);
  const uint8_t* params =
      param_.data() + d.param_addr * lanes;  // check_descriptor has seen to its range
  std::vector<quant::Reciprocal> block;
  if (op.params == isa::VectorOp::Params::kBlock) block = read_block(params, lanes);
  const bool subtract = (d.header.flags & isa::kVectorFlagSubtract) != 0;
  std::vector<int32_t> value(lanes);
  for (int oy = 0; oy < static_cast<int>(d.out_h); ++oy) {
    for (int ox = 0; ox < static_cast<int>(d.out_w); ++ox) {
      if (Fault f = window_value(d, oy, ox, value); f.code != ErrorCode::kNone) return f;
      const int8_t* second = nullptr;
      if (op.second_source) {
        ++busy(isa::Engine::kVector);
        const size_t src2 = wrap16(int64_t{d.src2_addr} + int64_t{oy} * d.src2_row_pitch +
                                   int64_t{ox} * d.src2_col_pitch);
        if ((src2 + 1) * lanes > act_.size()) return {ErrorCode::kChipRange, 0, 0};
        second = reinterpret_cast<const int8_t*>(act_.data()) + src2 * lanes;
      }
      const size_t dst = wrap16(int64_t{d.dst_addr} + int64_t{oy} * d.dst_row_pitch +
                                int64_t{ox} * d.dst_col_pitch);
      if ((dst + 1) * lanes > act_.size()) return {ErrorCode::kChipRange, 0, 0};
      for (size_t c = 0; c < lanes; ++c) {
        int64_t y = value[c];  // a zero point may lead beyond 32 bits
        switch (opcode) {
          case Opcode::kRequant:
          case Opcode::kMean: y = int64_t{requantise(value[c], block[c])} + d.zero_point; break;
          case Opcode::kAvgpool:
            y = int64_t{quant::average(value[c], block[c])} + d.zero_point;
            break;
          case Opcode::kLut: y = static_cast<int8_t>(params[static_cast<uint8_t>(value[c])]); break;
          case Opcode::kAdd: {
            const int32_t a = rescale_term(static_cast<int8_t>(value[c]), d.src_zero_point,
                                           d.src_multiplier, d.src_right_shift);
            const int32_t b =
                rescale_term(second[c], d.src2_zero_point, d.src2_multiplier, d.src2_right_shift);
            y = int64_t{requantise(subtract ? a - b : a + b, block[c])} + d.zero_point;
            break;
          }
          case Opcode::kMul:
            y = int64_t{requantise((value[c] - d.src_zero_point) * (second[c] - d.src2_zero_point),
                                   block[c])} +
                d.zero_point;
            break;
          case Opcode::kMaximum: y = std::max<int32_t>(value[c], second[c]); break;
          case Opcode::kMinimum: y = std::min<int32_t>(value[c], second[c]); break;
          default: break;  // maxpool
        }
        y = std::min<int64_t>(std::max<int64_t>(y, d.clamp_min), d.clamp_max);
        act_[dst * lanes + c] =
            c < static_cast<size_t>(d.valid_lanes) ? static_cast<uint8_t>(y) : 0;
      }
    }
  }
  return {};
}

}  // namespace weft::emulator
