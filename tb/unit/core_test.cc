// The C core against hosts and devices that are not what they should be: an error each, no hang, and
// nothing it was not asked to touch.
#include <weft/core.h>

#include <random>

#include "driver/core_host.h"
#include "driver/job_queue.h"
#include "fake_device.h"
#include "runtime/devices.h"
#include "tb/catch_compat.h"
#include "weft_gen/configs.h"

namespace weft {
namespace {

using tb::FakeDevice;

constexpr uint64_t kRingAt = 1 << 20;  // the fake's memory begins there
constexpr uint64_t kRingBytes = 4 * WEFT_JOB_BYTES;

// A queue on a fake device.
struct Bench {
  Bench() : host(device) {}
  int open() { return weft_core_open(&queue, host.get(), kRingAt, kRingBytes); }
  int poll() { return weft_core_poll(&queue, &ended); }
  // As the device writes it.
  void record(uint32_t entry, uint64_t id, uint32_t code) {
    std::vector<uint8_t> bytes(WEFT_JOB_BYTES - WEFT_JOB_DONE_JOB_ID_BYTE);
    const auto put = [&](int at, uint64_t value, int size) {
      for (int i = 0; i < size; ++i)
        bytes[static_cast<size_t>(at - WEFT_JOB_DONE_JOB_ID_BYTE + i)] =
            static_cast<uint8_t>(value >> (8 * i));
    };
    put(WEFT_JOB_DONE_JOB_ID_BYTE, id, 8);
    put(WEFT_JOB_DONE_CODE_BYTE, code, 4);
    put(WEFT_JOB_DONE_MAGIC_BYTE, WEFT_JOB_DONE_MAGIC_VALUE, 8);
    device.write_memory(kRingAt + entry * WEFT_JOB_BYTES + WEFT_JOB_DONE_JOB_ID_BYTE, bytes);
  }

