// What was recorded on one device and is replayed on another: equal where they are, and the first
// access that is not, by name.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "record/replay.h"
#include "record/settle.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "tb/sys/command.h"
#include "tb/sys/recorded_run.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;
using record::Event;
using record::EventKind;
using record::ReplayResult;
using tb::DeviceBench;

ReplayResult replayed(const std::filesystem::path& log, const std::string& backend,
                      const driver::DeviceOptions& options = DeviceBench::options()) {
  const auto device = runtime::make_device(backend, "tiny", options);
  return record::replay(log, *device,
                        record::same_time(record::LogReader(log).header(), backend, options));
}

std::string divergence(const ReplayResult& r) {
  return r.divergence ? fmt::format("event {}: {}", r.divergence->event, r.divergence->text) : "";
}

// Two good jobs, then one of each end that a job can come to: with a record, without, and abandoned.
void many_ends(DeviceBench& bench) {
  REQUIRE(bench.copies_exactly(1));
  REQUIRE(bench.copies_exactly(2));
  const auto load = [](int region, uint64_t offset) {
    return isa::encode(DeviceBench::transfer(isa::Opcode::kLoad, region, offset, 0, 64));
  };
  CHECK(bench.run({load(tb::kReadOnly, 0), load(tb::kWriteOnly, 0)}).code ==
        isa::ErrorCode::kRegion);
  bench.job().regions[tb::kReadOnly] = {bench.error_window(), DeviceBench::kBytes, true, false};
  CHECK(bench.run({load(tb::kReadOnly, 0)}).code == isa::ErrorCode::kBus);
  bench.job().config_hash ^= 1;
  CHECK(bench.run({load(tb::kReadOnly, 0)}).code == isa::ErrorCode::kConfigMismatch);
  bench.job().config_hash ^= 1;
  CHECK_THROWS_AS(bench.device().read_register(0x3fc), Error);
  CHECK_THROWS_AS(bench.device().write_register(regs::kIdOffset, 1), Error);
  REQUIRE(bench.copies_exactly(3));
}

TEST_CASE("each backend replays what each has recorded") {
  const tb::TemporaryDirectory directory;
  driver::DeviceOptions slow = DeviceBench::options();
  slow.latency_cycles = 300;
  slow.stall_probability = 0.3;
  const auto alike = [](const std::string& a, const std::string& b) {
    const std::vector<std::string> same = tb::accurate_backends();
    const auto one = [&](const std::string& name) {
      return std::find(same.begin(), same.end(), name) != same.end();
    };
    return a == b || (one(a) && one(b));
  };
  for (const std::string& from : tb::test_backends()) {
    const auto log = directory / from;
    tb::record_bench(from, log, many_ends);
    const uint64_t all_bytes = replayed(log, from).bytes;
    for (const std::string& to : tb::test_backends()) {
      INFO(from << " -> " << to);
      const ReplayResult r = replayed(log, to);
      CHECK(divergence(r) == "");
      CHECK(!r.broken_off);
      CHECK(r.jobs == 6);
      CHECK(r.waits == 6);
      CHECK(r.bytes > 3000);
      CHECK(r.registers > 10);
      if (alike(from, to)) {
        CHECK(r.of_time == 0);
      } else {
        CHECK(r.of_time > 0);
        // Of each job's record the cycles.
        CHECK(r.bytes == all_bytes - 6 * isa::kJobDoneCyclesBytes);
      }
    }
    const ReplayResult r = replayed(log, "rtl", slow);
    CHECK(divergence(r) == "");
    CHECK(r.bytes > 3000);
  }
  CHECK(replayed(directory / "rtl", "rtl").cycles > 1000);
}

