// Depthwise tiles: descriptor, plain-loop reference and random tiles that stay in their memories.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "vector_bench.h"

namespace weft::tb {

inline constexpr int kRows = WEFT_ROWS;
inline constexpr int kActWords = WEFT_ACT_WORDS;
inline constexpr int kParamWords = WEFT_PARAM_WORDS;
inline constexpr int kAccEntries = WEFT_ACC_BANKS * WEFT_ACC_DEPTH;
inline constexpr int kTapRows = 32;  // kh * ceil(kw / 3) at most

enum ErrorCode : unsigned { kNone = 0, kBadDescriptor = 2, kChipRange = 4 };

using Word = std::array<int8_t, kLanes>;
using Entry = std::array<int32_t, kLanes>;

struct Memories {
  std::vector<Word> act = std::vector<Word>(kActWords);
  std::vector<Word> param = std::vector<Word>(kParamWords);
};

struct DwConv {
  int in_addr = 0, in_h = 1, in_w = 1, in_row_pitch = 0, in_col_pitch = 1;
  int y0 = 0, x0 = 0, out_h = 1, out_w = 1, stride_y = 1, stride_x = 1, dil_y = 1, dil_x = 1;
  int kh = 1, kw = 1, param_addr = 0, acc_addr = 0, pad_value = 0;
  int reserved_bit = -1;

  int outputs() const { return out_h * out_w; }
  int tap_rows() const { return kh * ((kw + 2) / 3); }

