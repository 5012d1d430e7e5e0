// The device as a host sees it, alike on all backends: registers, ring, interrupt, soft reset, watchdog.
#include "device_fixture.h"
#include "isa/activity.h"
#include "tb/catch_compat.h"

namespace {

using namespace weft;
using isa::ErrorCode;
using tb::DeviceBench;

TEST_CASE("registers", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config);
    driver::Device& device = bench.device();
    CHECK(device.read_register(regs::kIdOffset) == regs::kIdReset);
    CHECK(device.read_register(regs::kConfigHashLoOffset) ==
          static_cast<uint32_t>(bench.config().config_hash));
    CHECK(device.read_register(regs::kConfigHashHiOffset) ==
          static_cast<uint32_t>(bench.config().config_hash >> 32));
    const uint32_t capability = device.read_register(regs::kCapabilityOffset);
    CHECK((capability & regs::kCapabilityArrayRowsMask) ==
          static_cast<uint32_t>(bench.config().rows));
    CHECK((capability & regs::kCapabilityEnginesMask) >> regs::kCapabilityEnginesShift == 0x1f);
    CHECK(device.read_register(regs::kWatchdogOffset) == regs::kWatchdogReset);
    device.write_register(regs::kWatchdogOffset, 0x12345678);
    CHECK(device.read_register(regs::kWatchdogOffset) == 0x12345678);
    constexpr uint32_t kCountersEnd = regs::kCounterBase + 8 * regs::kNumCounters;
    for (const uint32_t offset :
         {0x018U, 0x002U, 0x048U, kCountersEnd, 0x3fcU, 0x400U, 0xfffcU, 0x10000U}) {
      INFO("offset " << offset);
      CHECK_THROWS_AS(device.read_register(offset), Error);
      CHECK_THROWS_AS(device.write_register(offset, 0), Error);
    }
    CHECK_THROWS_AS(device.write_register(regs::kIdOffset, 0), Error);
    CHECK_THROWS_AS(device.write_register(regs::kRingTailOffset, 0), Error);
    CHECK(device.read_register(regs::kIdOffset) == regs::kIdReset);
  }
}

TEST_CASE("host memory accesses are checked", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    DeviceBench bench(backend, config);
    driver::Device& device = bench.device();
    std::vector<uint8_t> bytes(64);
    CHECK_THROWS_AS(device.read_memory(device.memory_base() - 1, bytes), Error);
    CHECK_THROWS_AS(device.write_memory(device.memory_base() + device.memory_bytes() - 63, bytes),
                    Error);
    CHECK_THROWS_AS(device.read_memory(~uint64_t{0} - 3, bytes), Error);
    CHECK_NOTHROW(device.write_memory(device.memory_base() + device.memory_bytes() - 64, bytes));
  }
}

TEST_CASE("several jobs of the ring run in order, wrapping round its end", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config, 0.1);
    for (int i = 0; i < 15; ++i) CHECK(bench.copies_exactly(static_cast<uint8_t>(i)));

    // Two at once, copied from the last entry, while the device may not begin.
    driver::Device& device = bench.device();
    device.write_register(regs::kControlOffset, 0);
    const uint64_t last = bench.last_entry();
    std::vector<uint8_t> entry(isa::kJobBytes);
    device.read_memory(last, entry);
    const uint32_t tail = device.read_register(regs::kRingTailOffset);
    const uint64_t base = uint64_t{device.read_register(regs::kRingBaseHiOffset)} << 32 |
                          device.read_register(regs::kRingBaseLoOffset);
    for (uint32_t i = 0; i < 2; ++i)
      device.write_memory(base + (tail + i) % driver::JobQueue::kEntries * isa::kJobBytes, entry);
    device.write_register(regs::kRingHeadOffset, tail + 2);
    CHECK_FALSE(device.wait_interrupt(500));
    CHECK(device.read_register(regs::kRingTailOffset) == tail);
    device.write_register(regs::kControlOffset, regs::kControlEnableMask);
    for (int i = 0; i < 1000 && device.read_register(regs::kRingTailOffset) != tail + 2; ++i) {
      device.write_register(regs::kIrqStatusOffset, 3);
      device.wait_interrupt(1000);
    }
    CHECK(device.read_register(regs::kRingTailOffset) == tail + 2);
  }
}

