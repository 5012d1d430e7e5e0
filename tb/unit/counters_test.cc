// Counters: each counts its own event while running, and clears; each engine's add up to the cycles.
#include "Vdut.h"
#include "ctl_bench.h"
#include "isa/activity.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

TEST_CASE("counters: like sums") {
  const uint64_t seed = bench_seed(1);
  INFO("WEFT_SEED=" << seed);
  constexpr unsigned kCounters = weft::regs::kNumCounters;
  constexpr auto kEngines = static_cast<unsigned>(weft::isa::kEngines.size());
  constexpr auto kFirst = static_cast<unsigned>(weft::regs::Counter::kLoadBusy);
  Random random(seed);
  Clocked<Vdut> dut;
  uint64_t want[kCounters] = {}, wrong = 0, most = 0;
  dut->clear_i = dut->run_i = 0;
  dut.reset();
  bool run = false;
  for (int i = 0; i < 50000; ++i) {
    if (random.one_in(100)) run = !run;
    dut->run_i = run;
    dut->clear_i = random.one_in(5000);
    // The first and the last ones freely, of each engine's exactly one.
    uint64_t inc = random.bits() & 1;
    for (unsigned e = 0; e < kEngines; ++e)
      inc |= uint64_t{1} << (kFirst + e * weft::isa::kNumActivities +
                             random.bits() % weft::isa::kNumActivities);
    for (unsigned c = kFirst + kEngines * weft::isa::kNumActivities; c < kCounters; ++c)
      inc |= (random.bits() & 1) << c;
    dut->inc_i = inc;
    dut->rd_index_i = static_cast<uint8_t>(random.bits() % kCounters);
    dut.settle();
    wrong += dut->rd_data_o != want[dut->rd_index_i];
    wrong += dut->cycles_o != want[0];
    for (unsigned c = 0; c < kCounters; ++c) {
      if (dut->clear_i) {
        want[c] = 0;
      } else if (run && ((inc >> c) & 1)) {
        ++want[c];
      }
    }
    most = std::max(most, want[3]);
    dut.edge();
  }
  CHECK(wrong == 0);
  CHECK(most > 500);
}
