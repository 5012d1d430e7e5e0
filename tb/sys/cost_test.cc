// The cost model against the RTL: every descriptor's first and last cycle, what each engine did, and the
// cycles of layers, alone and inside their networks. WEFT_PRINT=1 prints the layers that are worst.
#include "cost/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "../fuzz/differential.h"
#include "../fuzz/random_program.h"
#include "isa/activity.h"
#include "isa/disasm.h"
#include "model/tflite.h"
#include "random_graph.h"
#include "random_network.h"
#include "rtl_timing.h"
#include "runtime/verify.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "tb/data_directory.h"
#include "tools/weftgen/yaml_map.h"

namespace {

using namespace weft;

// The bar: whichever is more.
constexpr double kShare = 0.05;
constexpr uint64_t kCycles = 64;

struct Row {
  std::string network, layer;
  uint64_t estimated = 0, rtl = 0;
  uint64_t difference() const { return estimated > rtl ? estimated - rtl : rtl - estimated; }
  double share() const {
    return static_cast<double>(difference()) / static_cast<double>(std::max<uint64_t>(rtl, 1));
  }
  bool inside() const { return difference() <= kCycles || share() <= kShare; }
};

struct Comparison {
  std::vector<Row> rows;
  uint64_t descriptors = 0, equal = 0;
  uint64_t refused = 0;
  uint64_t engines_differ = 0;      // of what engines did in a run
  std::string first, first_engine;  // that differ

  double inside() const {
    const auto count =
        std::count_if(rows.begin(), rows.end(), [](const Row& r) { return r.inside(); });
    return static_cast<double>(count) / static_cast<double>(std::max<size_t>(rows.size(), 1));
  }
  // Its layers sorted, the worst first.
  void print(const std::string& what) {
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return a.share() != b.share() ? a.share() > b.share() : a.rtl > b.rtl;
    });
    uint64_t layers_equal = 0;
    for (const Row& r : rows) layers_equal += r.difference() == 0 ? 1 : 0;
    WARN(
        fmt::format("{}: {} of {} layers and totals and {} of {} descriptors are exact, {:.1f} % "
                    "of layers inside "
                    "the bar{}",
                    what, layers_equal, rows.size(), equal, descriptors, 100 * inside(),
                    refused > 0 ? fmt::format(", {} too large", refused) : ""));
    if (std::getenv("WEFT_PRINT") == nullptr) return;
    fmt::print("{:<20} {:<16} {:>12} {:>12} {:>8} {:>8}\n", "network", "layer", "RTL", "estimate",
               "cycles", "");
    for (size_t i = 0; i < std::min<size_t>(rows.size(), 12); ++i) {
      const Row& r = rows[i];
      fmt::print("{:<20} {:<16} {:>12} {:>12} {:>8} {:>7.2f}%\n", r.network, r.layer, r.rtl,
                 r.estimated, r.difference(), 100 * r.share());
    }
  }
};

void compare(const std::string& network, const program::Program& program,
             const driver::DeviceOptions& options, Comparison& c) {
  cost::MemoryTiming memory{options.latency_cycles, options.bandwidth_num, options.bandwidth_den};
  const cost::Estimate e = cost::estimate(program, isa::find_config(program.config), memory);
  const tb::RtlTiming rtl = tb::rtl_timing(program, options);
  const std::string suffix = program.layers.size() == 1 ? " alone" : "";
  for (size_t l = 0; l < program.layers.size(); ++l) {
    if (!program.layers[l].host.empty()) continue;
    c.rows.push_back({network, program.layers[l].name + suffix, e.layers[l].cycles,
                      rtl.statistics.layer_cycles[l]});
  }
  if (program.layers.size() > 1) {
    c.rows.push_back({network, "total", e.cycles, rtl.statistics.cycles});
  }
  for (uint32_t i = 0; i < program.descriptor_count; ++i) {
    const auto [begin, done] = rtl.descriptors[i];
    const cost::DescriptorTiming& mine = e.descriptors[i];
    ++c.descriptors;
    if (mine.begin == begin && mine.done == done) {
      ++c.equal;
    } else if (c.first.empty()) {
      c.first = fmt::format("{}, {}: RTL {} .. {}, estimated {} .. {}: {}", network, program.config,
                            begin, done, mine.begin, mine.done,
                            isa::disassemble(i, program.descriptor(i)));
    }
  }
  for (size_t i = 0; i < e.engines.size(); ++i) {
    const auto counter = [&](isa::Activity a) {
      const auto which = isa::counter_of(static_cast<isa::Engine>(i), a);
      return rtl.statistics.counters[static_cast<size_t>(which)];
    };
    using enum isa::Activity;
    const cost::EngineCycles did{
        counter(kBusy), counter(kSource) + counter(kSink) + counter(kOperand) + counter(kLatency),
        counter(kWait), counter(kIdle)};
    if (did == e.engines[i]) continue;
    ++c.engines_differ;
    if (c.first_engine.empty())
      c.first_engine = fmt::format("{}, {}", network, isa::kEngines[i].name);
  }
}

// Each layer alone, then the network.
void compare_all(const std::string& network, const model::Graph& graph, const std::string& config,
                 const std::string& layers, const driver::DeviceOptions& options, Comparison& c) {
  std::vector<runtime::Target> targets;
  try {
    targets = runtime::make_targets(graph, layers, isa::find_config(config));
  } catch (const Error& error) {
    INFO(error.what());
    REQUIRE(error.kind() == ErrorKind::kUnsupported);
    ++c.refused;
    return;
  }
  for (const runtime::Target& t : targets) compare(network, t.program, options, c);
}

