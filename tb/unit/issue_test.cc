// Issue unit against a model: order, semaphores taken with the issue, raises after done, bounds.
#include <deque>

#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"

using namespace weft::tb;

namespace {

constexpr unsigned kFlying = 32;

struct Desc {
  Line bytes;
  uint32_t index;
  uint32_t takes() const { return word(4); }
  uint32_t raises() const { return word(8); }
  uint32_t word(unsigned at) const {
    uint32_t value;
    std::memcpy(&value, &bytes[at], 4);
    return value;
  }
};
bool any_slot(uint32_t slots) { return (slots & 0xe0e0e0e0) != 0; }

// Chances in 1/16 of each event a cycle.
struct Mood {
  unsigned push = 16, ready = 16, take = 16, raise = 16, done = 16, stop = 0;
};

struct Bench {
  explicit Bench(uint64_t seed) : random(seed) {
    Vdut& t = *dut.top;
    t.clear_i = t.stop_i = t.push_valid_i = t.desc_ready_i = t.done_i = 0;
    t.take_grant_i = t.raise_grant_i = t.queue_limit_i = 0;
    dut.reset();
  }
  bool chance(unsigned sixteenths) { return random.bits() % 16 < sixteenths; }

  // slots_in: one descriptor in so many has semaphores.
  void cycle(const Mood& mood, unsigned slots_in = 2, bool clear = false) {
    Vdut& t = *dut.top;
    if (!offered && chance(mood.push)) {
      next.bytes = random_line(random);
      next.index = static_cast<uint32_t>(random.bits());
      for (unsigned at : {4, 8}) {
        if (random.one_in(slots_in)) continue;
        for (unsigned s = 0; s < 4; ++s) next.bytes[at + s] &= 0x1f;
      }
      offered = true;
    }
    t.push_valid_i = offered;
    put_line(t.push_desc_i, next.bytes);
    t.push_index_i = next.index;
    t.desc_ready_i = chance(mood.ready);
    t.stop_i = chance(mood.stop);
    t.clear_i = clear;
    t.done_i = !flights.empty() && chance(mood.done);
    t.take_grant_i = t.raise_grant_i = 0;
    dut.settle();
    // The grants answer in the same cycle.
    t.take_grant_i = t.take_valid_o && chance(mood.take);
    t.raise_grant_i = t.raise_valid_o && chance(mood.raise);
    dut.settle();
    check();
    if (clear) {
      queue.clear(), flights.clear(), raises.clear();
      offered = false;
    }
    dut.edge();
  }

  void check() {
    Vdut& t = *dut.top;
    const bool room = flights.size() + raises.size() < kFlying;
    const bool able = !queue.empty() && t.desc_ready_i && !t.stop_i && room;
    const bool takes = able && any_slot(queue.front().takes());
    const bool issue = able && (!takes || t.take_grant_i);
    starved += !queue.empty() && !room;
    const unsigned depth = t.queue_limit_i != 0 ? t.queue_limit_i : WEFT_QUEUE_DEPTH;
    wrong += t.push_ready_o != (queue.size() < depth);
    wrong += t.take_valid_o != takes;
    if (takes) wrong += t.take_o != queue.front().takes();
    wrong += t.waiting_o != (takes && !t.take_grant_i);
    wrong += t.desc_valid_o != issue;
    if (issue) wrong += !same_line(t.desc_o, queue.front().bytes);
    if (!queue.empty()) wrong += t.issue_index_o != queue.front().index;
    wrong += t.flying_o != !flights.empty();
    wrong += t.holds_o != (!flights.empty() || !queue.empty());
    if (!flights.empty()) {
      wrong += t.oldest_o != flights.front().index;
    } else if (!queue.empty()) {
      wrong += t.oldest_o != queue.front().index;
    }
    if (t.done_i) wrong += t.done_index_o != flights.front().index;
    wrong += t.raise_valid_o != !raises.empty();
    if (!raises.empty()) wrong += t.raise_o != raises.front();

    if (t.raise_valid_o && t.raise_grant_i) raises.pop_front(), ++raised;
    if (t.done_i) {
      if (any_slot(flights.front().raises())) raises.push_back(flights.front().raises());
      flights.pop_front(), ++finished;
    }
    const bool push = offered && t.push_ready_o;
    if (issue) flights.push_back(queue.front()), queue.pop_front(), ++issued;
    if (push) queue.push_back(next), offered = false;
    most = std::max(most, flights.size());
  }

  Clocked<Vdut> dut;
  Random random;
  std::deque<Desc> queue, flights;
  std::deque<uint32_t> raises;
  Desc next{};
  bool offered = false;
  size_t most = 0;
  uint64_t wrong = 0, issued = 0, finished = 0, raised = 0, starved = 0;
};

}  // namespace

TEST_CASE("issue: like the model") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Bench bench(seed);
  for (int round = 0; round < 150; ++round) {
    const auto some = [&] { return static_cast<unsigned>(bench.random.in(1, 16)); };
    Mood mood{some(), some(), some(), some(), some(), 0};
    if (round % 3 == 0) mood.stop = some() / 2;
    bench.dut.top->queue_limit_i =
        round % 4 == 0 ? static_cast<unsigned>(bench.random.in(1, WEFT_QUEUE_DEPTH)) : 0;
    if (round % 5 == 1) mood.raise = 0;  // raises pile up
    if (round % 7 == 2) mood.done = 0;   // flights do
    for (int i = 0; i < 150; ++i) bench.cycle(mood, 2, round % 10 == 9 && bench.random.one_in(60));
  }
  CHECK(bench.wrong == 0);
  CHECK(bench.issued > 1000);
  CHECK(bench.finished > 1000);
  CHECK(bench.raised > 300);
  CHECK(bench.starved > 100);
  CHECK(bench.most == kFlying);
}

TEST_CASE("issue: one a cycle, with and without semaphores") {
  for (const unsigned slots_in : {1U, 1000000U}) {
    Bench bench(bench_seed(1));
    Mood mood;
    for (int i = 0; i < 1000; ++i) bench.cycle(mood, slots_in);
    CHECK(bench.wrong == 0);
    CHECK(bench.issued >= 998);
    CHECK(bench.finished >= 997);
  }
}

TEST_CASE("issue: nothing while stopped") {
  Bench bench(bench_seed(1));
  Mood stopped;
  stopped.stop = 16;
  for (int i = 0; i < 50; ++i) bench.cycle(stopped);
  CHECK(bench.issued == 0);
  CHECK(bench.queue.size() == WEFT_QUEUE_DEPTH);
  for (int i = 0; i < 50; ++i) bench.cycle(Mood{});
  CHECK(bench.issued > 40);
  CHECK(bench.wrong == 0);
}

TEST_CASE("issue: a queue takes no more than its limit") {
  Bench bench(bench_seed(1));
  bench.dut.top->queue_limit_i = 1;
  Mood stopped;
  stopped.stop = 16;
  for (int i = 0; i < 50; ++i) bench.cycle(stopped);
  CHECK(bench.queue.size() == 1);
  for (int i = 0; i < 100; ++i) bench.cycle(Mood{});
  CHECK(bench.issued >= 49);  // every second cycle
  CHECK(bench.wrong == 0);
}
