#include <fmt/format.h>

#include <memory>

#include "base/files.h"
#include "commands.h"
#include "compiler/compile.h"
#include "compiler/report.h"
#include "memory_options.h"
#include "model/batch.h"
#include "model/networks.h"
#include "program/c_source.h"
#include "program/program.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options {
  std::string model, output, config = "base", layer, report_json, c_source;
  int batch = 1;
  bool report = false, keep_spills = false;
  MemoryOptions memory;  // that the program is planned for
};

// FILE.c and FILE.h beside it.
void write_c(const program::Program& program, const std::filesystem::path& path) {
  if (path.extension() != ".c") {
    fail(ErrorKind::kInvalidArgument,
         "--emit-c writes a .c file and its .h; '{}' does not end in .c", path.string());
  }
  const program::CSource c = program::to_c(program, path.stem().string());
  write_file(std::filesystem::path(path).replace_extension(".h"), c.header);
  write_file(path, c.source);
}

int compile(const Options& o) {
  const isa::HardwareConfig& config = isa::find_config(o.config);
  model::Graph graph = model::batched(model::open_network(o.model), o.batch);
  if (!o.layer.empty()) graph = model::single_op_graph(graph, model::find_op(graph, o.layer));
  const compiler::Compilation compiled = compiler::compile_with_plan(
      graph, config, o.keep_spills ? compiler::Scratch::kKept : compiler::Scratch::kReused,
      o.memory.timing());
  const program::Program& program = compiled.program;
  compiler::CompileReport report;
  if (o.report || !o.report_json.empty()) report = compiler::make_report(graph, config, compiled);
  const std::string output = o.output.empty() ? graph.name + ".weft" : o.output;
  // The program last: where the others cannot be written, no program is left behind.
  if (!o.report_json.empty()) write_file(o.report_json, compiler::to_json(report));
  if (!o.c_source.empty()) write_c(program, o.c_source);
  program::save(program, output);
  fmt::print("{}: {} layers, {} descriptors, {} bytes of DRAM, configuration {} ({:016x})\n",
             output, program.layers.size(), program.descriptor_count, program.dram_bytes(),
             program.config, program.config_hash);
  if (o.report) fmt::print("\n{}", compiler::to_text(report));
  return 0;
}

}  // namespace

void add_compile(CLI::App& app, const Environment&, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand("compile", "Compile a .tflite model into a program file");
  sub->add_option("model", o->model, "model file (.tflite, int8)")->required();
  sub->add_option("-o,--output", o->output, "program file to write (default: MODEL.weft here)");
  sub->add_option("--emit-c", o->c_source,
                  "also write it as C source to this .c file, and its .h, for the C core");
  sub->add_option("-c,--config", o->config, "hardware configuration")->capture_default_str();
  sub->add_option("-l,--layer", o->layer, "compile this operator alone, unfused");
  sub->add_option("--batch", o->batch, "images of an inference")->capture_default_str();
  o->memory.add_to(*sub);
  sub->add_flag("--report", o->report,
                "say where layers run, how they are cut and where tensors lie");
  sub->add_option("--report-json", o->report_json, "write the same to this file");
  sub->add_flag(
      "--keep-spills", o->keep_spills,
      "tensors that do not stay on chip keep memory of their own, to be read after a run");
  sub->footer("\nExample: weft compile models/mnist_convnet.tflite -o mnist.weft --config tiny\n");
  sub->callback([o, &action] { action = [o] { return compile(*o); }; });
}

}  // namespace weft::tools
