// A session on real backends: what it refuses, how a failing job is told, and that whatever went
// wrong, the next run is exact.
#include <random>

#include "base/error.h"
#include "compiled.h"
#include "driver/session.h"
#include "golden/golden.h"
#include "isa/disasm.h"
#include "runtime/devices.h"
#include "tb/catch_compat.h"

namespace weft::driver {
namespace {

using Catch::Matchers::ContainsSubstring;
using Inputs = std::vector<std::vector<int8_t>>;

const model::Graph& graph() {
  static const model::Graph g = tb::mnist_graph();
  return g;
}

const program::Program& tiny() {
  static const program::Program p = tb::mnist_program("tiny");
  return p;
}

Inputs random_inputs(uint64_t seed) {
  std::mt19937_64 rng(seed);
  Inputs inputs{std::vector<int8_t>(28 * 28)};
  for (int8_t& b : inputs[0]) b = static_cast<int8_t>(rng());
  return inputs;
}

// A session with a program, on a device of its own.
struct Bench {
  explicit Bench(const std::string& backend, const program::Program& p = tiny())
      : program(p), device(make(backend, p)), session(*device, program) {}

  static std::unique_ptr<Device> make(const std::string& backend, const program::Program& p) {
    DeviceOptions options;
    options.memory_bytes = std::max(Session::memory_needed(p), Session::memory_needed(tiny()));
    return runtime::make_device(backend, "tiny", options);
  }

  // One run, held against the golden model.
  bool exact(uint64_t seed) {
    const Inputs inputs = random_inputs(seed);
    session.run(inputs);
    const golden::Values values = golden::run(graph(), {{graph().inputs[0], inputs[0]}});
    return session.read_tensor("Identity") == values.at(graph().outputs[0]);
  }

  // Where descriptor `index` lies in device memory, found by its bytes and its neighbours'.
  uint64_t address_of(uint32_t index) {
    std::vector<uint8_t> memory(device->memory_bytes());
    device->read_memory(device->memory_base(), memory);
    const auto first = program.descriptor(0);
    const size_t bytes = size_t{program.descriptor_count} * isa::kDescriptorBytes;
    const auto found =
        std::search(memory.begin(), memory.end(), first.data(), first.data() + bytes);
    REQUIRE(found != memory.end());
    return device->memory_base() + static_cast<uint64_t>(found - memory.begin()) +
           uint64_t{index} * isa::kDescriptorBytes;
  }