// The first event of a kind for which `is` holds, changed in a copy; what a replay says of it.
std::string after_change(const std::filesystem::path& log, const std::string& backend,
                         const std::function<bool(Event&)>& changed) {
  const tb::TemporaryDirectory directory;
  uint64_t at = 0;
  bool done = false;
  tb::change_log(log, directory / "changed", [&](Event& event, uint64_t number) {
    if (done || !changed(event)) return;
    done = true;
    at = number;
  });
  REQUIRE(done);
  const std::string text = divergence(replayed(directory / "changed", backend));
  CHECK_THAT(text, ContainsSubstring(fmt::format("event {}: ", at)));
  return text;
}

TEST_CASE("what is not as it was recorded is named") {
  const tb::TemporaryDirectory directory;
  const auto log = directory / "log";
  {
    const auto options = DeviceBench::options();
    auto device = std::make_unique<record::RecordingDevice>(
        runtime::make_device("rtl", "tiny", options), options, log);
    record::RecordingDevice& recording = *device;
    DeviceBench bench(std::move(device));
    recording.name(bench.buffer(tb::kData).address(), DeviceBench::kBytes, "region 'data'");
    many_ends(bench);
  }
  const std::string other = GENERATE(as<std::string>{}, "rtl", "emulator");

  // A byte of a result. The third read of so many bytes is of the last job.
  int reads = 0;
  CHECK_THAT(
      after_change(log, other,
                   [&](Event& e) {
                     if (e.kind != EventKind::kReadMemory || e.data.size() != 1000 || ++reads < 3)
                       return false;
                     e.data[17] ^= 1;
                     e.data[900] ^= 1;
                     return true;
                   }),
      ContainsSubstring("2 of 1000 bytes read from memory differ; the first is byte 17 at ") &&
          ContainsSubstring(
              fmt::format("(region 'data' + {}): 0x7a, recorded was 0x7b; job 6", 8192 + 17)));
  // A cause, a code, an address.
  const auto changed_register = [&](uint32_t offset, uint32_t value, uint32_t bit) {
    return after_change(log, other, [=](Event& e) {
      const bool it = e.kind == EventKind::kReadRegister && e.offset == offset &&
                      (value == 0 || e.value == value);
      if (it) e.value ^= bit;
      return it;
    });
  };
  CHECK_THAT(
      changed_register(regs::kIdOffset, 0, 1 << 31),
      ContainsSubstring("id read 0x54464557; recorded was 0xd4464557; before the first job"));
  // A completion record.
  CHECK_THAT(after_change(log, other,
                          [](Event& e) {
                            const bool it = e.kind == EventKind::kReadMemory &&
                                            e.data.size() % 64 == 0 &&
                                            e.data[e.data.size() - 64 + 16] != 0;
                            if (it) e.data[e.data.size() - 64 + 16] ^= 0x80;
                            return it;
                          }),
             ContainsSubstring("(ring entry of job 3: done_code, byte 0)") &&
                 ContainsSubstring("; job 3"));
  // A wait, and accesses that were refused and taken.
  CHECK_THAT(after_change(log, other,
                          [](Event& e) {
                            const bool it = e.kind == EventKind::kReadRegister && e.refused;
                            if (it) e.offset = regs::kIdOffset;
                            return it;
                          }),
             ContainsSubstring("the read of id gave 0x54464557; recorded was that it was refused"));
  CHECK_THAT(after_change(log, other,
                          [](Event& e) {
                            const bool it = e.kind == EventKind::kWriteRegister && e.refused;
                            if (it) e.refused = false;
                            return it;
                          }),
             ContainsSubstring("to id was refused"));
  CHECK_THAT(after_change(log, other,
                          [](Event& e) {
                            const bool it = e.kind == EventKind::kWait;
                            if (it) e.refused = true;
                            return it;
                          }),
             ContainsSubstring("the device broke down here; this one did not"));
}

