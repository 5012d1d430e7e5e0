// The two memories against arrays: latency, held read data, byte enables.
#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

constexpr unsigned kDepth = 12, kBytes = 5;
constexpr uint64_t kMask = (uint64_t{1} << (8 * kBytes)) - 1;

uint64_t merge(uint64_t old, uint64_t data, unsigned enables) {
  for (unsigned b = 0; b < kBytes; ++b) {
    const uint64_t mask = uint64_t{0xff} << (8 * b);
    if ((enables >> b) & 1) old = (old & ~mask) | (data & mask);
  }
  return old;
}

}  // namespace

TEST_CASE("ram: like arrays") {
  const uint64_t seed = bench_seed(GENERATE(1, 2));
  INFO("WEFT_SEED=" << seed);
  Random random(seed);
  Clocked<Vdut> dut;
  uint64_t single[kDepth] = {}, dual[kDepth] = {}, one = 0;
  uint64_t want_single = 0, want_dual = 0, want_one = 0, wrong = 0;
  bool single_read = false, dual_read = false;  // the outputs have a meaning
  for (unsigned i = 0; i < 20000; ++i) {
    const bool fill = i < kDepth;  // contents are undefined before
    dut->en_i = fill || !random.one_in(3);
    dut->we_i = fill || random.one_in(2);
    dut->addr_i = fill ? i : static_cast<unsigned>(random.in(0, kDepth - 1));
    dut->be_i = fill ? (1U << kBytes) - 1 : static_cast<unsigned>(random.bits() % (1U << kBytes));
    dut->wdata_i = random.bits() & kMask;
    dut->wr_en_i = fill || random.one_in(2);
    dut->wr_addr_i = fill ? i : static_cast<unsigned>(random.in(0, kDepth - 1));
    dut->wr_data_i = random.bits() & kMask;
    dut->rd_addr_i = static_cast<unsigned>(random.in(0, kDepth - 1));
    dut->rd_en_i =
        !fill && !random.one_in(3) && !(dut->wr_en_i && dut->rd_addr_i == dut->wr_addr_i);
    dut.settle();
    if (dut->en_i && !dut->we_i)
      want_single = single[dut->addr_i], want_one = one, single_read = true;
    if (dut->en_i && dut->we_i) {
      single[dut->addr_i] = merge(single[dut->addr_i], dut->wdata_i, dut->be_i);
      one = merge(one, dut->wdata_i, dut->be_i);
    }
    if (dut->rd_en_i) want_dual = dual[dut->rd_addr_i], dual_read = true;
    if (dut->wr_en_i) dual[dut->wr_addr_i] = dut->wr_data_i;
    dut.edge();
    if (single_read) wrong += (dut->rdata_o != want_single) + (dut->rdata_one_o != want_one);
    if (dual_read) wrong += dut->rd_data_o != want_dual;
  }
  CHECK(single_read);
  CHECK(dual_read);
  CHECK(wrong == 0);
}