  const program::Program& program;
  std::unique_ptr<Device> device;
  Session session;
};

constexpr const char* kBackends[] = {"emulator", "rtl"};

// What `call` throws, and that it throws Error of this kind.
template <class Call>
std::string message_of(ErrorKind kind, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(to_string(error.kind()) == std::string(to_string(kind)));
    return error.what();
  }
  return "(nothing thrown)";
}

TEST_CASE("a program for another configuration is refused") {
  const program::Program base = tb::mnist_program("base");
  for (const char* backend : kBackends) {
    const auto device = Bench::make(backend, base);
    const std::string message = message_of(ErrorKind::kMismatch, [&] { Session(*device, base); });
    CHECK_THAT(message, ContainsSubstring("compiled for configuration base") &&
                            ContainsSubstring("this device is tiny") &&
                            ContainsSubstring(fmt::format("{:016x}", base.config_hash)) &&
                            ContainsSubstring(fmt::format("{:016x}", tiny().config_hash)));
    // The device is none the worse.
    Session session(*device, tiny());
    CHECK_NOTHROW(session.run(random_inputs(1)));
  }
}

TEST_CASE("a device without room is refused with what is needed") {
  DeviceOptions options;
  options.memory_bytes = 65536;
  const auto device = runtime::make_device("emulator", "tiny", options);
  CHECK_THAT(message_of(ErrorKind::kOutOfMemory, [&] { Session(*device, tiny()); }),
             ContainsSubstring("device memory") && ContainsSubstring("65536"));
}

TEST_CASE("inputs of the wrong number or size are refused by name") {
  for (const char* backend : kBackends) {
    Bench bench(backend);
    const auto refusal = [&](const Inputs& inputs) {
      return message_of(ErrorKind::kInvalidArgument, [&] { bench.session.run(inputs); });
    };
    CHECK_THAT(refusal({}), ContainsSubstring("input 'image' is missing"));
    const std::vector<int8_t> whole(784), small(783), large(785);
    CHECK_THAT(refusal({small}), ContainsSubstring("input 'image' has 783 bytes; 784 (1x28x28x1)"));
    CHECK_THAT(refusal({large}), ContainsSubstring("input 'image' has 785 bytes; 784 (1x28x28x1)"));
    CHECK_THAT(refusal({whole, whole}),
               ContainsSubstring("2 inputs were given; the program takes 1"));
    CHECK(bench.exact(2));
  }
}

TEST_CASE("an unknown tensor is refused with the names there are") {
  Bench bench("emulator");
  CHECK_THAT(message_of(ErrorKind::kNotFound, [&] { bench.session.read_tensor("nosuch"); }),
             ContainsSubstring("'nosuch'") && ContainsSubstring("image, Identity"));
  const Inputs inputs = random_inputs(3);
  bench.session.run(inputs);
  CHECK(bench.session.read_tensor("image") == inputs[0]);
}

TEST_CASE("a run reads and fills memory of the caller's") {
  Bench bench("emulator");
  const Inputs inputs = random_inputs(4);
  const std::vector<std::span<const int8_t>> spans(inputs.begin(), inputs.end());
  bench.session.run(spans);
  std::vector<int8_t> scores(10), small(9);
  bench.session.read_tensor("Identity", scores);
  CHECK(scores == bench.session.read_tensor("Identity"));
  CHECK(bench.exact(4));
  CHECK(scores == bench.session.read_tensor("Identity"));
  CHECK_THAT(message_of(ErrorKind::kInvalidArgument,
                        [&] { bench.session.read_tensor("Identity", small); }),
             ContainsSubstring("'Identity' has 10 bytes; room for 9"));
}

TEST_CASE("runs are exact one after the other, and statistics are of the last one") {
  for (const char* backend : kBackends) {
    INFO(backend);
    Bench bench(backend);
    uint64_t cycles = 0;
    for (uint64_t i = 0; i < 6; ++i) {
      CHECK(bench.exact(10 + i));
      const RunStatistics& s = bench.session.statistics();
      uint64_t loads = 0, stores = 0;
      for (uint32_t d = 0; d < tiny().descriptor_count; ++d) {
        const auto bytes = tiny().descriptor(d);
        const auto opcode = static_cast<isa::Opcode>(bytes[0]);
        if (opcode != isa::Opcode::kLoad && opcode != isa::Opcode::kStore) continue;
        const isa::TransferDesc t = isa::decode_transfer(bytes);
        (opcode == isa::Opcode::kLoad ? loads : stores) +=
            uint64_t{t.dram_run} * t.dram_count1 * t.dram_count2;
      }
      const uint64_t fetched = uint64_t{tiny().descriptor_count} * isa::kDescriptorBytes;
      CHECK(s.dram_read_bytes >= loads + fetched);
      CHECK(s.dram_read_bytes < (loads + fetched) * 11 / 10 + 1000);
      CHECK(s.dram_write_bytes >= stores);
      CHECK(s.dram_write_bytes < stores + 64);
      CHECK(s.counters[static_cast<size_t>(regs::Counter::kDescriptors)] ==
            tiny().descriptor_count);
      REQUIRE(s.layer_cycles.size() == tiny().layers.size());
      uint64_t sum = 0;
      for (const uint64_t c : s.layer_cycles) sum += c;
      CHECK(sum == s.cycles);
      if (std::string(backend) == "emulator") {
        CHECK(s.cycles == 0);
        continue;
      }
      CHECK(s.cycles > tiny().macs() / 16);
      for (const uint64_t c : s.layer_cycles) CHECK(c > 0);
      CHECK(s.counters[static_cast<size_t>(regs::Counter::kCycles)] == s.cycles);
      if (i > 0) CHECK(s.cycles < cycles + cycles / 100);
      cycles = s.cycles;
    }
  }
}

TEST_CASE("a job that does not end in time is abandoned, and the next run is exact") {
  Bench bench("rtl");
  REQUIRE(bench.exact(20));
  const uint64_t whole = bench.session.statistics().cycles;
  for (const uint64_t limit : {uint64_t{0}, uint64_t{1}, uint64_t{100}, whole / 2}) {
    bench.session.set_timeout(limit);
    CHECK_THAT(message_of(ErrorKind::kTimeout, [&] { bench.session.run(random_inputs(21)); }),
               ContainsSubstring(fmt::format("within {} cycles", limit)));
    bench.session.set_timeout(10 * whole);
    CHECK(bench.exact(22));
  }
}

TEST_CASE("a timeout round a job's very end leaves no trace either") {
  // One small layer, so that many limits can be tried.
  const size_t dense = model::find_op(graph(), "dense2");
  const model::Graph single = model::single_op_graph(graph(), dense);
  const program::Program p = compiler::compile(single, isa::find_config("tiny"));
  Bench bench("rtl", p);
  Inputs inputs{std::vector<int8_t>(64)};
  for (size_t i = 0; i < inputs[0].size(); ++i) inputs[0][i] = static_cast<int8_t>(37 * i);
  const golden::Values values = golden::run(single, {{single.inputs[0], inputs[0]}});
  const std::vector<int8_t>& want = values.at(single.outputs[0]);
  bench.session.run(inputs);
  REQUIRE(bench.session.read_tensor("Identity") == want);
  const uint64_t whole = bench.session.statistics().cycles;
  int late = 0, in_time = 0;
  for (uint64_t limit = whole - 30; limit < whole + 250; ++limit) {
    INFO("limit " << limit << " of " << whole);
    bench.session.set_timeout(limit);
    try {
      bench.session.run(inputs);
      ++in_time;
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kTimeout);
      ++late;
    }
    bench.session.set_timeout(100 * whole);
    Inputs other = inputs;
    other[0][0] = static_cast<int8_t>(other[0][0] + 1);
    REQUIRE_NOTHROW(bench.session.run(other));
    REQUIRE_NOTHROW(bench.session.run(inputs));
    REQUIRE(bench.session.read_tensor("Identity") == want);
  }
  CHECK(late > 0);
  CHECK(in_time > 0);
}

