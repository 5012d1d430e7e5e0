// Control as a whole, through its registers and the bus: programs with semaphores, the error that
// ends a job, soft reset and enable at any moment, watchdog, deadlocks.
#include "ctl_whole_bench.h"

using namespace weft::tb;
namespace regs = weft::regs;

TEST_CASE("ctl: good programs") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  ControlBench bench(seed, seed > 2 ? 0x6000 : 0);
  bench.open();
  for (int n = 0; n < 60; ++n) {
    bench.new_speeds();
    bench.holds = n % 3 == 2;
    bench.ring(random_program(bench.random, false));
    bench.finish(0, 0, 0);
  }
  bench.check_clean();
}

TEST_CASE("ctl: the oldest error of programs that fail") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  ControlBench bench(seed, seed > 2 ? 0x6000 : 0);
  bench.open();
  int failures = 0, others = 0;
  for (int n = 0; n < 200; ++n) {
    bench.new_speeds();
    Program p = random_program(bench.random, true);
    // An endless wait hides what depends on it and yields to any error: the models differ; so
    // only where nothing else fails.
    unsigned faults = 0, waits = 0;
    for (const Desc& d : p.descs) faults += d.code != 0, waits += d.code == kDeadlock;
    if (waits != 0 && faults != 1) {
      ++others;
      continue;
    }
    INFO("program " << n);
    bench.holds = n % 3 == 2;
    bench.ring(p);
    bench.finish(p.code, p.code != 0 ? p.engine : 0, p.code != 0 ? p.index : 0);
    failures += p.code != 0;
  }
  CHECK(failures > 60);
  CHECK(others < 150);
  bench.check_clean();
}

TEST_CASE("ctl: descriptors that cannot be read, and a bad window") {
  ControlBench bench(bench_seed(2), 0);
  bench.open();
  bench.memory.add_range(kUnreadable - 0x1000, 0x1000);
  for (const size_t good : {size_t{0}, size_t{1}, size_t{7}, size_t{8}, size_t{30}}) {
    Program p;
    do p = random_program(bench.random, false);
    while (p.descs.size() < good + 3);
    bench.ring(p, kUnreadable - kLineBytes * good, kUnreadable + 0x1000);
    bench.finish(kBus, kControl, static_cast<uint32_t>(good));
    CHECK(bench.record(32, 8) == kUnreadable);
    CHECK(bench.record(28, 4) == 2);
  }
  bench.ring(one_too_many(bench.random), kProgram, kProgram + kLineBytes * 60);
  bench.finish(kBadJob, kControl, 0);
  bench.ring(random_program(bench.random, false));
  bench.finish(0, 0, 0);
  bench.check_clean();
}

TEST_CASE("ctl: no deadlock while descriptors are still to come") {
  ControlBench bench(bench_seed(1), 0, 200);
  bench.open();
  for (int n = 0; n < 10; ++n) {
    Program p;
    do p = random_program(bench.random, false);
    while (p.descs.size() < 10);
    // The first waits for the last.
    for (unsigned at = 4; at < 8; ++at) p.descs.front().bytes[at] = 0;
    p.descs.front().bytes[7] = 3 << 5 | 30;
    p.descs.back().bytes[8] = 3 << 5 | 30;
    for (size_t i = 0; i + 1 < p.descs.size(); ++i) {
      // The others of its engine may not block the way, nor depend on what it raises.
      p.descs[i].engine = i == 0 ? 0 : 1 + 2 * (i % 2);
      p.descs[i].bytes[0] = kOpcode[p.descs[i].engine];
      if (i != 0) std::memset(&p.descs[i].bytes[4], 0, 8);
    }
    p.descs.back().engine = 4;
    p.descs.back().bytes[0] = kOpcode[4];
    std::memset(&p.descs.back().bytes[4], 0, 4);
    bench.ring(p);
    bench.finish(0, 0, 0);
  }
  bench.check_clean();
}

TEST_CASE("ctl: a raise that never fits is a deadlock") {
  ControlBench bench(bench_seed(1), 0);
  bench.open();
  for (const size_t count : {size_t{36}, size_t{37}, size_t{40}}) {  // 252, 259, 280 of 255
    Program p;
    do p = random_program(bench.random, false);
    while (p.descs.size() < count);
    p.descs.resize(count);
    for (Desc& d : p.descs) {
      std::memset(&d.bytes[4], 0, 8);
      d.bytes[10] = 7 << 5 | 9;
    }
    bench.ring(p);
    if (count == 36) {
      bench.finish(0, 0, 0);
    } else {
      bench.finish(kDeadlock, kControl, static_cast<uint32_t>(count));  // all are done but for it
    }
  }
  bench.check_clean();
}

TEST_CASE("ctl: watchdog ends a program whose engine hangs") {
  ControlBench bench(bench_seed(3), 0);
  bench.open();
  for (int n = 0; n < 20; ++n) {
    Program p = random_program(bench.random, false);
    const auto at = static_cast<uint32_t>(bench.random.bits() % p.descs.size());
    p.descs[at].bytes[kHangByte] = 1;
    bench.write(regs::kWatchdogOffset, n % 2 ? 400 : 0);
    bench.ring(p);
    if (n % 2 == 0) {
      // Off at first: nothing happens. Then it counts what has gone by.
      for (int i = 0; i < 8000; ++i) bench.cycle();
      CHECK(!bench.dut->irq_o);
      bench.write(regs::kWatchdogOffset, 1000);
    }
    bench.finish(kWatchdog, kControl, at);
  }
  bench.write(regs::kWatchdogOffset, 0);
  bench.ring(random_program(bench.random, false));
  bench.finish(0, 0, 0);
  bench.check_clean();
}

TEST_CASE("ctl: soft reset at any moment") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  ControlBench bench(seed, seed > 2 ? 0x6000 : 0);
  bench.open();
  for (int n = 0; n < 150; ++n) {
    bench.new_speeds();
    bench.ring(random_program(bench.random, n % 2 != 0));
    for (auto i = bench.random.in(0, n % 3 ? 300 : 1200); i > 0; --i) bench.cycle();
    bench.soft_reset();
    bench.write(regs::kIrqStatusOffset, 3);
    CHECK(!bench.dut->irq_o);
    bench.ring(random_program(bench.random, false));
    bench.finish(0, 0, 0);
  }
  bench.check_clean();
}

TEST_CASE("ctl: enable off and on at any moment loses no job") {
  const uint64_t seed = bench_seed(GENERATE(1, 2));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  ControlBench bench(seed, 0);
  bench.open();
  for (int n = 0; n < 80; ++n) {
    bench.ring(random_program(bench.random, false));
    for (auto i = bench.random.in(0, 200); i > 0; --i) bench.cycle();
    bench.write(regs::kControlOffset, 0);
    for (auto i = bench.random.in(0, 2000); i > 0; --i) bench.cycle();
    bench.write(regs::kControlOffset, regs::kControlEnableMask);
    bench.finish(0, 0, 0);
  }
  bench.check_clean();
}
