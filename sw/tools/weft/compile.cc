#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "compiler/compile.h"
#include "model/tflite.h"
#include "program/program.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options {
  std::string model, output, config = "base", layer;
};

int compile(const Options& o) {
  const isa::HardwareConfig& config = isa::find_config(o.config);
  model::Graph graph = model::import_tflite(o.model);
  if (!o.layer.empty()) graph = model::single_op_graph(graph, model::find_op(graph, o.layer));
  const program::Program program = compiler::compile(graph, config);
  const std::string output = o.output.empty() ? graph.name + ".weft" : o.output;
  program::save(program, output);
  uint64_t bytes = 0;
  for (const program::Region& r : program.regions) bytes += r.bytes;
  fmt::print("{}: {} layers, {} descriptors, {} bytes of DRAM, configuration {} ({:016x})\n",
             output, program.layers.size(), program.descriptor_count, bytes, program.config,
             program.config_hash);
  return 0;
}

}  // namespace

void add_compile(CLI::App& app, const Environment&, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand("compile", "Compile a .tflite model into a program file");
  sub->add_option("model", o->model, "model file (.tflite, int8)")->required();
  sub->add_option("-o,--output", o->output, "program file to write (default: MODEL.weft here)");
  sub->add_option("-c,--config", o->config, "hardware configuration")->capture_default_str();
  sub->add_option("-l,--layer", o->layer, "compile this operator alone, unfused");
  sub->footer("\nExample: weft compile models/mnist_convnet.tflite -o mnist.weft --config tiny\n");
  sub->callback([o, &action] { action = [o] { return compile(*o); }; });
}

}  // namespace weft::tools
