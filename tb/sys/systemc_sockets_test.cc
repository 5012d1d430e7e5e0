// The accelerator's sockets as an integrator sees them: attributes of bursts, back-pressure, errors,
// pointers, and accesses that are wrong.
#include <algorithm>

#include "base/bytes.h"
#include "driver/session.h"
#include "model/tflite.h"
#include "runtime/devices.h"
#include "runtime/verify.h"
#include "systemc_platform.h"
#include "systemc_run.h"
#include "tb/catch_compat.h"
#include "weft_gen/registers.h"

namespace {

using namespace weft;
using Catch::Matchers::ContainsSubstring;
using systemc::Body;
using systemc::MemoryProtocol;
using tb::Conv1Run;
using tb::expected;
using tb::PlatformOptions;
using tb::run_on;
using tb::SocketPlatform;

PlatformOptions with(Body body, MemoryProtocol protocol, uint32_t latency) {
  PlatformOptions options;
  options.body = body;
  options.protocol = protocol;
  options.memory.read_latency = options.memory.write_latency = latency;
  return options;
}

TEST_CASE("a memory that only knows b_transport gives the cycles of its latency") {
  for (const uint32_t latency : {1, 20, 100}) {
    INFO("latency " << latency);
    SocketPlatform platform(with(Body::kAccurate, MemoryProtocol::kBlocking, latency));
    const Conv1Run result = run_on(platform);
    CHECK(result.output == expected(latency).output);
    CHECK(result.cycles == expected(latency).cycles);
    const auto& transports = platform.watcher().transports;
    REQUIRE(transports.size() > 10);
    CHECK(std::any_of(transports.begin(), transports.end(), [](const auto& t) { return t.write; }));
    for (const auto& t : transports) {
      CHECK(t.response == tlm::TLM_OK_RESPONSE);
      CHECK(t.bytes > 0);
      CHECK(t.address % 4096 + t.bytes <= 4096);
    }
  }
}

TEST_CASE("a memory that lets time pass itself is waited for, burst by burst") {
  SocketPlatform platform(with(Body::kAccurate, MemoryProtocol::kBlocking, 20));
  platform.watcher().lets_time_pass = true;
  const Conv1Run result = run_on(platform);
  CHECK(result.output == expected(20).output);
  CHECK(result.cycles > expected(20).cycles);
}

TEST_CASE("beats are offered and taken in order, with the attributes of their burst") {
  const auto bus_bytes = static_cast<unsigned>(isa::find_config("tiny").bus_bytes());
  for (const unsigned stalls : {0U, 0x6000U}) {
    INFO("stalls " << stalls);
    PlatformOptions options = with(Body::kAccurate, MemoryProtocol::kBeats, 20);
    sim::AxiMemoryConfig& memory = options.memory;
    memory.stall_ar = memory.stall_r = memory.stall_aw = memory.stall_w = memory.stall_b = stalls;
    SocketPlatform platform(options);
    const Conv1Run result = run_on(platform);
    CHECK(result.output == expected(20).output);
    if (stalls == 0) {
      CHECK(result.cycles == expected(20).cycles);
    } else {
      CHECK(result.cycles > expected(20).cycles);  // back-pressure
    }
    const auto& bursts = platform.watcher().bursts;
    REQUIRE(bursts.size() > 10);
    size_t writes = 0;
    for (const auto& b : bursts) {
      writes += b.write ? 1 : 0;
      CHECK(b.beat_bytes == bus_bytes);
      CHECK(b.bytes % bus_bytes == 0);
      CHECK(b.bytes > 0);
      CHECK(b.address % bus_bytes == 0);
      CHECK(b.address % 4096 + b.bytes <= 4096);
      CHECK(b.id <= 1);
      const size_t beats = b.bytes / bus_bytes;
      CHECK(b.phases.size() == 2 + 2 * beats + (b.write ? 2 : 0));
      CHECK(b.responses.size() == (b.write ? 1 : beats));
      CHECK(static_cast<size_t>(std::count(b.phases.begin(), b.phases.end(), "weft_beat_end")) ==
            beats);
      CHECK(b.phases.back() == (b.write ? "END_RESP" : "weft_beat_end"));
      for (const auto response : b.responses) CHECK(response == tlm::TLM_OK_RESPONSE);
    }
    CHECK(writes > 0);
    CHECK(writes < bursts.size());
  }
}

TEST_CASE("a memory that does not know beats is told of, with the way out") {
  PlatformOptions options = with(Body::kAccurate, MemoryProtocol::kBeats, 20);
  options.memory_knows_beats = false;
  SocketPlatform platform(options);
  CHECK_THROWS_WITH(run_on(platform), ContainsSubstring("MemoryProtocol::kBlocking"));
}

// A load from where nothing, or an error, answers.
driver::Completion load_from(SocketPlatform& platform, uint64_t address) {
  driver::Completion completion;
  platform.run([&] {
    driver::Device& device = platform.device();
    driver::MemoryPool pool(device);
    driver::JobQueue queue(device, pool);
    driver::Buffer buffer = pool.allocate(64);
    isa::TransferDesc d;
    d.header.opcode = static_cast<uint8_t>(isa::Opcode::kLoad);
    d.region = 1;
    d.chip_run = d.dram_run = 64;
    d.chip_count1 = d.chip_count2 = d.dram_count1 = d.dram_count2 = 1;
    buffer.write(0, isa::encode(d));
    driver::Job job;
    job.config_hash = isa::find_config("tiny").config_hash;
    job.descriptor_count = 1;
    job.regions[0] = {buffer.address(), 64, true, false};
    job.regions[1] = {address, 64, true, true};
    completion = queue.run(job, 100'000);
  });
  return completion;
}

TEST_CASE("what the memory refuses ends the job with SLVERR or DECERR") {
  for (const Body body : {Body::kAccurate, Body::kLooselyTimed}) {
    for (const MemoryProtocol protocol : {MemoryProtocol::kBlocking, MemoryProtocol::kBeats}) {
      SocketPlatform platform(with(body, protocol, 20));
      const uint64_t behind = SocketPlatform::kBase + (1 << 20);
      for (const auto& [address, response] :
           {std::pair{behind, 2U}, std::pair{behind + (1 << 16), 3U}}) {
        const driver::Completion c = load_from(platform, address);
        CHECK(isa::to_string(c.code) == "bus");
        CHECK(c.response == response);
        CHECK(c.address == address);
      }
      CHECK(load_from(platform, SocketPlatform::kBase + 4096).code == isa::ErrorCode::kNone);
    }
  }
}

TEST_CASE("the loosely timed body takes pointers where they are granted, and goes without") {
  SocketPlatform granted(with(Body::kLooselyTimed, MemoryProtocol::kBlocking, 20));
  const Conv1Run with_pointers = run_on(granted);
  CHECK(granted.watcher().pointers_given == 1);
  CHECK(granted.watcher().transports.empty());

  PlatformOptions options = with(Body::kLooselyTimed, MemoryProtocol::kBlocking, 20);
  options.grant_pointers = false;
  SocketPlatform refused(options);
  const Conv1Run without = run_on(refused);
  CHECK(refused.watcher().pointers_given == 0);
  CHECK(refused.watcher().transports.size() > 10);

  CHECK(with_pointers.output == expected(20).output);
  CHECK(without.output == expected(20).output);
  CHECK(with_pointers.cycles == expected(20).cycles);
  CHECK(without.cycles == expected(20).cycles);

  // Taken back, the old pointer is not used any more; granted again, it is asked for anew.
  granted.run([&] { granted.memory().set_grant(false); });
  CHECK(run_on(granted).output == expected(20).output);
  const size_t transports = granted.watcher().transports.size();
  CHECK(transports > 10);
  granted.run([&] { granted.memory().set_grant(true); });
  CHECK(run_on(granted).output == expected(20).output);
  CHECK(granted.watcher().pointers_given == 2);
  CHECK(granted.watcher().transports.size() < transports + 10);
}

TEST_CASE("register accesses that are wrong end with TLM's responses, and change nothing") {
  for (const Body body : {Body::kAccurate, Body::kLooselyTimed}) {
    SocketPlatform platform(with(body, MemoryProtocol::kBlocking, 20));
    const auto answer = [&](tlm::tlm_command command, uint64_t address, unsigned length,
                            unsigned width, const std::vector<unsigned char>& enables = {}) {
      tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
      platform.run([&] {
        std::vector<unsigned char> data(std::max(length, 1U)), used = enables;
        tlm::tlm_generic_payload trans;
        trans.set_command(command);
        trans.set_address(address);
        trans.set_data_ptr(data.data());
        trans.set_data_length(length);
        trans.set_streaming_width(width);
        if (!used.empty()) {
          trans.set_byte_enable_ptr(used.data());
          trans.set_byte_enable_length(static_cast<unsigned>(used.size()));
        }
        sc_core::sc_time delay(3, sc_core::SC_NS);
        platform.device().registers->b_transport(trans, delay);
        status = trans.get_response_status();
      });
      return status;
    };
    constexpr auto kRead = tlm::TLM_READ_COMMAND, kWrite = tlm::TLM_WRITE_COMMAND;
    CHECK(answer(kRead, regs::kIdOffset, 4, 4) == tlm::TLM_OK_RESPONSE);
    CHECK(answer(kRead, regs::kIdOffset, 4, 4, {0xff}) == tlm::TLM_OK_RESPONSE);
    CHECK(answer(kWrite, regs::kWatchdogOffset, 4, 4, {0xff, 0, 0xff, 0xff}) ==
          tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    CHECK(answer(kRead, regs::kIdOffset + 2, 4, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(answer(kRead, 1 << 16, 4, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(answer(kRead, ~uint64_t{3}, 4, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(answer(kRead, regs::kIdOffset, 8, 8) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(answer(kRead, regs::kIdOffset, 1, 1) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(answer(kRead, regs::kIdOffset, 0, 4) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(answer(kWrite, regs::kWatchdogOffset, 4, 1) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(answer(tlm::TLM_IGNORE_COMMAND, 0, 4, 4) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    // No register there; and one that may not be written.
    CHECK(answer(kRead, 0x3fc, 4, 4) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK(answer(kWrite, regs::kIdOffset, 4, 4) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    uint32_t watchdog = 0;
    platform.run([&] { watchdog = platform.device().read_register(regs::kWatchdogOffset); });
    CHECK(watchdog == regs::kWatchdogReset);
    CHECK(run_on(platform).output == expected(20).output);
  }
}

TEST_CASE("an initiator ahead of time is waited for; what is read is of its time") {
  SocketPlatform platform(with(Body::kLooselyTimed, MemoryProtocol::kBlocking, 20));
  platform.run([&] {
    uint8_t bytes[4];
    tlm::tlm_generic_payload trans;
    trans.set_command(tlm::TLM_READ_COMMAND);
    trans.set_address(regs::kIdOffset);
    trans.set_data_ptr(bytes);
    trans.set_data_length(4);
    trans.set_streaming_width(4);
    const sc_core::sc_time before = sc_core::sc_time_stamp();
    sc_core::sc_time ahead(500, sc_core::SC_NS);
    platform.device().registers->b_transport(trans, ahead);
    const sc_core::sc_time took = sc_core::sc_time_stamp() + ahead - before;
    if (took != sc_core::sc_time(502, sc_core::SC_NS) || load_le32(bytes) != regs::kIdReset) {
      fail(ErrorKind::kInternal, "the access took {} and read {:#x}", took.to_string(),
           load_le32(bytes));
    }
    // A debugger's look takes no time.
    if (platform.device().registers->transport_dbg(trans) != 4) {
      fail(ErrorKind::kInternal, "the debugger sees nothing");
    }
  });
  CHECK(true);
}

TEST_CASE("a program's own simulation is the current one again, whatever was between") {
  const sc_core::sc_simcontext* own = sc_core::sc_get_curr_simcontext();
  SocketPlatform platform(with(Body::kLooselyTimed, MemoryProtocol::kBlocking, 20));
  CHECK(sc_core::sc_get_curr_simcontext() == own);
  CHECK(run_on(platform).output == expected(20).output);
  CHECK(sc_core::sc_get_curr_simcontext() == own);
  CHECK(runtime::make_device("systemc", "tiny", {})->read_register(regs::kIdOffset) ==
        regs::kIdReset);
  CHECK(sc_core::sc_get_curr_simcontext() == own);
}

}  // namespace
