// Which error ends a job: random programs on engines that fail, stand still or are slow, against
// a run of the same program without time; then patience and watchdog to the cycle.
#include <deque>
#include <optional>
#include <vector>

#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

enum Code : unsigned { kWatchdog = 10, kDeadlock = 11 };
constexpr unsigned kControl = 7, kPatience = 16, kQueueDepth = 4;

struct Desc {
  unsigned engine = 0;
  bool fails = false;  // in its engine
  bool waits = false;  // for a semaphore that nothing raises
  bool raises = false;
  EngineError error;
};
struct Program {
  std::vector<Desc> descs;
  size_t refused_at = ~size_t{0};  // dispatch cannot send this one
  EngineError refusal;
};
struct Outcome {
  unsigned code = 0, engine = 0;
  uint32_t index = 0;
  EngineError error;
};

Program random_program(Random& random) {
  Program p;
  p.descs.resize(static_cast<size_t>(random.in(1, 40)));
  const auto fail_in = static_cast<unsigned>(random.in(2, 40));
  const auto wait_in = static_cast<unsigned>(random.in(4, 60));
  const bool waits = random.one_in(3);
  for (Desc& d : p.descs) {
    d.engine = static_cast<unsigned>(random.bits() % kEngines);
    d.fails = random.one_in(fail_in);
    d.waits = waits && random.one_in(wait_in);
    d.raises = random.one_in(3);
    d.error = {static_cast<unsigned>(random.in(2, 7)), static_cast<unsigned>(random.bits() % 4),
               random.bits()};
  }
  if (random.one_in(3)) {
    p.refused_at = random.bits() % p.descs.size();
    p.refusal = {static_cast<unsigned>(random.in(1, 7)), static_cast<unsigned>(random.bits() % 4),
                 random.bits()};
  }
  return p;
}

// Everything that can end ends; then the oldest failure counts, or else the oldest that waits.
Outcome reference(const Program& p) {
  std::deque<size_t> queue[kEngines];
  std::optional<size_t> flying[kEngines];  // the one that failed
  size_t next = 0;
  for (bool moved = true; moved;) {
    moved = false;
    if (next < p.descs.size() && next != p.refused_at &&
        queue[p.descs[next].engine].size() < kQueueDepth) {
      queue[p.descs[next].engine].push_back(next), ++next;
      moved = true;
    }
    for (unsigned e = 0; e < kEngines; ++e) {
      if (flying[e] || queue[e].empty() || p.descs[queue[e].front()].waits) continue;
      if (p.descs[queue[e].front()].fails) flying[e] = queue[e].front();
      queue[e].pop_front();
      moved = true;
    }
  }
  Outcome outcome;
  size_t oldest = p.descs.size(), failed = p.descs.size();
  if (next == p.refused_at) {
    failed = next;
    outcome = {p.refusal.code, kControl, static_cast<uint32_t>(next), p.refusal};
  }
  for (unsigned e = 0; e < kEngines; ++e) {
    if (flying[e] && *flying[e] < failed) {
      failed = *flying[e];
      outcome = {p.descs[failed].error.code, e, static_cast<uint32_t>(failed),
                 p.descs[failed].error};
    }
    if (!queue[e].empty()) oldest = std::min(oldest, queue[e].front());
  }
  if (outcome.code == 0 && oldest < p.descs.size()) {
    outcome = {kDeadlock, kControl, static_cast<uint32_t>(oldest), {kDeadlock, 0, 0}};
  }
  return outcome;
}

struct Bench {
  explicit Bench(uint64_t seed) : random(seed) {
    clear_inputs();
    dut.reset();
  }
  void clear_inputs() {
    Vdut& t = *dut.top;
    t.run_i = t.watchdog_i = t.progress_i = 0;
    t.holds_i = t.flying_i = t.raising_i = t.moved_i = t.err_valid_i = 0;
    t.dispatch_idle_i = t.dispatch_err_valid_i = t.dispatch_index_i = 0;
  }

  // A job that does not run.
  void rest() {
    clear_inputs();
    dut.settle();
    wrong += dut->failed_o;
    dut.edge();
  }

  Outcome outcome() {
    const EngineError e = get_error(dut->error_o);
    return {e.code, dut->engine_o, dut->index_o, e};
  }

