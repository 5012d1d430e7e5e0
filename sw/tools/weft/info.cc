#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "base/error.h"
#include "base/table.h"
#include "commands.h"
#include "compiler/report.h"
#include "isa/disasm.h"
#include "model/networks.h"
#include "program/program.h"

namespace weft::tools {
namespace {

std::string shape_text(const std::vector<int>& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

int info_program(const std::string& path) {
  const program::Program p = program::load(path);
  fmt::print("program of model {} for configuration {} ({:016x}), {} descriptors\n\n", p.model,
             p.config, p.config_hash, p.descriptor_count);
  Table layers({"layer", "kind", "where", ">output", ">MACs", ">floor", "reason", "tensor"});
  for (const program::Layer& l : p.layers) {
    const uint64_t floor = p.layers.size() == 1 ? l.floor_alone() : l.floor();
    layers.row({l.name, l.kind, l.where(), shape_text(l.shape), std::to_string(l.macs),
                std::to_string(floor), l.host, l.output});
  }
  const int act_words = isa::find_config(p.config).act_words;
  fmt::print("{}\n{} MACs on the device, {} on the host\n", layers.text(), p.macs() - p.host_macs(),
             p.host_macs());
  fmt::print("peaks: act memory {} of {} words ({:.1f} %), DRAM {} bytes\n", p.act_peak_words,
             act_words, 100.0 * p.act_peak_words / act_words, p.dram_bytes());
  fmt::print("\n{:<12} {:>12}  {}\n", "region", "bytes", "rights");
  for (const program::Region& r : p.regions) {
    fmt::print("{:<12} {:>12}  {}{}\n", r.name, r.bytes, r.readable ? "r" : "-",
               r.writable ? "w" : "-");
  }
  fmt::print("\n{:<8} {:>14} {:>10} {:>8}  {}\n", "tensor", "shape", "scale", "zero", "name");
  constexpr const char* kRoles[] = {"input", "output", "spill"};
  for (const program::Tensor& t : p.tensors) {
    fmt::print("{:<8} {:>14} {:>10.6f} {:>8}  {}\n", kRoles[static_cast<size_t>(t.role)],
               shape_text(t.shape), t.scale, t.zero_point, t.name);
  }
  return 0;
}

// The operators as the model has them, and where they run in a configuration.
int info_model(const std::string& path, const std::string& config) {
  const model::Graph graph = model::open_network(path);
  const auto places = compiler::places(graph, compiler::lower(graph, isa::find_config(config)));
  fmt::print("model {}: {} operators, {} tensors; placed for configuration {}\n\n", graph.name,
             graph.ops.size(), graph.tensors.size(), config);
  Table table({"layer", "where", ">input", ">output", ">MACs", "operator",
               "reason, or the layer it is part of", "output tensor"});
  int64_t device_macs = 0, host_macs = 0;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const model::Op& op = graph.ops[i];
    const compiler::OperatorPlace& place = places[i];
    const model::Tensor& out = graph.tensor(op.outputs[0]);
    const int64_t macs = model::macs(graph, op);
    (place.where == model::RunsOn::kHost ? host_macs : device_macs) += macs;
    table.row({op.name, to_string(place.where), shape_text(graph.tensor(op.inputs[0]).shape),
               shape_text(out.shape), std::to_string(macs), op.source,
               place.layer.empty() ? place.reason : "in " + place.layer, out.name});
  }
  fmt::print("{}\n{} MACs on the device, {} on the host\n", table.text(), device_macs, host_macs);
  return 0;
}

int disasm(const std::string& path) {
  const program::Program p = program::load(path);
  for (uint32_t i = 0; i < p.descriptor_count; ++i) {
    fmt::print("{}\n", isa::disassemble(i, p.descriptor(i)));
  }
  return 0;
}

}  // namespace

void add_info(CLI::App& app, const Environment&, Action& action) {
  auto path = std::make_shared<std::string>();
  auto config = std::make_shared<std::string>();
  CLI::App* sub =
      app.add_subcommand("info", "Show the layers and tensors of a model or program file");
  sub->add_option("file", *path, "model (.tflite) or program (.weft)")->required();
  sub->add_option("-c,--config", *config,
                  "hardware configuration that a model's layers are placed for (default: base)");
  sub->footer("\nExample: weft info models/mnist_convnet.tflite\n");
  sub->callback([path, config, &action] {
    action = [path, config] {
      if (!program::is_program(*path)) {
        return info_model(*path, config->empty() ? "base" : *config);
      }
      if (!config->empty()) {
        fail(ErrorKind::kInvalidArgument,
             "{} is a program: its configuration is in the file; leave --config out", *path);
      }
      return info_program(*path);
    };
  });
}

void add_disasm(CLI::App& app, const Environment&, Action& action) {
  auto path = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand("disasm", "Print a program's descriptors, one a line");
  sub->add_option("program", *path, "program file (.weft)")->required();
  sub->footer("\nExample: weft disasm mnist.weft | head\n");
  sub->callback([path, &action] { action = [path] { return disasm(*path); }; });
}

}  // namespace weft::tools
