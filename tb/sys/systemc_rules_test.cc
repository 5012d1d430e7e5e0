// What TLM's base protocol lets others do, and what they do all the same; resets with bursts out;
// clocks of other periods.
#include <algorithm>

#include "base/bytes.h"
#include "driver/session.h"
#include "model/tflite.h"
#include "runtime/devices.h"
#include "runtime/verify.h"
#include "sim/systemc/beats.h"
#include "systemc_platform.h"
#include "systemc_run.h"
#include "tb/catch_compat.h"
#include "weft_gen/registers.h"

namespace {

using namespace weft;
using sc_core::sc_time;
using systemc::Body;
using systemc::MemoryProtocol;
using tb::Conv1Run;
using tb::expected;
using tb::PlatformOptions;
using tb::run_on;
using tb::SocketPlatform;

constexpr uint32_t kLatency = 20;

PlatformOptions with(Body body, MemoryProtocol protocol) {
  PlatformOptions options;
  options.body = body;
  options.protocol = protocol;
  options.memory.read_latency = options.memory.write_latency = kLatency;
  return options;
}

const PlatformOptions kAccurate = with(Body::kAccurate, MemoryProtocol::kBlocking);
const PlatformOptions kBeats = with(Body::kAccurate, MemoryProtocol::kBeats);
const PlatformOptions kLoose = with(Body::kLooselyTimed, MemoryProtocol::kBlocking);

// Of four bytes.
struct Payload : tlm::tlm_generic_payload {
  unsigned char bytes[4] = {};
  Payload(tlm::tlm_command command, uint64_t address) {
    set_command(command);
    set_address(address);
    set_data_ptr(bytes);
    set_data_length(4);
    set_streaming_width(4);
  }
};

TEST_CASE("byte enables repeat, and those behind the data do not count") {
  unsigned char enables[8] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};
  Payload trans(tlm::TLM_READ_COMMAND, regs::kIdOffset);
  trans.set_byte_enable_ptr(enables);
  const auto answer = [&](auto& socket, unsigned count) {
    sc_time delay;
    trans.set_byte_enable_length(count);
    trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    socket->b_transport(trans, delay);
    return trans.get_response_status();
  };
  for (const PlatformOptions& options : {kAccurate, kLoose}) {
    SocketPlatform platform(options);
    std::vector<tlm::tlm_response_status> registers, memory;
    platform.run([&] {
      for (const unsigned count : {8, 1, 0}) {
        trans.set_address(regs::kIdOffset);
        registers.push_back(answer(platform.device().registers, count));
        trans.set_address(SocketPlatform::kBase);
        memory.push_back(answer(platform.device().memory, count));
      }
    });
    const std::vector<tlm::tlm_response_status> right{tlm::TLM_OK_RESPONSE, tlm::TLM_OK_RESPONSE,
                                                      tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE};
    CHECK(registers == right);
    CHECK(memory == right);
  }
}

TEST_CASE("a debugger gives command, address and data alone, and they alone are looked at") {
  SocketPlatform platform(kLoose);
  platform.run([&] {
    Payload trans(tlm::TLM_READ_COMMAND, regs::kIdOffset);
    trans.set_streaming_width(0);
    unsigned char none = 0;
    trans.set_byte_enable_ptr(&none);
    trans.set_byte_enable_length(1);
    CHECK(platform.device().registers->transport_dbg(trans) == 4);
    CHECK(load_le32(trans.bytes) == regs::kIdReset);
    CHECK(trans.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE);
    // Of a debugger's write nothing comes, nor of a look where there is nothing.
    trans.set_write();
    CHECK(platform.device().registers->transport_dbg(trans) == 0);
    trans.set_read();
    trans.set_address(0x3fc);
    CHECK(platform.device().registers->transport_dbg(trans) == 0);

    trans.set_address(SocketPlatform::kBase);
    store_le32(trans.bytes, 0x12345678);
    trans.set_write();
    CHECK(platform.device().memory->transport_dbg(trans) == 4);
    store_le32(trans.bytes, 0);
    trans.set_read();
    CHECK(platform.device().memory->transport_dbg(trans) == 4);
    CHECK(load_le32(trans.bytes) == 0x12345678);
  });
}

