// The shipped network on real digits: every layer alone and the network as compiled, on both
// backends, against golden; golden against results that others computed; cycles against the bars.
#include <algorithm>
#include <filesystem>
#include <map>

#include "base/hash.h"
#include "golden/golden.h"
#include "model/tflite.h"
#include "runtime/inputs.h"
#include "runtime/verify.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"

namespace {

using namespace weft;

const std::filesystem::path kRoot = WEFT_SOURCE_DIR;

const model::Graph& network() {
  static const model::Graph graph = model::import_tflite(kRoot / "models/mnist_convnet.tflite");
  return graph;
}

runtime::InputSet digits(int count) {
  runtime::InputRequest request;
  request.kind = runtime::InputKind::kDigits;
  request.count = count;
  request.root = kRoot;
  return runtime::make_inputs(network(), request);
}

bool is_mnist(const runtime::InputSet& set) { return set.source.starts_with("MNIST"); }

std::vector<runtime::Report> verify(const std::string& layer, const std::string& config,
                                    const std::string& backend, const runtime::InputSet& set,
                                    double stalls = 0) {
  runtime::VerifyOptions options;
  options.backend = backend;
  options.config = config;
  options.device.stall_probability = stalls;
  return runtime::verify(network(),
                         runtime::make_targets(network(), layer, isa::find_config(config)),
                         set.inputs, options);
}

// Scores of the first MNIST test digits by an evaluation of the network's integers in NumPy, after
// the formulas, that shares no code with this one.
constexpr int8_t kScores[20][10] = {{-37, 19, 7, 2, -15, -9, -70, 73, -6, -3},
                                    {-11, 6, 63, -12, -25, -47, -2, 5, 1, -50},
                                    {-27, 51, -22, -42, 1, -24, -9, -8, -18, -18},
                                    {51, -10, -7, -17, -13, -12, 21, -26, 6, 7},
                                    {-21, -17, -8, -38, 70, -29, -10, -26, -1, 19},
                                    {-22, 60, -28, -51, -8, -34, -15, -7, -23, -19},
                                    {-45, -12, -35, -50, 73, -26, -33, -17, 25, 33},
                                    {-12, -21, 11, -8, 9, -16, -62, -2, -2, 68},
                                    {-16, -35, -25, -7, -29, 52, 40, -43, 14, -9},
                                    {-56, -35, -44, -7, 29, -10, -77, 13, 12, 77},
                                    {78, -16, 5, -24, -45, -30, -10, -12, 1, 6},
                                    {10, -67, -39, -46, -16, 2, 79, -86, 23, -9},
                                    {-49, -34, -52, -26, 33, -13, -70, 4, 10, 79},
                                    {79, -9, -2, -29, -38, -22, 10, -19, -1, -1},
                                    {-28, 52, -11, -21, -16, -14, -1, -14, -12, -32},
                                    {-21, -8, -23, 32, -56, 86, 14, -47, 2, -15},
                                    {-24, -37, -33, -12, 19, -12, -68, -3, 6, 70},
                                    {-43, 12, 10, 10, -23, -15, -90, 84, -20, 1},
                                    {-2, -15, 24, 58, -40, 30, -24, -1, 25, 8},
                                    {-36, -17, -2, -48, 80, -43, -23, -2, -4, 2}};

// FNV-1a over the same digits' activations as TensorFlow Lite's reference kernels
// (OpResolverType.BUILTIN_REF) gave them; its fully connected kernel rounds otherwise.
struct LayerHash {
  const char* layer;
  uint64_t hash;
};
constexpr LayerHash kHashes[] = {{"conv1", 0xe17223631fdf7f13},
                                 {"pool1", 0x525cf529f277f7df},
                                 {"conv2", 0x8863dbc701d1b878},
                                 {"pool2", 0xebb5cae8c5c1e7a8}};

TEST_CASE("golden agrees with results that others computed") {
  const runtime::InputSet set = digits(20);
  if (!is_mnist(set)) {
    WARN("skipped: the stored results are of MNIST digits, here are " << set.source);
    return;
  }
  const model::Graph& graph = network();
  std::vector<uint64_t> hashes(std::size(kHashes), kFnv1aSeed);
  for (size_t i = 0; i < set.inputs.size(); ++i) {
    INFO("digit " << i);
    const golden::Values values = golden::run(graph, {{graph.inputs[0], set.inputs[i][0]}});
    const std::vector<int8_t>& scores = values.at(graph.outputs[0]);
    REQUIRE(std::equal(scores.begin(), scores.end(), std::begin(kScores[i]), std::end(kScores[i])));
    for (size_t l = 0; l < hashes.size(); ++l) {
      const auto& bytes = values.at(graph.ops[model::find_op(graph, kHashes[l].layer)].outputs[0]);
      hashes[l] = fnv1a({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, hashes[l]);
    }
  }
  for (size_t l = 0; l < hashes.size(); ++l) {
    INFO(kHashes[l].layer);
    CHECK(hashes[l] == kHashes[l].hash);
  }
}

TEST_CASE("every layer alone, and the network, on all backends", "[config]") {
  const runtime::InputSet set = digits(1);
  const std::map<std::string, uint64_t> bytes = {{"conv1", 21632}, {"pool1", 5408}, {"conv2", 7744},
                                                 {"pool2", 1600},  {"dense1", 64},  {"dense2", 10},
                                                 {"all", 10}};
  for (const std::string& backend : tb::test_backends()) {
    for (const std::string& config : tb::test_configs()) {
      const auto reports = verify("each", config, backend, set);
      REQUIRE(reports.size() == bytes.size());
      for (const runtime::Report& r : reports) {
        INFO(runtime::to_text(r));
        CHECK(r.pass);
        CHECK(r.mismatches == 0);
        CHECK(r.bytes_compared == bytes.at(r.layer));
        CHECK((r.cycles > 0) == (r.backend != "emulator"));
        // On the bus: what the descriptors move, in whole beats, and the descriptors.
        uint64_t read = 0, written = 0;
        for (const runtime::LayerReport& layer : r.layers) {
          read += layer.dram_read_bytes;
          written += layer.dram_write_bytes;
        }
        CHECK(r.dram_read_bytes > read);
        CHECK(r.dram_write_bytes >= written);
      }
    }
  }
}

TEST_CASE("twenty digits through the network on the RTL", "[config]") {
  const runtime::InputSet set = digits(20);
  for (const std::string& config : tb::test_configs()) {
    const auto reports = verify("all", config, "rtl", set);
    INFO(runtime::to_text(reports[0]));
    CHECK(reports[0].pass);
    CHECK(reports[0].bytes_compared == 200);
  }
}

TEST_CASE("digits with a bus that stands still at random", "[config]") {
  const runtime::InputSet set = digits(2);
  for (const std::string& config : tb::test_configs()) {
    for (const double stalls : {0.05, 0.5}) {
      const auto reports = verify("all", config, "rtl", set, stalls);
      INFO(runtime::to_text(reports[0]));
      CHECK(reports[0].pass);
    }
  }
}

// Cycle counts do not depend on the host: a change must be meant.
TEST_CASE("cycles in base, memory latency 100, full bandwidth") {
  const runtime::InputSet set = digits(1);
  const runtime::Report conv2 = verify("conv2", "base", "rtl", set)[0];
  CHECK(conv2.floor_cycles == 8712);
  CHECK(conv2.cycles == 9858);
  CHECK(static_cast<double>(conv2.cycles) <= 1.15 * 8712);
  const runtime::Report all = verify("all", "base", "rtl", set)[0];
  CHECK(all.floor_cycles == 16528);
  CHECK(all.cycles == 15555);
  CHECK(all.cycles <= 23100);
  uint64_t sum = 0;
  for (const runtime::LayerReport& layer : all.layers) sum += layer.cycles;
  CHECK(sum == all.cycles);
}

TEST_CASE("a thousand digits on the emulator, read as the record says", "[config]") {
  const runtime::InputSet mnist = digits(200);
  const int count = is_mnist(mnist) ? 1000 : 200;
  const runtime::InputSet set = digits(count);
  for (const std::string& config : tb::test_configs()) {
    const auto reports = verify("all", config, "emulator", set);
    INFO(runtime::to_text(reports[0]));
    CHECK(reports[0].pass);
    CHECK(reports[0].bytes_compared == static_cast<uint64_t>(count) * 10);
  }
  int right = 0;
  for (size_t i = 0; i < set.inputs.size(); ++i) {
    right += runtime::predicted_class(network(), set.inputs[i]) == set.labels[i] ? 1 : 0;
  }
  CHECK(right >= count * 97 / 100);
}

}  // namespace
