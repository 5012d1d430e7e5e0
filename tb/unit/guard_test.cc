// Region guard: edges to the byte, rights, random ranges against plain comparisons.
#include <memory>

#include "Vdut.h"
#include "dma_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

struct Bench {
  std::unique_ptr<Vdut> top = std::make_unique<Vdut>();

  void check(const Region& region, bool write, uint64_t first, uint64_t last) {
    set_bits(top->region_i, 0, 64, region.limit);
    set_bits(top->region_i, 64, 64, region.base);
    set_bits(top->region_i, 128, 1, region.writable);
    set_bits(top->region_i, 129, 1, region.readable);
    top->write_i = write;
    top->first_i = first;
    top->last_i = last;
    top->eval();
    // The first byte, in rising order, that must not be touched.
    const bool right = write ? region.writable : region.readable;
    bool ok = true;
    uint64_t bad = 0;
    for (uint64_t a = first;; ++a) {
      if (!right || a < region.base || a >= region.limit) {
        ok = false;
        bad = a;
        break;
      }
      if (a == last) break;
    }
    INFO(std::hex << first << " to " << last << " in " << region.base << " to " << region.limit
                  << " write " << write << " rights " << region.readable << region.writable);
    CHECK(static_cast<bool>(top->ok_o) == ok);
    if (!ok) CHECK(top->bad_addr_o == bad);
    (ok ? good : refused)++;
  }

  unsigned good = 0, refused = 0;
};

}  // namespace

TEST_CASE("guard: edges", "[guard]") {
  Bench bench;
  const uint64_t base = GENERATE(uint64_t{0}, uint64_t{0x1000}, 0xffff'ffff'ffff'e000ull);
  const uint64_t limit = base + 0x1000;
  for (unsigned rights = 0; rights < 4; ++rights) {
    const Region region{base, limit, (rights & 1) != 0, (rights & 2) != 0};
    for (const bool write : {false, true}) {
      bench.check(region, write, base, base);
      bench.check(region, write, base, limit - 1);
      bench.check(region, write, limit - 1, limit - 1);
      bench.check(region, write, limit - 1, limit);
      bench.check(region, write, limit, limit);
      bench.check(region, write, base, limit);
      if (base != 0) {
        bench.check(region, write, base - 1, base - 1);
        bench.check(region, write, base - 1, base);
        bench.check(region, write, base - 64, limit - 1);
      }
    }
  }
  const Region empty{base, base, true, true};
  bench.check(empty, false, base, base);
  CHECK(bench.good > 0);
  CHECK(bench.refused > 0);
}

TEST_CASE("guard: random", "[guard]") {
  const uint64_t seed = bench_seed(1);
  INFO("WEFT_SEED=" << seed);
  Random random(seed);
  Bench bench;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t base = (random.bits() & ~uint64_t{63}) >> random.in(0, 30);
    const Region region{base & ~uint64_t{63}, (base & ~uint64_t{63}) + 64 * random.bits() % 0x2000,
                        !random.one_in(4), !random.one_in(4)};
    if (region.limit < region.base) continue;
    const uint64_t first = region.base + static_cast<uint64_t>(random.in(-100, 0x2000));
    const uint64_t last = first + static_cast<uint64_t>(random.in(0, 300));
    if (last < first) continue;
    bench.check(region, random.one_in(2), first, last);
  }
  CHECK(bench.good > 100);
  CHECK(bench.refused > 100);
}