TEST_CASE("a memory's wrong accesses end with responses, and change nothing") {
  SocketPlatform platform(kLoose);
  platform.run([&] {
    unsigned char enables[4] = {0xff, 0xff, 0xff, 0xff};
    Payload trans(tlm::TLM_IGNORE_COMMAND, SocketPlatform::kBase);
    trans.bytes[0] = 7;
    trans.set_byte_enable_ptr(enables);
    trans.set_byte_enable_length(4);
    sc_time delay;
    platform.device().memory->b_transport(trans, delay);
    CHECK(trans.get_response_status() == tlm::TLM_COMMAND_ERROR_RESPONSE);
    uint8_t now = 1;
    platform.device().read_memory(SocketPlatform::kBase, {&now, 1});
    CHECK(now == 0);
    trans.set_read();
    trans.set_data_ptr(nullptr);
    platform.device().memory->b_transport(trans, delay);
    CHECK(trans.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE);
  });
}

// An initiator that says when its responses end.
class Asker final : public sc_core::sc_module, tlm::tlm_mm_interface {
 public:
  tlm_utils::simple_initiator_socket<Asker> socket{"socket"};
  explicit Asker(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_nb_transport_bw(this, &Asker::nb_transport_bw);
  }
  tlm::tlm_sync_enum send(tlm::tlm_generic_payload& trans, tlm::tlm_phase phase, sc_time delay) {
    if (phase == tlm::BEGIN_REQ) {
      trans.set_mm(this);
      trans.acquire();
    }
    return socket->nb_transport_fw(trans, phase, delay);
  }
  std::vector<tlm::tlm_generic_payload*> begun, freed;
  void free(tlm::tlm_generic_payload* trans) override { freed.push_back(trans); }

 private:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_time&) {
    CHECK(phase == tlm::BEGIN_RESP);
    begun.push_back(&trans);
    return tlm::TLM_ACCEPTED;
  }
};

// An accelerator in a simulation of the test's own.
struct Bench {
  explicit Bench(Body body) {
    const systemc::Simulation::Entry entry(simulation);
    interrupt = std::make_unique<sc_core::sc_signal<bool>>("interrupt");
    memory = std::make_unique<systemc::Memory>("memory", systemc::MemoryOptions());
    asker = std::make_unique<Asker>("asker");
    accelerator = systemc::make_accelerator("accelerator", body, "tiny");
    asker->socket.bind(accelerator->registers);
    accelerator->memory.bind(memory->socket);
    accelerator->interrupt.bind(*interrupt);
    sc_core::sc_start(sc_time(1, sc_core::SC_NS));
  }
  ~Bench() {
    const systemc::Simulation::Entry entry(simulation);
    simulation.end();
    accelerator.reset();
    asker.reset();
    memory.reset();
    interrupt.reset();
  }
  void pass(double ns) { sc_core::sc_start(sc_time(ns, sc_core::SC_NS)); }

  systemc::Simulation simulation;
  std::unique_ptr<sc_core::sc_signal<bool>> interrupt;
  std::unique_ptr<systemc::Memory> memory;
  std::unique_ptr<Asker> asker;
  std::unique_ptr<systemc::Accelerator> accelerator;
};

TEST_CASE("one BEGIN_RESP is out at a time, and payloads are held as long") {
  for (const Body body : {Body::kAccurate, Body::kLooselyTimed}) {
    Bench bench(body);
    const systemc::Simulation::Entry entry(bench.simulation);
    Asker& asker = *bench.asker;
    Payload first(tlm::TLM_READ_COMMAND, regs::kIdOffset), second(tlm::TLM_READ_COMMAND, 0x3fc);
    const sc_time ahead(5, sc_core::SC_NS);
    CHECK(asker.send(first, tlm::BEGIN_REQ, ahead) == tlm::TLM_ACCEPTED);
    CHECK(asker.send(second, tlm::BEGIN_REQ, ahead) == tlm::TLM_ACCEPTED);
    // The initiator's own hold on them goes; the accelerator's stays.
    first.release();
    second.release();
    bench.pass(40);
    CHECK(asker.begun == std::vector<tlm::tlm_generic_payload*>{&first});
    CHECK(asker.freed.empty());
    CHECK(load_le32(first.bytes) == regs::kIdReset);
    CHECK(asker.send(first, tlm::END_RESP, {}) == tlm::TLM_COMPLETED);
    CHECK(asker.freed == std::vector<tlm::tlm_generic_payload*>{&first});
    bench.pass(40);
    CHECK(asker.begun == std::vector<tlm::tlm_generic_payload*>{&first, &second});
    CHECK(second.get_response_status() == tlm::TLM_GENERIC_ERROR_RESPONSE);
    asker.send(second, tlm::END_RESP, {});
    CHECK(asker.freed.size() == 2);
    // What ends nothing is told of, and phases of others are passed over.
    CHECK_THROWS_AS(asker.send(second, tlm::END_RESP, {}), sc_core::sc_report);
    CHECK(asker.send(second, systemc::weft_beat_begin, {}) == tlm::TLM_ACCEPTED);
  }
}