driver::DeviceOptions memory(uint32_t latency, uint32_t num, uint32_t den) {
  driver::DeviceOptions options;
  options.latency_cycles = latency;
  options.bandwidth_num = num;
  options.bandwidth_den = den;
  return options;
}

const std::vector<driver::DeviceOptions> kMemories = {memory(100, 1, 1), memory(1, 1, 1),
                                                      memory(37, 1, 2), memory(250, 3, 7)};

// Whoever changes when the machine does things changes sw/cost with it: the part that the first
// descriptor that differs points to.
TEST_CASE("every descriptor begins and ends as estimated", "[config]") {
  for (const std::string& config : tb::test_configs()) {
    Comparison c;
    compare_all("mnist", model::import_tflite(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite"),
                config, "each", {}, c);
    for (uint64_t seed = 1; seed <= 24; ++seed) {
      compare_all(fmt::format("random network {}", seed), tb::random_network(seed), config, "all",
                  kMemories[seed % kMemories.size()], c);
    }
    c.print(config);
    INFO("first that differs: " << c.first);
    CHECK(c.equal == c.descriptors);
    INFO("first whose cycles were spent otherwise: " << c.first_engine);
    CHECK(c.engines_differ == 0);
  }
}

TEST_CASE("random layers cost what is estimated", "[config]") {
  for (const std::string& config : tb::test_configs()) {
    Comparison c;
    for (uint64_t seed = 1; seed <= 200; ++seed) {
      compare_all(fmt::format("random layers {}", seed), tb::random_graph(seed), config, "all", {},
                  c);
    }
    c.print(config);
    CHECK(c.refused <= 20);
    CHECK(c.inside() >= 0.95);
  }
}

// Descriptors of all shapes, as no compiler makes them, with semaphores beyond those they need.
TEST_CASE("random programs take as long as estimated", "[config]") {
  for (const std::string& name : tb::test_configs()) {
    const isa::HardwareConfig& config = isa::find_config(name);
    uint64_t cycles = 0;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
      const tb::Program program = tb::random_program(config, seed);
      const std::vector<isa::Bytes> descriptors = tb::synchronise(program);
      tb::Setting setting = tb::emulator_setting();
      setting.name = setting.backend = "rtl";
      const driver::DeviceOptions& timing = kMemories[seed % kMemories.size()];
      setting.options.latency_cycles = timing.latency_cycles;
      setting.options.bandwidth_num = timing.bandwidth_num;
      setting.options.bandwidth_den = timing.bandwidth_den;
      const tb::Outcome rtl = tb::run(program, descriptors, setting);
      INFO(name << ", random program " << seed << ", " << setting.describe());
      REQUIRE(rtl.failure == "");
      // Behind the ring, a KiB, as the runs of tb/fuzz/ have them.
      std::vector<uint64_t> bases;
      for (const tb::Region& r : program.regions)
        bases.push_back(1024 + static_cast<uint64_t>(r.base));
      const cost::Estimate e =
          cost::estimate_job(descriptors, bases, config,
                             {timing.latency_cycles, timing.bandwidth_num, timing.bandwidth_den});
      CHECK(e.cycles == rtl.cycles);
      for (size_t i = 0; i < e.engines.size(); ++i) CHECK(e.engines[i].busy == rtl.busy[i]);
      cycles += rtl.cycles;
    }
    WARN(name << ": 60 random programs, " << cycles << " cycles");
  }
}

// The networks of configs/suites.yaml, as far as they are there, in the configuration that the
// project's bars are set for.
TEST_CASE("every layer of the suite's networks costs what is estimated") {
  const std::vector<std::string> configs = tb::test_configs();
  if (std::find(configs.begin(), configs.end(), "base") == configs.end()) {
    WARN("skipped: this build has no RTL model of configuration base");
    return;
  }
  const std::string list = WEFT_SOURCE_DIR "/configs/suites.yaml";
  const gen::YamlMap top(list, gen::load_yaml(list), "list of models", {"models"});
  Comparison c;
  for (const YAML::Node& node : top.list("models")) {
    const gen::YamlMap entry(list, node, "model", {"name", "model", "inputs", "count", "about"},
                             {"files"});
    std::filesystem::path path = std::filesystem::path(WEFT_SOURCE_DIR) / entry.text("model");
    if (!std::filesystem::exists(path)) path = tb::data_directory() / entry.text("model");
    if (!std::filesystem::exists(path)) {
      WARN("skipped: " << path.string() << " is not present");
      continue;
    }
    compare_all(entry.name(), model::import_tflite(path), "base", "each", {}, c);
  }
  c.print("base");
  for (const Row& r : c.rows) {
    INFO(r.network << ", " << r.layer << ": " << r.rtl << " cycles, estimated " << r.estimated);
    CHECK(r.inside());
  }
}

TEST_CASE("a memory that cannot be is refused") {
  const program::Program program =
      runtime::make_targets(model::import_tflite(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite"),
                            "all", isa::find_config("tiny"))[0]
          .program;
  const auto refused = [&](const cost::MemoryTiming& timing, const char* why) {
    CHECK_THROWS_WITH(cost::estimate(program, isa::find_config("tiny"), timing),
                      Catch::Matchers::ContainsSubstring(why));
  };
  refused({0, 1, 1}, "a memory latency of 0 cycles");
  refused({100, 0, 1}, "a bandwidth of 0 beats in 1 cycles");
  refused({100, 2, 1}, "a bandwidth of 2 beats in 1 cycles");
  refused({100, 1, 0}, "a bandwidth of 1 beats in 0 cycles");
  // A slow one takes no longer to think about.
  CHECK(cost::estimate(program, isa::find_config("tiny"), {1'000'000, 1, 1'000'000}).cycles >
        10'000'000'000);
}

}  // namespace
