#include "random_program.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace weft::tb {
namespace {

using isa::Opcode;

constexpr int64_t kLine = 64;
constexpr int kTries = 60;            // at a legal instruction of one kind
constexpr int64_t kMostWords = 1500;  // source words of a pass, vectors of a convolution

// Least and greatest of values; nothing added: none.
struct Range {
  int64_t low = INT64_MAX, high = INT64_MIN;
  void add(int64_t v) { low = std::min(low, v), high = std::max(high, v); }
  bool empty() const { return low > high; }
};
Range sum(const Range& a, const Range& b) {
  if (a.empty() || b.empty()) return {};
  return {a.low + b.low, a.high + b.high};
}

// Places, `pitch` apart, of the positions of an input axis that outputs and taps reach inside 0 .. size-1.
Range reached(int64_t outputs, int64_t stride, int64_t taps, int64_t dilation, int64_t origin,
              int64_t size, int64_t pitch) {
  Range places;
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t t = 0; t < taps; ++t) {
      const int64_t at = o * stride + t * dilation + origin;
      if (at >= 0 && at < size) places.add(at * pitch);
    }
  }
  return places;
}

class Generator {
 public:
  Generator(const isa::HardwareConfig& config, uint64_t seed)
      : config_(config),
        rows_(config.rows),
        rng_(seed * 0x9e3779b97f4a7c15ULL + static_cast<uint64_t>(config.rows)) {
    program_.config = &config;
    program_.seed = seed;
  }

  Program make();

 private:
  // Where instructions place what they touch: near what earlier ones touched, mostly.
  struct Places {
    int64_t size = 0, crowd = 0;  // cells; those that are used at all
    std::vector<int64_t> hot;
  };

