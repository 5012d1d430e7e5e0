// Counters: each counts its own event while running, and clears.
#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

TEST_CASE("counters: like sums") {
  const uint64_t seed = bench_seed(1);
  INFO("WEFT_SEED=" << seed);
  constexpr unsigned kCounters = 16;
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
    dut->inc_i = static_cast<uint16_t>(random.bits() | random.bits());
    dut->rd_index_i = static_cast<uint8_t>(random.bits() % kCounters);
    dut.settle();
    wrong += dut->rd_data_o != want[dut->rd_index_i];
    wrong += dut->cycles_o != want[0];
    for (unsigned c = 0; c < kCounters; ++c) {
      if (dut->clear_i) {
        want[c] = 0;
      } else if (run && ((dut->inc_i >> c) & 1)) {
        ++want[c];
      }
    }
    most = std::max(most, want[3]);
    dut.edge();
  }
  CHECK(wrong == 0);
  CHECK(most > 1000);
}
