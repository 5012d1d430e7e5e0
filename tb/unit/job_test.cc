// Jobs: the ring, entries good and bad, how jobs end, halt and resume, soft reset at any moment.
#include <vector>

#include "ctl_job_bench.h"

using namespace weft::tb;

namespace {

Job failing_job(Random& random) {
  Job job = random_job(random);
  job.fails = true;
  job.error = {static_cast<unsigned>(random.in(1, 11)), static_cast<unsigned>(random.bits() % 4),
               random.bits()};
  job.engine = static_cast<unsigned>(random.bits() % 8);
  job.index = static_cast<uint32_t>(random.bits());
  return job;
}

// Entries that the check refuses, each for one reason.
std::vector<Job> refused_jobs(Random& random) {
  std::vector<Job> all;
  const auto add = [&](unsigned code, const std::function<void(Job&)>& spoil) {
    Job job = random_job(random);
    spoil(job);
    job.refused = code;
    all.push_back(job);
  };
  const auto window = [](Job& j, uint64_t base, uint64_t limit) {
    j.base[j.desc_region] = base | 1;
    j.limit[j.desc_region] = limit;
    j.desc_offset = 0;
    j.desc_count = 1;
  };
  for (unsigned bit = 0; bit < 64; ++bit)
    add(kConfigMismatch, [&](Job& j) { j.hash ^= uint64_t{1} << bit; });
  add(kConfigMismatch, [](Job& j) { j.hash = ~j.hash, j.desc_count = 0; });
  for (unsigned bit = 3; bit < 32; ++bit) add(kBadJob, [&](Job& j) { j.desc_region ^= 1U << bit; });
  for (unsigned bit = 0; bit < 6; ++bit) {
    add(kBadJob, [&](Job& j) { window(j, 0x1000, 0x2000), j.desc_offset = 1U << bit; });
    for (unsigned r = 0; r < 8; ++r) {
      add(kBadJob, [&](Job& j) { j.limit[r] |= uint64_t{1} << bit; });
      if (bit >= 2) add(kBadJob, [&](Job& j) { j.base[r] |= uint64_t{1} << bit; });
    }
  }
  for (unsigned r = 0; r < 8; ++r) {
    add(kBadJob, [&](Job& j) {
      j.base[r] = (j.base[r] | 64), j.limit[r] = (j.base[r] & ~uint64_t{63}) - 64;
      if (r == j.desc_region) j.desc_offset = 0;
    });
  }
  add(kBadJob, [](Job& j) { j.desc_count = 0; });
  add(kBadJob, [](Job& j) { j.base[j.desc_region] &= ~uint64_t{1}; });
  add(kBadJob, [&](Job& j) { window(j, 0x1000, 0x1000); });
  add(kBadJob, [&](Job& j) { window(j, 0x1000, 0x1040), j.desc_count = 2; });
  add(kBadJob, [&](Job& j) { window(j, 0x1000, 0x1040), j.desc_offset = 0x40; });
  add(kBadJob, [&](Job& j) { window(j, 0x1000, 0x1040), j.desc_offset = 0x80; });
  add(kBadJob,
      [&](Job& j) { window(j, 0x1000, 0x2000), j.desc_offset = ~uint64_t{63}; });  // passes 2^64
  add(kBadJob, [&](Job& j) { window(j, 0x1000, 0x2000), j.desc_offset = ~uint64_t{0xfff}; });
  add(kBadJob, [&](Job& j) { window(j, 0, ~uint64_t{63}), j.desc_offset = ~uint64_t{63}; });
  add(kBadJob, [&](Job& j) { window(j, ~uint64_t{0xfff}, ~uint64_t{63}), j.desc_count = 64; });
  add(kBadJob,
      [&](Job& j) { window(j, ~uint64_t{0xfff}, ~uint64_t{63}), j.desc_count = 0xffffffff; });
  return all;
}

}  // namespace