  FakeDevice device;
  driver::CoreHost host;
  weft_core_queue queue{};
  weft_core_ended ended{};
  weft_core_job job{};
};

TEST_CASE("a ring of the wrong size or place is refused, and nothing is written") {
  Bench b;
  const auto open = [&](uint64_t at, uint64_t bytes) {
    return weft_core_open(&b.queue, b.host.get(), at, bytes);
  };
  for (const uint64_t bytes : {0, 1, 255, 257, 768, 1 << 24})
    CHECK(open(kRingAt, bytes) == WEFT_CORE_ARGUMENT);
  CHECK(open(kRingAt + 32, 256) == WEFT_CORE_ARGUMENT);
  CHECK(b.device.reads == 0);
  CHECK(open(kRingAt, uint64_t{256} << 15) == 0);
  CHECK(b.device.reg(regs::kRingSizeOffset) == 15);
  CHECK(open(kRingAt, 256) == 0);
  CHECK(b.device.reg(regs::kRingSizeOffset) == 0);
}

TEST_CASE("a queue that was never opened, or is stopped, does nothing") {
  Bench b;
  for (int round = 0; round < 2; ++round) {
    CHECK(b.poll() == WEFT_CORE_STOPPED);
    CHECK(weft_core_wait(&b.queue, 10, &b.ended) == WEFT_CORE_STOPPED);
    CHECK(weft_core_submit(&b.queue, &b.job, nullptr) == WEFT_CORE_STOPPED);
    CHECK(weft_core_abandon(&b.queue) == WEFT_CORE_STOPPED);
    CHECK(weft_core_set_watchdog(&b.queue, 1) == WEFT_CORE_STOPPED);
    CHECK(weft_core_stop(&b.queue) == WEFT_CORE_STOPPED);
    REQUIRE(b.open() == 0);
    REQUIRE(weft_core_stop(&b.queue) == 0);
  }
}

TEST_CASE("every access that is refused ends the call, and the queue goes on afterwards") {
  // Whatever the count, opening ends: refused, or not.
  int refused = 0;
  for (uint64_t read = 1; read < 12; ++read) {
    Bench b;
    b.device.refuse_after = read;
    const int result = b.open();
    if (result == WEFT_CORE_ACCESS) {
      ++refused;
      CHECK_THROWS_WITH(b.host.check(result), "the card is gone");
    } else {
      CHECK(result == 0);
      b.device.refuse_after = 0;
    }
    CHECK(b.open() == 0);
  }
  CHECK(refused == 7);  // id, version, two hashes, capability, control, tail

  Bench b;
  REQUIRE(b.open() == 0);
  REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  b.record(0, 1, 0);
  b.device.ends = true;
  b.device.refuse_after = 1;
  CHECK(b.poll() == WEFT_CORE_ACCESS);
  CHECK(weft_core_in_flight(&b.queue) == 1);
  CHECK(b.poll() == 1);
  CHECK(b.ended.id == 1);
}

TEST_CASE("what a device throws comes out of the queue as it was") {
  FakeDevice device;
  driver::MemoryPool pool(device);
  driver::JobQueue queue(device, pool);
  queue.submit({});
  device.refuse_after = 1;
  CHECK_THROWS_WITH(queue.poll(), "the card is gone");
}

TEST_CASE("a tail that passes the head is told, whatever it is") {
  Bench b;
  REQUIRE(b.open() == 0);
  for (int i = 0; i < 3; ++i) REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  for (const uint32_t tail : {4U, 100U, 0xffffU, 0x10000U, 0xffffffffU}) {
    b.device.reg(regs::kRingTailOffset) = tail;
    CHECK(b.poll() == WEFT_CORE_RING);
    CHECK(weft_core_in_flight(&b.queue) == 3);
  }
}

TEST_CASE("a record of another job is none") {
  Bench b;
  REQUIRE(b.open() == 0);
  for (int i = 0; i < 2; ++i) REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  b.device.ends = true;
  b.record(0, 7, 0);
  CHECK(b.poll() == WEFT_CORE_NO_RECORD);
  b.record(1, 2, 0xffffffff);
  CHECK(b.poll() == 1);
  CHECK(b.ended.id == 2);
  CHECK(b.ended.code == 0xffffffff);
  CHECK(b.poll() == 0);
  CHECK((b.device.reg(regs::kControlOffset) & regs::kControlResumeMask) != 0);
}

TEST_CASE("a record that lies in an entry from an earlier life is none") {
  Bench b;
  REQUIRE(b.open() == 0);
  b.record(0, 1, 0);
  REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  b.device.ends = true;
  CHECK(b.poll() == WEFT_CORE_NO_RECORD);
}

TEST_CASE("the error registers are the last job's, and no other's") {
  Bench b;
  REQUIRE(b.open() == 0);
  for (int i = 0; i < 2; ++i) REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  b.device.ends = true;
  b.device.reg(regs::kStatusOffset) = regs::kStatusHaltedMask;
  b.device.reg(regs::kErrorCodeOffset) = WEFT_JOB_ERROR_BUS;
  CHECK(b.poll() == WEFT_CORE_NO_RECORD);
  CHECK(b.poll() == 1);
  CHECK(b.ended.id == 2);
  CHECK(b.ended.code == WEFT_JOB_ERROR_BUS);
  CHECK_FALSE(b.ended.recorded);
}

TEST_CASE("after jobs were given up, the next one's error is told and left behind") {
  Bench b;
  REQUIRE(b.open() == 0);
  for (int i = 0; i < 2; ++i) REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  b.record(0, 1, WEFT_JOB_ERROR_BUS);
  REQUIRE(weft_core_abandon(&b.queue) == 0);
  // Given a new one before the old ones are reported.
  REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  b.record(2, 3, WEFT_JOB_ERROR_WATCHDOG);
  b.device.ends = true;
  b.device.reg(regs::kControlOffset) = regs::kControlEnableMask;
  CHECK(b.poll() == 1);
  CHECK_FALSE(b.ended.abandoned);
  CHECK(b.ended.code == WEFT_JOB_ERROR_BUS);
  CHECK(b.poll() == 1);
  CHECK(b.ended.abandoned);
  CHECK(b.ended.id == 2);
  CHECK(b.device.reg(regs::kControlOffset) == regs::kControlEnableMask);
  CHECK(b.poll() == 1);
  CHECK(b.ended.id == 3);
  CHECK(b.ended.code == WEFT_JOB_ERROR_WATCHDOG);
  CHECK((b.device.reg(regs::kControlOffset) & regs::kControlResumeMask) != 0);
  CHECK(b.poll() == 0);
}

TEST_CASE("jobs can be given up again before those given up before are reported") {
  Bench b;
  REQUIRE(b.open() == 0);
  for (int i = 0; i < 2; ++i) REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  REQUIRE(weft_core_abandon(&b.queue) == 0);
  for (int i = 0; i < 2; ++i) REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  CHECK(weft_core_submit(&b.queue, &b.job, nullptr) == WEFT_CORE_FULL);
  b.record(2, 3, 0);
  REQUIRE(weft_core_abandon(&b.queue) == 0);
  REQUIRE(weft_core_abandon(&b.queue) == 0);
  for (uint64_t id = 1; id <= 4; ++id) {
    CHECK(b.poll() == 1);
    CHECK(b.ended.id == id);
    CHECK(b.ended.abandoned == (id != 3));
  }
  CHECK(b.poll() == 0);
}

TEST_CASE("a code that is too large is not taken for success by the C++ queue") {
  FakeDevice device;
  driver::MemoryPool pool(device);
  driver::JobQueue queue(device, pool);
  queue.submit({});
  device.ends = true;
  // In place of a record, garbage with this job's id and code 256.
  std::vector<uint8_t> record(64);
  record[0] = 1;
  record[17] = 1;
  for (int i = 0; i < 8; ++i)
    record[56 + static_cast<size_t>(i)] = static_cast<uint8_t>(WEFT_JOB_DONE_MAGIC_VALUE >> 8 * i);
  device.write_memory(kRingAt + 192, record);
  const auto ended = queue.poll();
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].completion.code != isa::ErrorCode::kNone);
}

