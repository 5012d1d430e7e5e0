// Several jobs in flight: order, ring wrap, an error among them, giving them up; the bytes of every
// job that ended are exact.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "device_fixture.h"
#include "tb/catch_compat.h"

namespace {

using namespace weft;
using driver::JobQueue;
using isa::ErrorCode;
using tb::DeviceBench;

constexpr uint32_t kLength = 500;
constexpr uint64_t kLimit = 1'000'000;

// Jobs that copy `kLength` bytes from one slot of the data region into another, each its own bytes.
class Copies {
 public:
  explicit Copies(DeviceBench& bench) : bench_(bench) {}

  // Slots 0 .. 15; `bad`: its descriptor has no opcode.
  uint64_t submit(uint32_t slot, uint8_t seed, bool bad = false) {
    std::vector<uint8_t> in(kLength);
    for (uint32_t i = 0; i < kLength; ++i) in[i] = static_cast<uint8_t>(i * 11 + seed);
    bench_.buffer(tb::kData).write(from(slot), in);
    bench_.buffer(tb::kData).write(to(slot), std::vector<uint8_t>(kLength, 0));
    isa::TransferDesc load =
        DeviceBench::transfer(isa::Opcode::kLoad, tb::kData, from(slot), 5, kLength);
    load.header.raise[0] = {4, 1};
    isa::TransferDesc store =
        DeviceBench::transfer(isa::Opcode::kStore, tb::kData, to(slot), 5, kLength);
    store.header.wait[0] = {4, 1};
    isa::Bytes first = isa::encode(load);
    if (bad) first[0] = 0xff;
    driver::Job job = bench_.job();
    job.descriptor_offset = uint64_t{slot} * 2 * isa::kDescriptorBytes;
    job.descriptor_count = 2;
    bench_.buffer(tb::kProgram).write(job.descriptor_offset, first);
    bench_.buffer(tb::kProgram)
        .write(job.descriptor_offset + isa::kDescriptorBytes, isa::encode(store));
    const uint64_t id = bench_.queue().submit(job);
    wanted_[id] = {slot, std::move(in)};
    return id;
  }

  bool exact(uint64_t id) {
    std::vector<uint8_t> out(kLength);
    bench_.buffer(tb::kData).read(to(wanted_.at(id).slot), out);
    return out == wanted_.at(id).bytes;
  }

 private:
  static uint64_t from(uint32_t slot) { return slot * 1024 + 3; }
  static uint64_t to(uint32_t slot) { return 32768 + slot * 1024; }

  struct Wanted {
    uint32_t slot;
    std::vector<uint8_t> bytes;
  };
  DeviceBench& bench_;
  std::map<uint64_t, Wanted> wanted_;
};

std::vector<JobQueue::Ended> wait_for_all(JobQueue& queue) {
  std::vector<JobQueue::Ended> all;
  while (queue.in_flight() > 0) {
    const auto some = queue.wait(kLimit);
    REQUIRE(!some.empty());
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

void check_well(const JobQueue::Ended& ended, Copies& copies) {
  INFO("job " << ended.id);
  CHECK(ended.completion.code == ErrorCode::kNone);
  CHECK(ended.completion.recorded);
  CHECK(copies.exact(ended.id));
}

TEST_CASE("as many jobs as the ring holds, and round it several times", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config, 0.1);
    Copies copies(bench);
    JobQueue& queue = bench.queue();
    CHECK(queue.poll().empty());
    CHECK(queue.wait(kLimit).empty());
    uint64_t next = 1;
    for (const uint32_t many : {16U, 1U, 16U, 7U, 12U, 16U}) {
      for (uint32_t slot = 0; slot < many; ++slot) {
        CHECK_FALSE(queue.full());
        CHECK(copies.submit(slot, static_cast<uint8_t>(next + slot)) == next + slot);
      }
      CHECK(queue.in_flight() == many);
      CHECK(queue.full() == (many == JobQueue::kEntries));
      if (queue.full()) {
        CHECK_THROWS_WITH(queue.submit(bench.job()),
                          Catch::Matchers::ContainsSubstring("16 jobs are in flight"));
      }
      CHECK_THROWS_AS(queue.run(bench.job(), kLimit), Error);
      const auto ended = wait_for_all(queue);
      REQUIRE(ended.size() == many);
      for (const auto& e : ended) {
        CHECK(e.id == next++);
        check_well(e, copies);
      }
    }
    CHECK(bench.device().read_register(regs::kRingTailOffset) == 68);
    CHECK(bench.copies_exactly(3));
  }
}

TEST_CASE("jobs are submitted while others run", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config);
    Copies copies(bench);
    JobQueue& queue = bench.queue();
    uint64_t submitted = 0, reported = 0;
    while (reported < 40) {
      while (submitted < 40 && submitted - reported < 3) {
        copies.submit(submitted % 16, static_cast<uint8_t>(submitted * 5));
        ++submitted;
      }
      for (const auto& e : queue.wait(kLimit)) {
        CHECK(e.id == ++reported);
        check_well(e, copies);
      }
    }
    CHECK(queue.in_flight() == 0);
  }
}