TEST_CASE("job: good ones, through every slot of rings of every size") {
  const uint64_t seed = bench_seed(GENERATE(1, 2));
  INFO("WEFT_SEED=" << seed);
  JobBench bench(seed);
  for (unsigned log2 = 0; log2 < 16; ++log2) {
    bench.dut->ring_log2_i = log2;
    for (const unsigned start : {0U, (1U << log2) - 2, 65530U}) {
      bench.move_to(static_cast<uint16_t>(start));
      for (int n = 0; n < 12; ++n) bench.run(random_job(bench.random));
    }
  }
  CHECK(bench.wrong == 0);
}

TEST_CASE("job: several in the ring") {
  JobBench bench(bench_seed(1));
  bench.move_to(65533);
  for (int n = 0; n < 8; ++n) bench.ring(random_job(bench.random));
  REQUIRE(bench.until([&] { return bench.dones == 8; }, 10000));
  for (int i = 0; i < 100; ++i) bench.cycle();
  CHECK(bench.dones == 8);
  CHECK(bench.begins == 8);
  CHECK(bench.errors == 0);
  CHECK(bench.dut->ring_tail_o == 5);
  CHECK(bench.wrong == 0);
}

TEST_CASE("job: entries that are refused") {
  JobBench bench(bench_seed(1));
  for (const Job& job : refused_jobs(bench.random)) {
    bench.run(job);
    bench.resume();
  }
  bench.run(random_job(bench.random));
  CHECK(bench.wrong == 0);
}

TEST_CASE("job: how they fail, halt, resume") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed);
  JobBench bench(seed);
  Random& random = bench.random;
  for (int round = 0; round < 100; ++round) {
    Job job = random.one_in(2) ? failing_job(random) : random_job(random);
    job.bad_resp = static_cast<unsigned>(random.in(2, 3));
    if (random.one_in(4)) job.bad_line = static_cast<unsigned>(random.in(0, 2));
    job.unwritable = random.one_in(3);
    bench.run(job);
    if (!bench.dut->halted_o) continue;
    // The next waits for the resume.
    const uint64_t begins = bench.begins;
    bench.ring(random_job(random));
    for (int i = 0; i < 30; ++i) bench.cycle();
    CHECK(bench.begins == begins);
    CHECK(bench.dut->halted_o);
    const uint64_t dones = bench.dones;
    bench.resume();
    REQUIRE(bench.until([&] { return bench.dones == dones + 1; }));
    bench.cycle();
  }
  CHECK(bench.wrong == 0);
}

TEST_CASE("job: a resume without a halt has no effect on the next failure") {
  for (int at = 0; at < 60; ++at) {
    JobBench bench(7);
    bench.fast = true;
    bench.ring(failing_job(bench.random));
    for (int i = 0; i < 60 && bench.errors == 0; ++i) {
      bench.dut->resume_i = i == at;
      bench.cycle();
    }
    bench.dut->resume_i = 0;
    bench.cycle();
    INFO("resume in cycle " << at);
    CHECK(bench.errors == 1);
    CHECK(bench.dut->halted_o);
    CHECK(bench.wrong == 0);
  }
}

TEST_CASE("job: enable cleared while one runs") {
  for (int at = 0; at < 60; ++at) {
    INFO("cleared in cycle " << at);
    JobBench bench(11);
    bench.fast = true;
    bench.ring(random_job(bench.random));
    bench.ring(random_job(bench.random));
    for (int i = 0; i < at; ++i) bench.cycle();
    bench.dut->enable_i = 0;
    for (int i = 0; i < 100; ++i) bench.cycle();
    CHECK(!bench.dut->busy_o);
    CHECK(bench.dones == bench.begins);  // what had begun has ended
    CHECK(bench.records == bench.begins);
    // The ring may be moved while it is off.
    CHECK(bench.dut->ring_tail_o == bench.begins);
    bench.dut->enable_i = 1;
    REQUIRE(bench.until([&] { return bench.dones == 2; }));
    CHECK(bench.wrong == 0);
  }
}