TEST_CASE("an interrupt that does not come and a cycle that is another one are named") {
  const tb::TemporaryDirectory directory;
  const auto log = directory / "log";
  tb::record_bench("rtl", log, [](DeviceBench& bench) { REQUIRE(bench.copies_exactly(1)); });
  CHECK_THAT(after_change(log, "emulator",
                          [](Event& e) {
                            const bool it = e.kind == EventKind::kWriteRegister &&
                                            e.offset == regs::kRingHeadOffset;
                            // It never gets its job.
                            if (it) e.kind = EventKind::kReadRegister;
                            return it;
                          }),
             ContainsSubstring("ring_head read 0x00000000 (count 0); recorded was 0x00000001"));
  const std::string late = after_change(log, "rtl", [](Event& e) {
    const bool it = e.kind == EventKind::kWait;
    if (it) ++e.cycle;
    return it;
  });
  CHECK_THAT(late, ContainsSubstring("it ended in cycle ") && ContainsSubstring("; job 1"));
  const std::string none = after_change(log, "rtl", [](Event& e) {
    const bool it = e.kind == EventKind::kWait;
    if (it) e.max_cycles = 5;
    return it;
  });
  CHECK_THAT(none, ContainsSubstring("no interrupt came within 5 cycles; recorded was one; job 1"));
}

// On the emulator such a wait is over at once. (Another device would be waited for until the end of days.)
TEST_CASE("what never comes is not waited for") {
  const tb::TemporaryDirectory directory;
  const auto log = directory / "log";
  const uint64_t ever = ~uint64_t{0};
  tb::record_bench("emulator", log, [&](DeviceBench& bench) {
    REQUIRE(bench.copies_exactly(1));
    REQUIRE(!bench.device().wait_interrupt(ever));
    REQUIRE(bench.copies_exactly(2));
  });
  const ReplayResult r = replayed(log, "rtl");
  CHECK(divergence(r) == "");
  CHECK(r.jobs == 2);
  CHECK_THAT(after_change(log, "rtl",
                          [&](Event& e) {
                            const bool it = e.kind == EventKind::kWait && e.max_cycles == ever;
                            if (it) e.interrupt = true;
                            return it;
                          }),
             ContainsSubstring("no interrupt came within 1000000000 cycles (the device stands "
                               "still); recorded was one; job 1"));
  CHECK_THAT(after_change(log, "rtl",
                          [](Event& e) {
                            const bool it = e.kind == EventKind::kReadRegister &&
                                            e.offset == regs::kRingTailOffset && e.value == 1;
                            if (it) e.value = 4;
                            return it;
                          }),
             ContainsSubstring("ring_tail went on reading 0x00000001 (count 1); recorded was "
                               "0x00000004 (count 4); job 1"));
}

// Several jobs in the ring, of which the second fails: its descriptors lie in no region.
void three_jobs(DeviceBench& bench) {
  bench.buffer(tb::kProgram)
      .write(0, isa::encode(DeviceBench::transfer(isa::Opcode::kLoad, tb::kReadOnly, 0, 0, 3000)));
  driver::Job job = bench.job();
  job.descriptor_count = 1;
  driver::Job bad = job;
  bad.descriptor_offset = DeviceBench::kBytes;
  std::vector<isa::ErrorCode> codes;
  for (const driver::Job& j : {job, bad, job}) bench.queue().submit(j);
  while (bench.queue().in_flight() > 0) {
    const auto ended = bench.queue().wait(DeviceBench::kMaxCycles);
    REQUIRE(!ended.empty());
    for (const auto& e : ended) codes.push_back(e.completion.code);
  }
  CHECK(codes ==
        std::vector{isa::ErrorCode::kNone, isa::ErrorCode::kBadJob, isa::ErrorCode::kNone});
  CHECK((bench.device().read_register(regs::kStatusOffset) & regs::kStatusBusyMask) == 0);
  CHECK(bench.copies_exactly(1));
}