  int64_t below(int64_t n) { return static_cast<int64_t>(rng_() % static_cast<uint64_t>(n)); }
  int64_t between(int64_t low, int64_t high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  template <typename T>
  T pick(std::initializer_list<T> values) {
    return values.begin()[below(static_cast<int64_t>(values.size()))];
  }

  int64_t size(int64_t most);
  int64_t place(Places& places, const Range& used);
  int64_t pitch(int64_t natural, int64_t most);
  static uint32_t wrap(int64_t v) { return static_cast<uint32_t>(v & 0xffff); }

  void make_regions();
  int region(bool write);
  Instruction any_transfer(bool write);
  Instruction param_load();
  Instruction blocked();
  Instruction shallow();
  Instruction depthwise();
  Instruction pass(Opcode opcode);
  Instruction one();

  template <typename Set>
  void split(const std::array<int64_t, 3>& factors, Set set);
  void dram_place(isa::TransferDesc& d, int64_t from, int64_t limit);

  const isa::HardwareConfig& config_;
  const int64_t rows_;
  std::mt19937_64 rng_;
  Program program_;
  Places act_, wgt_, param_, acc_;
  std::array<int64_t, 8> weights_{};
};

// 1 .. most: round the array's size, round powers of two, or anything.
int64_t Generator::size(int64_t most) {
  int64_t v = 1;
  switch (below(6)) {
    case 0: v = 1; break;
    case 1: v = rows_ * between(1, 3) + between(-1, 1); break;
    case 2: v = (int64_t{1} << below(10)) + between(-1, 1); break;
    case 3: v = between(1, 8); break;
    default: v = between(1, most); break;
  }
  return v >= 1 && v <= most ? v : between(1, most);
}

// An address A so that A + used lies in the memory.
int64_t Generator::place(Places& places, const Range& used) {
  if (used.empty()) return below(65536);  // never used
  const int64_t low = -used.low, high = places.size - 1 - used.high;
  if (low > high) return low;  // does not fit; the walk will say so
  int64_t at = 0;
  const int64_t crowded = std::clamp(places.crowd - used.high, low, high);
  if (!places.hot.empty() && chance(70)) {
    at = places.hot[static_cast<size_t>(below(static_cast<int64_t>(places.hot.size())))] -
         used.low + (chance(50) ? 0 : between(-5, 5));
  } else if (chance(6)) {
    at = high;
  } else if (chance(6)) {
    at = low;
  } else {
    at = between(low, crowded);
  }
  at = std::clamp(at, low, high);
  places.hot.push_back(at + used.low);
  if (places.hot.size() > 12) places.hot.erase(places.hot.begin() + below(6));
  return at;
}

int64_t Generator::pitch(int64_t natural, int64_t most) {
  switch (below(8)) {
    case 0: return -natural;
    case 1: return natural + between(1, 5);
    case 2: return between(-most, most);
    case 3: return 0;
    default: return natural;
  }
}

void Generator::make_regions() {
  int64_t at = kLine * below(4);
  const auto add = [&](int r, int64_t bytes, bool readable, bool writable) {
    program_.regions[static_cast<size_t>(r)] = {at, bytes, readable, writable};
    at += bytes + kLine * below(3);  // neighbours, or with a gap that must stay as it is
  };
  add(kProgramRegion, kMaxDescriptors * isa::kDescriptorBytes, true, false);
  const int64_t block = kParamBlockWords * rows_;
  program_.param_source = below(2 * rows_);
  add(kParamRegion, (program_.param_source + block * between(4, 12)) / kLine * kLine + kLine, true,
      false);
  const int aliased = 2 + static_cast<int>(below(5));
  for (int r = 2; r < 7; ++r) {
    const int64_t lines = chance(20) ? between(1, 8) : chance(30) ? 128 : between(8, 400);
    const int rights = r == 2 ? 1 : r == 3 ? 2 : r == 4 ? 3 : static_cast<int>(between(1, 3));
    add(r, kLine * lines, (rights & 1) != 0, (rights & 2) != 0);
  }
  // A second window on the bytes of another region.
  const Region& other = program_.regions[static_cast<size_t>(aliased)];
  const int64_t skipped = kLine * below(other.bytes / kLine);
  program_.regions[7] = {other.base + skipped, other.bytes - skipped, true, true};
  program_.window_bytes = at + kLine * below(4);
}

int Generator::region(bool write) {
  for (;;) {
    const int r = write ? static_cast<int>(between(2, 7)) : static_cast<int>(below(8));
    const Region& region = program_.regions[static_cast<size_t>(r)];
    if (write ? region.writable : region.readable) return r;
  }
}

// Gives three factors of the stream to run, runs and groups, in one of the ways there are.
template <typename Set>
void Generator::split(const std::array<int64_t, 3>& f, Set set) {
  switch (below(6)) {
    case 0: set(f[0] * f[1] * f[2], 1, 1); break;
    case 1: set(f[0] * f[1], f[2], 1); break;
    case 2: set(f[0], f[1] * f[2], 1); break;
    case 3: set(f[1], f[0], f[2]); break;
    case 4: set(f[0] * f[2], 1, f[1]); break;
    default: set(f[0], f[1], f[2]); break;
  }
}

// Strides and offset of the DRAM side, its runs inside bytes from .. limit-1 of the region.
void Generator::dram_place(isa::TransferDesc& d, int64_t from, int64_t limit) {
  const int64_t run = d.dram_run;
  const int64_t s1 = chance(30) ? run : pitch(run + below(40), 200);
  const int64_t s2 = chance(30) ? s1 * d.dram_count1 : pitch(run * d.dram_count1 + below(90), 500);
  d.dram_stride1 = static_cast<int32_t>(s1);
  d.dram_stride2 = static_cast<int32_t>(s2);
  Range used;
  for (const int64_t i1 : {int64_t{0}, int64_t{d.dram_count1} - 1}) {
    for (const int64_t i2 : {int64_t{0}, int64_t{d.dram_count2} - 1}) {
      used.add(i1 * s1 + i2 * s2);
      used.add(i1 * s1 + i2 * s2 + run - 1);
    }
  }
  const int64_t low = from - used.low, high = limit - 1 - used.high;
  int64_t at = low <= high ? between(low, high) : low;
  if (low <= high && chance(8)) at = high;
  if (low <= high && chance(8)) at = low;
  // The first run's own start may not be negative; the walk refuses the rest.
  d.dram_offset = static_cast<uint64_t>(std::max<int64_t>(at, 0));
}

Instruction Generator::any_transfer(bool write) {
  isa::TransferDesc d;
  d.header.opcode = static_cast<uint8_t>(write ? Opcode::kStore : Opcode::kLoad);
  d.region = static_cast<uint32_t>(region(write));
  const Region& region = program_.regions[d.region];
  auto memory = isa::Memory::kAct;
  if (!write && chance(45)) memory = chance(80) ? isa::Memory::kWgt : isa::Memory::kParam;
  d.mem = static_cast<uint32_t>(memory);
  Places& places = memory == isa::Memory::kAct ? act_ : memory == isa::Memory::kWgt ? wgt_ : param_;

  const int64_t most =
      std::min<int64_t>({region.bytes, places.size * rows_, chance(15) ? 8192 : 1200});
  std::array<int64_t, 3> factors{1, 1, 1};
  factors[0] = size(std::min<int64_t>(most, chance(50) ? 64 : 1200));
  if (chance(60)) factors[1] = size(std::max<int64_t>(1, std::min<int64_t>(most / factors[0], 24)));
  if (chance(40))
    factors[2] = size(std::max<int64_t>(1, std::min<int64_t>(most / factors[0] / factors[1], 8)));
  split(factors, [&](int64_t run, int64_t count1, int64_t count2) {
    d.dram_run = static_cast<uint32_t>(run);
    d.dram_count1 = static_cast<uint32_t>(count1);
    d.dram_count2 = static_cast<uint32_t>(count2);
  });
  split(factors, [&](int64_t run, int64_t count1, int64_t count2) {
    d.chip_run = static_cast<uint32_t>(run);
    d.chip_count1 = static_cast<uint32_t>(count1);
    d.chip_count2 = static_cast<uint32_t>(count2);
  });
  dram_place(d, 0, region.bytes);

  const int64_t words = (int64_t{d.chip_run} + rows_ - 1) / rows_;
  const int64_t s1 = pitch(words, 20), s2 = pitch(words * d.chip_count1, 60);
  d.chip_stride1 = wrap(s1);
  d.chip_stride2 = wrap(s2);
  Range used;
  for (const int64_t i1 : {int64_t{0}, int64_t{d.chip_count1} - 1}) {
    for (const int64_t i2 : {int64_t{0}, int64_t{d.chip_count2} - 1}) {
      used.add(i1 * s1 + i2 * s2);
      used.add(i1 * s1 + i2 * s2 + words - 1);
    }
  }
  d.chip_addr = wrap(place(places, used));
  return d;
}

// Parameter blocks, or a field of them, from the parameter region to slots.
Instruction Generator::param_load() {
  isa::TransferDesc d;
  d.header.opcode = static_cast<uint8_t>(Opcode::kLoad);
  d.region = kParamRegion;
  d.mem = static_cast<uint32_t>(isa::Memory::kParam);
  const int64_t block = kParamBlockWords * rows_;
  const int64_t slots = (config_.param_words - program_.param_slots) / kParamBlockWords;
  const int64_t sources = (program_.regions[kParamRegion].bytes - program_.param_source) / block;
  const int64_t blocks = size(std::min<int64_t>({slots, sources, 6}));
  const int64_t first = pick<int64_t>({0, 0, 0, 4, 8});  // word of the block
  const int64_t words = first == 0   ? pick<int64_t>({9, 9, 4, 8})
                        : first == 4 ? pick<int64_t>({4, 5})
                                     : 1;
  const bool whole = words == 9 && chance(50);
  const int64_t step = whole ? 1 : between(1, 2);
  d.chip_run = static_cast<uint32_t>(whole ? block * blocks : words * rows_);
  d.chip_count1 = static_cast<uint32_t>(whole ? 1 : blocks);
  d.chip_stride1 = wrap(kParamBlockWords * step);
  const int64_t last = (blocks - 1) * step;
  const int64_t crowd = std::min<int64_t>(slots, 4);
  const int64_t slot = last < crowd ? below(crowd - last) : last < slots ? below(slots - last) : 0;
  d.chip_addr = wrap(program_.param_slots + slot * kParamBlockWords + first);
  d.dram_run = d.chip_run;
  d.dram_count1 = d.chip_count1;
  if (!whole && chance(50)) std::swap(d.dram_count1, d.dram_count2);
  const int64_t source_step = last < sources ? 1 : 0;
  d.dram_stride1 = d.dram_stride2 = static_cast<int32_t>(source_step * block);
  d.dram_offset = static_cast<uint64_t>(program_.param_source + first * rows_ +
                                        block * below(std::max<int64_t>(1, sources - blocks + 1)));
  return d;
}

Instruction Generator::blocked() {
  isa::ArrayDesc d;
  d.header.opcode = static_cast<uint8_t>(Opcode::kConv);
  d.header.flags = chance(50) ? static_cast<uint8_t>(isa::kArrayFlagAccumulate) : 0;
  d.kh = static_cast<uint32_t>(chance(50) ? 1 : between(1, 5));
  d.kw = static_cast<uint32_t>(chance(50) ? 1 : between(1, 5));
  d.kc = static_cast<uint32_t>(chance(50) ? 1 : size(6));
  const int64_t tiles = int64_t{d.kh} * d.kw * d.kc;
  const int64_t outputs =
      std::min<int64_t>(config_.acc_entries(), std::max<int64_t>(1, kMostWords / tiles));
  d.out_w = static_cast<uint32_t>(size(std::min<int64_t>(outputs, 40)));
  d.out_h = static_cast<uint32_t>(size(std::min<int64_t>(outputs / d.out_w, 30)));
  d.stride_y = static_cast<uint32_t>(chance(70) ? 1 : between(1, 4));
  d.stride_x = static_cast<uint32_t>(chance(70) ? 1 : between(1, 4));
  d.dil_y = static_cast<uint32_t>(chance(80) ? 1 : between(1, 3));
  d.dil_x = static_cast<uint32_t>(chance(80) ? 1 : between(1, 3));
  d.y0 = static_cast<int32_t>(chance(40) ? 0 : between(-4, 3));
  d.x0 = static_cast<int32_t>(chance(40) ? 0 : between(-4, 3));
  const int64_t reach_y =
      (int64_t{d.out_h} - 1) * d.stride_y + (int64_t{d.kh} - 1) * d.dil_y + d.y0 + 1;
  const int64_t reach_x =
      (int64_t{d.out_w} - 1) * d.stride_x + (int64_t{d.kw} - 1) * d.dil_x + d.x0 + 1;
  d.in_h =
      static_cast<uint32_t>(std::max<int64_t>(1, chance(50) ? reach_y : reach_y + between(-4, 4)));
  d.in_w =
      static_cast<uint32_t>(std::max<int64_t>(1, chance(50) ? reach_x : reach_x + between(-4, 4)));
  const bool inner_blocks = chance(50);
  const int64_t col = pitch(inner_blocks ? d.kc : 1, 4);
  const int64_t row = pitch(d.in_w * std::abs(col), 30);
  const int64_t blk = pitch(inner_blocks ? 1 : d.in_h * std::abs(row), 30);
  d.in_col_pitch = wrap(col);
  d.in_row_pitch = wrap(row);
  d.in_blk_pitch = wrap(blk);
  const Range ys = reached(d.out_h, d.stride_y, d.kh, d.dil_y, d.y0, d.in_h, row);
  const Range xs = reached(d.out_w, d.stride_x, d.kw, d.dil_x, d.x0, d.in_w, col);
  Range cs;
  cs.add(0);
  cs.add((int64_t{d.kc} - 1) * blk);
  d.in_addr = wrap(place(act_, sum(sum(ys, xs), cs)));
  d.wgt_addr = wrap(place(wgt_, {0, tiles * rows_ - 1}));
  d.acc_addr = wrap(place(acc_, {0, int64_t{d.out_h} * d.out_w - 1}));
  d.pad_value = static_cast<int32_t>(between(-128, 127));
  return d;
}

Instruction Generator::shallow() {
  isa::ArrayDesc d;
  d.header.opcode = static_cast<uint8_t>(Opcode::kConv);
  d.header.flags =
      static_cast<uint8_t>(isa::kArrayFlagShallow | (chance(50) ? isa::kArrayFlagAccumulate : 0));
  d.kw = static_cast<uint32_t>(size(chance(85) ? 3 * rows_ : 255));
  d.kh = static_cast<uint32_t>(between(1, chance(80) ? 5 : 12));
  const int64_t taps = int64_t{d.kh} * d.kw;
  d.kc = static_cast<uint32_t>((taps + rows_ - 1) / rows_);
  const int64_t outputs =
      std::min<int64_t>(config_.acc_entries(), std::max<int64_t>(1, kMostWords / d.kc));
  d.out_w = static_cast<uint32_t>(size(std::min<int64_t>(outputs, 40)));
  d.out_h = static_cast<uint32_t>(size(std::min<int64_t>(outputs / d.out_w, 30)));
  d.stride_y = static_cast<uint32_t>(chance(70) ? 1 : between(1, 4));
  d.stride_x = static_cast<uint32_t>(chance(50) ? 1 : chance(80) ? between(1, 6) : size(3 * rows_));
  d.dil_y = static_cast<uint32_t>(chance(80) ? 1 : between(1, 3));
  d.y0 = static_cast<int32_t>(chance(40) ? 0 : between(-4, 3));
  d.x0 = static_cast<int32_t>(chance(40) ? 0 : between(-rows_, rows_));
  const int64_t reach_y =
      (int64_t{d.out_h} - 1) * d.stride_y + (int64_t{d.kh} - 1) * d.dil_y + d.y0 + 1;
  const int64_t reach_x = (int64_t{d.out_w} - 1) * d.stride_x + d.kw - 1 + d.x0 + 1;
  d.in_h =
      static_cast<uint32_t>(std::max<int64_t>(1, chance(50) ? reach_y : reach_y + between(-4, 4)));
  d.in_w = static_cast<uint32_t>(
      std::max<int64_t>(1, chance(50) ? reach_x : reach_x + between(-rows_, rows_)));
  // The fields that do not count may say anything.
  if (chance(30)) {
    d.in_col_pitch = wrap(below(65536));
    d.in_blk_pitch = wrap(below(65536));
    d.dil_x = static_cast<uint32_t>(between(1, 255));
  }
  const int64_t row = pitch((d.in_w + rows_ - 1) / rows_, 12);
  d.in_row_pitch = wrap(row);
  const Range ys = reached(d.out_h, d.stride_y, d.kh, d.dil_y, d.y0, d.in_h, row);
  Range xs;
  for (int64_t ox = 0; ox < d.out_w; ++ox) {
    for (int64_t b = ox * d.stride_x + d.x0; b < ox * d.stride_x + d.x0 + d.kw; ++b) {
      if (b >= 0 && b < d.in_w) xs.add(b / rows_);
    }
  }
  d.in_addr = wrap(place(act_, sum(ys, xs)));
  d.wgt_addr = wrap(place(wgt_, {0, int64_t{d.kc} * rows_ - 1}));
  d.acc_addr = wrap(place(acc_, {0, int64_t{d.out_h} * d.out_w - 1}));
  d.pad_value = static_cast<int32_t>(between(-128, 127));
  return d;
}

Instruction Generator::depthwise() {
  isa::DepthwiseDesc d;
  d.header.opcode = static_cast<uint8_t>(Opcode::kDwconv);
  if (chance(50)) {
    d.kh = d.kw = 3;
  } else {
    d.kh = static_cast<uint32_t>(chance(80) ? between(1, 5) : between(1, 32));
    d.kw = static_cast<uint32_t>(chance(80) ? between(1, 5)
                                            : between(1, std::min<int64_t>(96, 96 / d.kh)));
  }
  const int64_t taps = int64_t{d.kh} * d.kw;
  const int64_t outputs =
      std::min<int64_t>(config_.acc_entries(), std::max<int64_t>(1, 3 * kMostWords / taps));
  d.out_w = static_cast<uint32_t>(size(std::min<int64_t>(outputs, 40)));
  d.out_h = static_cast<uint32_t>(size(std::min<int64_t>(outputs / d.out_w, 30)));
  const int64_t stride = between(1, 2);
  d.stride_y = static_cast<uint32_t>(chance(70) ? stride : between(1, 4));
  d.stride_x = static_cast<uint32_t>(chance(70) ? stride : between(1, 4));
  d.dil_y = static_cast<uint32_t>(chance(80) ? 1 : between(1, 3));
  d.dil_x = static_cast<uint32_t>(chance(80) ? 1 : between(1, 3));
  d.y0 = static_cast<int32_t>(chance(40) ? -1 : between(-4, 3));
  d.x0 = static_cast<int32_t>(chance(40) ? -1 : between(-4, 3));
  const int64_t reach_y =
      (int64_t{d.out_h} - 1) * d.stride_y + (int64_t{d.kh} - 1) * d.dil_y + d.y0 + 1;
  const int64_t reach_x =
      (int64_t{d.out_w} - 1) * d.stride_x + (int64_t{d.kw} - 1) * d.dil_x + d.x0 + 1;
  d.in_h =
      static_cast<uint32_t>(std::max<int64_t>(1, chance(50) ? reach_y : reach_y + between(-4, 4)));
  d.in_w =
      static_cast<uint32_t>(std::max<int64_t>(1, chance(50) ? reach_x : reach_x + between(-4, 4)));
  const int64_t col = pitch(chance(70) ? 1 : between(1, 4), 4);
  const int64_t row = pitch(d.in_w * std::abs(col), 30);
  d.in_col_pitch = wrap(col);
  d.in_row_pitch = wrap(row);
  const Range ys = reached(d.out_h, d.stride_y, d.kh, d.dil_y, d.y0, d.in_h, row);
  const Range xs = reached(d.out_w, d.stride_x, d.kw, d.dil_x, d.x0, d.in_w, col);
  d.in_addr = wrap(place(act_, sum(ys, xs)));
  d.param_addr = wrap(place(param_, {0, taps - 1}));
  d.acc_addr = wrap(place(acc_, {0, int64_t{d.out_h} * d.out_w - 1}));
  d.pad_value = static_cast<int32_t>(between(-128, 127));
  return d;
}

Instruction Generator::pass(Opcode opcode) {
  isa::VectorDesc d;
  d.header.opcode = static_cast<uint8_t>(opcode);
  const bool two_sources = opcode >= Opcode::kAdd && opcode <= Opcode::kMinimum;
  const bool one_tap = two_sources || opcode == Opcode::kLut;
  const bool plain = one_tap || chance(opcode == Opcode::kRequant ? 55 : 15);
  d.win_h = static_cast<uint32_t>(plain ? 1 : between(1, 4));
  d.win_w = static_cast<uint32_t>(plain ? 1 : between(1, 4));
  d.win_stride_y = static_cast<uint32_t>(plain && chance(80) ? 1 : between(1, 4));
  d.win_stride_x = static_cast<uint32_t>(plain && chance(80) ? 1 : between(1, 4));
  const int64_t outputs = std::max<int64_t>(1, kMostWords / (int64_t{d.win_h} * d.win_w));
  d.out_w = static_cast<uint32_t>(size(std::min<int64_t>(outputs, 40)));
  d.out_h = static_cast<uint32_t>(size(std::min<int64_t>(outputs / d.out_w, 30)));
  // Each window has a tap inside: padding is less than it.
  d.y0 = static_cast<int32_t>(chance(60) ? 0 : between(1 - int64_t{d.win_h}, 3));
  d.x0 = static_cast<int32_t>(chance(60) ? 0 : between(1 - int64_t{d.win_w}, 3));
  const int64_t last_y = (int64_t{d.out_h} - 1) * d.win_stride_y + d.y0;
  const int64_t last_x = (int64_t{d.out_w} - 1) * d.win_stride_x + d.x0;
  d.src_h = static_cast<uint32_t>(std::max<int64_t>(1, last_y + between(1, d.win_h + 1)));
  d.src_w = static_cast<uint32_t>(std::max<int64_t>(1, last_x + between(1, d.win_w + 1)));
  const int64_t col = pitch(1, 3), row = pitch(d.src_w * std::abs(col), 40);
  d.src_col_pitch = wrap(col);
  d.src_row_pitch = wrap(row);
  Range ys, xs;
  for (int64_t y = std::max<int64_t>(0, d.y0); y < std::min<int64_t>(d.src_h, last_y + d.win_h);
       ++y)
    ys.add(y * row);
  for (int64_t x = std::max<int64_t>(0, d.x0); x < std::min<int64_t>(d.src_w, last_x + d.win_w);
       ++x)
    xs.add(x * col);
  d.src_addr = wrap(place(opcode == Opcode::kRequant ? acc_ : act_, sum(ys, xs)));

  const int64_t dst_col = pitch(1, 3),
                dst_row = pitch(d.out_w * std::max<int64_t>(1, std::abs(dst_col)), 40);
  d.dst_col_pitch = wrap(dst_col);
  d.dst_row_pitch = wrap(dst_row);
  Range dy, dx;
  dy.add(0), dy.add((int64_t{d.out_h} - 1) * dst_row);
  dx.add(0), dx.add((int64_t{d.out_w} - 1) * dst_col);
  d.dst_addr = wrap(place(act_, sum(dy, dx)));

  if (two_sources) {
    // Often the words next to the first source's, or one repeated along an axis.
    const int64_t col2 = chance(25) ? 0 : pitch(col, 3),
                  row2 = chance(25) ? 0 : pitch(d.out_w * std::abs(col2), 40);
    d.src2_col_pitch = wrap(col2);
    d.src2_row_pitch = wrap(row2);
    Range sy, sx;
    sy.add(0), sy.add((int64_t{d.out_h} - 1) * row2);
    sx.add(0), sx.add((int64_t{d.out_w} - 1) * col2);
    d.src2_addr = wrap(place(act_, sum(sy, sx)));
  }
  if (two_sources || chance(20)) {
    d.src_zero_point =
        static_cast<int32_t>(pick({0, -128, 127, static_cast<int>(between(-128, 127))}));
    d.src2_zero_point =
        static_cast<int32_t>(pick({0, -128, 127, static_cast<int>(between(-128, 127))}));
    const auto multiplier = [&] {
      return static_cast<uint32_t>(
          pick<int64_t>({1 << 30, 0x7fffffff, (1 << 30) + below(1 << 30)}));
    };
    d.src_multiplier = multiplier();
    d.src2_multiplier = multiplier();
    d.src_right_shift = static_cast<uint32_t>(chance(70) ? below(4) : below(32));
    d.src2_right_shift = static_cast<uint32_t>(chance(70) ? below(4) : below(32));
  }
  if (chance(50)) d.header.flags = static_cast<uint8_t>(isa::kVectorFlagSubtract);

  const int64_t slots = (config_.param_words - program_.param_slots) / kParamBlockWords;
  if (opcode == Opcode::kLut) {
    const int64_t words = 256 / rows_;
    d.param_addr = wrap(below(
        (chance(70) ? std::min<int64_t>(config_.param_words, 2 * words) : config_.param_words) -
        words + 1));
  } else if (opcode == Opcode::kMaxpool || opcode == Opcode::kMaximum ||
             opcode == Opcode::kMinimum) {
    if (chance(20)) d.param_addr = wrap(below(65536));  // does not count
  } else {
    d.param_addr = wrap(program_.param_slots +
                        kParamBlockWords * below(chance(80) ? std::min<int64_t>(slots, 4) : slots));
  }
  const auto byte = [&] { return static_cast<int32_t>(between(-128, 127)); };
  d.zero_point = pick({0, -128, 127, byte()});
  d.clamp_min = chance(60) ? -128 : byte();
  d.clamp_max = chance(60) ? 127 : byte();
  if (d.clamp_min > d.clamp_max) std::swap(d.clamp_min, d.clamp_max);
  d.valid_lanes =
      static_cast<uint32_t>(chance(60) ? rows_ : std::min<int64_t>(64, size(rows_ + 2)));
  return d;
}

Instruction Generator::one() {
  int64_t total = 0;
  for (int64_t w : weights_) total += w;
  for (;;) {
    int64_t kind = 0;
    for (int64_t left = below(total); left >= weights_[static_cast<size_t>(kind)]; ++kind)
      left -= weights_[static_cast<size_t>(kind)];
    for (int i = 0; i < kTries; ++i) {
      Instruction instruction;
      switch (kind) {
        case 0: instruction = chance(25) ? param_load() : any_transfer(false); break;
        case 1: instruction = any_transfer(true); break;
        case 2: instruction = blocked(); break;
        case 3: instruction = shallow(); break;
        case 4: instruction = depthwise(); break;
        case 5: instruction = pass(Opcode::kRequant); break;
        case 6: instruction = pass(Opcode::kMaxpool); break;
        default:
          instruction = pass(pick({Opcode::kMean, Opcode::kAvgpool, Opcode::kLut, Opcode::kAdd,
                                   Opcode::kMul, Opcode::kMaximum, Opcode::kMinimum}));
          break;
      }
      header(instruction).layer = static_cast<uint16_t>(below(65536));
      if (footprint(program_, instruction)) return instruction;
    }
  }
}

Program Generator::make() {
  make_regions();
  program_.param_slots = below(kParamBlockWords);
  const auto places = [&](int64_t size) {
    return Places{size, chance(50) ? std::min<int64_t>(size, 40 + below(200)) : size, {}};
  };
  act_ = places(config_.act_words);
  wgt_ = places(config_.wgt_words);
  param_ = places(config_.param_words);
  acc_ = places(config_.acc_entries());
  // Load, store, blocked, shallow and depthwise convolution, requant, maxpool, other passes: each
  // program its own mixture.
  weights_ = {between(2, 12), between(1, 8),  between(2, 10), between(1, 6),
              between(2, 10), between(2, 10), between(1, 6),  between(2, 14)};
  if (chance(25)) weights_[static_cast<size_t>(below(static_cast<int64_t>(weights_.size())))] = 40;
  const double length = std::exp(std::log(20.0) + (std::log(400.0) - std::log(20.0)) *
                                                      static_cast<double>(below(1001)) / 1000);
  const auto count = static_cast<size_t>(std::lround(length));
  while (program_.instructions.size() < count) program_.instructions.push_back(one());
  program_.extras = chance(70) ? rng_() | 1 : 0;
  return std::move(program_);
}

}  // namespace

Program random_program(const isa::HardwareConfig& config, uint64_t seed) {
  return Generator(config, seed).make();
}

}  // namespace weft::tb