TEST_CASE("job: the record goes to the entry that was read, wherever the ring is by then") {
  JobBench bench(bench_seed(1));
  bench.fast = true;
  bench.move_to(5);
  const uint64_t entry = bench.entry_of(5);
  bench.ring(random_job(bench.random));
  REQUIRE(bench.until([&] { return bench.starts == 1; }));
  bench.dut->enable_i = 0;
  bench.dut->ring_base_i += 0x4000;
  bench.dut->ring_log2_i = 1;
  REQUIRE(bench.until([&] { return bench.dones == 1; }));
  CHECK(bench.record_addr == entry + kRecordByte);
  CHECK(bench.wrong == 0);
}

TEST_CASE("job: soft reset in every cycle of a job") {
  enum Kind { kGood, kFails, kRefused, kUnreadable, kUnwritable, kKinds };
  for (int kind = 0; kind < kKinds; ++kind) {
    for (const bool fast : {true, false}) {
      unsigned cut = 0, recorded = 0;
      for (int at = 0; at < (fast ? 45 : 120); ++at) {
        INFO("kind " << kind << ", reset in cycle " << at);
        JobBench bench(bench_seed(static_cast<uint64_t>(100 + kind)));
        bench.fast = fast;
        Random& random = bench.random;
        Job job = kind == kFails ? failing_job(random) : random_job(random);
        if (kind == kRefused) job.desc_count = 0, job.refused = kBadJob;
        if (kind == kUnreadable) job.bad_line = 1;
        job.unwritable = kind == kUnwritable;
        bench.ring(job);
        bench.ring(random_job(random));
        for (int i = 0; i < at; ++i) bench.cycle();
        const uint64_t clears = bench.clears, begins = bench.begins;
        const uint64_t ended = bench.dones + bench.errors;
        const bool ran = bench.dut->busy_o;
        bench.soft_reset_pulse();
        if (at % 3 == 1) bench.soft_reset_pulse();  // a second one while the first is under way
        REQUIRE(bench.until([&] { return !bench.dut->resetting_o; }, 200));
        CHECK(bench.dut->ring_tail_o == bench.dut->ring_head_i);
        CHECK(!bench.dut->halted_o);
        CHECK(!bench.dut->busy_o);
        CHECK(bench.clears > clears);
        CHECK(bench.begins == begins);
        CHECK(bench.records == bench.records_done);  // none is broken off
        // A job ends once, or was cut.
        CHECK(bench.dones + bench.errors <= bench.begins);
        if (kind != kUnreadable) CHECK(bench.dones + bench.errors == bench.records);
        cut += ran && bench.dones + bench.errors == ended;
        recorded += bench.dones + bench.errors > ended;
        for (int i = 0; i < 20; ++i) bench.cycle();
        CHECK(bench.begins == begins);
        bench.run(random_job(random));
        bench.run(failing_job(random));
        CHECK(bench.wrong == 0);
      }
      CHECK(cut > 2);
      CHECK(recorded > 0);
    }
  }
}

TEST_CASE("job: soft reset leaves the halt and empties the ring") {
  JobBench bench(bench_seed(1));
  bench.run(failing_job(bench.random));
  for (int n = 0; n < 3; ++n) bench.ring(random_job(bench.random));
  const uint64_t begins = bench.begins;
  bench.soft_reset_pulse();
  REQUIRE(bench.until([&] { return !bench.dut->resetting_o; }));
  CHECK(!bench.dut->halted_o);
  CHECK(bench.dut->ring_tail_o == 4);
  for (int i = 0; i < 50; ++i) bench.cycle();
  CHECK(bench.begins == begins);
  bench.run(random_job(bench.random));
  CHECK(bench.wrong == 0);
}
