// Fetch: lines in order whatever the bus does, errors, stop, restart.
#include <deque>

#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

constexpr unsigned kDepth = 8;

struct Timing {
  unsigned latency = 1, jitter = 0;                 // cycles from a burst to its first beat
  unsigned burst_in = 1, beat_in = 1, line_in = 1;  // one cycle in so many moves
};

uint8_t memory_byte(uint64_t addr) {
  return static_cast<uint8_t>((addr * 0x9e3779b97f4a7c15) >> 37);
}

struct Bench {
  explicit Bench(uint64_t seed) : random(seed) {
    Vdut& t = *dut.top;
    t.clear_i = t.stop_i = t.start_i = t.line_ready_i = t.rd_burst_ready_i = t.rd_data_valid_i = 0;
    dut.reset();
  }

  void start(uint64_t addr, uint32_t count) {
    first = next_burst = addr;
    left = count;
    lines = 0;
    error_line = ~0U;
    ended = false;
    dut->start_i = 1;
    dut->start_addr_i = addr;
    dut->start_count_i = count;
    dut->stop_i = dut->clear_i = 0;
    cycle({1, 0, 0, 1, 0});
    dut->start_i = 0;
  }

  // A one_in of 0: never.
  bool one_in(unsigned n) { return n != 0 && random.one_in(n); }

  void cycle(const Timing& timing) {
    Vdut& t = *dut.top;
    t.rd_burst_ready_i = one_in(timing.burst_in);
    t.line_ready_i = one_in(timing.line_in);
    const bool beat = !bursts.empty() && bursts.front().due <= dut.cycle && one_in(timing.beat_in);
    if (meet && !bursts.empty() && bursts.back().addr >= bad_addr) {
      // The burst behind the failing one goes out as that one's last beat comes in.
      t.rd_burst_ready_i = beat && bursts.front().addr == bad_addr && beats == kLineBeats - 1;
    }
    t.rd_data_valid_i = beat;
    if (beat) {
      const uint64_t addr = bursts.front().addr + beats * kBusBytes;
      for (unsigned i = 0; i < kBusBytes; ++i)
        set_bits(t.rd_data_i, 8 * i, 8, memory_byte(addr + i));
      const bool bad = bursts.front().addr == bad_addr && beats >= bad_beat;
      t.rd_data_resp_i =
          bad ? (beats == bad_beat ? bad_resp : 5 - bad_resp) : random.one_in(4);  // 1: no error
      t.rd_data_last_i = beats == kLineBeats - 1;
    } else {
      t.rd_data_resp_i = static_cast<unsigned>(random.bits() % 4);
      t.rd_data_last_i = static_cast<unsigned>(random.bits() % 2);
    }
    dut.settle();

    wrong += !t.rd_data_ready_o;
    if (t.rd_burst_valid_o) {
      wrong += left == 0 || t.stop_i;
      wrong += burst_addr(t.rd_burst_o) != next_burst || burst_len(t.rd_burst_o) != kLineBeats - 1;
    }
    if (!bursts.empty() || t.rd_burst_valid_o) wrong += t.quiet_o;
    if (bursts.empty() && t.stop_i) wrong += !t.quiet_o;
    if (t.line_valid_o) observe_line();
    if (t.rd_burst_valid_o && t.rd_burst_ready_i) {
      bursts.push_back({next_burst, dut.cycle + timing.latency +
                                        static_cast<uint64_t>(random.in(0, timing.jitter))});
      next_burst += kLineBytes;
      --left;
      most = std::max(most, bursts.size());
    }
    if (beat && ++beats == kLineBeats) {
      // Whatever was announced behind a failed line ends; nothing more is.
      if (bursts.front().addr == bad_addr)
        left = 0, met += t.rd_burst_valid_o && t.rd_burst_ready_i;
      bursts.pop_front();
      beats = 0;
    }
    dut.edge();
  }

  void observe_line() {
    Vdut& t = *dut.top;
    const uint64_t addr = first + uint64_t{lines} * kLineBytes;
    const bool bad = addr == bad_addr;
    wrong += ended;  // no line after a failed one
    wrong += t.line_addr_o != addr;
    wrong += t.line_error_o != bad;
    if (bad) {
      wrong += t.line_resp_o != bad_resp;
    } else {
      Line want;
      for (unsigned i = 0; i < kLineBytes; ++i) want[i] = memory_byte(addr + i);
      wrong += !same_line(t.line_o, want);
    }
    if (!t.line_ready_i) return;
    if (bad) ended = true, error_line = lines;
    ++lines;
  }

  // Until `count` lines came; false if they do not.
  bool wait_lines(uint32_t count, const Timing& timing, uint64_t limit) {
    for (uint64_t i = 0; i < limit && lines < count; ++i) cycle(timing);
    return lines == count;
  }

  // Stop, drain, clear.
  bool drain(const Timing& timing, unsigned limit = 20000) {
    dut->stop_i = 1;
    dut.settle();
    for (unsigned i = 0; i < limit && !dut->quiet_o; ++i) cycle(timing), dut.settle();
    if (!dut->quiet_o || !bursts.empty()) return false;
    dut->clear_i = 1;
    cycle({1, 0, 0, 0, 0});
    dut->clear_i = dut->stop_i = 0;
    left = 0;
    bad_addr = ~uint64_t{0};
    return true;
  }

