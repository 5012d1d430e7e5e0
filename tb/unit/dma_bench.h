// What the DMA benches share: transfers, their byte streams by plain loops, random nests.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "bits.h"

namespace weft::tb {

inline constexpr unsigned kWordBytes = WEFT_ROWS;
enum Memory : unsigned { kAct = 0, kWgt = 1, kParam = 2 };
enum ErrorCode : unsigned {
  kBadDescriptor = 2,
  kChipRange = 4,
  kTransferLength = 5,
  kRegion = 6,
  kBus = 7
};

inline unsigned mem_words(unsigned mem) {
  return mem == kWgt ? WEFT_WGT_WORDS : mem == kParam ? WEFT_PARAM_WORDS : WEFT_ACT_WORDS;
}

inline uint64_t bench_seed(uint64_t fallback) {
  const char* text = std::getenv("WEFT_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : fallback;
}

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t bits() { return engine_(); }
  int64_t in(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool one_in(unsigned n) { return engine_() % n == 0; }

 private:
  std::mt19937_64 engine_;
};

struct Nest {
  uint64_t start = 0;  // bytes in DRAM (absolute address), words on chip
  uint32_t run = 1, count1 = 1, count2 = 1;
  int64_t stride1 = 0, stride2 = 0;

  uint64_t total() const { return uint64_t{run} * count1 * count2; }
  // visit(start of the run) for each run in order, until it returns false.
  template <class Visit>
  void each_run(Visit visit) const {
    for (uint32_t g = 0; g < count2; ++g) {
      for (uint32_t r = 0; r < count1; ++r) {
        if (!visit(start + static_cast<uint64_t>(stride2 * g + stride1 * r))) return;
      }
    }
  }
  // Lowest start of a run, and highest, from `start`.
  int64_t lowest() const { return std::min<int64_t>(0, reach1()) + std::min<int64_t>(0, reach2()); }
  int64_t highest() const {
    return std::max<int64_t>(0, reach1()) + std::max<int64_t>(0, reach2());
  }
  int64_t reach1() const { return stride1 * (count1 - 1); }
  int64_t reach2() const { return stride2 * (count2 - 1); }
};

struct Transfer {
  unsigned mem = kAct, region = 0;
  Nest chip, dram;
  unsigned opcode = 0x10;
  std::vector<std::pair<unsigned, uint8_t>> raw;  // bytes of the descriptor set by hand
};

struct Region {
  uint64_t base = 0, limit = 0;
  bool readable = true, writable = true;
};
using Regions = std::array<Region, 8>;

template <class Port>
void put_regions(const Regions& regions, Port& port) {
  for (unsigned i = 0; i < regions.size(); ++i) {
    set_bits(port, 130 * i, 64, regions[i].limit);
    set_bits(port, 130 * i + 64, 64, regions[i].base);
    set_bits(port, 130 * i + 128, 1, regions[i].writable);
    set_bits(port, 130 * i + 129, 1, regions[i].readable);
  }
}

// The 64 bytes as configs/isa.yaml has them.
inline std::array<uint8_t, 64> encode(const Transfer& t, const Regions& regions) {
  std::array<uint8_t, 64> d{};
  auto put = [&d](unsigned byte, unsigned bytes, uint64_t value) {
    for (unsigned i = 0; i < bytes; ++i) d[byte + i] = static_cast<uint8_t>(value >> (8 * i));
  };
  put(0, 1, t.opcode);
  put(12, 1, t.mem | t.region << 4);
  put(14, 2, t.chip.start);
  put(16, 6, t.dram.start - regions[t.region].base);
  put(22, 3, t.chip.run);
  put(26, 2, t.chip.count1);
  put(28, 2, static_cast<uint64_t>(t.chip.stride1));
  put(30, 2, t.chip.count2);
  put(32, 2, static_cast<uint64_t>(t.chip.stride2));
  put(34, 3, t.dram.run);
  put(38, 2, t.dram.count1);
  put(40, 4, static_cast<uint64_t>(t.dram.stride1));
  put(44, 2, t.dram.count2);
  put(48, 4, static_cast<uint64_t>(t.dram.stride2));
  for (const auto& [byte, value] : t.raw) d[byte] = value;
  return d;
}

// More than any transfer that is meant to end.
inline constexpr size_t kStreamLimit = 200000;

// Byte addresses of the DRAM side, in stream order.
inline std::vector<uint64_t> dram_bytes(const Nest& nest) {
  std::vector<uint64_t> bytes;
  nest.each_run([&](uint64_t addr) {
    for (uint32_t i = 0; i < nest.run; ++i) bytes.push_back(addr + i);
    return bytes.size() < kStreamLimit;
  });
  return bytes;
}

// Words of the on-chip side, in stream order: address and bytes that count.
struct ChipWord {
  uint16_t addr;
  unsigned bytes;
};
inline std::vector<ChipWord> chip_words(const Nest& nest) {
  std::vector<ChipWord> words;
  nest.each_run([&](uint64_t addr) {
    for (uint32_t done = 0; done < nest.run; done += kWordBytes) {
      words.push_back(
          {static_cast<uint16_t>(addr + done / kWordBytes), std::min(kWordBytes, nest.run - done)});
    }
    return words.size() < kStreamLimit;
  });
  return words;
}

inline uint32_t random_divisor(Random& random, uint64_t n, uint64_t limit) {
  std::vector<uint32_t> divisors;
  for (uint64_t d = 1; d <= limit && d <= n; ++d) {
    if (n % d == 0) divisors.push_back(static_cast<uint32_t>(d));
  }
  return divisors[random.bits() % divisors.size()];
}

inline Nest random_counts(Random& random, uint64_t total) {
  Nest nest;
  nest.count1 = random_divisor(random, total, 40);
  nest.count2 = random_divisor(random, total / nest.count1, 12);
  nest.run = static_cast<uint32_t>(total / nest.count1 / nest.count2);
  return nest;
}

// Run lengths 1 .. 300, word sizes and their neighbours more often.
inline uint32_t random_run(Random& random) {
  if (random.one_in(2)) return static_cast<uint32_t>(random.in(1, 300));
  const int64_t words = random.in(1, 4);
  return static_cast<uint32_t>(std::max<int64_t>(1, words * kWordBytes + random.in(-1, 1)));
}

// A transfer whose on-chip side lies in its memory and whose DRAM side lies in
// dram_base .. dram_base + dram_size - 1. disjoint: no DRAM byte is in it twice.
inline Transfer random_transfer(Random& random, unsigned mem, uint64_t dram_base,
                                uint64_t dram_size, bool disjoint) {
  for (;;) {
    const uint64_t total = uint64_t{random_run(random)} * static_cast<uint64_t>(random.in(1, 6)) *
                           static_cast<uint64_t>(random.in(1, 3));
    Transfer t;
    t.mem = mem;
    t.chip = random_counts(random, total);
    t.dram = random_counts(random, total);

    const int64_t words = (t.chip.run + kWordBytes - 1) / kWordBytes;
    t.chip.stride1 = (words + random.in(0, 2)) * (random.one_in(4) ? -1 : 1);
    t.chip.stride2 = (t.chip.count1 * (words + 2) + random.in(0, 3)) * (random.one_in(4) ? -1 : 1);
    const int64_t low = t.chip.lowest(), high = t.chip.highest() + words;
    if (high - low > mem_words(mem)) continue;
    int64_t chip_start = random.in(-low, mem_words(mem) - high);
    if (random.one_in(4)) chip_start = -low;                   // touches word 0
    if (random.one_in(4)) chip_start = mem_words(mem) - high;  // touches the last word
    t.chip.start = static_cast<uint64_t>(chip_start);

    const int64_t gap = random.one_in(3) ? 0 : random.in(0, 40);
    t.dram.stride1 = (t.dram.run + gap) * (random.one_in(4) ? -1 : 1);
    t.dram.stride2 =
        (t.dram.count1 * (t.dram.run + gap) + random.in(0, 70)) * (random.one_in(4) ? -1 : 1);
    if (!disjoint && random.one_in(5)) t.dram.stride1 = random.in(-20, 20);
    const int64_t below = t.dram.lowest(), above = t.dram.highest() + t.dram.run;
    if (above - below > static_cast<int64_t>(dram_size)) continue;
    int64_t start = random.in(-below, static_cast<int64_t>(dram_size) - above);
    if (random.one_in(4)) start = -below;
    if (random.one_in(4)) start = static_cast<int64_t>(dram_size) - above;
    t.dram.start = dram_base + static_cast<uint64_t>(start);
    return t;
  }
}

struct EngineError {
  unsigned code = 0, resp = 0;
  uint64_t addr = 0;
};
template <class Port>
EngineError get_error(const Port& port) {
  return {static_cast<unsigned>(get_bits(port, 66, 8)),
          static_cast<unsigned>(get_bits(port, 64, 2)), get_bits(port, 0, 64)};
}

}  // namespace weft::tb