// A C++ queue on a fake device that ends whatever it is given.
struct QueueBench {
  QueueBench() : pool(device), queue(device, pool) { device.ends = true; }
  void record(uint32_t entry, uint64_t id) {
    std::vector<uint8_t> bytes(64);
    bytes[0] = static_cast<uint8_t>(id);
    for (int i = 0; i < 8; ++i)
      bytes[56 + static_cast<size_t>(i)] = static_cast<uint8_t>(WEFT_JOB_DONE_MAGIC_VALUE >> 8 * i);
    device.write_memory(kRingAt + entry * WEFT_JOB_BYTES + WEFT_JOB_DONE_JOB_ID_BYTE, bytes);
  }

  FakeDevice device;
  driver::MemoryPool pool;
  driver::JobQueue queue;
};

TEST_CASE("jobs that ended before one that went wrong are had first") {
  for (const bool waits : {false, true}) {
    QueueBench b;
    for (int i = 0; i < 3; ++i) b.queue.submit({});
    b.record(0, 1);
    b.record(2, 3);
    const auto take = [&] { return waits ? b.queue.wait(10) : b.queue.poll(); };
    auto ended = take();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].id == 1);
    CHECK_THROWS_WITH(take(), weft_core_error_text(WEFT_CORE_NO_RECORD));
    ended = take();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].id == 3);
    CHECK(take().empty());
  }
}

TEST_CASE("a ring that is not well can be abandoned") {
  QueueBench b;
  for (int i = 0; i < 3; ++i) b.queue.submit({});
  b.record(0, 1);
  CHECK(b.queue.abandon() == std::vector<uint64_t>{2, 3});  // without a record
  CHECK(b.queue.poll().size() == 1);
  b.queue.submit({});
  b.device.ends = false;
  b.device.reg(regs::kRingTailOffset) = 77;
  CHECK_THROWS_AS(b.queue.poll(), Error);
  CHECK(b.queue.abandon() == std::vector<uint64_t>{4});
  CHECK(b.queue.in_flight() == 0);
}

TEST_CASE("a device that cannot say what time it is ends its jobs all the same") {
  struct Timeless final : FakeDevice {
    uint64_t cycle() const override { throw Error(ErrorKind::kIo, "no time"); }
  };
  Timeless device;
  driver::MemoryPool pool(device);
  driver::JobQueue queue(device, pool);
  queue.submit({});
  CHECK(queue.wait(10).empty());
  CHECK(queue.abandon() == std::vector<uint64_t>{1});
}

