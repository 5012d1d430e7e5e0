// ResNet-8 and its large variant of MLPerf Tiny on CIFAR-10's pictures: what the suite's authors
// count right, on the emulator, and the RTL held against golden byte for byte. Neither models nor
// pictures are part of the project; without them the cases skip.
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "model/tflite.h"
#include "runtime/evaluate.h"
#include "runtime/inputs.h"
#include "runtime/verify.h"
#include "tb/catch_compat.h"
#include "weft_gen/configs.h"

namespace {

using namespace weft;

std::filesystem::path data_directory() {
  const char* data = std::getenv("WEFT_DATA");
  return data && *data ? data : WEFT_SOURCE_DIR "/../shared/data";
}

struct Run {
  model::Graph graph;
  runtime::InputSet set;
};

// Nothing where model or pictures are absent, which is then said.
std::optional<Run> prepare(const std::string& name, int count) {
  const auto model = data_directory() / "mlperf_tiny/models" / (name + ".tflite");
  const auto pictures = data_directory() / "cifar10";
  for (const auto& path : {model, pictures}) {
    if (std::filesystem::exists(path)) continue;
    WARN("skipped: " << path.string() << " is not present");
    return std::nullopt;
  }
  Run run{model::import_tflite(model), {}};
  runtime::InputRequest request;
  request.kind = runtime::InputKind::kCifar;
  request.count = count;
  request.data = pictures.string();
  run.set = runtime::make_inputs(run.graph, request);
  return run;
}

// WEFT_LONG=1: all pictures there are.
bool takes_long() {
  const char* given = std::getenv("WEFT_LONG");
  return given && std::string(given) == "1";
}

struct Classifier {
  const char* model;
  uint64_t of_hundred, of_thousand;  // right, of the first
};

constexpr Classifier kClassifiers[] = {{"pretrainedResnet_quant", 88, 880},
                                       {"pretrainedResnet_large_int8", 90, 920}};

TEST_CASE("pictures are told apart as the networks' authors say") {
  for (const Classifier& c : kClassifiers) {
    const auto run = prepare(c.model, takes_long() ? 0 : 100);
    if (!run) continue;
    INFO(c.model << ", " << run->set.source);
    runtime::EvaluateOptions options;
    const runtime::Evaluation e = runtime::evaluate(run->graph, run->set, options);
    REQUIRE((e.predictions.size() == 100 || e.predictions.size() == 1000));
    CHECK(e.confusion.right() == (e.predictions.size() == 100 ? c.of_hundred : c.of_thousand));
  }
}

TEST_CASE("twenty pictures on the RTL, byte for byte") {
  const auto run = prepare("pretrainedResnet_quant", 20);
  if (!run) return;
  runtime::VerifyOptions options;
  options.backend = "rtl";
  options.config = "base";
  options.jobs = 2;
  const runtime::Report report = runtime::verify(
      run->graph, runtime::make_targets(run->graph, "all", isa::find_config("base")),
      run->set.inputs, options)[0];
  INFO(runtime::to_text(report));
  CHECK(report.pass);
  CHECK(report.bytes_compared == 200);
  CHECK(report.cycles > 0);
  CHECK(report.host_macs == 0);
  REQUIRE(report.outputs.size() == 20);
  for (const auto& [i, outputs] : report.outputs) {
    INFO("picture " << i);
    const auto index = static_cast<size_t>(i);
    const int predicted =
        runtime::class_of(run->graph.tensor(run->graph.outputs[0]), outputs.at(0));
    CHECK(predicted == runtime::predicted_class(run->graph, run->set.inputs[index]));
  }
}

}  // namespace
