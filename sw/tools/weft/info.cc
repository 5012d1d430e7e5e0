#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "commands.h"
#include "isa/disasm.h"
#include "model/tflite.h"
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
  fmt::print("{:<16} {:<7} {:>14} {:>14} {:>12}  {}\n", "layer", "kind", "output", "MACs", "floor",
             "tensor");
  for (const program::Layer& l : p.layers) {
    fmt::print("{:<16} {:<7} {:>14} {:>14} {:>12}  {}\n", l.name, l.kind, shape_text(l.shape),
               l.macs, p.layers.size() == 1 ? l.floor_alone() : l.floor(), l.output);
  }
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

int info_model(const std::string& path) {
  const model::Graph graph = model::import_tflite(path);
  fmt::print("model {}: {} operators, {} tensors\n\n", graph.name, graph.ops.size(),
             graph.tensors.size());
  fmt::print("{:<10} {:>14} {:>14} {:>12}  {:<32} {}\n", "layer", "input", "output", "MACs",
             "operator", "output tensor");
  for (const model::Op& op : graph.ops) {
    const model::Tensor& out = graph.tensor(op.outputs[0]);
    fmt::print("{:<10} {:>14} {:>14} {:>12}  {:<32} {}\n", op.name,
               shape_text(graph.tensor(op.inputs[0]).shape), shape_text(out.shape),
               model::macs(graph, op), op.source, out.name);
  }
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
  CLI::App* sub =
      app.add_subcommand("info", "Show the layers and tensors of a model or program file");
  sub->add_option("file", *path, "model (.tflite) or program (.weft)")->required();
  sub->footer("\nExample: weft info models/mnist_convnet.tflite\n");
  sub->callback([path, &action] {
    action = [path] {
      return program::is_program(*path) ? info_program(*path) : info_model(*path);
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