  // Runs a program on engines of random speed; what they do is in `events`.
  std::optional<Outcome> run(const Program& p) {
    struct Engine {
      std::deque<size_t> queue, flights;
      bool failed = false, raising = false;
    } engines[kEngines];
    size_t next = 0, done = 0;
    bool refused = false;
    unsigned still = 0;  // cycles without an event
    const auto speed = static_cast<unsigned>(random.in(1, 5));
    Vdut& t = *dut.top;
    t.watchdog_i = 0;
    rest();
    for (int cycle = 0; cycle < 20000; ++cycle) {
      const bool force = still >= kPatience / 2;
      const auto go = [&] { return force || random.one_in(speed); };
      t.run_i = 1;
      // A failure may come with the done of the one before it.
      bool dones[kEngines] = {};
      t.holds_i = t.flying_i = t.raising_i = t.err_valid_i = 0;
      unsigned moved = 0;
      for (unsigned e = 0; e < kEngines; ++e) {
        Engine& g = engines[e];
        const bool flying = !g.flights.empty(), holds = flying || !g.queue.empty();
        dones[e] = flying && !p.descs[g.flights.front()].fails && !g.raising && go();
        const size_t next_front = dones[e] && g.flights.size() > 1 ? g.flights[1]
                                  : flying                         ? g.flights[0]
                                                                   : 0;
        if (!g.failed && flying && (dones[e] ? g.flights.size() > 1 : true) &&
            p.descs[next_front].fails && go()) {
          g.failed = true;
          put_error(t.err_i, kErrBits * e, p.descs[next_front].error);
          met += dones[e];
        }
        t.holds_i |= static_cast<unsigned>(holds << e);
        t.flying_i |= static_cast<unsigned>(flying << e);
        t.raising_i |= static_cast<unsigned>(g.raising << e);
        t.err_valid_i |= static_cast<unsigned>(g.failed << e);
        const size_t oldest = flying  ? g.flights.front()
                              : holds ? g.queue.front()
                                      : random.bits() % 64;
        set_bits(t.oldest_i, 32 * e, 32, oldest);
        moved |= static_cast<unsigned>(dones[e]) << e;
      }
      const bool all = next == p.descs.size(), line = !all && go();
      const bool room = !all && engines[p.descs[next].engine].queue.size() < kQueueDepth;
      t.dispatch_index_i = static_cast<uint32_t>(next);
      t.dispatch_err_valid_i = refused;
      put_error(t.dispatch_err_i, 0, p.refusal);
      t.dispatch_idle_i = all || refused || (line && next != p.refused_at && !room);
      t.moved_i = moved;
      dut.settle();
      // Issue and raises depend on what is pending.
      bool issues[kEngines] = {}, raised[kEngines] = {};
      for (unsigned e = 0; e < kEngines; ++e) {
        Engine& g = engines[e];
        issues[e] = !g.queue.empty() && !p.descs[g.queue.front()].waits && g.flights.size() < 3 &&
                    !(t.pending_o && g.queue.front() > t.pending_index_o) && go();
        raised[e] = g.raising && go();
        if (issues[e] || raised[e]) moved |= 1U << e;
      }
      t.moved_i = moved;
      dut.settle();
      if (t.failed_o) {
        const Outcome found = outcome();
        if (found.code != kDeadlock) {
          // Whatever is older has ended, unless it waits for ever or is behind one that does.
          for (const Engine& g : engines) {
            const bool older = !g.flights.empty()
                                   ? g.flights.front() < found.index
                                   : !g.queue.empty() && g.queue.front() < found.index;
            if (older) wrong += !g.flights.empty() || !p.descs[g.queue.front()].waits;
            if (g.raising) ++wrong;
          }
        }
        dut.edge();
        rest();
        return found;
      }
      dut.edge();
      for (unsigned e = 0; e < kEngines; ++e) {
        Engine& g = engines[e];
        if (raised[e]) g.raising = false;
        if (dones[e]) g.raising = p.descs[g.flights.front()].raises, g.flights.pop_front(), ++done;
        if (issues[e]) g.flights.push_back(g.queue.front()), g.queue.pop_front();
      }
      const bool push = line && next != p.refused_at && room;
      if (push) engines[p.descs[next].engine].queue.push_back(next), ++next;
      if (line && next == p.refused_at) refused = true;
      still = moved != 0 || push ? 0 : still + 1;
      if (done == p.descs.size()) {
        rest();
        return std::nullopt;
      }
    }
    FAIL("neither an end nor an error");
    return {};
  }

  // Cycles from the first with these inputs until failed_o; 0: not within `limit`.
  unsigned cycles_to_failure(unsigned limit) {
    for (unsigned i = 1; i <= limit; ++i) {
      dut.settle();
      if (dut->failed_o) return i;
      dut.edge();
    }
    return 0;
  }

  Clocked<Vdut> dut;
  Random random;
  uint64_t wrong = 0, met = 0;
};

}  // namespace

