// Dispatch: which queue, in which order, and what stops it.
#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

enum Code : unsigned { kBadOpcode = 1 };

// Engine of an opcode, or -1.
int engine_of(unsigned opcode) {
  switch (opcode) {
    case 0x10: return 0;
    case 0x18: return 4;
    case 0x20: return 1;
    case 0x28: return 2;
    default: return opcode >= 0x30 && opcode <= 0x38 ? 3 : -1;
  }
}

struct Bench {
  explicit Bench(uint64_t seed) : random(seed) {
    Vdut& t = *dut.top;
    t.start_i = t.stop_i = t.line_valid_i = t.line_error_i = t.push_ready_i = 0;
    dut.reset();
  }

  void start(uint32_t n) {
    dut->start_i = 1;
    dut->start_count_i = n;
    dut->stop_i = 1;  // a job runs from the cycle after its start on
    dut->line_valid_i = 0;
    dut.settle();
    dut.edge();
    dut->start_i = dut->stop_i = 0;
    count = n;
    index = 0;
    failed = false;
    held = false;
  }

  // One cycle with the held line; a new one is chosen when there is none. opcode < 0: a line whose
  // fetch failed.
  void hold(int opcode) {
    line = random_line(random);
    bad_line = opcode < 0;
    if (!bad_line) line[0] = static_cast<uint8_t>(opcode);
    resp = static_cast<unsigned>(random.in(2, 3));
    addr = random.bits();
    held = true;
  }
  void cycle(bool valid, unsigned ready, bool stop) {
    Vdut& t = *dut.top;
    t.line_valid_i = held && valid;
    put_line(t.line_i, line);
    t.line_error_i = bad_line;
    t.line_resp_i = resp;
    t.line_addr_i = addr;
    t.push_ready_i = ready & 31;
    t.stop_i = stop;
    dut.settle();

    const int engine = engine_of(line[0]);
    EngineError fault;
    if (bad_line) {
      fault = {kBus, resp, addr};
    } else if (engine < 0) {
      fault = {kBadOpcode, 0, 0};
    }
    const bool offer = t.line_valid_i && !stop && !failed;
    const unsigned push = offer && fault.code == 0 ? 1U << engine : 0;
    const bool sent = (push & ready) != 0;
    wrong += t.push_valid_o != push;
    wrong += t.sent_o != sent;
    wrong += t.line_ready_o != sent;
    wrong += t.blocked_o != (push != 0 && !sent);
    wrong += t.finished_o != (index == count);
    wrong += t.index_o != index;
    wrong += t.err_valid_o != failed;
    if (failed) wrong += !(get_error(t.err_o) == error);
    if (push) wrong += !same_line(t.push_desc_o, line), ++pushed[engine];
    blocked += push != 0 && !sent;
    if (sent) ++index, held = false;
    if (offer && fault.code != 0) failed = true, error = fault, ++failures;
    dut.edge();
  }

  Clocked<Vdut> dut;
  Random random;
  Line line{};
  bool held = false, bad_line = false, failed = false;
  unsigned resp = 0;
  uint64_t addr = 0;
  uint32_t count = 0, index = 0;
  EngineError error;
  uint64_t wrong = 0, blocked = 0, failures = 0, pushed[kEngines] = {};
};

constexpr int kGood[] = {0x10, 0x18, 0x20, 0x28, 0x30, 0x31, 0x32,
                         0x33, 0x34, 0x35, 0x36, 0x37, 0x38};

}  // namespace

TEST_CASE("dispatch: random programs") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  Random& random = bench.random;
  for (int job = 0; job < 400; ++job) {
    bench.start(static_cast<uint32_t>(random.in(1, 60)));
    const bool clean = random.one_in(3);
    const bool tight = random.one_in(2);
    const bool stops = random.one_in(3);
    for (int i = 0; i < 150; ++i) {
      if (!bench.held && bench.index < bench.count) {
        int opcode = kGood[random.bits() % std::size(kGood)];
        if (!clean && random.one_in(30)) opcode = static_cast<int>(random.in(-1, 255));
        bench.hold(opcode);
      }
      const auto ready = static_cast<unsigned>(tight ? random.bits() & random.bits()
                                                     : random.bits() | random.bits());
      bench.cycle(!random.one_in(4), ready, stops && random.one_in(8));
    }
  }
  CHECK(bench.wrong == 0);
  CHECK(bench.blocked > 500);
  CHECK(bench.failures > 100);
  for (unsigned e = 0; e < kEngines; ++e) {
    INFO("engine " << e);
    CHECK(bench.pushed[e] > 0);
  }
}

TEST_CASE("dispatch: each opcode") {
  Bench bench(1);
  for (int opcode = -1; opcode < 256; ++opcode) {
    INFO("opcode " << opcode);
    bench.start(3);
    bench.hold(0x10);
    bench.cycle(true, 31, false);
    bench.hold(opcode);
    bench.cycle(true, 31, false);
    const bool good = opcode >= 0 && engine_of(opcode) >= 0;
    CHECK(bench.failed == !good);
    if (bench.held) CHECK(bench.index == 1);
    bench.hold(0x10);  // not taken behind a failure
    for (int i = 0; i < 5; ++i) bench.cycle(true, 31, false);
    CHECK(bench.index == (good ? 3U : 1U));
    CHECK(bench.wrong == 0);
  }
}
