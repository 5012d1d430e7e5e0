// 200 random layers: golden == emulator in every configuration, and == RTL in those that are built.
#include <cstdlib>
#include <string>

#include "compiler/compile.h"
#include "random_graph.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "tb/sys/verify_graph.h"

namespace {

using namespace weft;

constexpr int kLayers = 200;

// WEFT_SEED=n repeats layer n alone; WEFT_LAYERS=n runs n of them.
std::pair<uint64_t, uint64_t> seeds() {
  if (const char* layers = std::getenv("WEFT_LAYERS")) {
    return {1, std::strtoull(layers, nullptr, 10) + 1};
  }
  if (const char* seed = std::getenv("WEFT_SEED")) {
    const uint64_t n = std::strtoull(seed, nullptr, 10);
    return {n, n + 1};
  }
  return {1, kLayers + 1};
}

struct Tally {
  uint64_t layers = 0, bytes = 0, refused = 0;
};

// Layers too large for a configuration are refused in words; they must stay the exception.
void verify_layer(uint64_t seed, const std::string& config, const std::string& backend,
                  double stalls, Tally& tally) {
  INFO("repeat with WEFT_SEED=" << seed << ", configuration " << config << ", backend " << backend);
  const model::Graph graph = tb::random_graph(seed);
  model::check(graph);
  std::vector<runtime::Target> targets;
  try {
    targets = runtime::make_targets(graph, "all", isa::find_config(config));
  } catch (const Error& error) {
    INFO(error.what());
    REQUIRE(error.kind() == ErrorKind::kUnsupported);
    ++tally.refused;
    return;
  }
  runtime::VerifyOptions options;
  options.backend = backend;
  options.config = config;
  options.device.stall_probability = stalls;
  options.device.seed = seed;
  const runtime::Report report = tb::verify_graph(graph, targets, seed, options);
  INFO(runtime::to_text(report));
  REQUIRE(report.bytes_compared >=
          static_cast<uint64_t>(graph.tensor(graph.outputs[0]).elements()));
  REQUIRE(report.pass);
  ++tally.layers;
  tally.bytes += report.bytes_compared;
}

void verify_all(const std::string& config, const std::string& backend, bool stalls) {
  Tally tally;
  const auto [first, last] = seeds();
  for (uint64_t seed = first; seed < last; ++seed) {
    verify_layer(seed, config, backend, stalls && seed % 2 == 0 ? 0.2 : 0.0, tally);
  }
  WARN(config << " " << backend << ": " << tally.layers << " layers, " << tally.bytes
              << " bytes equal, " << tally.refused << " too large");
  CHECK(tally.refused <= (last - first) / 10);
}

TEST_CASE("random layers: golden == emulator", "[config]") {
  for (const std::string& config : tb::test_configs()) verify_all(config, "emulator", false);
}

TEST_CASE("random layers: golden == rtl", "[config]") {
  for (const std::string& config : tb::test_configs()) verify_all(config, "rtl", true);
}

}  // namespace
