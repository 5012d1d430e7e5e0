#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <thread>

#include "base/files.h"
#include "commands.h"
#include "model/tflite.h"
#include "runtime/evaluate.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options {
  std::string model, config = "base", backend = "emulator", reports, data;
  int images = 0;
  int jobs = 0;
  bool restart = false, golden = false;
  runtime::DeviceOptions device;
};

int eval(Options o, const Environment& environment) {
  if (o.model.empty()) o.model = (environment.root / "models/mnist_convnet.tflite").string();
  isa::find_config(o.config);
  const model::Graph graph = model::import_tflite(o.model);
  runtime::InputRequest request;
  request.kind = runtime::labelled_kind(graph);
  request.count = o.images;
  request.data = o.data;
  request.weft_data = environment.weft_data;
  request.root = environment.root;
  const runtime::InputSet set = runtime::make_inputs(graph, request);

  const std::filesystem::path directory = o.reports;
  const std::string stem = fmt::format("{}-eval-{}-{}", graph.name, o.config, o.backend);
  runtime::EvaluateOptions options;
  options.backend = o.backend;
  options.config = o.config;
  options.device = o.device;
  options.golden = o.golden;
  options.jobs =
      o.jobs > 0 ? o.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.journal = directory / (stem + ".journal");
  if (o.restart) std::filesystem::remove(options.journal);
  const runtime::Evaluation result = runtime::evaluate(graph, set, options);
  write_file(directory / (stem + ".json"), runtime::to_json(result));
  write_file(directory / (stem + ".svg"), runtime::to_svg(result));
  fmt::print("{}{}\n{}\n", runtime::to_text(result),
             std::filesystem::proximate(directory / (stem + ".json")).string(),
             std::filesystem::proximate(directory / (stem + ".svg")).string());
  return result.mismatches == 0 ? 0 : 1;
}

}  // namespace

void add_eval(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  o->reports = (environment.root / "build/reports").string();
  CLI::App* sub = app.add_subcommand(
      "eval", "Measure a classifier: accuracy, precision, recall, confusion matrix");
  sub->add_option("model", o->model, "model file (default: the MNIST network)");
  sub->add_option("-c,--config", o->config, "hardware configuration")->capture_default_str();
  sub->add_option("-b,--backend", o->backend, "rtl, emulator, systemc or systemc_lt")
      ->capture_default_str();
  sub->add_option("-n,--images", o->images, "digits or pictures to read (default: all there are)");
  sub->add_option("-d,--data", o->data,
                  "of the digits or CIFAR-10 pictures: directory or file (default: below "
                  "WEFT_DATA, ../shared/data or data)");
  sub->add_option("-j,--jobs", o->jobs, "devices in parallel (default: one a core)");
  sub->add_flag("-g,--golden", o->golden, "hold every output byte against the golden model's");
  sub->add_flag("--restart", o->restart, "forget what an interrupted run has done");
  sub->add_option("--reports", o->reports, "directory of the JSON and SVG files")
      ->capture_default_str();
  sub->footer(
      "\nAn interrupted run goes on where it stopped.\nExample: weft eval --config base --backend "
      "rtl --images 1000\n");
  sub->callback(
      [o, &environment, &action] { action = [o, &environment] { return eval(*o, environment); }; });
}

}  // namespace weft::tools