TEST_CASE("accesses are made in the order of their times") {
  for (const Body body : {Body::kAccurate, Body::kLooselyTimed}) {
    Bench bench(body);
    const systemc::Simulation::Entry entry(bench.simulation);
    Asker& asker = *bench.asker;
    Payload late(tlm::TLM_WRITE_COMMAND, regs::kWatchdogOffset);
    Payload soon(tlm::TLM_READ_COMMAND, regs::kWatchdogOffset);
    asker.send(late, tlm::BEGIN_REQ, sc_time(60, sc_core::SC_NS));
    asker.send(soon, tlm::BEGIN_REQ, sc_time(9, sc_core::SC_NS));
    bench.pass(30);
    CHECK(asker.begun == std::vector<tlm::tlm_generic_payload*>{&soon});
    CHECK(load_le32(soon.bytes) == regs::kWatchdogReset);
    asker.send(soon, tlm::END_RESP, {});
    bench.pass(60);
    CHECK(asker.begun.size() == 2);
    asker.send(late, tlm::END_RESP, {});
  }
}

TEST_CASE("an accelerator that cannot be made leaves a simulation that runs") {
  systemc::Simulation simulation;
  const systemc::Simulation::Entry entry(simulation);
  systemc::AcceleratorOptions odd, none;
  odd.period = sc_time(3, sc_core::SC_PS);
  none.timing.latency = 0;
  CHECK_THROWS_AS(systemc::make_accelerator("odd", Body::kAccurate, "tiny", odd), Error);
  CHECK_THROWS_AS(systemc::make_accelerator("none", Body::kLooselyTimed, "tiny", none), Error);
  CHECK_THROWS_AS(systemc::make_accelerator("model", Body::kAccurate, "nosuch"), Error);
  none.timing.latency = 1;
  none.hold_probability = 2;
  CHECK_THROWS_AS(systemc::make_accelerator("holds", Body::kAccurate, "tiny", none), Error);
  sc_core::sc_start(sc_time(5, sc_core::SC_NS));
  CHECK(sc_core::sc_time_stamp() == sc_time(5, sc_core::SC_NS));
  simulation.end();
}

TEST_CASE("a memory may answer within a call, and add what it likes to transactions") {
  SocketPlatform beats(kBeats);
  beats.watcher().answers_within = true;
  CHECK(run_on(beats) == expected(kLatency));

  SocketPlatform blocking(kAccurate);
  blocking.watcher().adds_extensions = true;
  CHECK(run_on(blocking) == expected(kLatency));
  CHECK(blocking.watcher().added > 10);
  CHECK(blocking.watcher().gone == blocking.watcher().added);
}

TEST_CASE("pointers that are for reads alone serve reads, and writes are transported") {
  SocketPlatform platform(kLoose);
  platform.watcher().only_reads = true;
  CHECK(run_on(platform) == expected(kLatency));
  const auto& transports = platform.watcher().transports;
  REQUIRE(transports.size() > 3);
  for (const auto& t : transports) CHECK(t.write);
}

