// Queue of any depth against std::deque.
#include <deque>

#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

constexpr unsigned kQueues = 4, kWidth = 16;
constexpr unsigned kDepth[kQueues] = {1, 2, 3, 8};

struct Bench {
  explicit Bench(uint64_t seed) : random(seed) { dut.reset(); }

  // in, out: chance of an offer, and of a ready taker, in 1/16.
  void cycle(unsigned in, unsigned out, bool clears) {
    for (unsigned q = 0; q < kQueues; ++q) {
      // An offer that waits keeps its data, or is withdrawn.
      if (!offered[q]) data[q] = static_cast<uint16_t>(random.bits() >> 9);
      offered[q] = random.bits() % 16 < in;
      set_bits(dut->in_valid_i, q, 1, offered[q]);
      set_bits(dut->in_data_i, kWidth * q, kWidth, data[q]);
      ready[q] = random.bits() % 16 < out;
      set_bits(dut->out_ready_i, q, 1, ready[q]);
      clear[q] = clears && random.one_in(40);
      set_bits(dut->clear_i, q, 1, clear[q]);
    }
    dut.settle();
    for (unsigned q = 0; q < kQueues; ++q) step(q);
    dut.edge();
  }

  void step(unsigned q) {
    std::deque<uint16_t>& m = model[q];
    const bool room = m.size() < kDepth[q], some = !m.empty();
    wrong += get_bits(dut->in_ready_o, q, 1) != room;
    wrong += get_bits(dut->out_valid_o, q, 1) != some;
    wrong += get_bits(dut->count_o, 8 * q, 8) != m.size();
    if (some) wrong += get_bits(dut->out_data_o, kWidth * q, kWidth) != m.front();
    if (some && ready[q]) m.pop_front(), ++out[q];
    if (offered[q] && room) m.push_back(data[q]), offered[q] = false;
    if (clear[q]) m.clear(), offered[q] = false;
  }

  Clocked<Vdut> dut;
  Random random;
  std::deque<uint16_t> model[kQueues];
  bool offered[kQueues] = {}, ready[kQueues] = {}, clear[kQueues] = {};
  uint16_t data[kQueues] = {};
  uint64_t out[kQueues] = {}, wrong = 0;
};

}  // namespace

TEST_CASE("fifo: like a queue") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int round = 0; round < 60; ++round) {
    const auto in = static_cast<unsigned>(bench.random.in(1, 16));
    const auto out = static_cast<unsigned>(bench.random.in(1, 16));
    for (int i = 0; i < 200; ++i) bench.cycle(in, out, round % 4 == 3);
  }
  CHECK(bench.wrong == 0);
  for (const uint64_t n : bench.out) CHECK(n > 1000);
}

TEST_CASE("fifo: one a cycle, depth 1 every second") {
  Bench bench(bench_seed(1));
  for (int i = 0; i < 1000; ++i) bench.cycle(16, 16, false);
  CHECK(bench.wrong == 0);
  CHECK(bench.out[0] == 500);
  for (unsigned q = 1; q < kQueues; ++q) CHECK(bench.out[q] == 999);
}