TEST_CASE("an error among several jobs is its own, the others are exact", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config);
    Copies copies(bench);
    JobQueue& queue = bench.queue();
    // Alone, first, last, and neighbours.
    for (const std::vector<uint32_t>& bad :
         {std::vector<uint32_t>{4}, {0}, {9}, {3, 4}, {0, 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}) {
      std::map<uint64_t, bool> is_bad;
      for (uint32_t slot = 0; slot < 10; ++slot) {
        const bool spoilt = std::count(bad.begin(), bad.end(), slot) > 0;
        is_bad[copies.submit(slot, static_cast<uint8_t>(slot * 3), spoilt)] = spoilt;
      }
      const auto ended = wait_for_all(queue);
      REQUIRE(ended.size() == 10);
      for (const auto& e : ended) {
        if (!is_bad.at(e.id)) {
          check_well(e, copies);
          continue;
        }
        CHECK(isa::to_string(e.completion.code) == isa::to_string(ErrorCode::kBadOpcode));
        CHECK(e.completion.recorded);
        CHECK_FALSE(copies.exact(e.id));
      }
    }
    CHECK(bench.copies_exactly(9));
  }
}

TEST_CASE("a job without a record takes its error from the registers, in its turn", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config);
    Copies copies(bench);
    copies.submit(3, 4);
    REQUIRE(wait_for_all(bench.queue()).size() == 1);
    // The next entry is looked for where every access is refused.
    const uint64_t base = uint64_t{bench.device().read_register(regs::kRingBaseHiOffset)} << 32 |
                          bench.device().read_register(regs::kRingBaseLoOffset);
    bench.device().write_register(regs::kRingBaseLoOffset,
                                  static_cast<uint32_t>(bench.error_window()));
    bench.device().write_register(regs::kRingBaseHiOffset,
                                  static_cast<uint32_t>(bench.error_window() >> 32));
    copies.submit(4, 5);
    auto ended = bench.queue().wait(kLimit);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].completion.code == ErrorCode::kBus);
    CHECK_FALSE(ended[0].completion.recorded);
    bench.device().write_register(regs::kRingBaseLoOffset, static_cast<uint32_t>(base));
    bench.device().write_register(regs::kRingBaseHiOffset, static_cast<uint32_t>(base >> 32));
    const uint64_t id = copies.submit(5, 6);
    ended = wait_for_all(bench.queue());
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].id == id);
    check_well(ended[0], copies);
  }
}

TEST_CASE("jobs that are given up: those that ended are reported, then the queue is as new",
          "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config);
    Copies copies(bench);
    JobQueue& queue = bench.queue();
    CHECK(queue.abandon().empty());
    size_t given_up = 0, ended_before = 0;
    for (int round = 0; round < 12; ++round) {
      std::vector<uint64_t> ids;
      for (uint32_t slot = 0; slot < 16; ++slot)
        ids.push_back(copies.submit(slot, static_cast<uint8_t>(round + slot), slot == 2));
      // How many end before they are given up is the backend's affair.
      if (round % 3 != 0) bench.device().wait_interrupt(static_cast<uint64_t>(100 * round));
      const std::vector<uint64_t> lost = queue.abandon();
      const auto ended = queue.poll();
      CHECK(queue.in_flight() == 0);
      REQUIRE(ended.size() + lost.size() == ids.size());
      std::vector<uint64_t> all;
      for (const auto& e : ended) all.push_back(e.id);
      all.insert(all.end(), lost.begin(), lost.end());
      CHECK(all == ids);
      for (const auto& e : ended) {
        if (e.id == ids[2]) {
          CHECK(e.completion.code == ErrorCode::kBadOpcode);
        } else {
          check_well(e, copies);
        }
      }
      given_up += lost.size();
      ended_before += ended.size();
      CHECK(bench.copies_exactly(static_cast<uint8_t>(round)));
    }
    CHECK(given_up + ended_before == 12 * 16);
    if (backend == "rtl") CHECK(given_up > 0);
    CHECK(ended_before > 0);
  }
}

}  // namespace
