// Networks that others trained, whole: compiled, run and compared with the golden model in every tensor that
// is stored, and with results that others stored.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>

#include "compiler/compile.h"
#include "model/tflite.h"
#include "network_run.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "tb/data_directory.h"
#include "tb/unit/stored_results.h"

namespace {

using namespace weft;

// On a device of its own.
class CompiledModel {
 public:
  CompiledModel(const std::filesystem::path& model, const std::string& config,
                const std::string& backend)
      : graph_(model::import_tflite(model)),
        program_(compiler::compile(graph_, isa::find_config(config))) {
    driver::DeviceOptions options;
    options.memory_bytes = driver::Session::memory_needed(program_);
    device_ = runtime::make_device(backend, config, options);
    run_.emplace(graph_, program_, *device_);
  }

  // The first output's bytes.
  std::vector<int8_t> run(const std::vector<int8_t>& input) {
    run_->run(golden::run(graph_, {{graph_.inputs.at(0), input}}));
    return run_->tensor(graph_.tensor(graph_.outputs.at(0)).name);
  }
  std::vector<int8_t> random_input(uint64_t seed) const {
    std::mt19937_64 rng(seed);
    std::vector<int8_t> input(static_cast<size_t>(graph_.tensor(graph_.inputs.at(0)).elements()));
    for (int8_t& b : input) b = static_cast<int8_t>(rng());
    return input;
  }
  const tb::NetworkRun& result() const { return *run_; }
  const program::Program& program() const { return program_; }

 private:
  model::Graph graph_;
  program::Program program_;
  std::unique_ptr<driver::Device> device_;
  std::optional<tb::NetworkRun> run_;
};

bool skipped(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return false;
  WARN("skipped: " << path.string() << " is not present");
  return true;
}

void stored_results(const std::string& config, const std::string& backend) {
  if (skipped(tb::mlperf_tiny_directory())) return;
  size_t compared = 0;
  for (const tb::StoredNetwork& network : tb::stored_networks()) {
    CompiledModel model(network.model, config, backend);
    for (const tb::StoredResult& result : network.results) {
      INFO(network.name << ", " << result.name << ", " << config << " " << backend);
      CHECK(network.digest(model.run(result.input)) == result.expected);
      INFO(model.result().text());
      REQUIRE(model.result().equal());
      ++compared;
    }
  }
  CHECK(compared == 32);
}

void whole_model(const std::filesystem::path& path, const std::string& config,
                 const std::string& backend, int inputs) {
  INFO(path.filename().string() << ", " << config << " " << backend);
  CompiledModel model(path, config, backend);
  for (int i = 1; i <= inputs; ++i) model.run(model.random_input(static_cast<uint64_t>(i)));
  INFO(model.result().text());
  REQUIRE(model.result().equal());
  // The layers that cost something are the device's.
  CHECK(model.program().host_macs() == 0);
}

TEST_CASE("the stored results of MLPerf Tiny: emulator", "[config]") {
  for (const std::string& config : tb::test_configs()) stored_results(config, "emulator");
}

TEST_CASE("every model of MLPerf Tiny: golden == emulator", "[config]") {
  const std::filesystem::path models = tb::mlperf_tiny_directory() / "models";
  if (skipped(models)) return;
  for (const std::string& config : tb::test_configs()) {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(models)) {
      if (entry.path().extension() != ".tflite") continue;
      whole_model(entry.path(), config, "emulator", 3);
      ++count;
    }
    CHECK(count == 5);
  }
}

std::filesystem::path mobilenet() {
  return tb::data_directory() / "tflite/mobilenet_v2_quantized_1x3x224x224.tflite";
}

TEST_CASE("MobileNetV2: golden == emulator", "[config]") {
  if (skipped(mobilenet())) return;
  for (const std::string& config : tb::test_configs())
    whole_model(mobilenet(), config, "emulator", 1);
}

// The RTL in the configuration that the project's bars are set for, where this build has it.
bool base_is_built() {
  const std::vector<std::string> configs = tb::test_configs();
  if (std::find(configs.begin(), configs.end(), "base") != configs.end()) return true;
  WARN("skipped: this build has no RTL model of configuration base");
  return false;
}

TEST_CASE("the stored results of MLPerf Tiny: rtl") {
  if (base_is_built()) stored_results("base", "rtl");
}

TEST_CASE("MobileNetV2: golden == rtl") {
  if (base_is_built() && !skipped(mobilenet())) whole_model(mobilenet(), "base", "rtl", 1);
}

}  // namespace