TEST_CASE("faults: the oldest failure, when nothing older can go on") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  unsigned good = 0, deadlocks = 0, failures = 0;
  for (int n = 0; n < 1500; ++n) {
    const Program p = random_program(bench.random);
    const Outcome want = reference(p);
    const std::optional<Outcome> got = bench.run(p);
    good += want.code == 0, deadlocks += want.code == kDeadlock,
        failures += want.code != 0 && want.code != kDeadlock;
    INFO("program " << n << ": code " << want.code << " engine " << want.engine << " index "
                    << want.index << ", not " << (got ? got->code : 0) << " engine "
                    << (got ? got->engine : 0) << " index " << (got ? got->index : 0));
    REQUIRE(got.has_value() == (want.code != 0));
    if (!got) continue;
    REQUIRE(got->code == want.code);
    REQUIRE(got->engine == want.engine);
    REQUIRE(got->index == want.index);
    REQUIRE(got->error == want.error);
  }
  CHECK(bench.wrong == 0);
  CHECK(bench.met > 10);
  CHECK(good > 50);
  CHECK(deadlocks > 50);
  CHECK(failures > 300);
}

TEST_CASE("faults: patience") {
  Bench bench(1);
  Vdut& t = *bench.dut.top;
  const auto waiting = [&] {
    bench.rest();
    t.run_i = 1;
    t.dispatch_idle_i = 1;
    t.dispatch_index_i = 9;
    t.holds_i = 0b01010;
    set_bits(t.oldest_i, 32, 32, 6);
    set_bits(t.oldest_i, 96, 32, 4);
  };
  waiting();
  CHECK(bench.cycles_to_failure(100) == kPatience + 1);
  CHECK(t.engine_o == kControl);
  CHECK(t.index_o == 4);
  CHECK(get_error(t.error_o) == EngineError{kDeadlock, 0, 0});

  // Each of these means that something may still come.
  waiting();
  t.flying_i = 0b01000;
  CHECK(bench.cycles_to_failure(500) == 0);
  waiting();
  t.dispatch_idle_i = 0;
  CHECK(bench.cycles_to_failure(500) == 0);
  waiting();
  t.holds_i = 0;  // nothing is left: the job ends
  CHECK(bench.cycles_to_failure(500) == 0);
  // A move in the last cycle begins the count anew.
  waiting();
  CHECK(bench.cycles_to_failure(kPatience - 1) == 0);
  t.moved_i = 1;
  CHECK(bench.cycles_to_failure(1) == 0);
  t.moved_i = 0;
  CHECK(bench.cycles_to_failure(100) == kPatience + 1);
  // A raise that never fits.
  waiting();
  t.holds_i = 0;
  t.raising_i = 1;
  CHECK(bench.cycles_to_failure(100) == kPatience + 1);
  CHECK(get_error(t.error_o).code == kDeadlock);
  CHECK(t.index_o == 9);
  CHECK(bench.wrong == 0);
}

TEST_CASE("faults: watchdog") {
  Bench bench(1);
  Vdut& t = *bench.dut.top;
  const auto busy = [&](uint32_t watchdog) {
    bench.rest();
    t.run_i = 1;
    t.watchdog_i = watchdog;
    t.dispatch_index_i = 9;
    t.holds_i = t.flying_i = 0b00100;
    set_bits(t.oldest_i, 64, 32, 3);
  };
  for (const uint32_t watchdog : {1U, 2U, 15U, 16U, 17U, 1000U}) {
    busy(watchdog);
    CHECK(bench.cycles_to_failure(3000) == watchdog + 1);
    CHECK(t.engine_o == kControl);
    CHECK(t.index_o == 3);
    CHECK(get_error(t.error_o) == EngineError{kWatchdog, 0, 0});
  }
  // Off.
  busy(0);
  CHECK(bench.cycles_to_failure(5000) == 0);
  // Switched on, or shortened, while the machine has long stood still.
  t.watchdog_i = 100;
  CHECK(bench.cycles_to_failure(10) == 1);
  busy(1000);
  CHECK(bench.cycles_to_failure(800) == 0);
  t.watchdog_i = 500;
  CHECK(bench.cycles_to_failure(10) == 1);
  // Progress in the last cycle begins the count anew.
  busy(100);
  CHECK(bench.cycles_to_failure(99) == 0);
  t.progress_i = 1;
  CHECK(bench.cycles_to_failure(1) == 0);
  t.progress_i = 0;
  CHECK(bench.cycles_to_failure(300) == 101);

  // An error that waits for an older descriptor is what is reported, not that this one hangs.
  busy(50);
  t.err_valid_i = 0b10000;
  t.holds_i = t.flying_i = 0b10100;
  set_bits(t.oldest_i, 128, 32, 5);
  put_error(t.err_i, kErrBits * 4, {kRegion, 0, 0x1234});
  CHECK(bench.cycles_to_failure(300) == 51);
  CHECK(t.engine_o == 4);
  CHECK(t.index_o == 5);
  CHECK(get_error(t.error_o) == EngineError{kRegion, 0, 0x1234});
  CHECK(bench.wrong == 0);
}
