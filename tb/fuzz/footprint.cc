// What instructions touch, found by walking the formulas of configs/isa.yaml word by word;
// apart from the emulator, so that an error in one shows against the other.
#include <algorithm>

#include "isa/check.h"
#include "program.h"

namespace weft::tb {
namespace {

using compiler::Access;
using compiler::Space;

constexpr int64_t kMostRuns = 4096, kMostBytes = 1 << 16, kMostWork = 1 << 16;

// Cells of one memory that are touched, in any order, as runs.
class Touched {
 public:
  Touched(Space space, bool write, int64_t size)
      : space_(space), write_(write), touched_(static_cast<size_t>(size)) {}

  // False: outside.
  bool add(int64_t cell) {
    if (cell < 0 || cell >= static_cast<int64_t>(touched_.size())) return false;
    touched_[static_cast<size_t>(cell)] = true;
    low_ = std::min(low_, cell);
    high_ = std::max(high_, cell);
    return true;
  }
  bool has(int64_t cell) const { return touched_[static_cast<size_t>(cell)]; }

  void append_to(std::vector<Access>& accesses) const {
    for (int64_t i = low_; i <= high_; ++i) {
      if (!has(i)) continue;
      int64_t end = i;
      while (end <= high_ && has(end)) ++end;
      accesses.push_back({space_, write_, i, end - i});
      i = end;
    }
  }

 private:
  Space space_;
  bool write_;
  std::vector<bool> touched_;
  int64_t low_ = INT64_MAX, high_ = -1;
};

// On-chip addresses are modulo 65536.
int64_t wrap(int64_t address) { return address & 0xffff; }

class Walker {
 public:
  explicit Walker(const Program& program)
      : program_(program),
        config_(*program.config),
        act_read_(Space::kAct, false, config_.act_words),
        act_write_(Space::kAct, true, config_.act_words),
        wgt_(Space::kWgt, false, config_.wgt_words) {}

  bool walk(const isa::TransferDesc& d);
  bool walk(const isa::ArrayDesc& d);
  bool walk(const isa::DepthwiseDesc& d);
  bool walk(const isa::VectorDesc& d);

  std::vector<Access> accesses() {
    for (const Touched* t : {&act_read_, &act_write_, &wgt_}) t->append_to(accesses_);
    return std::move(accesses_);
  }

 private:
  bool dram_side(const isa::TransferDesc& d, std::vector<int64_t>& bytes);
  bool param_byte(int64_t position, int64_t source) const;

