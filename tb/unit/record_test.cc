// One line as a burst: beats, order, answers, stalls.
#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

TEST_CASE("record: lines as bursts") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Random random(seed);
  Clocked<Vdut> dut;
  dut->line_valid_i = dut->wr_burst_ready_i = dut->wr_data_ready_i = dut->wr_resp_valid_i = 0;
  dut.reset();
  uint64_t wrong = 0;
  for (int n = 0; n < 300; ++n) {
    const Line line = random_line(random);
    const uint64_t addr = random.bits() & ~uint64_t{63};
    const auto resp = static_cast<unsigned>(random.bits() % 4);
    const unsigned ready_in = n % 3 == 0 ? 1 : static_cast<unsigned>(random.in(1, 6));
    unsigned bursts = 0, beats = 0, answer_in = 0;
    bool done = false;
    for (int i = 0; i < 1000 && !done; ++i) {
      dut->line_valid_i = 1;
      dut->line_addr_i = addr;
      put_line(dut->line_i, line);
      dut->wr_burst_ready_i = random.one_in(ready_in);
      dut->wr_data_ready_i = random.one_in(ready_in);
      dut->wr_resp_valid_i = beats == kLineBeats && answer_in-- == 0;
      dut->wr_resp_i = dut->wr_resp_valid_i ? resp : static_cast<unsigned>(random.bits() % 4);
      dut.settle();
      if (dut->wr_burst_valid_o) {
        wrong +=
            burst_addr(dut->wr_burst_o) != addr || burst_len(dut->wr_burst_o) != kLineBeats - 1;
        wrong += bursts != 0;
        bursts += dut->wr_burst_ready_i;
      }
      if (dut->wr_data_valid_o) {
        wrong += bursts != 1 || beats >= kLineBeats;  // after its burst
        if (beats < kLineBeats) {
          wrong += std::memcmp(&dut->wr_data_o, &line[beats * kBusBytes], kBusBytes) != 0;
        }
        wrong += get_bits(dut->wr_data_strb_o, 0, kBusBytes) != (~uint64_t{0} >> (64 - kBusBytes));
        wrong += dut->wr_data_last_o != (beats == kLineBeats - 1);
        beats += dut->wr_data_ready_i;
        if (beats == kLineBeats) answer_in = static_cast<unsigned>(random.in(0, 8));
      }
      wrong += dut->done_o != dut->wr_resp_valid_i;
      done = dut->done_o;
      if (done) wrong += dut->resp_o != resp;
      dut.edge();
    }
    REQUIRE(done);
    wrong += bursts != 1 || beats != kLineBeats;
    // The next at once, or after a while in which nothing may happen.
    for (auto gap = random.one_in(2) ? 0 : random.in(1, 5); gap > 0; --gap) {
      dut->line_valid_i = 0;
      dut->wr_burst_ready_i = dut->wr_data_ready_i = 1;
      dut->wr_resp_valid_i = 0;
      dut.settle();
      wrong += dut->wr_burst_valid_o || dut->wr_data_valid_o || dut->done_o;
      dut.edge();
    }
  }
  CHECK(wrong == 0);
}
