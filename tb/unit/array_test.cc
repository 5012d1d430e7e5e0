// The systolic array alone: exact sums at a fixed latency, tiles as close as the protocol allows.
#include <array>
#include <cstring>
#include <deque>
#include <memory>

#include "../catch_compat.h"
#include "Vdut.h"
#include "bits.h"
#include "vector_bench.h"

using namespace weft::tb;

namespace {

constexpr int kRows = WEFT_ROWS;
constexpr uint64_t kLatency = 2 * WEFT_ROWS - 1;
constexpr unsigned kSumBits = 16 + __builtin_ctz(WEFT_ROWS);
using Word = std::array<int8_t, kLanes>;

struct Tile {
  std::array<Word, kLanes> weights;  // [row][column]
  std::vector<Word> vectors;
  int bubbles = 0;      // 0: none, n: a bubble one time in n
  int shift_delay = 0;  // cycles after the earliest legal one
  int first_delay = 0;
};

struct Due {
  uint64_t at;
  std::array<int32_t, kLanes> sums;
};

struct Bench {
  explicit Bench(uint64_t seed) : random(seed), top(std::make_unique<Vdut>()) {
    top->rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
  }

  int8_t any_byte() {
    switch (random.in(0, 5)) {
      case 0: return -128;
      case 1: return 127;
      default: return static_cast<int8_t>(random.bits() >> 13);
    }
  }
  Word any_word() {
    Word w;
    for (int8_t& byte : w) byte = any_byte();
    return w;
  }

  Tile tile(int64_t m) {
    Tile t;
    for (Word& w : t.weights) w = any_word();
    for (int64_t i = 0; i < m; ++i) t.vectors.push_back(any_word());
    return t;
  }

  // All tiles, each shifted in while the one before streams.
  void run(const std::vector<Tile>& tiles) {
    size_t shifting = 0, streaming = 0, row = 0, vector = 0;
    uint64_t shift_from = now, first_from = 0;
    while (streaming < tiles.size()) {
      Vdut& t = *top;
      bool first_enters = false;
      // Loaded: the tile that streams next is shifted in whole.
      if (streaming < shifting && (vector > 0 || now >= first_from)) {
        const Tile& tile = tiles[streaming];
        const auto bubbles = static_cast<unsigned>(tile.bubbles);
        if (vector == 0 || bubbles == 0 || !random.one_in(bubbles)) {
          enter(tile, vector == 0, tile.vectors[vector]);
          first_enters = vector == 0;
          if (first_enters) {
            first_at.push_back(now);
            if (shifting < tiles.size()) {
              shift_from = now + static_cast<uint64_t>(tiles[shifting].shift_delay);
            }
          }
          if (++vector == tile.vectors.size()) vector = 0, ++streaming;
        }
      }
      const bool may_shift = shifting == 0 || first_at.size() - first_base >= shifting;
      if (shifting < tiles.size() && may_shift && now >= shift_from) {
        t.shift_i = 1;
        const Word& weights = tiles[shifting].weights[kLanes - 1 - row];
        std::memcpy(&t.w_i, weights.data(), kLanes);
        if (++row == static_cast<size_t>(kRows)) {
          row = 0;
          first_from = now + 1 + static_cast<uint64_t>(tiles[shifting].first_delay);
          ++shifting;
        }
      }
      cycle();
    }
    first_base = first_at.size();
  }

  void enter(const Tile& tile, bool first, const Word& vector) {
    top->in_valid_i = 1;
    top->tile_first_i = first;
    std::memcpy(&top->act_i, vector.data(), kLanes);
    Due d{now + kLatency, {}};
    for (size_t c = 0; c < kLanes; ++c) {
      for (size_t r = 0; r < kLanes; ++r) d.sums[c] += vector[r] * tile.weights[r][c];
    }
    due.push_back(d);
  }

  void cycle() {
    Vdut& t = *top;
    t.clk_i = 0;
    t.eval();
    if (t.rst_ni) observe();
    t.clk_i = 1;
    t.eval();
    ++now;
    // What is not valid is anything.
    t.in_valid_i = 0;
    t.shift_i = 0;
    t.tile_first_i = random.one_in(2);
    std::memset(&t.act_i, static_cast<int>(random.bits() & 0xff), sizeof(t.act_i));
    std::memset(&t.w_i, static_cast<int>(random.bits() & 0xff), sizeof(t.w_i));
  }

