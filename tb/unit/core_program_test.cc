// A program as C source: compiled in here, it runs through the C core and gives golden's bytes.
#include <weft/core_mmio.h>
#include <weft/core_program.h>

#include <random>

#include "base/error.h"
#include "compiled.h"
#include "driver/core_host.h"
#include "golden/golden.h"
#include "network.h"  // written by the build: MNIST for tiny
#include "program/c_source.h"
#include "runtime/devices.h"
#include "tb/catch_compat.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr uint64_t kRingBytes = 2 * WEFT_JOB_BYTES;
constexpr uint64_t kLimit = 10'000'000;

struct Bench {
  explicit Bench(const std::string& backend)
      : device(runtime::make_device(backend, "tiny", {})), host(*device) {
    const uint64_t ring = device->memory_base();
    REQUIRE(weft_core_open(&queue, host.get(), ring, kRingBytes) == 0);
    REQUIRE(weft_core_load(&session, &queue, &network, ring + kRingBytes,
                           weft_core_memory_needed(&network)) == 0);
  }

  std::unique_ptr<driver::Device> device;
  driver::CoreHost host;
  weft_core_queue queue{};
  weft_core_session session{};
  weft_core_ended ended{};
};

TEST_CASE("the data are the program's") {
  const program::Program p = tb::mnist_program("tiny");
  CHECK(network.config_hash == p.config_hash);
  CHECK(std::string(network.config) == "tiny");
  CHECK(std::string(network.model) == p.model);
  REQUIRE(network.region_count == p.regions.size());
  size_t compared = 0;
  for (size_t r = 0; r < p.regions.size(); ++r) {
    const weft_core_region& region = network.regions[r];
    CHECK(region.bytes == p.regions[r].bytes);
    CHECK(region.readable == p.regions[r].readable);
    CHECK(region.writable == p.regions[r].writable);
    REQUIRE(region.image_bytes == p.regions[r].image.size());
    compared += p.regions[r].image.size();
    CHECK(std::equal(p.regions[r].image.begin(), p.regions[r].image.end(), region.image));
    CHECK(reinterpret_cast<uintptr_t>(region.image) % 64 == 0);
  }
  CHECK(compared > 100'000);
  REQUIRE(network.tensor_count == 2);
  CHECK(std::string(network.tensors[0].name) == "image");
  CHECK(network.tensors[0].rank == 4);
  CHECK(network.tensors[0].shape[1] == 28);
  CHECK(network.tensors[0].zero_point == -128);
  CHECK(network.tensors[0].scale == p.tensors[0].scale);
  CHECK(network.tensors[1].role == WEFT_CORE_OUTPUT);
}

TEST_CASE("runs are exact, also after an error and after a time-out") {
  const model::Graph graph = tb::mnist_graph();
  for (const char* backend : {"emulator", "rtl"}) {
    INFO(backend);
    Bench b(backend);
    const int in = weft_core_find_tensor(&network, "image");
    const int out = weft_core_find_tensor(&network, "Identity");
    REQUIRE(in == 0);
    REQUIRE(out == 1);
    CHECK(weft_core_find_tensor(&network, "Ident") == WEFT_CORE_ARGUMENT);
    std::mt19937_64 rng(3);
    size_t compared = 0;
    for (int round = 0; round < 3; ++round) {
      std::vector<int8_t> input(784), output(10);
      for (int8_t& byte : input) byte = static_cast<int8_t>(rng());
      REQUIRE(weft_core_write_tensor(&b.session, 0, input.data(), input.size()) == 0);
      REQUIRE(weft_core_run(&b.session, kLimit, &b.ended) == 0);
      REQUIRE(weft_core_read_tensor(&b.session, 1, output.data(), output.size()) == 0);
      CHECK(output == golden::run(graph, {{graph.inputs[0], input}}).at(graph.outputs[0]));
      compared += output.size();
      if (std::string(backend) == "rtl") CHECK(b.ended.cycles == 173832);
      if (round == 0) {
        // The last descriptor is none.
        const uint64_t at = b.session.region_address[0] + (network.steps[0].count - 1) * 64ULL;
        uint8_t opcode = 0;
        const uint8_t bad = 0xff;
        b.device->read_memory(at, {&opcode, 1});
        b.device->write_memory(at, {&bad, 1});
        CHECK(weft_core_run(&b.session, kLimit, &b.ended) == WEFT_CORE_JOB_FAILED);
        CHECK(b.ended.code == WEFT_JOB_ERROR_BAD_OPCODE);
        CHECK(b.ended.index == network.steps[0].count - 1);
        b.device->write_memory(at, {&opcode, 1});
      } else if (round == 1) {
        b.device->write_register(WEFT_REG_CONTROL_OFFSET, 0);  // it cannot begin
        CHECK(weft_core_run(&b.session, 100, &b.ended) == WEFT_CORE_TIMEOUT);
        CHECK(weft_core_in_flight(&b.queue) == 0);
      }
    }
    CHECK(compared == 30);
  }
}

TEST_CASE("after a refused access the queue is opened anew, and the session goes on") {
  const model::Graph graph = tb::mnist_graph();
  Bench b("emulator");
  weft_core_host host = *b.host.get();
  host.wait_interrupt = [](void*, uint64_t) { return -1; };
  const uint64_t ring = b.device->memory_base();
  REQUIRE(weft_core_open(&b.queue, &host, ring, kRingBytes) == 0);
  CHECK(weft_core_run(&b.session, kLimit, &b.ended) == WEFT_CORE_ACCESS);
  CHECK(weft_core_in_flight(&b.queue) == 1);
  CHECK(weft_core_run(&b.session, kLimit, &b.ended) == WEFT_CORE_ARGUMENT);
  host.wait_interrupt = b.host.get()->wait_interrupt;
  REQUIRE(weft_core_open(&b.queue, &host, ring, kRingBytes) == 0);
  const std::vector<int8_t> input(784, 5);
  std::vector<int8_t> output(10);
  REQUIRE(weft_core_write_tensor(&b.session, 0, input.data(), input.size()) == 0);
  CHECK(weft_core_run(&b.session, kLimit, &b.ended) == 0);
  REQUIRE(weft_core_read_tensor(&b.session, 1, output.data(), output.size()) == 0);
  CHECK(output == golden::run(graph, {{graph.inputs[0], input}}).at(graph.outputs[0]));
}

TEST_CASE("what does not fit is refused") {
  Bench b("emulator");
  const uint64_t memory = b.device->memory_base() + kRingBytes;
  const uint64_t needed = weft_core_memory_needed(&network);
  weft_core_session session{};
  const auto load = [&](const weft_core_program& p, uint64_t at, uint64_t bytes) {
    return weft_core_load(&session, &b.queue, &p, at, bytes);
  };
  CHECK(load(network, memory, needed - 1) == WEFT_CORE_MEMORY);
  CHECK(load(network, memory + 1, needed) == WEFT_CORE_ARGUMENT);
  weft_core_program other = network;
  other.config_hash ^= 1;
  CHECK(load(other, memory, needed) == WEFT_CORE_CONFIG);
  CHECK(load(network, memory + b.device->memory_bytes(), needed) == WEFT_CORE_ACCESS);
  int8_t bytes[785];
  CHECK(weft_core_write_tensor(&b.session, 0, bytes, 785) == WEFT_CORE_ARGUMENT);
  CHECK(weft_core_read_tensor(&b.session, 1, bytes, 9) == WEFT_CORE_ARGUMENT);
  CHECK(weft_core_read_tensor(&b.session, 2, bytes, 10) == WEFT_CORE_ARGUMENT);
  weft_core_job job{};
  CHECK(weft_core_step_job(&b.session, 1, &job) == WEFT_CORE_ARGUMENT);
  REQUIRE(weft_core_step_job(&b.session, 0, &job) == 0);
  REQUIRE(weft_core_submit(&b.queue, &job, nullptr) == 0);
  CHECK(weft_core_run(&b.session, kLimit, &b.ended) == WEFT_CORE_ARGUMENT);
}

TEST_CASE("names that are none in C, and operators of the host, are refused in words") {
  program::Program p = tb::mnist_program("tiny");
  for (const char* name : {"", "1st", "my net", "a-b", "n\xc3\xa4"})
    CHECK_THROWS_WITH(program::to_c(p, name), ContainsSubstring("cannot be a name in C"));
  // A tensor may have any name.
  p.tensors[0].name = "a\"b\\c\n?\?/*/9";
  CHECK_THAT(program::to_c(p, "net").source,
             ContainsSubstring("\"a\\042b\\134c\\012\\077\\077/*/9\""));
  program::HostOp op;
  op.layer = 3;
  op.kind = "softmax";
  p.steps.push_back({0, 0, op});
  CHECK_THROWS_WITH(program::to_c(p, "net"),
                    ContainsSubstring("layer dense2 (softmax) runs on the host"));
}

// Registers and memory as a processor sees them: arrays of this process.
struct Seen {
  std::vector<std::pair<const volatile void*, size_t>> cleaned, invalidated;
  int ordered = 0;
};
Seen seen;

TEST_CASE("the host of a processor that sees everything maps, orders and maintains caches") {
  std::vector<uint32_t> registers(WEFT_ADDRESS_BYTES / 4);
  std::vector<uint8_t> memory(1024);
  registers[WEFT_REG_ID_OFFSET / 4] = WEFT_REG_ID_RESET;
  registers[WEFT_REG_VERSION_OFFSET / 4] = WEFT_ISA_VERSION;
  const uint64_t bus_offset = 0x1000000000;
  weft_core_mmio mmio{};
  mmio.registers = registers.data();
  mmio.bus_offset = bus_offset;
  mmio.order = [] { ++seen.ordered; };
  mmio.clean = [](const volatile void* at, size_t n) { seen.cleaned.push_back({at, n}); };
  mmio.invalidate = [](const volatile void* at, size_t n) { seen.invalidated.push_back({at, n}); };
  weft_core_host host{};
  weft_core_mmio_host(&host, &mmio);
  weft_core_info info{};
  CHECK(weft_core_probe(&host, &info) == 0);
  CHECK(seen.ordered > 0);
  REQUIRE(host.write_register(host.context, WEFT_REG_WATCHDOG_OFFSET, 77) == 0);
  CHECK(registers[WEFT_REG_WATCHDOG_OFFSET / 4] == 77);
  const uint8_t data[3] = {1, 2, 3};
  uint8_t back[3] = {};
  const uint64_t at = reinterpret_cast<uintptr_t>(memory.data()) + 5 + bus_offset;
  REQUIRE(host.write_memory(host.context, at, data, 3) == 0);
  REQUIRE(host.read_memory(host.context, at, back, 3) == 0);
  CHECK(std::equal(data, data + 3, memory.begin() + 5));
  CHECK(std::equal(data, data + 3, back));
  REQUIRE(seen.cleaned.size() == 1);
  CHECK(seen.cleaned[0].first == memory.data() + 5);
  REQUIRE(seen.invalidated.size() == 1);
  CHECK(seen.invalidated[0].second == 3);
}

}  // namespace
}  // namespace weft
