#include "runtime/verify.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "base/error.h"
#include "commands.h"
#include "model/tflite.h"
#include "runtime/inputs.h"
#include "runtime/picture.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options {
  std::string model, layer = "all", config = "base", backend = "rtl", inputs = "auto";
  std::string reports;
  int images = 1;
  int jobs = 0;
  uint64_t seed = 0;
  runtime::DeviceOptions device;
};

// `make sim`, or, where it has no word for what the run depended on, the command itself.
std::string repeat_command(const Options& o, const std::string& layer, const std::string& default_model) {
  const runtime::DeviceOptions usual;
  if (o.inputs != "auto" || o.device.latency_cycles != usual.latency_cycles ||
      o.device.stall_probability != usual.stall_probability) {
    return fmt::format("build/bin/weft verify {} --layer {} --config {} --backend {} --images {} --seed {} --inputs {} "
                       "--latency {} --stalls {}",
                       o.model, layer, o.config, o.backend, o.images, o.seed, o.inputs, o.device.latency_cycles,
                       o.device.stall_probability);
  }
  std::string command = fmt::format("make sim LAYER={} CONFIG={} BACKEND={} IMAGES={}", layer, o.config,
                                    o.backend, o.images);
  if (o.model != default_model) command += " MODEL=" + o.model;
  if (o.seed != 0) command += fmt::format(" SEED={}", o.seed);
  return command;
}

runtime::InputKind input_kind(const std::string& name) {
  if (name == "auto") return runtime::InputKind::kAuto;
  if (name == "digits") return runtime::InputKind::kDigits;
  if (name == "random") return runtime::InputKind::kRandom;
  fail(ErrorKind::kInvalidArgument, "unknown inputs '{}'; choose one of: auto, digits, random", name);
}

// The first digit and what golden (which the device has just been held against) says of all.
void print_digits(const model::Graph& graph, const runtime::InputSet& set) {
  int right = 0;
  int first = -1;
  for (size_t i = 0; i < set.inputs.size(); ++i) {
    const int predicted = runtime::predicted_class(graph, set.inputs[i]);
    if (i == 0) first = predicted;
    right += predicted == set.labels[i] ? 1 : 0;
  }
  fmt::print("{}", runtime::draw(set.pictures[0], set.rows, set.cols));
  fmt::print("  predicted {}, label {}\n", first, set.labels[0]);
  if (set.inputs.size() > 1) {
    fmt::print("  {} of {} digits right ({:.2f} %)\n", right, set.inputs.size(),
               100.0 * right / static_cast<double>(set.inputs.size()));
  }
  fmt::print("\n");
}

int verify(Options o, const Environment& environment) {
  const std::string default_model = (environment.root / "models/mnist_convnet.tflite").string();
  if (o.model.empty()) o.model = default_model;
  const isa::HardwareConfig& config = isa::find_config(o.config);
  const model::Graph graph = model::import_tflite(o.model);
  const std::vector<runtime::Target> targets = runtime::make_targets(graph, o.layer, config);

  runtime::InputRequest request;
  request.kind = input_kind(o.inputs);
  request.count = o.images;
  request.seed = o.seed;
  request.weft_data = environment.weft_data;
  request.root = environment.root;
  const runtime::InputSet set = runtime::make_inputs(graph, request);

  runtime::VerifyOptions options;
  options.backend = o.backend;
  options.config = o.config;
  options.device = o.device;
  options.jobs = o.jobs > 0 ? o.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.title = fmt::format("{} {} {} {}", graph.name, o.layer, o.config, o.backend);
  std::vector<runtime::Report> reports = runtime::verify(graph, targets, set.inputs, options);

  bool pass = true;
  for (runtime::Report& report : reports) {
    report.input_source = set.source;
    report.repeat = repeat_command(o, report.layer, default_model);
    if (report.layer == "all" && !set.pictures.empty()) print_digits(graph, set);
    // First the text: it must not be lost where the file cannot be written.
    fmt::print("{}", runtime::to_text(report));
    std::fflush(stdout);
    const auto path = runtime::write_json(report, o.reports);
    fmt::print("      {}\n", std::filesystem::proximate(path).string());
    if (&report != &reports.back()) fmt::print("\n");
    pass = pass && report.pass;
  }
  return pass ? 0 : 1;
}

}  // namespace

void add_verify(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  o->reports = (environment.root / "build/reports").string();
  CLI::App* sub = app.add_subcommand("verify", "Compare a backend with the golden model, byte by byte");
  sub->add_option("model", o->model, "model file (default: the MNIST network)");
  sub->add_option("-l,--layer", o->layer, "operator, 'all' (the network as compiled) or 'each'")->capture_default_str();
  sub->add_option("-c,--config", o->config, "hardware configuration")->capture_default_str();
  sub->add_option("-b,--backend", o->backend, "rtl or emulator")->capture_default_str();
  sub->add_option("-n,--images", o->images, "inputs to run")->capture_default_str();
  sub->add_option("-s,--seed", o->seed, "choose digits (or make random inputs) by this seed; 0: the first digits");
  sub->add_option("-i,--inputs", o->inputs, "auto, digits or random")->capture_default_str();
  sub->add_option("-j,--jobs", o->jobs, "devices in parallel (default: one a core)");
  sub->add_option("--latency", o->device.latency_cycles, "DRAM latency in cycles (rtl)")->capture_default_str();
  sub->add_option("--stalls", o->device.stall_probability, "probability of a random bus stall (rtl)")->capture_default_str();
  sub->add_option("--reports", o->reports, "directory of the JSON reports")->capture_default_str();
  sub->footer("\nExample: weft verify --layer conv1 --config tiny --backend emulator --images 100\n");
  sub->callback([o, &environment, &action] { action = [o, &environment] { return verify(*o, environment); }; });
}

}  // namespace weft::tools