TEST_CASE("two clocks on one memory of beats are told of") {
  SocketPlatform platform(kBeats);
  Payload foreign(tlm::TLM_READ_COMMAND, SocketPlatform::kBase);
  systemc::BurstExtension extension;
  extension.beat_bytes = static_cast<unsigned>(isa::find_config("tiny").bus_bytes());
  foreign.set_extension(&extension);
  foreign.set_data_length(extension.beat_bytes);
  platform.run([&] {
    const auto offer = [&] {
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_time now;
      return platform.watcher().out->nb_transport_fw(foreign, phase, now);
    };
    offer();
    CHECK_THROWS_AS(offer(), sc_core::sc_report);
    extension.id = 4;
    CHECK_THROWS_AS(offer(), sc_core::sc_report);
    // And the accelerator of a transaction that is not its own.
    tlm::tlm_phase phase = systemc::weft_beat_begin;
    sc_time now;
    CHECK_THROWS_AS(platform.watcher().in->nb_transport_bw(foreign, phase, now),
                    sc_core::sc_report);
  });
  foreign.clear_extension(&extension);
}

// A soft reset so many cycles after the doorbell, then the same job again.
void check_reset(SocketPlatform& platform, uint64_t after) {
  INFO("reset after " << after << " cycles");
  bool ended = true;
  uint64_t took = 0;
  std::vector<uint8_t> left(2048);
  platform.run([&] {
    driver::Device& device = platform.device();
    driver::MemoryPool pool(device);
    driver::JobQueue queue(device, pool);
    constexpr uint32_t kBytes = 2048, kTransfers = 16;
    driver::Buffer buffer = pool.allocate(4096), data = pool.allocate(4096);
    for (uint32_t i = 0; i < kTransfers; ++i) {
      isa::TransferDesc d;
      d.header.opcode =
          static_cast<uint8_t>(i + 1 < kTransfers ? isa::Opcode::kLoad : isa::Opcode::kStore);
      d.region = 1;
      d.dram_offset = i + 1 < kTransfers ? 0 : kBytes;
      d.chip_run = d.dram_run = kBytes;
      d.chip_count1 = d.chip_count2 = d.dram_count1 = d.dram_count2 = 1;
      buffer.write(i * isa::kDescriptorBytes, isa::encode(d));
    }
    data.write(0, std::vector<uint8_t>(4096, 0x5a));
    driver::Job job;
    job.config_hash = isa::find_config("tiny").config_hash;
    job.descriptor_count = kTransfers;
    job.regions[0] = {buffer.address(), 4096, true, false};
    job.regions[1] = {data.address(), 4096, true, true};
    queue.submit(job);
    ended = device.wait_interrupt(after);
    queue.abandon();
    // The memory is the host's again: what the job would have stored comes no more.
    device.write_memory(data.address() + kBytes, std::vector<uint8_t>(kBytes, 0x11));
    device.wait_interrupt(20'000);
    device.read_memory(data.address() + kBytes, left);
    const uint64_t begin = device.cycle();
    if (queue.run(job, 100'000).code != isa::ErrorCode::kNone)
      fail(ErrorKind::kInternal, "the job after the reset failed");
    took = device.cycle() - begin;
  });
  CHECK_FALSE(ended);
  CHECK(std::count(left.begin(), left.end(), 0x11) == 2048);
  CHECK(took > 100);
  CHECK(took < 100'000);
  CHECK(run_on(platform).output == expected(kLatency).output);
}

TEST_CASE("a soft reset with bursts out leaves memory alone, and the next job is well") {
  for (const uint64_t after : {3, 30, 77, 200}) {
    for (const bool waits : {false, true}) {
      for (PlatformOptions options : {kAccurate, kBeats, kLoose}) {
        INFO("body " << static_cast<int>(options.body) << ", protocol "
                     << static_cast<int>(options.protocol) << ", memory waits " << waits);
        if (waits) options.grant_pointers = false;
        SocketPlatform platform(options);
        platform.watcher().lets_time_pass = waits;
        check_reset(platform, after);
      }
    }
  }
}

TEST_CASE("a clock of another period has the same cycles, and takes as much longer") {
  for (PlatformOptions options : {kAccurate, kBeats, kLoose}) {
    INFO("body " << static_cast<int>(options.body));
    sc_time took[2];
    for (const uint64_t period : {1, 3}) {
      options.period_ns = period;
      SocketPlatform platform(options);
      sc_time time;
      Conv1Run result;
      platform.run([&] {
        result = run_on(platform.device());
        time = sc_core::sc_time_stamp();
      });
      CHECK(result == expected(kLatency));
      took[period / 3] = time;
    }
    CHECK(took[1] == 3 * took[0]);
  }
}

}  // namespace