TEST_CASE("several jobs in the ring at once, on devices of any speed") {
  const tb::TemporaryDirectory directory;
  driver::DeviceOptions slow = DeviceBench::options();
  slow.latency_cycles = 1000;
  for (const std::string& from : tb::test_backends()) {
    const auto log = directory / from;
    tb::record_bench(from, log, three_jobs);
    for (const std::string& to : tb::test_backends()) {
      INFO(from << " -> " << to);
      const ReplayResult r = replayed(log, to);
      CHECK(divergence(r) == "");
      CHECK(r.jobs == 4);
      CHECK(r.bytes > 100);
    }
    CHECK(divergence(replayed(log, "rtl", slow)) == "");
  }
  // The record of a job that failed otherwise.
  CHECK_THAT(after_change(directory / "rtl", "emulator",
                          [](Event& e) {
                            const bool it = e.kind == EventKind::kReadMemory &&
                                            e.data.size() == 64 && e.data[16] != 0;
                            if (it) e.data[16] ^= 1;
                            return it;
                          }),
             ContainsSubstring("(ring entry of job 2: done_code, byte 0)"));
}

TEST_CASE("a job that was given up") {
  const tb::TemporaryDirectory directory;
  const auto log = directory / "log";
  tb::record_bench("rtl", log, [](DeviceBench& bench) {
    driver::Device& device = bench.device();
    REQUIRE(bench.copies_exactly(1));
    device.write_register(regs::kRingHeadOffset, device.read_register(regs::kRingTailOffset) + 1);
    REQUIRE(!device.wait_interrupt(10));
    device.write_register(regs::kControlOffset,
                          regs::kControlEnableMask | regs::kControlSoftResetMask);
    while ((device.read_register(regs::kControlOffset) & regs::kControlSoftResetMask) != 0) {
    }
    device.write_register(regs::kIrqStatusOffset, 3);
    CHECK(device.read_register(regs::kRingTailOffset) == 2);
  });
  CHECK(divergence(replayed(log, "rtl")) == "");
  CHECK(divergence(replayed(log, "emulator")) == "");
}

TEST_CASE("another device than the recorded one is refused in words") {
  const tb::TemporaryDirectory directory;
  const auto log = directory / "log";
  tb::record_bench("emulator", log, [](DeviceBench& bench) { bench.copies_exactly(1); });
  const auto refused = [&](const std::string& config, uint64_t memory, const char* part) {
    driver::DeviceOptions options = DeviceBench::options();
    options.memory_bytes = memory;
    const auto device = runtime::make_device("emulator", config, options);
    try {
      record::replay(log, *device, false);
      FAIL("it was replayed");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kMismatch);
      CHECK_THAT(error.what(), ContainsSubstring(part));
    }
  };
  refused("base", 1 << 20, "of configuration tiny; this one is base");
  refused("tiny", 1 << 21, "has 1048576 bytes of memory at 0x1000000000; this one has 2097152");
}

TEST_CASE("what depends on time is said by the register map") {
  CHECK(record::timing_bits(regs::kIdOffset).exact == ~0U);
  CHECK(record::timing_bits(regs::kControlOffset).busy == regs::kControlSoftResetMask);
  CHECK(record::timing_bits(regs::kControlOffset).exact == ~regs::kControlSoftResetMask);
  CHECK(record::timing_bits(regs::kIrqStatusOffset).jobs == 3);
  CHECK(record::timing_bits(regs::kCounterBase).exact == 0);
  CHECK(record::timing_bits(regs::kRingTailOffset).progress == 0xffff);
  const auto behind = [](uint32_t value, uint32_t recorded) {
    return record::is_behind(regs::kRingTailOffset, value, recorded);
  };
  CHECK(behind(4, 5));
  CHECK(!behind(5, 5));
  CHECK(!behind(6, 5));
  CHECK(behind(65535, 1));
  CHECK(!behind(1, 65535));
  CHECK(record::is_behind(regs::kControlOffset, 3, 1));
  CHECK(!record::is_behind(regs::kControlOffset, 1, 3));
}