  Timing random_timing() {
    const auto in = [&](int64_t low, int64_t high) {
      return static_cast<unsigned>(random.in(low, high));
    };
    Timing t{in(1, 80), in(0, 20), in(1, 4), in(1, 3), in(1, 4)};
    if (random.one_in(4)) t.line_in = 60;
    if (random.one_in(4)) t.burst_in = t.beat_in = t.line_in = 1;
    if (random.one_in(3))
      t.latency = 1, t.jitter = 0, t.beat_in = 1, t.burst_in = in(4, 2 * kLineBeats);
    return t;
  }
  uint64_t random_addr() { return random.bits() & ~uint64_t{63}; }

  struct Burst {
    uint64_t addr, due;
  };
  Clocked<Vdut> dut;
  Random random;
  std::deque<Burst> bursts;  // under way
  unsigned beats = 0;        // of the first
  uint64_t first = 0, next_burst = 0;
  uint32_t left = 0, lines = 0, error_line = ~0U;
  bool ended = false, meet = false;
  uint64_t bad_addr = ~uint64_t{0};
  unsigned bad_beat = 0, bad_resp = 2;
  size_t most = 0;
  uint64_t wrong = 0, met = 0;  // met: a burst went out as the failed line came in
};

constexpr uint64_t kLimit = 100000;

}  // namespace

TEST_CASE("fetch: lines in order") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Bench bench(seed);
  for (int round = 0; round < 20; ++round) {
    for (const uint32_t count : {1U, 2U, 3U, 7U, 8U, 9U, 17U, 100U}) {
      const Timing timing = bench.random_timing();
      bench.start(bench.random_addr(), count);
      REQUIRE(bench.wait_lines(count, timing, kLimit));
      for (int i = 0; i < 30; ++i) bench.cycle(timing);  // and not one more
      CHECK(bench.lines == count);
      CHECK(bench.dut->quiet_o);
    }
  }
  CHECK(bench.most == kDepth);
  CHECK(bench.wrong == 0);
}

TEST_CASE("fetch: started again at once behind the last line") {
  Bench bench(bench_seed(1));
  for (int round = 0; round < 50; ++round) {
    bench.start(bench.random_addr(), 3);
    REQUIRE(bench.wait_lines(3, {2, 0, 1, 1, 1}, kLimit));
  }
  CHECK(bench.wrong == 0);
}

TEST_CASE("fetch: the bus's rate while the latency is below eight lines") {
  Bench bench(bench_seed(1));
  const unsigned latency = 7 * kLineBeats - 4;
  bench.start(0x1000, 1000);
  const uint64_t from = bench.dut.cycle;
  REQUIRE(bench.wait_lines(1000, {latency, 0, 1, 1, 1}, kLimit));
  CHECK(bench.dut.cycle - from <= 1000 * kLineBeats + latency + 4);
  CHECK(bench.wrong == 0);
}

TEST_CASE("fetch: a line that cannot be read") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Bench bench(seed);
  for (int round = 0; round < 150; ++round) {
    const Timing timing = bench.random_timing();
    const auto count = static_cast<uint32_t>(bench.random.in(1, 30));
    const auto bad = static_cast<uint32_t>(bench.random.in(0, count - 1));
    const uint64_t addr = bench.random_addr();
    bench.bad_addr = addr + uint64_t{bad} * kLineBytes;
    bench.bad_beat = static_cast<unsigned>(bench.random.in(0, kLineBeats - 1));
    bench.bad_resp = static_cast<unsigned>(bench.random.in(2, 3));
    bench.meet = round % 3 == 0;
    bench.start(addr, count);
    REQUIRE(bench.wait_lines(bad + 1, timing, kLimit));
    CHECK(bench.error_line == bad);
    bench.meet = false;
    for (int i = 0; i < 400; ++i) bench.cycle(timing);
    CHECK(bench.lines == bad + 1);
    REQUIRE(bench.drain(timing));
  }
  CHECK(bench.met > 10);
  CHECK(bench.wrong == 0);
}

TEST_CASE("fetch: stopped at any time, it ends quietly and starts again") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Bench bench(seed);
  for (int round = 0; round < 300; ++round) {
    const Timing timing = bench.random_timing();
    bench.start(bench.random_addr(), static_cast<uint32_t>(bench.random.in(1, 40)));
    if (round % 3 == 0)
      bench.bad_addr = bench.first + kLineBytes * static_cast<uint64_t>(bench.random.in(0, 9));
    for (auto i = bench.random.in(0, 300); i > 0; --i) bench.cycle(timing);
    REQUIRE(bench.drain(timing));
    if (round % 2 == 0) {
      bench.start(bench.random_addr(), 9);
      REQUIRE(bench.wait_lines(9, timing, kLimit));
      REQUIRE(bench.dut->quiet_o);
    }
  }
  CHECK(bench.wrong == 0);
}
