// Vector passes: descriptor, plain-loop reference and random passes that stay in their memories.
#pragma once

#include <array>
#include <vector>

#include "vector_bench.h"

namespace weft::tb {

inline constexpr int kActWords = WEFT_ACT_WORDS;
inline constexpr int kAccEntries = WEFT_ACC_BANKS * WEFT_ACC_DEPTH;
inline constexpr int kParamWords = WEFT_PARAM_WORDS;
// Sources lie in the lower half of act memory, destinations in the upper one: passes under way
// together do not meet.
inline constexpr int kSourceWords = kActWords / 2;

enum ErrorCode : unsigned { kNone = 0, kBadDescriptor = 2, kChipRange = 4 };

using Word = std::array<uint8_t, kLanes>;
using Entry = std::array<int32_t, kLanes>;

struct Memories {
  std::vector<Word> act{kActWords};
  std::vector<Entry> acc{kAccEntries};
  std::vector<Word> param{kParamWords};
};

enum Op : int { kRequant = 0x30, kMaxpool, kMean, kAvgpool, kLut, kAdd, kMul, kMaximum, kMinimum };
inline constexpr int kOps = 9;

struct Pass {
  Op op = kRequant;
  int src_addr = 0, src_h = 1, src_w = 1, src_row_pitch = 0, src_col_pitch = 0;
  int y0 = 0, x0 = 0, out_h = 1, out_w = 1, win_h = 1, win_w = 1, stride_y = 1, stride_x = 1;
  int dst_addr = kSourceWords, dst_row_pitch = 0, dst_col_pitch = 0;
  int param_addr = 0, valid_lanes = kLanes;
  int src2_addr = 0, src2_row_pitch = 0, src2_col_pitch = 0;
  std::array<SourceParams, 2> sources;
  bool subtract = false;
  PassParams params;
  int reserved_bit = -1;

  bool from_act() const { return op != kRequant; }
  bool two_sources() const { return op >= kAdd; }
  bool one_tap() const { return op >= kLut; }
  int param_words() const {
    if (op == kLut) return 256 / static_cast<int>(kLanes);
    return op == kMaxpool || op == kMaximum || op == kMinimum ? 0 : 9;
  }