TEST_CASE("a region whose base would be taken for rights is refused") {
  Bench b;
  REQUIRE(b.open() == 0);
  for (const uint64_t base : {1, 2, 67}) {
    b.job.regions[WEFT_NUM_REGIONS - 1].base = base;
    CHECK(weft_core_submit(&b.queue, &b.job, nullptr) == WEFT_CORE_ARGUMENT);
  }
  CHECK(weft_core_in_flight(&b.queue) == 0);
  b.job.regions[WEFT_NUM_REGIONS - 1].base = 64;
  CHECK(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
}

TEST_CASE("interrupts without an end are given up after a few") {
  Bench b;
  REQUIRE(b.open() == 0);
  REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  b.device.interrupts = true;
  CHECK(weft_core_wait(&b.queue, 1000, &b.ended) == WEFT_CORE_INTERRUPT);
  CHECK(b.device.waits < 20);
  b.record(0, 1, 0);
  b.device.ends = true;
  CHECK(weft_core_wait(&b.queue, 1000, &b.ended) == 1);
}

TEST_CASE("without an interrupt the registers are asked, and no longer than allowed") {
  Bench b;
  weft_core_host host = *b.host.get();
  host.wait_interrupt = nullptr;
  REQUIRE(weft_core_open(&b.queue, &host, kRingAt, kRingBytes) == 0);
  REQUIRE(weft_core_submit(&b.queue, &b.job, nullptr) == 0);
  const uint64_t before = b.device.reads;
  CHECK(weft_core_wait(&b.queue, 50, &b.ended) == 0);
  CHECK(b.device.reads - before == 51);
  CHECK(b.device.waits == 0);
  REQUIRE(weft_core_abandon(&b.queue) == 0);
  CHECK(b.poll() == 1);
  CHECK(b.ended.abandoned);
  CHECK(b.poll() == 0);
}

TEST_CASE("the counts wrap at 65536, and ids go on") {
  Bench b;
  b.device.reg(regs::kRingTailOffset) = b.device.reg(regs::kRingHeadOffset) = 0xfffd;
  REQUIRE(b.open() == 0);
  for (uint64_t id = 1; id < 20; ++id) {
    uint64_t given = 0;
    REQUIRE(weft_core_submit(&b.queue, &b.job, &given) == 0);
    CHECK(given == id);
    CHECK(b.device.reg(regs::kRingHeadOffset) == ((0xfffd + id) & 0xffff));
    if (id % 4 != 0) continue;  // four in flight, the ring full
    CHECK(weft_core_submit(&b.queue, &b.job, nullptr) == WEFT_CORE_FULL);
    for (uint64_t e = id - 3; e <= id; ++e)
      b.record(static_cast<uint32_t>((0xfffd + e - 1) % 4), e, static_cast<uint32_t>(e % 2));
    b.device.reg(regs::kRingTailOffset) = b.device.reg(regs::kRingHeadOffset);
    for (uint64_t e = id - 3; e <= id; ++e) {
      REQUIRE(b.poll() == 1);
      CHECK(b.ended.id == e);
      CHECK(b.ended.code == e % 2);
    }
  }
}

TEST_CASE("a device of random answers never hangs the core or makes it report a job twice") {
  std::mt19937_64 rng(7);
  for (int round = 0; round < 300; ++round) {
    Bench b;
    REQUIRE(b.open() == 0);
    b.device.interrupts = (round & 1) != 0;
    uint64_t submitted = 0, reported = 0;
    for (int step = 0; step < 60; ++step) {
      b.device.reg(regs::kRingTailOffset) =
          (rng() & 1) != 0 ? static_cast<uint32_t>(rng())
                           : static_cast<uint32_t>(reported + rng() % 4) & 0xffff;
      b.device.reg(regs::kStatusOffset) = static_cast<uint32_t>(rng() % 8);
      b.device.reg(regs::kErrorCodeOffset) = static_cast<uint32_t>(rng());
      std::vector<uint8_t> garbage(64);
      for (uint8_t& byte : garbage) byte = static_cast<uint8_t>(rng());
      b.device.write_memory(kRingAt + (rng() % 4) * 256 + 192, garbage);
      if (rng() % 4 == 0) b.record(static_cast<uint32_t>(rng() % 4), rng() % 8, 1);
      switch (rng() % 4) {
        case 0: submitted += weft_core_submit(&b.queue, &b.job, nullptr) == 0 ? 1 : 0; break;
        case 1: weft_core_wait(&b.queue, 5, &b.ended); break;
        case 2:
          if (rng() % 8 == 0) weft_core_abandon(&b.queue);
          break;
        default: b.poll(); break;
      }
      const uint64_t now = submitted - weft_core_in_flight(&b.queue);
      CHECK(now >= reported);
      CHECK(now - reported <= 1);
      CHECK(now <= submitted);
      reported = now;
    }
    CHECK(b.device.reads < 100'000);
  }
}

TEST_CASE("probe and counters on a real device") {
  const auto device = runtime::make_device("emulator", "tiny", {});
  const driver::CoreHost host(*device);
  weft_core_info info{};
  REQUIRE(weft_core_probe(host.get(), &info) == 0);
  CHECK(info.config_hash == isa::find_config("tiny").config_hash);
  CHECK(info.array_rows == 4);
  CHECK(info.array_cols == 4);
  CHECK(info.engines == 0x1f);
  uint64_t value = 1;
  CHECK(weft_core_read_counter(host.get(), WEFT_COUNTER_DESCRIPTORS, &value) == 0);
  CHECK(value == 0);
  CHECK(weft_core_read_counter(host.get(), WEFT_NUM_COUNTERS, &value) == WEFT_CORE_ARGUMENT);
}

}  // namespace
}  // namespace weft