  void observe() {
    const bool expected = !due.empty() && due.front().at == now;
    if (bool(top->out_valid_o) != expected) ++wrong;
    if (!expected) return;
    for (unsigned c = 0; c < kLanes; ++c) {
      const auto raw = static_cast<uint32_t>(get_bits(top->sums_o, kSumBits * c, kSumBits));
      const int32_t sum = static_cast<int32_t>(raw << (32 - kSumBits)) >> (32 - kSumBits);
      if (sum != due.front().sums[c]) ++wrong;
      ++compared;
    }
    due.pop_front();
  }

  void drain() {
    for (uint64_t i = 0; i < 2 * kLatency; ++i) cycle();
    CHECK(due.empty());
    CHECK(wrong == 0);
    CHECK(compared > 0);
  }

  Random random;
  std::unique_ptr<Vdut> top;
  std::deque<Due> due;
  std::vector<uint64_t> first_at;
  size_t first_base = 0;
  uint64_t now = 0, compared = 0, wrong = 0;
};

}  // namespace

TEST_CASE("tiles of one vector follow each other every R cycles") {
  const uint64_t seed = bench_seed(0x5eed'0101);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  std::vector<Tile> tiles;
  for (int i = 0; i < 200; ++i) tiles.push_back(bench.tile(1));
  bench.run(tiles);
  bench.drain();
  for (size_t i = 1; i < tiles.size(); ++i) {
    REQUIRE(bench.first_at[i] - bench.first_at[i - 1] == static_cast<uint64_t>(kRows));
  }
}

TEST_CASE("tiles of M vectors follow each other every max(M, R) cycles") {
  for (int m : {2, kRows - 1, kRows, kRows + 1, 2 * kRows - 1, 3 * kRows + 1, 121}) {
    INFO("M=" << m);
    Bench bench(static_cast<uint64_t>(m));
    std::vector<Tile> tiles;
    for (int i = 0; i < 40; ++i) tiles.push_back(bench.tile(m));
    bench.run(tiles);
    bench.drain();
    for (size_t i = 1; i < tiles.size(); ++i) {
      const auto period = static_cast<uint64_t>(std::max(m, kRows));
      REQUIRE(bench.first_at[i] - bench.first_at[i - 1] == period);
    }
  }
}

TEST_CASE("random tiles, bubbles and pauses") {
  const uint64_t seed = bench_seed(0x5eed'0102);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  Random& random = bench.random;
  for (int batch = 0; batch < 150; ++batch) {
    INFO("batch " << batch);
    std::vector<Tile> tiles;
    const auto count = random.in(1, 8);
    for (int64_t i = 0; i < count; ++i) {
      tiles.push_back(bench.tile(random.one_in(3) ? 1 : random.in(1, 3 * kRows)));
      Tile& t = tiles.back();
      if (random.one_in(2)) t.bubbles = static_cast<int>(random.in(2, 4));
      if (random.one_in(2)) t.shift_delay = static_cast<int>(random.in(0, 3 * kRows));
      if (random.one_in(2)) t.first_delay = static_cast<int>(random.in(0, 5 * kRows));
    }
    bench.run(tiles);
    if (random.one_in(2)) bench.drain();
    REQUIRE(bench.wrong == 0);
  }
  bench.drain();
}

TEST_CASE("sums of the extremes") {
  Bench bench(1);
  std::vector<Tile> tiles;
  for (int i = 0; i < 4; ++i) {
    Tile t = bench.tile(kRows);
    for (Word& w : t.weights) w.fill(i & 1 ? -128 : 127);
    for (Word& v : t.vectors) v.fill(i & 2 ? -128 : 127);
    tiles.push_back(t);
  }
  bench.run(tiles);
  bench.drain();
}

TEST_CASE("a clear at any time leaves an array that works") {
  const uint64_t seed = bench_seed(0x5eed'0103);
  INFO("WEFT_SEED=" << seed);
  for (int batch = 0; batch < 100; ++batch) {
    INFO("batch " << batch);
    Bench bench(seed + static_cast<uint64_t>(batch));
    bench.run({bench.tile(1), bench.tile(bench.random.in(1, kRows))});
    for (auto i = bench.random.in(0, kRows); i > 0; --i) {  // of a shift, and more vectors
      bench.top->shift_i = 1;
      bench.top->in_valid_i = bench.random.one_in(2);
      bench.top->tile_first_i = 0;
      if (bench.top->in_valid_i) bench.due.push_back({bench.now + kLatency, {}});
      bench.cycle();
    }
    bench.top->clear_i = 1;
    bench.cycle();
    bench.top->clear_i = 0;
    bench.due.clear();
    bench.wrong = 0;
    bench.run({bench.tile(1), bench.tile(kRows + 1), bench.tile(1)});
    bench.drain();
  }
}
