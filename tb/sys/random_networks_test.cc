// Random networks: golden == emulator in every configuration, and == RTL in those that are built,
// in every tensor that is stored.
//
// WEFT_SEED=n repeats network n alone, WEFT_NETWORKS=n runs n of them on the emulator and
// WEFT_RTL_NETWORKS=n on the RTL; WEFT_CONFIGURATION=name does so in that configuration.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "base/error.h"
#include "compiler/compile.h"
#include "model/attributes.h"
#include "network_run.h"
#include "random_network.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"

namespace {

using namespace weft;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Tally {
  uint64_t networks = 0, bytes = 0, refused = 0;
  std::map<std::string, uint64_t> kinds;
  std::map<std::string, uint64_t> on_host;  // layers, by kind of operator

  std::string text() const {
    std::string all;
    for (const auto& [kind, count] : kinds) {
      const auto host = on_host.find(kind);
      all += fmt::format("  {} {}", kind, count);
      if (host != on_host.end()) all += fmt::format(" ({} on the host)", host->second);
    }
    return fmt::format("{} networks, {} bytes equal, {} too large\n{}", networks, bytes, refused,
                       all);
  }
};

golden::Values run_golden(const model::Graph& graph, uint64_t seed) {
  std::mt19937_64 rng(seed);
  golden::Values inputs;
  for (const int t : graph.inputs) {
    std::vector<int8_t>& bytes = inputs[t];
    bytes.resize(static_cast<size_t>(graph.tensor(t).elements()));
    for (int8_t& b : bytes) b = static_cast<int8_t>(rng());
  }
  return golden::run(graph, inputs);
}

// A line an operator: what it reads and makes.
std::string listing(const model::Graph& graph) {
  std::string text;
  const auto words = [&](int t) {
    return t < 0 ? std::string("-")
                 : fmt::format("{} [{}]", graph.tensor(t).name,
                               fmt::join(graph.tensor(t).shape, ","));
  };
  for (const model::Op& op : graph.ops) {
    text += "\n  " + op.name + ":";
    for (const int t : op.inputs) text += " " + words(t);
    text += " -> " + words(op.outputs[0]);
  }
  return text;
}

// Networks with a layer too large for a configuration are refused in words; they must stay the exception.
void verify_network(uint64_t seed, const std::string& config, const std::string& backend,
                    Tally& tally) {
  INFO("repeat: WEFT_SEED=" << seed << " WEFT_CONFIGURATION=" << config
                            << " build/test/random_networks_test \"random networks: golden == "
                            << backend << "\"");
  const isa::HardwareConfig& hardware = isa::find_config(config);
  const model::Graph graph = tb::random_network(seed);
  model::check(graph);
  INFO("the network:" << listing(graph));
  program::Program program;
  try {
    program = compiler::compile(
        graph, hardware, seed % 2 == 0 ? compiler::Scratch::kReused : compiler::Scratch::kKept);
  } catch (const Error& error) {
    INFO(error.what());
    REQUIRE(error.kind() == ErrorKind::kUnsupported);
    REQUIRE_THAT(error.what(), Catch::Matchers::ContainsSubstring("use a larger configuration"));
    ++tally.refused;
    return;
  }
  driver::DeviceOptions options;
  options.memory_bytes = driver::Session::memory_needed(program);
  options.stall_probability = seed % 2 == 0 ? 0.2 : 0.0;
  options.hold_probability = seed % 4 == 0 ? 0.1 : 0.0;
  options.latency_cycles = seed % 3 == 0 ? 7 : 100;
  options.seed = seed;
  const auto device = runtime::make_device(backend, config, options);
  tb::NetworkRun run(graph, program, *device);
  run.run(run_golden(graph, seed));
  INFO(run.text());
  REQUIRE(run.equal());
  ++tally.networks;
  tally.bytes += run.bytes();
  for (const model::Op& op : graph.ops) ++tally.kinds[model::kind_of(op.attributes)];
  for (const program::Step& step : program.steps) {
    if (step.host) ++tally.on_host[step.host->kind];
  }
}

// Networks `first`, `first` + 1, ...
void verify_all(const std::string& config, const std::string& backend, uint64_t first,
                uint64_t count) {
  Tally tally;
  const uint64_t only = from_environment("WEFT_SEED", 0);
  if (only != 0) first = only, count = 1;
  for (uint64_t seed = first; seed < first + count; ++seed)
    verify_network(seed, config, backend, tally);
  WARN(config << " " << backend << ": " << tally.text());
  CHECK(tally.networks > 0);
  CHECK(tally.refused <= count / 20);
}

TEST_CASE("random networks: golden == emulator", "[config]") {
  for (const std::string& config : tb::test_configs()) {
    verify_all(config, "emulator", 1, from_environment("WEFT_NETWORKS", 400));
  }
}

TEST_CASE("random networks: golden == rtl", "[config]") {
  for (const std::string& config : tb::test_configs()) {
    // Each configuration its own: the small ones cut their layers into more pieces.
    const bool main = config == "tiny" || config == "base";
    const uint64_t first = config == "base" ? 1001 : 1;
    verify_all(config, "rtl", first, from_environment("WEFT_RTL_NETWORKS", main ? 25 : 6));
  }
}

}  // namespace
