// Run iterator and burst splitter: the bursts of random nests want exactly the nest's bytes.
#include <memory>

#include "Vdut.h"
#include "dma_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

struct Piece {
  uint64_t addr;
  bool nest_last;
  unsigned tag;
};

struct Bench {
  Bench() : top(std::make_unique<Vdut>()) {
    top->rst_ni = top->clear_i = top->start_valid_i = 0;
    cycle();
    cycle();
    top->rst_ni = 1;
  }

  void cycle() {
    top->clk_i = 0;
    top->eval();
    if (top->rst_ni && top->valid_o && top->ready_i) take();
    started = top->start_valid_i && top->start_ready_o;
    top->clk_i = 1;
    top->eval();
    ++now;
  }

  void take() {
    const uint64_t first = top->first_o, last = top->last_o, addr = top->burst_addr_o;
    const unsigned beats = top->burst_len_o + 1u;
    ++bursts;
    if (addr % kWordBytes != 0 || addr > first || first - addr >= kWordBytes) ++misshapen;
    if (last - addr >= uint64_t{beats} * kWordBytes) ++misshapen;
    if (last - addr < uint64_t{beats - 1} * kWordBytes) ++misshapen;
    if ((addr & 0xfff) + uint64_t{beats} * kWordBytes > 0x1000) ++misshapen;
    for (uint64_t a = first;; ++a) {
      bytes.push_back({a, a == last && top->nest_last_o, top->tag_o});
      if (a == last) break;
    }
  }

  void run(const std::vector<Nest>& nests, Random& random, unsigned stall) {
    for (size_t next = 0; next < nests.size() || idle < 20;) {
      top->start_valid_i = next < nests.size();
      if (next < nests.size()) {
        const Nest& n = nests[next];
        top->start_addr_i = n.start;
        top->start_run_i = n.run;
        top->start_count1_i = static_cast<uint16_t>(n.count1);
        top->start_count2_i = static_cast<uint16_t>(n.count2);
        top->start_stride1_i = static_cast<uint32_t>(n.stride1);
        top->start_stride2_i = static_cast<uint32_t>(n.stride2);
        top->start_tag_i = next % 8;
      }
      top->ready_i = stall == 0 || !random.one_in(stall);
      cycle();
      if (started) ++next;
      idle = top->valid_o ? 0 : idle + 1;
      REQUIRE(now < 1000000);
    }
  }

  std::unique_ptr<Vdut> top;
  std::vector<Piece> bytes;
  bool started = false;
  unsigned idle = 0;
  uint64_t now = 0, bursts = 0, misshapen = 0;
};

}  // namespace

TEST_CASE("runs: random nests", "[dma]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Random random(seed);
  std::vector<Nest> nests;
  for (int i = 0; i < 60; ++i) {
    Nest n;
    n.start = random.bits();
    if (random.one_in(4)) n.start = 0x1000 * n.start + static_cast<uint64_t>(random.in(-9, 9));
    if (random.one_in(10)) n.start = static_cast<uint64_t>(random.in(-500, 500));  // wraps
    n.run = random.one_in(6) ? static_cast<uint32_t>(random.in(1, 9000)) : random_run(random);
    n.count1 = static_cast<uint32_t>(random.in(1, 5));
    n.count2 = static_cast<uint32_t>(random.in(1, 4));
    n.stride1 = static_cast<int32_t>(random.bits()) >> random.in(0, 31);
    n.stride2 = static_cast<int32_t>(random.bits()) >> random.in(0, 31);
    nests.push_back(n);
  }
  Bench bench;
  bench.run(nests, random, seed % 2 == 0 ? 3 : 0);
  CHECK(bench.misshapen == 0);
  size_t at = 0, wrong = 0;
  for (size_t i = 0; i < nests.size(); ++i) {
    const std::vector<uint64_t> want = dram_bytes(nests[i]);
    for (size_t b = 0; b < want.size(); ++b, ++at) {
      REQUIRE(at < bench.bytes.size());
      wrong += bench.bytes[at].addr != want[b] || bench.bytes[at].tag != i % 8 ||
               bench.bytes[at].nest_last != (b + 1 == want.size());
    }
  }
  CHECK(at == bench.bytes.size());
  CHECK(wrong == 0);
}

TEST_CASE("runs: a burst a cycle, also from nest to nest", "[dma]") {
  Random random(1);
  std::vector<Nest> nests(20, Nest{0x100, kWordBytes, 3, 2, 4096, 65536});
  Bench bench;
  bench.run(nests, random, 0);
  CHECK(bench.bursts == 120);
  CHECK(bench.now <= 120 + 2 + 3 + 20);
}

TEST_CASE("runs: counts at their limits", "[dma]") {
  Random random(1);
  Bench bench;
  bench.run({Nest{3, 1, 65535, 1, 1, 0}, Nest{5, 1, 1, 65535, 0, -1}}, random, 0);
  CHECK(bench.bytes.size() == 2 * 65535);
  CHECK(bench.bytes[65534].addr == 3 + 65534);
  CHECK(bench.bytes[65534].nest_last);
  CHECK(bench.bytes.back().addr == 5 - 65534ull);
  CHECK(bench.misshapen == 0);
}
