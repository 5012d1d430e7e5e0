// Semaphores against a model: who is granted, what the counters hold.
#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

constexpr unsigned kSemaphores = 32, kMax = 255, kSlots = 4;

struct Slot {
  unsigned sem = 0, count = 0;
};
using Slots = std::array<Slot, kSlots>;
using Sums = std::array<unsigned, kSemaphores>;

Sums sums(const Slots& slots) {
  Sums all{};
  for (const Slot& s : slots) all[s.sem] += s.count;
  return all;
}

struct Bench {
  explicit Bench(uint64_t seed) : random(seed) {
    dut->take_valid_i = dut->raise_valid_i = dut->clear_i = 0;
    dut.reset();
  }

  static void put(decltype(Vdut::take_i)& port, unsigned engine, const Slots& slots) {
    for (unsigned s = 0; s < kSlots; ++s) {
      set_bits(port, 32 * engine + 8 * s, 8, slots[s].count << 5 | slots[s].sem);
    }
  }
  void take(unsigned engine, const Slots& slots) {
    takes[engine] = slots;
    dut->take_valid_i |= static_cast<unsigned>(1U << engine);
    put(dut->take_i, engine, slots);
  }
  void raise(unsigned engine, const Slots& slots) {
    raises[engine] = slots;
    dut->raise_valid_i |= static_cast<unsigned>(1U << engine);
    put(dut->raise_i, engine, slots);
  }

  // One cycle of what was asked for; takes_granted and raises_granted are what the model says.
  void cycle(bool clear = false) {
    dut->clear_i = clear;
    dut.settle();
    takes_granted = raises_granted = 0;
    const Sums before = counts;
    for (unsigned e = 0; e < kEngines && takes_granted == 0; ++e) {
      if (!((dut->take_valid_i >> e) & 1)) continue;
      const Sums want = sums(takes[e]);
      bool all = true;
      for (unsigned i = 0; i < kSemaphores; ++i) all &= want[i] <= before[i];
      if (!all) continue;
      takes_granted = 1U << e;
      for (unsigned i = 0; i < kSemaphores; ++i) counts[i] -= want[i];
    }
    for (unsigned e = 0; e < kEngines && raises_granted == 0; ++e) {
      if (!((dut->raise_valid_i >> e) & 1)) continue;
      const Sums want = sums(raises[e]);
      bool all = true;
      for (unsigned i = 0; i < kSemaphores; ++i) all &= before[i] + want[i] <= kMax;
      if (!all) {
        ++full;
        continue;
      }
      raises_granted = 1U << e;
      for (unsigned i = 0; i < kSemaphores; ++i) counts[i] += want[i];
    }
    wrong += dut->take_grant_o != takes_granted;
    wrong += dut->raise_grant_o != raises_granted;
    if (clear) counts.fill(0);
    dut.edge();
    dut->take_valid_i = dut->raise_valid_i = 0;
  }

  // Whether semaphore i holds n exactly: n can be taken, and then one more cannot.
  unsigned drain(unsigned i) {
    unsigned held = 0;
    for (;;) {
      Slots one{};
      one[random.bits() % kSlots] = {i, 1};
      take(static_cast<unsigned>(random.bits() % kEngines), one);
      cycle();
      if (takes_granted == 0) return held;
      ++held;
    }
  }

  Clocked<Vdut> dut;
  Random random;
  Slots takes[kEngines], raises[kEngines];
  Sums counts{};
  unsigned takes_granted = 0, raises_granted = 0;
  uint64_t wrong = 0, full = 0;
};

Slots random_slots(Random& random, unsigned spread) {
  Slots slots;
  for (Slot& s : slots) {
    s.sem = static_cast<unsigned>(random.bits() % spread) * 31 % kSemaphores;
    s.count = random.one_in(3) ? 0 : static_cast<unsigned>(random.bits() % 8);
  }
  return slots;
}

}  // namespace