TEST_CASE("a failing descriptor is told by layer, place and engine, and the next run is exact") {
  struct Fault {
    isa::Opcode opcode;
    size_t byte;
    uint8_t value;
    const char* code;
    const char* engine;
  };
  constexpr Fault kFaults[] = {
      {isa::Opcode::kLoad, 63, 1, "bad_descriptor", "load"},
      {isa::Opcode::kLoad, 12, 0x70, "region", "load"},
      {isa::Opcode::kConv, 63, 1, "bad_descriptor", "array"},
      {isa::Opcode::kConv, 41, 0xff, "chip_range", "array"},
      {isa::Opcode::kRequant, 45, 0, "bad_descriptor", "vector"},
      {isa::Opcode::kStore, 12, 0x10, "region", "store"},
  };
  for (const char* backend : kBackends) {
    Bench bench(backend);
    const uint64_t base = bench.address_of(0);
    for (const Fault& f : kFaults) {
      // The last of its kind, for a layer and an index that are not 0.
      uint32_t index = 0;
      for (uint32_t i = 0; i < tiny().descriptor_count; ++i) {
        if (tiny().descriptor(i)[0] == static_cast<uint8_t>(f.opcode)) index = i;
      }
      INFO(backend << ", " << isa::to_string(f.opcode) << ", descriptor " << index << ", byte "
                   << f.byte);
      const uint64_t address = base + uint64_t{index} * isa::kDescriptorBytes + f.byte;
      bench.device->write_memory(address, std::vector<uint8_t>{f.value});
      const std::string message =
          message_of(ErrorKind::kDevice, [&] { bench.session.run(random_inputs(30)); });
      CHECK_THAT(message, ContainsSubstring(fmt::format("error {}: ", f.code)));
      CHECK_THAT(message, ContainsSubstring("layer dense2, "));
      CHECK_THAT(message,
                 ContainsSubstring(fmt::format("descriptor {} on the {} engine", index, f.engine)));
      if (std::string(f.code) == "region") CHECK_THAT(message, ContainsSubstring("at address 0x"));
      bench.device->write_memory(address, std::vector<uint8_t>{tiny().descriptor(index)[f.byte]});
      CHECK(bench.exact(31));
    }
    // An opcode nobody knows is control's to refuse.
    bench.device->write_memory(base + 5 * isa::kDescriptorBytes, std::vector<uint8_t>{0xff});
    CHECK_THAT(message_of(ErrorKind::kDevice, [&] { bench.session.run(random_inputs(32)); }),
               ContainsSubstring("error bad_opcode") &&
                   ContainsSubstring("layer conv1+pool1, descriptor 5"));
    bench.device->write_memory(base + 5 * isa::kDescriptorBytes,
                               std::vector<uint8_t>{tiny().descriptor(5)[0]});
    CHECK(bench.exact(33));
  }
}

TEST_CASE("a program that verify() lets pass ends on the device, whatever was changed in it") {
  int ran = 0;
  for (const char* backend : kBackends) {
    const int rounds = std::string(backend) == "rtl" ? 40 : 1500;
    std::mt19937_64 rng(tb::seed());
    for (int round = 0; round < rounds; ++round) {
      program::Program p = tiny();
      const auto index = static_cast<uint32_t>(rng() % p.descriptor_count);
      const size_t byte = rng() % 56;
      tb::raw_descriptor(p, index)[byte] ^= static_cast<uint8_t>(1U << rng() % 8);
      try {
        program::verify(p, isa::find_config("tiny"));
      } catch (const Error&) {
        continue;
      }
      INFO("WEFT_SEED=" << tb::seed() << ", " << backend << ", round " << round << ", byte " << byte
                        << " of " << isa::disassemble(index, p.descriptor(index)));
      Bench bench(backend, p);
      CHECK_NOTHROW(bench.session.run(random_inputs(40)));
      ++ran;
    }
  }
  CHECK(ran > 100);
}

}  // namespace
}  // namespace weft::driver