  std::array<uint8_t, 64> encode() const {
    std::array<uint8_t, 64> d{};
    auto put8 = [&](int at, int value) {
      d[static_cast<size_t>(at)] = static_cast<uint8_t>(value);
    };
    auto put16 = [&](int at, int value) { put8(at, value), put8(at + 1, value >> 8); };
    auto put32 = [&](int at, int value) { put16(at, value), put16(at + 2, value >> 16); };
    put8(0, op), put8(1, subtract);
    put16(2, 0xbeef);
    put16(12, src_addr), put16(14, src_h), put16(16, src_w);
    put16(18, src_row_pitch), put16(20, src_col_pitch), put16(22, y0), put16(24, x0);
    put16(26, out_h), put16(28, out_w), put8(30, win_h), put8(31, win_w);
    put8(32, stride_y), put8(33, stride_x);
    put16(34, dst_addr), put16(36, dst_row_pitch), put16(38, dst_col_pitch), put16(40, param_addr);
    put8(42, params.zero_point), put8(43, params.clamp_min), put8(44, params.clamp_max);
    put8(45, valid_lanes);
    put16(46, src2_addr), put16(48, src2_row_pitch), put16(50, src2_col_pitch);
    put8(52, sources[0].zero_point), put8(53, sources[1].zero_point);
    put32(54, sources[0].multiplier), put32(58, sources[1].multiplier);
    put8(62, sources[0].right_shift), put8(63, sources[1].right_shift);
    if (reserved_bit >= 0) {
      d[static_cast<size_t>(reserved_bit / 8)] |= static_cast<uint8_t>(1 << (reserved_bit % 8));
    }
    return d;
  }
};

struct Write {
  int addr;
  Word data;
};

struct Expected {
  unsigned error = kNone;
  std::vector<Write> writes;
  std::vector<int> act_reads;  // words read of act memory
  uint64_t taps = 0;           // words read for complete outputs
};

inline bool malformed(const Pass& p) {
  return p.reserved_bit >= 0 || p.src_h == 0 || p.src_w == 0 || p.out_h == 0 || p.out_w == 0 ||
         p.win_h == 0 || p.win_w == 0 || p.stride_y == 0 || p.stride_x == 0 || p.valid_lanes == 0 ||
         p.valid_lanes > 64 || p.sources[0].multiplier < 0 || p.sources[1].multiplier < 0 ||
         (p.one_tap() && (p.win_h != 1 || p.win_w != 1));
}

inline LaneParams lane_params(const Memories& m, int addr, unsigned c) {
  uint32_t bias = 0, multiplier = 0;
  const auto base = static_cast<size_t>(addr);
  for (unsigned b = 0; b < 4; ++b) {
    const unsigned at = 4 * c + b;
    bias |= uint32_t{m.param[base + at / kLanes][at % kLanes]} << (8 * b);
    multiplier |= uint32_t{m.param[base + 4 + at / kLanes][at % kLanes]} << (8 * b);
  }
  return {static_cast<int32_t>(bias), static_cast<int32_t>(multiplier & 0x7fffffff),
          m.param[base + 8][c] & 31};
}

// One lane of one output: `taps` are its window's values, b the second source's.
inline uint8_t lane_result(const Pass& p, const Memories& m, unsigned c,
                           const std::vector<int32_t>& taps, int b) {
  const int32_t most = *std::max_element(taps.begin(), taps.end());
  int32_t sum = 0;
  for (int32_t tap : taps) sum += p.from_act() ? tap : 0;
  const int a = taps[0];
  const LaneParams lane = p.param_words() == 9 ? lane_params(m, p.param_addr, c) : LaneParams{};
  switch (p.op) {
    case kRequant: return requantise(most, lane, p.params);
    case kMaxpool: return clamp_byte(most, p.params);
    case kMean: return requantise(sum, lane, p.params);
    case kAvgpool: return average(2 * sum, lane, p.params);
    case kLut: {
      const auto index = static_cast<unsigned>(static_cast<uint8_t>(a));
      const Word& row = m.param[static_cast<size_t>(p.param_addr) + index / kLanes];
      return clamp_byte(static_cast<int8_t>(row[index % kLanes]), p.params);
    }
    case kAdd: {
      const int32_t term = rescale_term(b, p.sources[1]);
      return requantise(rescale_term(a, p.sources[0]) + (p.subtract ? -term : term), lane,
                        p.params);
    }
    case kMul:
      return requantise((a - p.sources[0].zero_point) * (b - p.sources[1].zero_point), lane,
                        p.params);
    case kMaximum: return clamp_byte(std::max(a, b), p.params);
    case kMinimum: return clamp_byte(std::min(a, b), p.params);
  }
  return 0;
}

inline Expected reference(const Pass& p, const Memories& m) {
  Expected result;
  auto stop = [&](ErrorCode code) { return result.error = code, result; };
  if (malformed(p)) return stop(kBadDescriptor);
  if (p.param_words() > 0 && p.param_addr + p.param_words() > kParamWords) return stop(kChipRange);
  auto place = [](int addr, int64_t y, int row, int64_t x, int col) {
    return static_cast<int>((addr + y * row + x * col) & 0xffff);
  };
  std::array<std::vector<int32_t>, kLanes> taps;
  for (int oy = 0; oy < p.out_h; ++oy) {
    for (int ox = 0; ox < p.out_w; ++ox) {
      for (auto& lane : taps) lane.clear();
      for (int wy = 0; wy < p.win_h; ++wy) {
        for (int wx = 0; wx < p.win_w; ++wx) {
          const int sy = oy * p.stride_y + wy + p.y0, sx = ox * p.stride_x + wx + p.x0;
          if (sy < 0 || sy >= p.src_h || sx < 0 || sx >= p.src_w) continue;
          const int addr = place(p.src_addr, sy, p.src_row_pitch, sx, p.src_col_pitch);
          if (addr >= (p.from_act() ? kActWords : kAccEntries)) return stop(kChipRange);
          if (p.from_act()) result.act_reads.push_back(addr);
          for (unsigned c = 0; c < kLanes; ++c) {
            taps[c].push_back(p.from_act()
                                  ? static_cast<int8_t>(m.act[static_cast<size_t>(addr)][c])
                                  : m.acc[static_cast<size_t>(addr)][c]);
          }
        }
      }
      if (taps[0].empty()) return stop(kBadDescriptor);
      Word second{};
      if (p.two_sources()) {
        const int addr = place(p.src2_addr, oy, p.src2_row_pitch, ox, p.src2_col_pitch);
        if (addr >= kActWords) return stop(kChipRange);
        result.act_reads.push_back(addr);
        second = m.act[static_cast<size_t>(addr)];
      }
      const int dst = place(p.dst_addr, oy, p.dst_row_pitch, ox, p.dst_col_pitch);
      if (dst >= kActWords) return stop(kChipRange);
      Write write{dst, {}};
      for (unsigned c = 0; c < kLanes && c < static_cast<unsigned>(p.valid_lanes); ++c) {
        write.data[c] = lane_result(p, m, c, taps[c], static_cast<int8_t>(second[c]));
      }
      result.writes.push_back(write);
      result.taps += taps[0].size() + (p.two_sources() ? 1 : 0);
    }
  }
  return result;
}

// A base for which base + i1 * pitch1 + i2 * pitch2 (i < n) stays in low .. high - 1; -1 if none.
inline int random_base(Random& random, int low, int high, int n1, int pitch1, int n2, int pitch2) {
  const int reach1 = (n1 - 1) * pitch1, reach2 = (n2 - 1) * pitch2;
  low -= std::min(reach1, 0) + std::min(reach2, 0);
  high -= std::max(reach1, 0) + std::max(reach2, 0);
  return low < high ? static_cast<int>(random.in(low, high - 1)) : -1;
}

// Fills one dimension: outputs, window, stride, source extent and first position.
inline void random_extent(Random& random, int most, int& out, int& win, int& stride, int& src,
                          int& first) {
  constexpr int kSize = kLanes;
  const int corners[] = {1, 2, 3, kSize - 1, kSize, kSize + 1, 7, 8, 9, 15, 17, 31, 33};
  out = random.one_in(2) ? corners[random.in(0, 12)] : static_cast<int>(random.in(1, 12));
  out = std::min(most, out);
  win = static_cast<int>(random.one_in(8) ? random.in(1, 7) : random.in(1, 3));
  stride = static_cast<int>(random.one_in(8) ? random.in(1, 6) : random.in(1, 3));
  first = random.one_in(2) ? 0 : static_cast<int>(random.in(1 - win, 2));
  // The last window has its first tap inside, and more taps or not.
  src = std::max(1, (out - 1) * stride + first + static_cast<int>(random.in(1, win + 1)));
  if ((out - 1) * stride + first >= src) src = (out - 1) * stride + first + 1;
}

// Fields of the opcode, and random ones that do not count.
inline void random_op(Random& random, Pass& p) {
  p.op = static_cast<Op>(random.one_in(4) ? kRequant : kRequant + random.in(0, kOps - 1));
  if (p.one_tap()) p.win_h = p.win_w = 1;
  for (SourceParams& source : p.sources) source = random_source(random);
  p.subtract = random.one_in(2);
  p.params = random_pass(random);
  p.valid_lanes = static_cast<int>(random.one_in(3) ? random.in(1, 64) : kLanes);
  p.param_addr = p.op == kLut ? static_cast<int>(random.in(0, kParamWords - p.param_words()))
                              : static_cast<int>(random.in(0, kParamWords / 9 - 1)) * 9;
}

inline Pass random_pass_in_range(Random& random) {
  for (;;) {
    Pass p;
    random_extent(random, 40, p.out_h, p.win_h, p.stride_y, p.src_h, p.y0);
    random_extent(random, 40, p.out_w, p.win_w, p.stride_x, p.src_w, p.x0);
    random_op(random, p);
    // A window of one tap has it inside.
    if (p.one_tap()) p.x0 = std::max(p.x0, 0), p.y0 = std::max(p.y0, 0);
    p.src_h = std::max(p.src_h, (p.out_h - 1) * p.stride_y + p.y0 + 1);
    p.src_w = std::max(p.src_w, (p.out_w - 1) * p.stride_x + p.x0 + 1);
    const auto pitch = [&](unsigned often, int low, int high, int plain) {
      return static_cast<int>(random.one_in(often) ? random.in(low, high) : plain);
    };
    p.src_col_pitch = pitch(4, -3, 5, 1);
    p.src_row_pitch = pitch(4, -40, 60, p.src_w * p.src_col_pitch);
    p.dst_col_pitch = pitch(3, -3, 5, 1);
    p.dst_row_pitch = pitch(3, -40, 60, p.out_w * p.dst_col_pitch);
    p.src2_col_pitch = random.one_in(4) ? 0 : pitch(3, -3, 5, 1);
    p.src2_row_pitch = random.one_in(4) ? 0 : pitch(3, -40, 60, p.out_w * p.src2_col_pitch);
    p.src_addr = random_base(random, 0, p.from_act() ? kSourceWords : kAccEntries, p.src_h,
                             p.src_row_pitch, p.src_w, p.src_col_pitch);
    p.src2_addr =
        random_base(random, 0, kSourceWords, p.out_h, p.src2_row_pitch, p.out_w, p.src2_col_pitch);
    p.dst_addr = random_base(random, kSourceWords, kActWords, p.out_h, p.dst_row_pitch, p.out_w,
                             p.dst_col_pitch);
    if (p.src_addr >= 0 && p.src2_addr >= 0 && p.dst_addr >= 0) return p;
  }
}

}  // namespace weft::tb
