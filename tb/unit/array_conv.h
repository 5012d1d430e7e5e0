// Convolution tiles: descriptor, plain-loop reference and random tiles that stay in their memories.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "vector_bench.h"

namespace weft::tb {

inline constexpr int kRows = WEFT_ROWS;
inline constexpr int kActWords = WEFT_ACT_WORDS;
inline constexpr int kWgtWords = WEFT_WGT_WORDS;
inline constexpr int kAccEntries = WEFT_ACC_BANKS * WEFT_ACC_DEPTH;

enum ErrorCode : unsigned { kNone = 0, kBadDescriptor = 2, kChipRange = 4 };

using Word = std::array<int8_t, kLanes>;
using Entry = std::array<int32_t, kLanes>;

struct Memories {
  std::vector<Word> act = std::vector<Word>(kActWords);
  std::vector<Word> wgt = std::vector<Word>(kWgtWords);
};

struct Conv {
  bool accumulate = false, shallow = false;
  int in_addr = 0, in_h = 1, in_w = 1, in_row_pitch = 0, in_col_pitch = 0, in_blk_pitch = 0;
  int y0 = 0, x0 = 0, out_h = 1, out_w = 1, stride_y = 1, stride_x = 1, dil_y = 1, dil_x = 1;
  int kh = 1, kw = 1, kc = 1, wgt_addr = 0, acc_addr = 0, pad_value = 0;
  int reserved_bit = -1;

  int outputs() const { return out_h * out_w; }
  int k_tiles() const { return shallow ? kc : kh * kw * kc; }

