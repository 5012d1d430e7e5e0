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

struct Pass {
  bool maxpool = false;
  int src_addr = 0, src_h = 1, src_w = 1, src_row_pitch = 0, src_col_pitch = 0;
  int y0 = 0, x0 = 0, out_h = 1, out_w = 1, win_h = 1, win_w = 1, stride_y = 1, stride_x = 1;
  int dst_addr = kSourceWords, dst_row_pitch = 0, dst_col_pitch = 0;
  int param_addr = 0, valid_lanes = kLanes;
  PassParams params;
  int reserved_bit = -1;

  std::array<uint8_t, 64> encode() const {
    std::array<uint8_t, 64> d{};
    auto put8 = [&](int at, int value) {
      d[static_cast<size_t>(at)] = static_cast<uint8_t>(value);
    };
    auto put16 = [&](int at, int value) { put8(at, value), put8(at + 1, value >> 8); };
    put8(0, maxpool ? 0x31 : 0x30);
    put16(2, 0xbeef);
    put16(12, src_addr), put16(14, src_h), put16(16, src_w);
    put16(18, src_row_pitch), put16(20, src_col_pitch), put16(22, y0), put16(24, x0);
    put16(26, out_h), put16(28, out_w), put8(30, win_h), put8(31, win_w);
    put8(32, stride_y), put8(33, stride_x);
    put16(34, dst_addr), put16(36, dst_row_pitch), put16(38, dst_col_pitch), put16(40, param_addr);
    put8(42, params.zero_point), put8(43, params.clamp_min), put8(44, params.clamp_max);
    put8(45, valid_lanes);
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
  std::vector<int> act_reads;  // maxpool: words read
  uint64_t taps = 0;           // of complete outputs
};

inline Expected reference(const Pass& p, const Memories& m) {
  Expected result;
  auto stop = [&](ErrorCode code) { return result.error = code, result; };
  if (p.reserved_bit >= 0 || p.src_h == 0 || p.src_w == 0 || p.out_h == 0 || p.out_w == 0 ||
      p.win_h == 0 || p.win_w == 0 || p.stride_y == 0 || p.stride_x == 0 || p.valid_lanes == 0 ||
      p.valid_lanes > 64) {
    return stop(kBadDescriptor);
  }
  if (!p.maxpool && p.param_addr + 9 > kParamWords) return stop(kChipRange);
  std::array<LaneParams, kLanes> lanes;
  for (unsigned c = 0; c < kLanes && !p.maxpool; ++c) {
    uint32_t bias = 0, multiplier = 0;
    for (unsigned b = 0; b < 4; ++b) {
      const unsigned at = 4 * c + b;
      const auto base = static_cast<size_t>(p.param_addr);
      bias |= uint32_t{m.param[base + at / kLanes][at % kLanes]} << (8 * b);
      multiplier |= uint32_t{m.param[base + 4 + at / kLanes][at % kLanes]} << (8 * b);
    }
    lanes[c] = {static_cast<int32_t>(bias), static_cast<int32_t>(multiplier),
                m.param[static_cast<size_t>(p.param_addr) + 8][c]};
  }
  for (int oy = 0; oy < p.out_h; ++oy) {
    for (int ox = 0; ox < p.out_w; ++ox) {
      Entry best;
      best.fill(std::numeric_limits<int32_t>::min());
      uint64_t taps = 0;
      for (int wy = 0; wy < p.win_h; ++wy) {
        for (int wx = 0; wx < p.win_w; ++wx) {
          const int sy = oy * p.stride_y + wy + p.y0, sx = ox * p.stride_x + wx + p.x0;
          if (sy < 0 || sy >= p.src_h || sx < 0 || sx >= p.src_w) continue;
          const int64_t at =
              p.src_addr + int64_t{sy} * p.src_row_pitch + int64_t{sx} * p.src_col_pitch;
          const auto addr = static_cast<int>(at & 0xffff);
          if (addr >= (p.maxpool ? kActWords : kAccEntries)) return stop(kChipRange);
          ++taps;
          if (p.maxpool) result.act_reads.push_back(addr);
          for (unsigned c = 0; c < kLanes; ++c) {
            const int32_t v = p.maxpool ? static_cast<int8_t>(m.act[static_cast<size_t>(addr)][c])
                                        : m.acc[static_cast<size_t>(addr)][c];
            best[c] = std::max(best[c], v);
          }
        }
      }
      if (taps == 0) return stop(kBadDescriptor);
      const int64_t to =
          p.dst_addr + int64_t{oy} * p.dst_row_pitch + int64_t{ox} * p.dst_col_pitch;
      const auto dst = static_cast<int>(to & 0xffff);
      if (dst >= kActWords) return stop(kChipRange);
      Write write{dst, {}};
      for (unsigned c = 0; c < kLanes && c < static_cast<unsigned>(p.valid_lanes); ++c) {
        write.data[c] = p.maxpool ? clamp_byte(best[c], p.params)
                                  : requantise(best[c], lanes[c], p.params);
      }
      result.writes.push_back(write);
      result.taps += taps;
    }
  }
  return result;
}

// A base for which base + i1 * pitch1 + i2 * pitch2 (i < n) stays in low .. high - 1; -1 if none.
inline int random_base(Random& random, int low, int high, int n1, int pitch1, int n2,
                       int pitch2) {
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

inline Pass random_pass_in_range(Random& random) {
  for (;;) {
    Pass p;
    p.maxpool = random.one_in(3);
    random_extent(random, 40, p.out_h, p.win_h, p.stride_y, p.src_h, p.y0);
    random_extent(random, 40, p.out_w, p.win_w, p.stride_x, p.src_w, p.x0);
    p.src_col_pitch = static_cast<int>(random.one_in(4) ? random.in(-3, 5) : 1);
    p.src_row_pitch =
        static_cast<int>(random.one_in(4) ? random.in(-40, 60) : p.src_w * p.src_col_pitch);
    p.dst_col_pitch = static_cast<int>(random.one_in(3) ? random.in(-3, 5) : 1);
    p.dst_row_pitch =
        static_cast<int>(random.one_in(3) ? random.in(-40, 60) : p.out_w * p.dst_col_pitch);
    p.src_addr = random_base(random, 0, p.maxpool ? kSourceWords : kAccEntries, p.src_h,
                             p.src_row_pitch, p.src_w, p.src_col_pitch);
    p.dst_addr = random_base(random, kSourceWords, kActWords, p.out_h, p.dst_row_pitch, p.out_w,
                             p.dst_col_pitch);
    p.param_addr = static_cast<int>(random.in(0, kParamWords / 9 - 1)) * 9;
    p.params = random_pass(random);
    p.valid_lanes = static_cast<int>(random.one_in(3) ? random.in(1, 64) : kLanes);
    if (p.src_addr >= 0 && p.dst_addr >= 0) return p;
  }
}

}  // namespace weft::tb