  const Program& program_;
  const isa::HardwareConfig& config_;
  Touched act_read_, act_write_, wgt_;
  std::vector<Access> accesses_;
};

// Addresses of the stream's bytes in the window.
bool Walker::dram_side(const isa::TransferDesc& d, std::vector<int64_t>& bytes) {
  const Region& region = program_.regions[d.region];
  const bool write = static_cast<isa::Opcode>(d.header.opcode) == isa::Opcode::kStore;
  if (!(write ? region.writable : region.readable)) return false;
  Touched dram(Space::kDram, write, program_.window_bytes);
  for (int64_t i2 = 0; i2 < d.dram_count2; ++i2) {
    for (int64_t i1 = 0; i1 < d.dram_count1; ++i1) {
      const int64_t first =
          static_cast<int64_t>(d.dram_offset) + i2 * d.dram_stride2 + i1 * d.dram_stride1;
      if (first < 0 || first + d.dram_run > region.bytes) return false;
      for (int64_t b = 0; b < d.dram_run; ++b) {
        bytes.push_back(region.base + first + b);
        dram.add(bytes.back());
      }
    }
  }
  dram.append_to(accesses_);
  return true;
}

// May byte `position` of param memory come from byte `source` of the window? Multipliers and
// shifts come from the same place of a parameter block; all else may be anything.
bool Walker::param_byte(int64_t position, int64_t source) const {
  const int64_t word = config_.word_bytes(), block = kParamBlockWords * word;
  const int64_t in_slots = position - program_.param_slots * word;
  if (in_slots < 0 || in_slots % block < 4 * word) return true;
  const Region& region = program_.regions[kParamRegion];
  const int64_t in_source = source - region.base - program_.param_source;
  return in_source >= 0 && source < region.base + region.bytes &&
         in_source % block == in_slots % block;
}

bool Walker::walk(const isa::TransferDesc& d) {
  if (int64_t{d.dram_count1} * d.dram_count2 > kMostRuns ||
      int64_t{d.chip_count1} * d.chip_count2 > kMostRuns || d.dram_run > kMostBytes ||
      int64_t{d.dram_run} * d.dram_count1 * d.dram_count2 > kMostBytes) {
    return false;
  }
  std::vector<int64_t> stream;
  if (!dram_side(d, stream)) return false;
  const int64_t lanes = config_.word_bytes();
  const bool write = static_cast<isa::Opcode>(d.header.opcode) == isa::Opcode::kLoad;
  const auto memory = static_cast<isa::Memory>(d.mem);
  Touched wgt(Space::kWgt, true, config_.wgt_words),
      param(Space::kParam, true, config_.param_words);
  Touched& chip = memory == isa::Memory::kWgt     ? wgt
                  : memory == isa::Memory::kParam ? param
                  : write                         ? act_write_
                                                  : act_read_;
  size_t from = 0;
  for (int64_t i2 = 0; i2 < d.chip_count2; ++i2) {
    for (int64_t i1 = 0; i1 < d.chip_count1; ++i1) {
      const int64_t start = int64_t{d.chip_addr} + i2 * d.chip_stride2 + i1 * d.chip_stride1;
      for (int64_t b = 0; b < d.chip_run; ++b) {
        const int64_t word = wrap(start + b / lanes);
        if (b % lanes == 0 && !chip.add(word)) return false;
        if (memory == isa::Memory::kParam && !param_byte(word * lanes + b % lanes, stream[from]))
          return false;
        ++from;
      }
    }
  }
  wgt.append_to(accesses_);
  param.append_to(accesses_);
  return true;
}

bool Walker::walk(const isa::ArrayDesc& d) {
  const int64_t lanes = config_.rows;
  const bool shallow = (d.header.flags & isa::kArrayFlagShallow) != 0;
  const int64_t tiles = shallow ? d.kc : int64_t{d.kh} * d.kw * d.kc;
  const int64_t outputs = int64_t{d.out_h} * d.out_w;
  if (outputs * tiles > kMostWork || (shallow && outputs * d.kh * d.kw > 16 * kMostWork))
    return false;
  for (int64_t oy = 0; oy < d.out_h; ++oy) {
    for (int64_t ky = 0; ky < d.kh; ++ky) {
      const int64_t iy = oy * d.stride_y + ky * d.dil_y + d.y0;
      if (iy < 0 || iy >= d.in_h) continue;
      for (int64_t ox = 0; ox < d.out_w; ++ox) {
        for (int64_t kx = 0; kx < d.kw; ++kx) {
          const int64_t ix = ox * d.stride_x + kx * (shallow ? 1 : d.dil_x) + d.x0;
          if (ix < 0 || ix >= d.in_w) continue;
          const int64_t row = int64_t{d.in_addr} + iy * d.in_row_pitch;
          if (shallow) {
            if (!act_read_.add(wrap(row + ix / lanes))) return false;
            continue;
          }
          for (int64_t kc = 0; kc < d.kc; ++kc) {
            if (!act_read_.add(wrap(row + ix * d.in_col_pitch + kc * d.in_blk_pitch))) return false;
          }
        }
      }
    }
  }
  for (int64_t w = 0; w < tiles * lanes; ++w) wgt_.add(d.wgt_addr + w);
  accesses_.push_back({Space::kAcc, true, d.acc_addr, outputs});
  return true;
}

bool Walker::walk(const isa::DepthwiseDesc& d) {
  const int64_t outputs = int64_t{d.out_h} * d.out_w, taps = int64_t{d.kh} * d.kw;
  if (outputs * taps > kMostWork) return false;
  for (int64_t output = 0; output < outputs; ++output) {
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t iy = output / d.out_w * d.stride_y + tap / d.kw * d.dil_y + d.y0;
      const int64_t ix = output % d.out_w * d.stride_x + tap % d.kw * d.dil_x + d.x0;
      if (iy < 0 || iy >= d.in_h || ix < 0 || ix >= d.in_w) continue;
      if (!act_read_.add(wrap(int64_t{d.in_addr} + iy * d.in_row_pitch + ix * d.in_col_pitch)))
        return false;
    }
  }
  accesses_.push_back({Space::kParam, false, d.param_addr, taps});
  accesses_.push_back({Space::kAcc, true, d.acc_addr, outputs});
  return true;
}

// Words of a pass's parameters, and whether they are a block.
struct ParamUse {
  int64_t words = 0;
  bool block = false;
};
ParamUse param_use(isa::Opcode opcode, const isa::HardwareConfig& config) {
  using isa::Opcode;
  switch (opcode) {
    case Opcode::kMaxpool:
    case Opcode::kMaximum:
    case Opcode::kMinimum: return {};
    case Opcode::kLut: return {256 / config.word_bytes(), false};
    default: return {kParamBlockWords, true};
  }
}

bool Walker::walk(const isa::VectorDesc& d) {
  const auto opcode = static_cast<isa::Opcode>(d.header.opcode);
  const bool requant = opcode == isa::Opcode::kRequant;
  const bool two_sources = opcode == isa::Opcode::kAdd || opcode == isa::Opcode::kMul ||
                           opcode == isa::Opcode::kMaximum || opcode == isa::Opcode::kMinimum;
  if (int64_t{d.out_h} * d.out_w * d.win_h * d.win_w > kMostWork || d.clamp_min > d.clamp_max)
    return false;
  Touched acc(Space::kAcc, false, config_.acc_entries());
  Touched& source = requant ? acc : act_read_;
  for (int64_t oy = 0; oy < d.out_h; ++oy) {
    for (int64_t ox = 0; ox < d.out_w; ++ox) {
      bool any = false;
      for (int64_t wy = 0; wy < d.win_h; ++wy) {
        const int64_t sy = oy * d.win_stride_y + wy + d.y0;
        if (sy < 0 || sy >= d.src_h) continue;
        for (int64_t wx = 0; wx < d.win_w; ++wx) {
          const int64_t sx = ox * d.win_stride_x + wx + d.x0;
          if (sx < 0 || sx >= d.src_w) continue;
          any = true;
          const int64_t word =
              wrap(int64_t{d.src_addr} + sy * d.src_row_pitch + sx * d.src_col_pitch);
          if (!source.add(word)) return false;
          // A pass may not read what it has written itself: reads run ahead.
          if (!requant && act_write_.has(word)) return false;
        }
      }
      if (two_sources) {
        const int64_t word =
            wrap(int64_t{d.src2_addr} + oy * d.src2_row_pitch + ox * d.src2_col_pitch);
        if (!act_read_.add(word) || act_write_.has(word)) return false;
      }
      const int64_t to = wrap(int64_t{d.dst_addr} + oy * d.dst_row_pitch + ox * d.dst_col_pitch);
      if (!any || !act_write_.add(to)) return false;
    }
  }
  acc.append_to(accesses_);
  const ParamUse params = param_use(opcode, config_);
  if (params.block) {
    const int64_t slot = int64_t{d.param_addr} - program_.param_slots;
    if (slot < 0 || slot % kParamBlockWords != 0) return false;
  }
  if (params.words > 0) accesses_.push_back({Space::kParam, false, d.param_addr, params.words});
  return true;
}

}  // namespace

std::optional<std::vector<Access>> footprint(const Program& program,
                                             const Instruction& instruction) {
  if (isa::check_descriptor(encode(instruction), *program.config) != isa::ErrorCode::kNone)
    return std::nullopt;
  Walker walker(program);
  if (!std::visit([&](const auto& d) { return walker.walk(d); }, instruction)) return std::nullopt;
  return walker.accesses();
}

}  // namespace weft::tb
