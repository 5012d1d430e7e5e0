// The SystemC backends against the RTL and the cost model: cycles, counters, bytes, bursts; and devices
// side by side.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "compiler/compile.h"
#include "cost/estimate.h"
#include "driver/session.h"
#include "model/tflite.h"
#include "random_network.h"
#include "runtime/devices.h"
#include "runtime/host_ops.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "tb/data_directory.h"

namespace {

using namespace weft;
using driver::DeviceOptions;

DeviceOptions memory(uint32_t latency, uint32_t num, uint32_t den, double stalls,
                     double holds = 0) {
  DeviceOptions options;
  options.latency_cycles = latency;
  options.bandwidth_num = num;
  options.bandwidth_den = den;
  options.stall_probability = stalls;
  options.hold_probability = holds;
  options.seed = 5;
  return options;
}

const std::vector<DeviceOptions> kMemories = {memory(100, 1, 1, 0),  memory(1, 1, 1, 0),
                                              memory(37, 1, 2, 0.3), memory(250, 3, 7, 0),
                                              memory(20, 1, 1, 0.8), memory(5, 2, 3, 0.1, 0.5)};

// Everything that a backend shows of one inference.
struct Seen {
  driver::RunStatistics statistics;
  uint64_t start = 0, end = 0;
  std::vector<std::vector<int8_t>> tensors;
  std::vector<driver::JobTrace> jobs;
  std::vector<driver::MemoryWrite> writes;
};

Seen run(const std::string& backend, const program::Program& program, DeviceOptions options) {
  options.memory_bytes = driver::Session::memory_needed(program);
  const auto device = runtime::make_device(backend, program.config, options);
  driver::Session session(*device, program, runtime::run_host_op);
  session.record_jobs(true);
  device->trace_writes(true);
  std::vector<std::vector<int8_t>> inputs;
  uint8_t next = 3;
  for (const program::Tensor& t : program.tensors) {
    if (t.role != program::TensorRole::kInput) continue;
    inputs.emplace_back(t.bytes);
    for (int8_t& b : inputs.back())
      b = static_cast<int8_t>(next = static_cast<uint8_t>(next * 5 + 7));
  }
  Seen seen;
  seen.start = device->cycle();
  session.run(inputs);
  seen.end = device->cycle();
  seen.statistics = session.statistics();
  seen.jobs = session.jobs();
  seen.writes = device->take_writes();
  for (const program::Tensor& t : program.tensors) {
    if (!t.transient) seen.tensors.push_back(session.read_tensor(t.name));
  }
  return seen;
}

void check_same(const Seen& a, const Seen& rtl) {
  REQUIRE(rtl.statistics.cycles > 0);
  REQUIRE(!rtl.tensors.empty());
  CHECK(a.statistics.cycles == rtl.statistics.cycles);
  CHECK(a.statistics.layer_cycles == rtl.statistics.layer_cycles);
  CHECK(a.statistics.counters == rtl.statistics.counters);
  CHECK(a.start == rtl.start);
  CHECK(a.end == rtl.end);
  CHECK(a.tensors == rtl.tensors);
  REQUIRE(a.jobs.size() == rtl.jobs.size());
  for (size_t j = 0; j < a.jobs.size(); ++j) {
    CHECK(a.jobs[j].events.size() == rtl.jobs[j].events.size());
    REQUIRE(a.jobs[j].bursts.size() == rtl.jobs[j].bursts.size());
    REQUIRE(!rtl.jobs[j].bursts.empty());
    for (size_t b = 0; b < a.jobs[j].bursts.size(); ++b) {
      const driver::MemoryBurst &x = a.jobs[j].bursts[b], &y = rtl.jobs[j].bursts[b];
      REQUIRE(x.issue == y.issue);
      REQUIRE(x.first == y.first);
      REQUIRE(x.last == y.last);
      REQUIRE(x.address == y.address);
      REQUIRE(x.bytes == y.bytes);
      REQUIRE(x.id == y.id);
    }
  }
  REQUIRE(a.writes.size() == rtl.writes.size());
  REQUIRE(!rtl.writes.empty());
  for (size_t w = 0; w < a.writes.size(); ++w) {
    REQUIRE(a.writes[w].cycle == rtl.writes[w].cycle);
    REQUIRE(a.writes[w].address == rtl.writes[w].address);
  }
}

program::Program mnist(const std::string& config) {
  return compiler::compile(model::import_tflite(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite"),
                           isa::find_config(config));
}

TEST_CASE("systemc is the rtl backend, cycle by cycle, whatever the memory does", "[config]") {
  for (const std::string& config : tb::test_configs()) {
    {
      INFO(config << ", mnist");
      const program::Program program = mnist(config);
      check_same(run("systemc", program, kMemories[0]), run("rtl", program, kMemories[0]));
    }
    int compared = 0;
    for (uint64_t seed = 1; compared < 18; ++seed) {
      program::Program program;
      try {
        program = compiler::compile(tb::random_network(seed), isa::find_config(config));
      } catch (const Error& error) {
        REQUIRE(error.kind() == ErrorKind::kUnsupported);
        continue;
      }
      const DeviceOptions& options = kMemories[seed % kMemories.size()];
      INFO(config << ", random network " << seed << ", latency " << options.latency_cycles);
      check_same(run("systemc", program, options), run("rtl", program, options));
      ++compared;
    }
  }
}

// What the loosely timed body reckons, held against the RTL.
void check_reckoned(const program::Program& program, const DeviceOptions& options) {
  const Seen lt = run("systemc_lt", program, options);
  const Seen rtl = run("rtl", program, options);
  const cost::MemoryTiming timing{options.latency_cycles, options.bandwidth_num,
                                  options.bandwidth_den};
  const cost::Estimate estimate = cost::estimate(program, isa::find_config(program.config), timing);
  CHECK(lt.statistics.cycles == estimate.cycles);
  CHECK(lt.statistics.cycles == rtl.statistics.cycles);
  CHECK(lt.statistics.layer_cycles == rtl.statistics.layer_cycles);
  CHECK(lt.tensors == rtl.tensors);
  // Of each engine, all that the counters say: what is spent adds up.
  for (const isa::NamedValue& engine : isa::kEngines) {
    INFO(engine.name);
    const size_t first = static_cast<size_t>(regs::Counter::kLoadBusy) + 7 * engine.value;
    const auto sum = [&](const Seen& seen, size_t from, size_t to) {
      uint64_t total = 0;
      for (size_t c = from; c < to; ++c) total += seen.statistics.counters[first + c];
      return total;
    };
    CHECK(sum(lt, 0, 1) == sum(rtl, 0, 1));  // busy
    CHECK(sum(lt, 1, 5) == sum(rtl, 1, 5));  // stalled
    CHECK(sum(lt, 5, 7) == sum(rtl, 5, 7));  // waiting, idle
  }
  // The interrupt, too: to the cycle at full bandwidth, else within so many for each job.
  REQUIRE(lt.jobs.size() == rtl.jobs.size());
  const auto late =
      static_cast<int64_t>(lt.end - lt.start) - static_cast<int64_t>(rtl.end - rtl.start);
  constexpr int64_t kClose = 8;
  const bool full = options.bandwidth_num == options.bandwidth_den;
  INFO(late << " cycles late, " << lt.jobs.size() << " jobs");
  CHECK(std::abs(late) <= (full ? 0 : kClose * static_cast<int64_t>(lt.jobs.size())));
}

TEST_CASE("systemc_lt takes the cycles of the cost model and of the RTL", "[config]") {
  const std::vector<DeviceOptions> memories = {memory(100, 1, 1, 0), memory(1, 1, 1, 0),
                                               memory(250, 3, 7, 0), memory(37, 1, 2, 0),
                                               memory(60, 1, 8, 0)};
  for (const std::string& config : tb::test_configs()) {
    INFO(config);
    for (const DeviceOptions& options : memories) {
      INFO("latency " << options.latency_cycles << ", bandwidth " << options.bandwidth_num << "/"
                      << options.bandwidth_den);
      check_reckoned(mnist(config), options);
    }
  }
}

TEST_CASE("systemc_lt takes the cycles of the suite's small networks") {
  const std::vector<std::string> configs = tb::test_configs();
  if (std::find(configs.begin(), configs.end(), "base") == configs.end()) {
    WARN("skipped: this build has no RTL model of configuration base");
    return;
  }
  for (const char* name : {"kws_ref_model", "vww_96_int8", "pretrainedResnet_quant", "ad01_int8"}) {
    const auto path = tb::data_directory() / "mlperf_tiny/models" / (std::string(name) + ".tflite");
    if (!std::filesystem::exists(path)) {
      WARN("skipped: " << path.string() << " is not present");
      continue;
    }
    INFO(name);
    check_reckoned(compiler::compile(model::import_tflite(path), isa::find_config("base")),
                   kMemories[0]);
  }
}

TEST_CASE("devices of all kinds live side by side, in threads and by turns", "[config]") {
  for (const std::string& config : tb::test_configs()) {
    const program::Program program = mnist(config);
    const Seen expected = run("emulator", program, {});
    std::vector<Seen> seen(4);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < seen.size(); ++i) {
      threads.emplace_back(
          [&, i] { seen[i] = run(i % 2 == 0 ? "systemc_lt" : "systemc", program, {}); });
    }
    for (std::thread& t : threads) t.join();
    for (const Seen& s : seen) {
      CHECK(s.tensors == expected.tensors);
      CHECK(s.statistics.cycles == seen[0].statistics.cycles);
    }
    // One is made, and goes, while another is under way; both see their own time.
    const auto a = runtime::make_device("systemc", config, {});
    a->wait_interrupt(1000);
    const uint64_t before = a->cycle();
    {
      const auto b = runtime::make_device("systemc_lt", config, {});
      CHECK_FALSE(b->wait_interrupt(77));
      CHECK(b->cycle() == 77);
      CHECK(b->read_register(regs::kIdOffset) == regs::kIdReset);
    }
    CHECK(a->cycle() == before);
    CHECK(a->read_register(regs::kIdOffset) == regs::kIdReset);
  }
}

TEST_CASE("what the SystemC backends refuse") {
  using Catch::Matchers::ContainsSubstring;
  for (const char* backend : {"systemc", "systemc_lt"}) {
    DeviceOptions options;
    options.wave_file = "w.fst";
    CHECK_THROWS_WITH(runtime::make_device(backend, "tiny", options),
                      ContainsSubstring("makes no waves"));
    CHECK_THROWS_AS(runtime::make_device(backend, "nosuch", {}), Error);
    CHECK_THROWS_WITH(runtime::make_device(backend, "tiny", memory(0, 1, 1, 0)),
                      ContainsSubstring("a memory latency of 0 cycles"));
    CHECK_THROWS_WITH(runtime::make_device(backend, "tiny", memory(1, 2, 1, 0)),
                      ContainsSubstring("a bandwidth of 2 beats in 1 cycles"));
  }
  CHECK_THROWS_WITH(runtime::make_device("systemc", "tiny", memory(1, 1, 1, 0, 2)),
                    ContainsSubstring("a hold probability of 2"));
  // And the next is well.
  CHECK(runtime::make_device("systemc", "tiny", {})->read_register(regs::kIdOffset) ==
        regs::kIdReset);
  CHECK_THROWS_WITH(runtime::make_device("nosuch", "tiny", {}),
                    ContainsSubstring("rtl, emulator, systemc, systemc_lt"));
}

}  // namespace