isa::Bytes copy_descriptor(bool load) {
  return isa::encode(DeviceBench::transfer(load ? isa::Opcode::kLoad : isa::Opcode::kStore,
                                           tb::kData, 0, 0, 2048));
}

TEST_CASE("a soft reset abandons a running job after any number of cycles, and the next is exact",
          "[config]") {
  for (const auto& [backend, config] : tb::accurate()) {
    for (int cycles = 1; cycles < 700; cycles += 13) {
      INFO(backend << " " << config << ", reset after " << cycles << " cycles");
      DeviceBench bench(backend, config, 0.2);
      std::vector<isa::Bytes> descriptors;
      for (int i = 0; i < 20; ++i) descriptors.push_back(copy_descriptor(i % 2 == 0));
      for (size_t i = 0; i < descriptors.size(); ++i)
        bench.buffer(tb::kProgram).write(i * 64, descriptors[i]);
      bench.job().descriptor_count = static_cast<uint32_t>(descriptors.size());
      try {
        bench.queue().run(bench.job(), static_cast<uint64_t>(cycles));
      } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::kTimeout);
      }
      CHECK((bench.device().read_register(regs::kStatusOffset) & regs::kStatusBusyMask) == 0);
      CHECK(bench.copies_exactly(static_cast<uint8_t>(cycles)));
    }
  }
}

TEST_CASE("the watchdog ends a job that makes no progress", "[config]") {
  for (const auto& [backend, config] : tb::accurate()) {
    DeviceBench bench(backend, config);
    REQUIRE(bench.copies_exactly(1));
    // Memory answers after 20 cycles: that is longer than this watchdog waits.
    bench.queue().set_watchdog(10);
    const driver::Completion c = bench.run({copy_descriptor(true)});
    CHECK(isa::to_string(c.code) == "watchdog");
    CHECK(c.engine == 7);
    CHECK(c.index == 0);
    bench.queue().set_watchdog(1000);
    CHECK(bench.copies_exactly(2));
    bench.queue().set_watchdog(0);
    CHECK(bench.copies_exactly(3));
  }
}

TEST_CASE("counters of a known job", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config, 0.3);
    REQUIRE(bench.run({copy_descriptor(true), copy_descriptor(true)}).code == ErrorCode::kNone);
    const auto counter = [&](regs::Counter c) {
      const uint32_t low = bench.device().read_register(regs::counter_offset(c));
      return low | uint64_t{bench.device().read_register(regs::counter_offset(c) + 4)} << 32;
    };
    const auto beat = static_cast<uint64_t>(bench.config().bus_bytes());
    // The entry's three lines, two descriptors, the data.
    CHECK(counter(regs::Counter::kReadBeats) == (192 + 128 + 2 * 2048) / beat);
    CHECK(counter(regs::Counter::kWriteBeats) == 0);
    CHECK(counter(regs::Counter::kDescriptors) == 2);
    CHECK(counter(regs::Counter::kLoadBusy) ==
          2 * 2048 / static_cast<uint64_t>(bench.config().rows));
    CHECK(counter(regs::Counter::kArrayBusy) == 0);
    CHECK(counter(regs::Counter::kStoreBusy) == 0);
    if (backend == "rtl" || backend == "systemc") {
      const uint64_t cycles = counter(regs::Counter::kCycles);
      CHECK(cycles > 2 * 2048 / beat);
      CHECK(counter(regs::Counter::kLoadData) > 0);  // the bus stalls
      CHECK(counter(regs::Counter::kStoreIdle) == cycles);
      for (const isa::NamedValue& engine : isa::kEngines) {
        uint64_t total = 0;
        for (int a = 0; a < isa::kNumActivities; ++a) {
          total += counter(isa::counter_of(static_cast<isa::Engine>(engine.value),
                                           static_cast<isa::Activity>(a)));
        }
        INFO(engine.name);
        CHECK(total == cycles);
      }
    }
  }
}

}  // namespace
