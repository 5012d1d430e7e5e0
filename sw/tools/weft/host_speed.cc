#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "commands.h"
#include "compiler/compile.h"
#include "model/tflite.h"
#include "runtime/host_speed.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options {
  std::string model, config = "base";
  double seconds = 1;
};

int host_speed(Options o, const Environment& environment) {
  if (o.model.empty()) o.model = (environment.root / "models/mnist_convnet.tflite").string();
  const model::Graph graph = model::import_tflite(o.model);
  const program::Program program = compiler::compile(graph, isa::find_config(o.config));
  runtime::InputRequest request;
  request.kind = runtime::InputKind::kFullRange;
  request.count = 1;
  request.root = environment.root;
  const runtime::InputSet set = runtime::make_inputs(graph, request);
  const uint64_t macs = program.macs() + program.host_macs();
  fmt::print("{} · configuration {} · {:.1f} M MACs · {}\n\n", graph.name, o.config,
             static_cast<double>(macs) / 1e6, set.source);
  fmt::print("{:<24} {:>6} {:>12} {:>18}\n", "one core", "runs", "ms/inference", "GMAC/s");
  for (const runtime::HostSpeed& s :
       runtime::measure_host_speed(graph, program, set.inputs.at(0), o.seconds)) {
    fmt::print("{:<24} {:>6} {:>12.3f} {:>18.2f}\n", s.what, s.runs, 1e3 * s.seconds,
               static_cast<double>(macs) / s.seconds / 1e9);
  }
  return 0;
}

}  // namespace

void add_host_speed(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "host-speed", "Measure how fast this host computes a network: golden model and emulator");
  sub->add_option("model", o->model, "model file (default: the MNIST network)");
  sub->add_option("-c,--config", o->config, "hardware configuration")->capture_default_str();
  sub->add_option("-s,--seconds", o->seconds, "processor time of each measurement")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  sub->footer("\nExample: weft host-speed models/mnist_convnet.tflite --seconds 5\n");
  sub->callback([o, &environment, &action] {
    action = [o, &environment] { return host_speed(*o, environment); };
  });
}

}  // namespace weft::tools