  std::array<uint8_t, 64> encode() const {
    std::array<uint8_t, 64> d{};
    auto put8 = [&](int at, int value) {
      d[static_cast<size_t>(at)] = static_cast<uint8_t>(value);
    };
    auto put16 = [&](int at, int value) { put8(at, value), put8(at + 1, value >> 8); };
    put8(0, 0x28);
    put16(2, 0xbeef);
    put16(12, in_addr), put16(14, in_h), put16(16, in_w);
    put16(18, in_row_pitch), put16(20, in_col_pitch);
    put16(24, y0), put16(26, x0), put16(28, out_h), put16(30, out_w);
    put8(32, stride_y), put8(33, stride_x), put8(34, dil_y), put8(35, dil_x);
    put8(36, kh), put8(37, kw), put16(40, param_addr), put16(42, acc_addr);
    put8(44, pad_value);
    if (reserved_bit >= 0) {
      d[static_cast<size_t>(reserved_bit / 8)] |= static_cast<uint8_t>(1 << (reserved_bit % 8));
    }
    return d;
  }
};

// Words from in_addr, before the modulo; false: outside the input.
inline bool source(const DwConv& d, int oy, int ox, int ky, int kx, int64_t& offset) {
  const int iy = oy * d.stride_y + ky * d.dil_y + d.y0;
  const int ix = ox * d.stride_x + kx * d.dil_x + d.x0;
  if (iy < 0 || iy >= d.in_h || ix < 0 || ix >= d.in_w) return false;
  offset = int64_t{iy} * d.in_row_pitch + int64_t{ix} * d.in_col_pitch;
  return true;
}

struct Expected {
  unsigned error = kNone;
  std::vector<Entry> entries;  // acc_addr and following; those before the one that fails
};

inline Expected reference(const DwConv& d, const Memories& m) {
  Expected result;
  auto stop = [&](ErrorCode code) { return result.error = code, result; };
  for (int least :
       {d.in_h, d.in_w, d.out_h, d.out_w, d.stride_y, d.stride_x, d.dil_y, d.dil_x, d.kh, d.kw}) {
    if (least == 0) return stop(kBadDescriptor);
  }
  if (d.reserved_bit >= 0 || d.tap_rows() > kTapRows) return stop(kBadDescriptor);
  if (int64_t{d.out_h} * d.out_w + d.acc_addr > kAccEntries) return stop(kChipRange);
  if (d.kh * d.kw + d.param_addr > kParamWords) return stop(kChipRange);
  for (int oy = 0; oy < d.out_h; ++oy) {
    for (int ox = 0; ox < d.out_w; ++ox) {
      Entry entry{};
      for (int ky = 0; ky < d.kh; ++ky) {
        for (int kx = 0; kx < d.kw; ++kx) {
          Word word;
          word.fill(static_cast<int8_t>(d.pad_value));
          int64_t offset = 0;
          if (source(d, oy, ox, ky, kx, offset)) {
            const auto addr = static_cast<size_t>((d.in_addr + offset) & 0xffff);
            if (addr >= kActWords) return stop(kChipRange);
            word = m.act[addr];
          }
          const Word& taps = m.param[static_cast<size_t>(d.param_addr + ky * d.kw + kx)];
          for (size_t c = 0; c < kLanes; ++c) entry[c] += word[c] * taps[c];
        }
      }
      result.entries.push_back(entry);
    }
  }
  return result;
}

// Places input, taps and sums inside their memories, if they fit.
inline bool place(Random& random, DwConv& d) {
  if (d.outputs() > kAccEntries || d.tap_rows() > kTapRows) return false;
  if (d.kh * d.kw > kParamWords) return false;
  int64_t low = 0, high = 0;
  bool any = false;
  for (int oy = 0; oy < d.out_h; ++oy) {
    for (int ox = 0; ox < d.out_w; ++ox) {
      for (int ky = 0; ky < d.kh; ++ky) {
        for (int kx = 0; kx < d.kw; ++kx) {
          int64_t offset = 0;
          if (!source(d, oy, ox, ky, kx, offset)) continue;
          low = any ? std::min(low, offset) : offset;
          high = any ? std::max(high, offset) : offset;
          any = true;
        }
      }
    }
  }
  if (high - low >= kActWords) return false;
  // At either end of the memory one time in four each.
  int64_t at = random.in(-low, kActWords - 1 - high);
  if (random.one_in(4)) at = -low;
  if (random.one_in(4)) at = kActWords - 1 - high;
  d.in_addr = static_cast<int>(any ? at & 0xffff : random.in(0, 65535));
  d.param_addr = static_cast<int>(random.in(0, kParamWords - d.kh * d.kw));
  if (random.one_in(8)) d.param_addr = kParamWords - d.kh * d.kw;
  d.acc_addr = static_cast<int>(random.in(0, kAccEntries - d.outputs()));
  if (random.one_in(8)) d.acc_addr = kAccEntries - d.outputs();
  return true;
}

inline DwConv random_dw(Random& random) {
  for (;;) {
    DwConv d;
    d.pad_value = static_cast<int>(random.one_in(4) ? -128 : random.in(-128, 127));
    static constexpr int kKernels[][2] = {
        {1, 1}, {3, 3}, {5, 5}, {7, 7}, {3, 1},  {1, 3},  {10, 4}, {2, 2}, {4, 3}, {4, 1},
        {1, 2}, {5, 3}, {9, 9}, {3, 4}, {32, 3}, {1, 96}, {2, 48}, {3, 3}, {3, 3}, {3, 2}};
    const auto& kernel = kKernels[random.in(0, std::size(kKernels) - 1)];
    d.kh = kernel[0], d.kw = kernel[1];
    if (random.one_in(6)) {
      d.kh = static_cast<int>(random.in(1, 8)), d.kw = static_cast<int>(random.in(1, 12));
    }
    const int corners[] = {1, 2, 3, 4, 5, 7, 8, 9, kRows - 1, kRows, kRows + 1};
    auto corner = [&] { return corners[random.in(0, std::size(corners) - 1)]; };
    d.out_w = corner();
    d.out_h = random.one_in(2) ? 1 : corner();
    if (random.one_in(2)) std::swap(d.out_h, d.out_w);
    while (d.outputs() * d.kh * d.kw > 6000) {
      d.out_h = (d.out_h + 1) / 2, d.out_w = (d.out_w + 1) / 2;
    }
    const int stride = static_cast<int>(random.in(1, 3));
    d.stride_y = random.one_in(4) ? static_cast<int>(random.in(1, 4)) : stride;
    d.stride_x = random.one_in(4) ? static_cast<int>(random.in(1, 4)) : stride;
    d.dil_y = static_cast<int>(random.one_in(2) ? 1 : random.in(1, 3));
    d.dil_x = static_cast<int>(random.one_in(2) ? 1 : random.in(1, 3));
    const int reach_y = (d.out_h - 1) * d.stride_y + (d.kh - 1) * d.dil_y + 1;
    const int reach_x = (d.out_w - 1) * d.stride_x + (d.kw - 1) * d.dil_x + 1;
    d.y0 = static_cast<int>(random.one_in(2) ? 0 : random.in(-4, 3));
    d.x0 = static_cast<int>(random.one_in(2) ? 0 : random.in(-4, 3));
    if (random.one_in(2)) d.y0 = d.x0 = -1;
    d.in_h = std::max(1, reach_y + static_cast<int>(random.in(-4, 2)));
    d.in_w = std::max(1, reach_x + static_cast<int>(random.in(-4, 2)));
    d.in_col_pitch = static_cast<int>(random.one_in(3) ? random.in(-3, 5) : 1);
    d.in_row_pitch =
        static_cast<int>(random.one_in(3) ? random.in(-40, 60) : d.in_w * d.in_col_pitch);
    if (random.one_in(20)) d.in_h = d.in_w = 65535;
    if (random.one_in(20)) d.in_row_pitch = 0x8000 + static_cast<int>(random.in(0, 3));  // wraps
    if (place(random, d)) return d;
  }
}

}  // namespace weft::tb