TEST_CASE("semaphores: like the model") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  Random& random = bench.random;
  uint64_t takes = 0, raises = 0, lost = 0;
  for (int round = 0; round < 200; ++round) {
    const auto spread = static_cast<unsigned>(random.in(1, round % 2 ? 4 : 32));
    const auto raise_in = static_cast<unsigned>(random.in(1, 6));
    const auto take_in = static_cast<unsigned>(random.in(1, 6));
    for (int i = 0; i < 100; ++i) {
      for (unsigned e = 0; e < kEngines; ++e) {
        if (random.one_in(take_in)) bench.take(e, random_slots(random, spread));
        if (random.one_in(raise_in)) bench.raise(e, random_slots(random, spread));
      }
      const unsigned asked = bench.dut->take_valid_i;
      bench.cycle(random.one_in(500));
      takes += bench.takes_granted != 0;
      raises += bench.raises_granted != 0;
      lost += asked != 0 && bench.takes_granted == 0;
    }
  }
  CHECK(bench.wrong == 0);
  CHECK(takes > 1000);
  CHECK(raises > 1000);
  CHECK(lost > 100);
  CHECK(bench.full > 100);
}

TEST_CASE("semaphores: the same one named in several slots") {
  Bench bench(bench_seed(1));
  const unsigned sem = 17;
  bench.raise(4, {Slot{sem, 7}, {sem, 1}, {sem, 0}, {sem, 5}});  // 13
  bench.cycle();
  CHECK(bench.raises_granted == 16);
  bench.take(2, {Slot{sem, 7}, {sem, 7}, {}, {}});  // 14: each alone would do
  bench.cycle();
  CHECK(bench.takes_granted == 0);
  bench.take(2, {Slot{sem, 7}, {}, {sem, 6}, {sem, 0}});  // 13
  bench.cycle();
  CHECK(bench.takes_granted == 4);
  CHECK(bench.drain(sem) == 0);
  CHECK(bench.wrong == 0);
}

TEST_CASE("semaphores: every counter up to 255, and down") {
  Bench bench(bench_seed(1));
  for (unsigned i = 0; i < kSemaphores; ++i) {
    const Slots seven{Slot{i, 7}, {}, {}, {}};
    const Slots three{Slot{i, 1}, {i, 1}, {}, {i, 1}};
    for (int n = 0; n < 36; ++n) bench.raise(n % 5, seven), bench.cycle();  // 252
    CHECK(bench.raises_granted == 1);
    bench.raise(0, {Slot{i, 1}, {i, 1}, {i, 1}, {i, 1}});  // 256: waits
    bench.cycle();
    CHECK(bench.raises_granted == 0);
    // The next engine's fits; and the place a take makes in the same cycle does not count.
    bench.raise(0, seven);
    bench.raise(3, three);
    bench.take(1, seven);
    bench.cycle();
    CHECK(bench.raises_granted == 8);
    CHECK(bench.takes_granted == 2);
    bench.raise(0, seven);  // 255 again
    bench.cycle();
    CHECK(bench.raises_granted == 1);
    bench.raise(0, {Slot{i, 1}, {}, {}, {}});
    bench.cycle();
    CHECK(bench.raises_granted == 0);
    CHECK(bench.drain(i) == 255);
  }
  CHECK(bench.wrong == 0);
}

TEST_CASE("semaphores: clear") {
  Bench bench(bench_seed(1));
  for (unsigned i = 0; i < kSemaphores; ++i)
    bench.raise(0, {Slot{i, 3}, {}, {}, {}}), bench.cycle();
  bench.raise(0, {Slot{5, 1}, {}, {}, {}});
  bench.cycle(true);  // what is raised in that cycle is gone, too
  for (unsigned i = 0; i < kSemaphores; ++i) CHECK(bench.drain(i) == 0);
  CHECK(bench.wrong == 0);
}
