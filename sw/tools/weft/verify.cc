#include "runtime/verify.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "base/error.h"
#include "commands.h"
#include "model/batch.h"
#include "model/cifar.h"
#include "model/networks.h"
#include "runtime/expected.h"
#include "runtime/picture.h"
#include "verify_options.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options : VerifyArguments {
  std::string reports;
  int jobs = 0;
  std::string waves, cycles = "all";
  bool waves_pes = false;
};

// The arguments of one target of a run.
VerifyArguments of_layer(const Options& o, const std::string& layer) {
  VerifyArguments arguments = o;
  arguments.layer = layer;
  return arguments;
}

// The first picture and what the device says of all.
void print_classes(const model::Graph& graph, const runtime::InputSet& set,
                   const runtime::Report& report) {
  int right = 0;
  int first = -1;
  for (const auto& [i, outputs] : report.outputs) {
    const int predicted = runtime::class_of(graph.tensor(graph.outputs.at(0)), outputs.at(0));
    if (i == 0) first = predicted;
    right += predicted == set.labels[static_cast<size_t>(i)] ? 1 : 0;
  }
  const bool digits = !set.pictures.empty();
  const auto name = [&](int label) {
    const bool known =
        !digits && label >= 0 && label < static_cast<int>(model::kCifarClasses.size());
    return known ? std::string(model::kCifarClasses[static_cast<size_t>(label)])
                 : std::to_string(label);
  };
  if (digits) fmt::print("{}", runtime::draw(set.pictures[0], set.rows, set.cols));
  fmt::print("  predicted {}, label {}\n", name(first), name(set.labels[0]));
  if (set.labels.size() > 1) {
    fmt::print("  {} of {} {} right ({:.2f} %)\n", right, set.labels.size(),
               digits ? "digits" : "pictures",
               100.0 * right / static_cast<double>(set.labels.size()));
  }
  fmt::print("\n");
}

// With --cycles auto: to the first wrong write of the last run with the same arguments, if that failed.
// True: that is what will be run, of all inputs only those that lead there.
bool turn_to_failure(const Options& o, const std::string& repeat, const runtime::Report& name,
                     std::vector<runtime::NetworkInput>& inputs, runtime::VerifyOptions& options) {
  const auto path = runtime::report_path(name, o.reports);
  const auto failure = runtime::recorded_failure(path, repeat);
  if (!failure) return false;
  const auto first = static_cast<size_t>(failure->first_input),
             last = static_cast<size_t>(failure->last_input);
  if (first > last || last >= inputs.size()) {
    fail(ErrorKind::kMalformedFile,
         "{} names inputs that the run does not have; run it again without waves", path.string());
  }
  inputs = {inputs.begin() + failure->first_input, inputs.begin() + failure->last_input + 1};
  options.first_input = failure->first_input;
  options.waves->window = runtime::window_round(failure->cycle);
  fmt::print("the last run failed ({}): to its first wrong write, input {}, cycle {}\n\n",
             std::filesystem::proximate(path).string(), failure->last_input, failure->cycle);
  return true;
}

std::vector<runtime::NetworkOutput> outputs_of(const runtime::Report& report) {
  std::vector<runtime::NetworkOutput> outputs;
  for (const auto& [i, output] : report.outputs) outputs.push_back(output);
  return outputs;
}

