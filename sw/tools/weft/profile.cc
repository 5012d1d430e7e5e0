#include "profile/profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "commands.h"
#include "model/networks.h"
#include "program/program.h"
#include "runtime/text.h"
#include "runtime/verify.h"
#include "verify_options.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options : VerifyArguments {
  std::string file, output;
};

// A compiled program has no network in it to be held against.
model::Graph graph_of(const Options& o, const program::Program& program) {
  if (o.model.empty()) {
    fail(ErrorKind::kInvalidArgument,
         "{} is a compiled program of the model '{}'; a profile is verified, and for that the "
         "golden model needs the network itself: give its file with --model",
         o.file, program.model);
  }
  model::Graph graph = model::open_network(o.model);
  for (const program::Tensor& t : program.tensors) {
    const auto same = [&](const model::Tensor& g) {
      return g.name == t.name && g.shape == t.shape;
    };
    if (std::none_of(graph.tensors.begin(), graph.tensors.end(), same)) {
      fail(ErrorKind::kMismatch, "{} was not compiled from {}: that has no tensor '{}' of shape {}",
           o.file, o.model, t.name, fmt::join(t.shape, "x"));
    }
  }
  return graph;
}

void write(const std::filesystem::path& path, const std::string& text, const char* what) {
  write_file(path, text);
  fmt::print("      {:<48}  {}\n", std::filesystem::proximate(path).string(), what);
}

int profile(Options o, const Environment& environment) {
  const std::string default_model = (environment.root / "models/mnist_convnet.tflite").string();
  if (o.file.empty()) o.file = default_model;
  model::Graph graph;
  std::vector<runtime::Target> targets;
  if (program::is_program(o.file)) {
    program::Program program = program::load(o.file);
    if (!o.config.empty() && o.config != program.config) {
      fail(ErrorKind::kMismatch, "{} was compiled for configuration {}, not {}", o.file,
           program.config, o.config);
    }
    if (o.layer != "all") {
      fail(ErrorKind::kInvalidArgument,
           "--layer goes with a model; {} is a program, which is run as it is", o.file);
    }
    o.config = program.config;
    graph = graph_of(o, program);
    const std::string label = program.layers.size() == 1 ? program.layers[0].name : "all";
    targets.push_back({label, std::move(program)});
  } else {
    if (!o.model.empty() && o.model != o.file) {
      fail(ErrorKind::kInvalidArgument,
           "--model names the network of a compiled program; {} is a model", o.file);
    }
    if (o.config.empty()) o.config = "base";
    o.model = o.file;
    graph = model::open_network(o.file);
    if (o.layer == "each") {
      fail(ErrorKind::kInvalidArgument, "a profile is of one run; name one layer, or all");
    }
    targets = runtime::make_targets(graph, o.layer, isa::find_config(o.config));
  }
  o.layer = targets[0].label;

  runtime::InputSet set = runtime::make_inputs(graph, input_request(o, environment));
  set.inputs.resize(1);

  runtime::VerifyOptions options;
  options.config = o.config;
  options.device = o.device;
  options.trace = true;
  options.title = fmt::format("{} {} {}", graph.name, o.layer, o.config);
  runtime::Report report = runtime::verify(graph, targets, set.inputs, options).at(0);
  report.input_source = set.source;
  report.repeat = repeat_command(o, default_model);
  report.waves = waves_command(o, default_model);
  if (!report.ok()) {
    fmt::print("{}", runtime::to_text(report));
    fmt::print(stderr, "weft: a run that is not exact is not profiled; nothing was written\n");
    return 1;
  }
  const profile::Profile p = profile::make_profile(targets[0].program, report, o.device);
  fmt::print("{}\nPASS  all {} bytes compared are equal to the golden model's\n",
             profile::to_text(p), runtime::grouped(report.bytes_compared));
  std::fflush(stdout);

  const std::filesystem::path directory = o.output;
  const std::string name = fmt::format("{}-{}-{}", report.model, report.layer, report.config);
  std::error_code ignored;  // write_file says what is wrong
  std::filesystem::create_directories(directory, ignored);
  write(directory / (name + ".json"), profile::to_json(p), "the numbers");
  write(directory / (name + ".trace.json"), profile::to_trace(p),
        "for ui.perfetto.dev or chrome://tracing");
  write(directory / (name + ".html"), profile::to_page(p), "open this in a browser");
  return 0;
}

}  // namespace

void add_profile(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  o->output = (environment.root / "build/profile").string();
  o->config.clear();
  CLI::App* sub = app.add_subcommand(
      "profile", "Run on the RTL and show where the cycles go: tables, a page, a trace");
  sub->add_option("file", o->file,
                  "model (.tflite) or program (.weft) (default: the MNIST network)");
  sub->add_option("-m,--model", o->model, "of a program: the model it was compiled from");
  sub->add_option("-l,--layer", o->layer, "operator, or 'all' (the network as compiled)")
      ->capture_default_str();
  sub->add_option("-c,--config", o->config,
                  "hardware configuration (default: base, or the program's)");
  add_input_options(*sub, *o);
  add_device_options(*sub, o->device);
  sub->add_option("-o,--output", o->output, "directory of the files")->capture_default_str();
  sub->footer("\nExample: weft profile models/mnist_convnet.tflite --layer conv1 --config tiny\n");
  sub->callback([o, &environment, &action] {
    action = [o, &environment] { return profile(*o, environment); };
  });
}

}  // namespace weft::tools