  std::array<uint8_t, 64> encode() const {
    std::array<uint8_t, 64> d{};
    auto put8 = [&](int at, int value) {
      d[static_cast<size_t>(at)] = static_cast<uint8_t>(value);
    };
    auto put16 = [&](int at, int value) { put8(at, value), put8(at + 1, value >> 8); };
    put8(0, 0x20), put8(1, accumulate + 2 * shallow);
    put16(2, 0xbeef);
    put16(12, in_addr), put16(14, in_h), put16(16, in_w);
    put16(18, in_row_pitch), put16(20, in_col_pitch), put16(22, in_blk_pitch);
    put16(24, y0), put16(26, x0), put16(28, out_h), put16(30, out_w);
    put8(32, stride_y), put8(33, stride_x), put8(34, dil_y), put8(35, dil_x);
    put8(36, kh), put8(37, kw), put16(38, kc), put16(40, wgt_addr), put16(42, acc_addr);
    put8(44, pad_value);
    if (reserved_bit >= 0) {
      d[static_cast<size_t>(reserved_bit / 8)] |= static_cast<uint8_t>(1 << (reserved_bit % 8));
    }
    return d;
  }
};

// The act word and its lane that K lane `lane` of K tile `tile` takes at output (oy, ox).
struct Source {
  enum { kWord, kPad, kZero } kind;
  int64_t offset = 0;  // words from in_addr, before the modulo
  int lane = 0;
};

inline Source source(const Conv& d, int tile, int oy, int ox, int lane) {
  if (d.shallow) {
    const int k = tile * kRows + lane, ky = k / d.kw;
    if (ky >= d.kh) return {Source::kZero};
    const int b = ox * d.stride_x + d.x0 + k % d.kw;
    const int iy = oy * d.stride_y + ky * d.dil_y + d.y0;
    if (b < 0 || b >= d.in_w || iy < 0 || iy >= d.in_h) return {Source::kPad};
    return {Source::kWord, int64_t{iy} * d.in_row_pitch + b / kRows, b % kRows};
  }
  const int kc = tile % d.kc, kx = tile / d.kc % d.kw, ky = tile / d.kc / d.kw;
  const int iy = oy * d.stride_y + ky * d.dil_y + d.y0;
  const int ix = ox * d.stride_x + kx * d.dil_x + d.x0;
  if (iy < 0 || iy >= d.in_h || ix < 0 || ix >= d.in_w) return {Source::kPad};
  return {
      Source::kWord,
      int64_t{iy} * d.in_row_pitch + int64_t{ix} * d.in_col_pitch + int64_t{kc} * d.in_blk_pitch,
      lane};
}

// Each K tile touches four kernel rows at most, and there are as many as the taps need.
inline bool shallow_fits(const Conv& d) {
  const int taps = d.kh * d.kw;
  if (d.kc != (taps + kRows - 1) / kRows) return false;
  for (int first = 0; first < taps; first += kRows) {
    if ((std::min(first + kRows, taps) - 1) / d.kw - first / d.kw >= 4) return false;
  }
  return true;
}

// Visits every (tile, oy, ox) in the engine's order until `visit` returns false.
template <class Visit>
bool each_vector(const Conv& d, Visit visit) {
  for (int tile = 0; tile < d.k_tiles(); ++tile) {
    for (int oy = 0; oy < d.out_h; ++oy) {
      for (int ox = 0; ox < d.out_w; ++ox) {
        if (!visit(tile, oy, ox)) return false;
      }
    }
  }
  return true;
}

struct Expected {
  unsigned error = kNone;
  std::vector<Entry> entries;  // acc_addr and following, when done
};

inline Expected reference(const Conv& d, const Memories& m, const std::vector<Entry>& acc) {
  Expected result;
  auto stop = [&](ErrorCode code) { return result.error = code, result; };
  for (int least : {d.in_h, d.in_w, d.out_h, d.out_w, d.stride_y, d.stride_x, d.dil_y, d.dil_x,
                    d.kh, d.kw, d.kc}) {
    if (least == 0) return stop(kBadDescriptor);
  }
  if (d.reserved_bit >= 0 || (d.shallow && !shallow_fits(d))) return stop(kBadDescriptor);
  if (int64_t{d.out_h} * d.out_w + d.acc_addr > kAccEntries) return stop(kChipRange);
  const int64_t tiles = d.shallow ? d.kc : int64_t{d.kh} * d.kw * d.kc;
  if (tiles * kRows + d.wgt_addr > kWgtWords) return stop(kChipRange);
  result.entries.assign(static_cast<size_t>(d.outputs()), Entry{});
  if (d.accumulate) {
    std::copy_n(acc.begin() + d.acc_addr, d.outputs(), result.entries.begin());
  }
  const bool in_range = each_vector(d, [&](int tile, int oy, int ox) {
    Entry& entry = result.entries[static_cast<size_t>(oy * d.out_w + ox)];
    for (int lane = 0; lane < kRows; ++lane) {
      const Source s = source(d, tile, oy, ox, lane);
      if (s.kind == Source::kZero) continue;
      int8_t byte = static_cast<int8_t>(d.pad_value);
      if (s.kind == Source::kWord) {
        const auto addr = static_cast<size_t>((d.in_addr + s.offset) & 0xffff);
        if (addr >= kActWords) return false;
        byte = m.act[addr][static_cast<size_t>(s.lane)];
      }
      const Word& weights = m.wgt[static_cast<size_t>(d.wgt_addr + tile * kRows + lane)];
      for (size_t c = 0; c < kLanes; ++c) {
        entry[c] = static_cast<int32_t>(static_cast<uint32_t>(entry[c]) +
                                        static_cast<uint32_t>(byte * weights[c]));
      }
    }
    return true;
  });
  if (!in_range) return stop(kChipRange);
  return result;
}

// Places acts, weights and sums inside their memories, if they fit.
inline bool place(Random& random, Conv& d) {
  if (d.outputs() > kAccEntries || d.k_tiles() * kRows > kWgtWords) return false;
  int64_t low = 0, high = 0;
  bool any = false;
  each_vector(d, [&](int tile, int oy, int ox) {
    for (int lane = 0; lane < (d.shallow ? kRows : 1); ++lane) {
      const Source s = source(d, tile, oy, ox, lane);
      if (s.kind != Source::kWord) continue;
      low = any ? std::min(low, s.offset) : s.offset;
      high = any ? std::max(high, s.offset) : s.offset;
      any = true;
    }
    return true;
  });
  if (high - low >= kActWords) return false;
  // At either end of the memory one time in four each.
  int64_t at = random.in(-low, kActWords - 1 - high);
  if (random.one_in(4)) at = -low;
  if (random.one_in(4)) at = kActWords - 1 - high;
  d.in_addr = static_cast<int>(any ? at & 0xffff : random.in(0, 65535));
  d.wgt_addr = static_cast<int>(random.in(0, kWgtWords - d.k_tiles() * kRows));
  d.acc_addr = static_cast<int>(random.in(0, kAccEntries - d.outputs()));
  return true;
}

inline void random_outputs(Random& random, Conv& d) {
  const int corners[] = {1, kRows - 1, kRows, kRows + 1, 2, 3, 7};
  if (random.one_in(2)) {
    d.out_h = 1;
    d.out_w = corners[random.in(0, 6)];
    if (random.one_in(2)) std::swap(d.out_h, d.out_w);
  } else {
    d.out_h = static_cast<int>(random.in(1, 7));
    d.out_w = static_cast<int>(random.in(1, random.one_in(3) ? 30 : 9));
  }
}

inline void random_common(Random& random, Conv& d) {
  d.accumulate = random.one_in(3);
  d.pad_value = static_cast<int>(random.in(-128, 127));
  random_outputs(random, d);
}

inline Conv random_blocked(Random& random) {
  for (;;) {
    Conv d;
    random_common(random, d);
    const int kernels[][2] = {{1, 1}, {3, 3}, {1, 7}, {7, 1}, {2, 2}, {5, 1}};
    const auto& kernel = kernels[random.in(0, 5)];
    d.kh = kernel[0], d.kw = kernel[1];
    d.kc = static_cast<int>(random.in(1, 3));
    d.stride_y = static_cast<int>(random.one_in(2) ? 1 : random.in(1, 3));
    d.stride_x = static_cast<int>(random.one_in(2) ? 1 : random.in(1, 3));
    d.dil_y = static_cast<int>(random.one_in(2) ? 1 : random.in(1, 4));
    d.dil_x = static_cast<int>(random.one_in(2) ? 1 : random.in(1, 4));
    const int reach_y = (d.out_h - 1) * d.stride_y + (d.kh - 1) * d.dil_y + 1;
    const int reach_x = (d.out_w - 1) * d.stride_x + (d.kw - 1) * d.dil_x + 1;
    d.y0 = static_cast<int>(random.one_in(2) ? 0 : random.in(-4, 3));
    d.x0 = static_cast<int>(random.one_in(2) ? 0 : random.in(-4, 3));
    d.in_h = std::max(1, reach_y + static_cast<int>(random.in(-3, 2)));
    d.in_w = std::max(1, reach_x + static_cast<int>(random.in(-3, 2)));
    d.in_col_pitch = static_cast<int>(random.one_in(3) ? random.in(-3, 5) : d.kc);
    d.in_blk_pitch = static_cast<int>(random.one_in(3) ? random.in(-40, 40) : 1);
    d.in_row_pitch =
        static_cast<int>(random.one_in(3) ? random.in(-40, 60) : d.in_w * d.in_col_pitch);
    if (random.one_in(20)) d.in_h = d.in_w = 65535;
    if (random.one_in(20)) d.in_row_pitch = 0x8000 + static_cast<int>(random.in(0, 3));  // wraps
    if (place(random, d)) return d;
  }
}

// A shallow convolution of `channels` bytes a position; kw is in positions here.
inline void set_shallow(Conv& d, int kh, int kw, int channels, int stride) {
  d.shallow = true;
  d.kh = kh, d.kw = kw * channels;
  d.stride_y = stride, d.stride_x = stride * channels;
  d.kc = (d.kh * d.kw + kRows - 1) / kRows;
}

inline Conv random_shallow(Random& random) {
  for (;;) {
    Conv d;
    random_common(random, d);
    int channels = 1;
    switch (random.in(0, 6)) {
      case 0: set_shallow(d, 3, 3, 1, 1); break;
      case 1: set_shallow(d, 3, 3, channels = 3, 2); break;
      case 2: set_shallow(d, 7, 7, channels = 3, 2); break;
      case 3: set_shallow(d, 10, 4, 1, static_cast<int>(random.in(1, 2))); break;
      case 4: set_shallow(d, 1, static_cast<int>(random.in(1, 9)), channels = 2, 1); break;
      default:
        set_shallow(d, static_cast<int>(random.in(1, 6)), static_cast<int>(random.in(1, 40)), 1,
                    static_cast<int>(random.in(1, 3)));
        if (random.one_in(3)) d.stride_x = static_cast<int>(random.in(1, 70));
        break;
    }
    if (!shallow_fits(d)) continue;
    d.dil_y = static_cast<int>(random.one_in(2) ? 1 : random.in(1, 3));
    const int reach_y = (d.out_h - 1) * d.stride_y + (d.kh - 1) * d.dil_y + 1;
    const int reach_x = (d.out_w - 1) * d.stride_x + d.kw;
    d.y0 = static_cast<int>(random.one_in(2) ? 0 : random.in(-4, 3));
    d.x0 = static_cast<int>(random.one_in(2) ? 0 : random.in(-4, 3) * channels);
    if (random.one_in(8)) d.x0 = static_cast<int>(random.in(-3 * kRows, 3 * kRows));
    d.in_h = std::max(1, reach_y + static_cast<int>(random.in(-3, 2)));
    d.in_w = std::max(1, reach_x + static_cast<int>(random.in(-8, 8)));
    d.in_row_pitch =
        static_cast<int>(random.one_in(3) ? random.in(-40, 60) : (d.in_w + kRows - 1) / kRows);
    if (random.one_in(20)) d.in_h = d.in_w = 65535;
    // Do not count.
    d.dil_x = static_cast<int>(random.in(1, 255));
    d.in_col_pitch = static_cast<int>(random.in(0, 65535));
    d.in_blk_pitch = static_cast<int>(random.in(0, 65535));
    if (place(random, d)) return d;
  }
}

inline Conv random_conv(Random& random) {
  return random.one_in(2) ? random_shallow(random) : random_blocked(random);
}

}  // namespace weft::tb