int verify(Options o, const Environment& environment) {
  const std::string default_model = (environment.root / "models/mnist_convnet.tflite").string();
  if (o.model.empty()) o.model = default_model;
  const isa::HardwareConfig& config = isa::find_config(o.config);
  const model::Graph graph = model::open_network(o.model);
  const model::Graph batch = model::batched(graph, o.batch);
  const std::vector<runtime::Target> targets = runtime::make_targets(batch, o.layer, config);

  runtime::InputRequest request = input_request(o, environment);
  // One input is a whole batch.
  request.count = o.images == 1 ? o.batch : o.images;
  runtime::InputSet set = runtime::make_inputs(graph, request);
  const std::vector<runtime::NetworkInput> images = set.inputs;
  set.inputs = runtime::batches_of(images, o.batch);

  if (!std::isfinite(o.tolerance))
    fail(ErrorKind::kInvalidArgument, "a tolerance of {} lets everything pass", o.tolerance);
  std::optional<runtime::ExpectedOutputs> expected;
  if (!o.expected.empty()) {
    if (o.layer != "all") {
      fail(ErrorKind::kInvalidArgument,
           "--expected holds the network's outputs against a file; it goes with --layer all");
    }
    expected.emplace(graph, o.expected, images.size());
  } else if (o.tolerance != 0) {
    fail(ErrorKind::kInvalidArgument,
         "--tolerance is for results of others; --expected names their file (the device "
         "has none towards the golden model)");
  }

  runtime::VerifyOptions options;
  options.backend = o.backend;
  options.config = o.config;
  options.device = o.device;
  options.jobs =
      o.jobs > 0 ? o.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.title = fmt::format("{} {} {} {}", graph.name, o.layer, o.config, o.backend);
  bool to_failure = false;
  if (!o.waves.empty()) {
    options.waves = runtime::WaveRequest{o.waves, {}, o.waves_pes};
    if (o.cycles != "auto") {
      options.waves->window = runtime::parse_window(o.cycles);
    } else if (targets.size() == 1) {
      runtime::Report name;
      name.model = graph.name;
      name.layer = targets[0].label;
      name.config = o.config;
      name.backend = o.backend;
      to_failure = turn_to_failure(o, repeat_command(of_layer(o, name.layer), default_model), name,
                                   set.inputs, options);
    }
  } else if (o.cycles != "all" || o.waves_pes) {
    fail(ErrorKind::kInvalidArgument,
         "--cycles and --waves-pes say which waves; --waves FILE says where to");
  }
  std::vector<runtime::Report> reports = runtime::verify(batch, targets, set.inputs, options);

  bool pass = true;
  for (runtime::Report& report : reports) {
    report.input_source = set.source;
    report.batch = o.batch;
    report.outputs = runtime::images_of(report.outputs, o.batch);
    report.repeat = repeat_command(of_layer(o, report.layer), default_model);
    report.waves = waves_command(of_layer(o, report.layer), default_model);
    if (expected && !to_failure)
      report.expected = expected->compare(outputs_of(report), o.tolerance);
    if (report.layer == "all" && !set.labels.empty() && !to_failure)
      print_classes(graph, set, report);
    // First the text: it must not be lost where the file cannot be written.
    fmt::print("{}", runtime::to_text(report));
    std::fflush(stdout);
    // A run of a part of the inputs does not take the place of what failed.
    if (!to_failure) {
      const auto path = runtime::write_json(report, o.reports);
      fmt::print("      {}\n", std::filesystem::proximate(path).string());
    }
    if (&report != &reports.back()) fmt::print("\n");
    pass = pass && report.ok();
  }
  if (!o.waves.empty()) {
    const std::filesystem::path file = std::filesystem::proximate(o.waves);
    fmt::print("      {}; open with: gtkwave {}\n", file.string(),
               std::filesystem::path(file).replace_extension(".gtkw").string());
  }
  return pass ? 0 : 1;
}

}  // namespace

void add_verify(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  o->reports = (environment.root / "build/reports").string();
  CLI::App* sub =
      app.add_subcommand("verify", "Compare a backend with the golden model, byte by byte");
  sub->add_option("model", o->model, "model file (default: the MNIST network)");
  sub->add_option("-l,--layer", o->layer, "operator, 'all' (the network as compiled) or 'each'")
      ->capture_default_str();
  sub->add_option("-c,--config", o->config, "hardware configuration")->capture_default_str();
  sub->add_option("-b,--backend", o->backend, "rtl, emulator, systemc or systemc_lt")
      ->capture_default_str();
  sub->add_option("-n,--images", o->images,
                  "inputs to run (0: all, of inputs chosen by kind or file)")
      ->capture_default_str();
  sub->add_option(
         "--batch", o->batch,
         "run so many images at once, as one input; the number of images must be a multiple")
      ->capture_default_str();
  add_input_options(*sub, *o);
  sub->add_option("-e,--expected", o->expected, "compare the outputs with this .npy or .npz, too");
  sub->add_option("-t,--tolerance", o->tolerance,
                  "of --expected: the largest |difference| to let pass")
      ->check(CLI::NonNegativeNumber);
  sub->add_option("-j,--jobs", o->jobs, "devices in parallel (default: one a core)");
  add_device_options(*sub, o->device);
  sub->add_option("--reports", o->reports, "directory of the JSON reports")->capture_default_str();
  sub->add_option("-w,--waves", o->waves,
                  "write waves to this .fst, and beside it a save file for GTKWave (rtl)");
  sub->add_option("--cycles", o->cycles,
                  "of the waves: a:b, all, or auto (round the first wrong write, if the last "
                  "run with these arguments failed)")
      ->capture_default_str();
  sub->add_flag("--waves-pes", o->waves_pes, "waves of the inside of the array, too");
  sub->footer(
      "\nExample: weft verify --layer conv1 --config tiny --backend emulator --images 100\n");
  sub->callback([o, &environment, &action] {
    action = [o, &environment] { return verify(*o, environment); };
  });
}

}  // namespace weft::tools