TEST_CASE("weft run --record and weft replay") {
  const tb::TemporaryDirectory directory, faulty;
  const auto weft = [&](const std::string& arguments,
                        const std::string& binary = WEFT_BUILD_DIR "/bin/weft") {
    return tb::run(directory.path(),
                   tb::weft_command(WEFT_SOURCE_DIR "/data", binary) + " " + arguments);
  };
  REQUIRE(weft("compile " WEFT_SOURCE_DIR
               "/models/mnist_convnet.tflite -l dense2 -c tiny -o dense2.weft")
              .status == 0);
  std::ofstream(directory / "in") << std::string(64, '\5');
  tb::Result r = weft("run dense2.weft -i in -b rtl --latency 30 --record r.log");
  INFO(r.err);
  REQUIRE(r.status == 0);

  r = weft("replay r.log");
  CHECK(r.status == 0);
  CHECK_THAT(r.out, ContainsSubstring("recorded on rtl, configuration tiny, memory latency 30") &&
                        ContainsSubstring("PASS  ") &&
                        ContainsSubstring(" waits of 1 jobs are as "
                                          "recorded, in the same "));
  for (const char* more : {"-b emulator", "--latency 200", "--stalls 0.5", "--values"}) {
    r = weft(std::string("replay r.log ") + more);
    INFO(more << r.err);
    CHECK(r.status == 0);
    CHECK_THAT(r.out, ContainsSubstring("PASS  ") && ContainsSubstring("depend on time"));
  }
  r = weft("replay r.log --list");
  CHECK(r.status == 0);
  CHECK_THAT(r.out, ContainsSubstring("read   id = 0x54464557\n") &&
                        ContainsSubstring("(region 'constants' + 0)") &&
                        ContainsSubstring("(tensor ") && ContainsSubstring("interrupt\n"));

  // Another device, in the place of the RTL's: one bit of each result of ten bytes is another one.
  std::filesystem::create_directories(faulty / "bin");
  std::filesystem::create_directories(faulty / "lib");
  std::filesystem::copy_file(WEFT_BUILD_DIR "/bin/weft", faulty / "bin/weft");
  std::filesystem::copy_file(WEFT_BUILD_DIR "/test/faulty_device.so",
                             faulty / "lib/weft_rtl_tiny.so");
  r = weft("replay r.log -b rtl --latency 77", (faulty / "bin/weft").string());
  CHECK(r.status == 1);
  CHECK_THAT(r.out,
             ContainsSubstring("FAIL  event ") &&
                 ContainsSubstring("1 of 10 bytes read from memory differ; the first is byte 7") &&
                 ContainsSubstring(" + 7)") && ContainsSubstring("; job 1\n"));

  // Broken off.
  const std::string whole = tb::contents(directory / "r.log");
  std::ofstream(directory / "cut.log", std::ios::binary) << whole.substr(0, whole.size() - 40);
  r = weft("replay cut.log");
  CHECK(r.status == 0);
  CHECK_THAT(r.out, ContainsSubstring("the recording has no end"));
  const size_t header_end = 16 + load_le32(reinterpret_cast<const uint8_t*>(&whole[12])) + 4;
  std::ofstream(directory / "cut.log", std::ios::binary) << whole.substr(0, header_end);
  r = weft("replay cut.log");
  CHECK(r.status == 1);
  CHECK_THAT(r.out, ContainsSubstring("FAIL  nothing of cut.log could be compared"));

  const auto fails = [&](const std::string& arguments, const char* part) {
    const tb::Result f = weft(arguments);
    INFO(arguments);
    CHECK(f.status == 1);
    CHECK_THAT(f.err, ContainsSubstring("weft: ") && ContainsSubstring(part));
  };
  fails("replay r.log -c base", "is a recording of configuration tiny; base has other memories");
  fails("replay r.log -b toaster", "there are rtl, emulator");
  fails("replay no.log", "there is no recording no.log");
  fails("replay dense2.weft", "is no recording of Weft's");
  fails("run dense2.weft -i in -b emulator --record no/such.log", "cannot be written");
}

}  // namespace
}  // namespace weft
