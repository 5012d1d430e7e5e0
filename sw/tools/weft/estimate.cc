// `weft estimate`: what a model costs, by the cost model; nothing is simulated.
#include "cost/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "commands.h"
#include "compiler/compile.h"
#include "memory_options.h"
#include "model/batch.h"
#include "model/networks.h"
#include "program/program.h"
#include "runtime/text.h"
#include "runtime/verify.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string model, layer = "all";
  std::vector<std::string> configs;
  int batch = 1;
  MemoryOptions memory;
  bool json = false;
};

// The engine with the most work on the layer, where that is half of its cycles or more; else the
// engines wait for each other and for the memory.
std::string bound_by(const cost::LayerCost& layer) {
  const auto most = std::max_element(layer.work.begin(), layer.work.end());
  if (2 * *most < layer.cycles) return "latency";
  return std::string(isa::kEngines[static_cast<size_t>(most - layer.work.begin())].name);
}

struct Estimated {
  std::string label;  // of the target
  program::Program program;
  cost::Estimate cost;

  uint64_t floor(size_t layer) const {
    const program::Layer& l = program.layers[layer];
    return program.layers.size() == 1 ? l.floor_alone() : l.floor();
  }
};

std::vector<Estimated> estimate_all(const Options& o, const cost::MemoryTiming& memory) {
  std::vector<Estimated> all;
  const auto add = [&](std::string label, program::Program program) {
    const isa::HardwareConfig& config = isa::find_config(program.config);
    cost::Estimate cost = cost::estimate(program, config, memory);
    all.push_back({std::move(label), std::move(program), std::move(cost)});
  };
  if (program::is_program(o.model)) {
    program::Program program = program::load(o.model);
    const isa::HardwareConfig& config = isa::find_config(program.config);
    if (o.layer != "all" || !o.configs.empty()) {
      fail(ErrorKind::kInvalidArgument,
           "{} is a program, compiled for {}; --layer and --config go with a model", o.model,
           program.config);
    }
    if (program.config_hash != config.config_hash) {
      fail(
          ErrorKind::kMismatch,
          "{} was compiled for another configuration {} ({:016x}) than this one ({:016x}); compile "
          "its model again",
          o.model, program.config, program.config_hash, config.config_hash);
    }
    program::verify(program, config);
    add("all", std::move(program));
    return all;
  }
  const model::Graph graph = model::batched(model::open_network(o.model), o.batch);
  std::vector<std::string> configs = o.configs;
  if (configs.empty()) configs.emplace_back("base");
  for (const std::string& name : configs) isa::find_config(name);
  for (const std::string& name : configs) {
    for (runtime::Target& t : runtime::make_targets(graph, o.layer, isa::find_config(name)))
      add(t.label, std::move(t.program));
  }
  return all;
}

constexpr const char* kRow = "{:<16} {:>14} {:>12} {:>12} {:>11}  {:<10}{}\n";

std::string text(const Estimated& e, const Options& o) {
  std::string engines;
  for (const isa::NamedValue& engine : isa::kEngines)
    engines += fmt::format(" {:>11}", engine.name);
  std::string text = fmt::format(
      "{} · layer {} · configuration {} · estimated · memory latency {}, bandwidth {}\n\n",
      e.program.model, e.label, e.program.config, o.memory.latency, o.memory.bandwidth);
  text +=
      fmt::format(kRow, "layer", "shape", "cycles", "floor", "utilisation", "bound by", engines);
  const auto work = [](const auto& cycles_of) {
    std::string work;
    for (size_t i = 0; i < isa::kEngines.size(); ++i)
      work += fmt::format(" {:>11}", runtime::cycles_text(static_cast<double>(cycles_of(i))));
    return work;
  };
  for (size_t l = 0; l < e.program.layers.size(); ++l) {
    const program::Layer& layer = e.program.layers[l];
    const cost::LayerCost& cost = e.cost.layers[l];
    const bool host = !layer.host.empty();
    text += fmt::format(kRow, layer.name, runtime::shape_text(layer.shape),
                        runtime::cycles_text(static_cast<double>(cost.cycles)),
                        runtime::grouped(e.floor(l)),
                        runtime::percent(runtime::ratio(static_cast<double>(e.floor(l)),
                                                        static_cast<double>(cost.cycles))),
                        host ? "the host" : bound_by(cost),
                        host ? "" : work([&](size_t engine) { return cost.work[engine]; }));
  }
  text += fmt::format(kRow, "total", "", runtime::grouped(e.cost.cycles),
                      runtime::grouped(e.program.floor_cycles()),
                      runtime::percent(runtime::ratio(static_cast<double>(e.program.floor_cycles()),
                                                      static_cast<double>(e.cost.cycles))),
                      "", work([&](size_t engine) { return e.cost.engines[engine].busy; }));
  return text;
}

Json json(const Estimated& e) {
  Json json{{"layer", e.label},
            {"config", e.program.config},
            {"cycles", e.cost.cycles},
            {"floor_cycles", e.program.floor_cycles()},
            {"utilisation", runtime::ratio(static_cast<double>(e.program.floor_cycles()),
                                           static_cast<double>(e.cost.cycles))},
            {"macs", e.program.macs() - e.program.host_macs()},
            {"descriptors", e.program.descriptor_count},
            // Of the bus' reads: a share that the engines do not get.
            {"descriptor_beats", e.program.descriptor_count * isa::kDescriptorBytes /
                                     isa::find_config(e.program.config).bus_bytes()}};
  for (size_t i = 0; i < isa::kEngines.size(); ++i) {
    const cost::EngineCycles& engine = e.cost.engines[i];
    json["engines"][std::string(isa::kEngines[i].name)] = {{"busy", engine.busy},
                                                           {"stalled", engine.stalled},
                                                           {"waiting", engine.waiting},
                                                           {"idle", engine.idle}};
  }
  json["layers"] = Json::array();
  for (size_t l = 0; l < e.program.layers.size(); ++l) {
    const program::Layer& layer = e.program.layers[l];
    const cost::LayerCost& cost = e.cost.layers[l];
    Json entry{{"layer", layer.name},
               {"shape", layer.shape},
               {"cycles", cost.cycles},
               {"floor_cycles", e.floor(l)},
               {"utilisation",
                runtime::ratio(static_cast<double>(e.floor(l)), static_cast<double>(cost.cycles))},
               {"bound_by", layer.host.empty() ? Json(bound_by(cost)) : Json(nullptr)},
               {"host", layer.host.empty() ? Json(nullptr) : Json(layer.host)}};
    for (size_t i = 0; i < isa::kEngines.size(); ++i)
      entry["work"][std::string(isa::kEngines[i].name)] = cost.work[i];
    json["layers"].push_back(std::move(entry));
  }
  return json;
}

int estimate(const Options& o) {
  const cost::MemoryTiming memory = o.memory.timing();
  const std::vector<Estimated> all = estimate_all(o, memory);
  if (o.json) {
    Json out{{"model", all.at(0).program.model},
             {"latency", memory.latency},
             {"bandwidth", {memory.bandwidth_num, memory.bandwidth_den}}};
    for (const Estimated& e : all) out["estimates"].push_back(json(e));
    fmt::print("{}\n", out.dump(2));
    return 0;
  }
  for (const Estimated& e : all) fmt::print("{}{}", &e == &all[0] ? "" : "\n", text(e, o));
  fmt::print(
      "\nunder each engine: cycles in which it worked on the layer's descriptors, those before the "
      "layer's own cycles too\n");
  return 0;
}

}  // namespace

void add_estimate(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  o->model = (environment.root / "models/mnist_convnet.tflite").string();
  CLI::App* sub = app.add_subcommand(
      "estimate", "Say what a model costs, layer by layer, without simulating it");
  sub->add_option("model", o->model,
                  "model (.tflite) or program (.weft) file (default: the MNIST network)");
  sub->add_option("--batch", o->batch, "images of an inference (of a model)")
      ->capture_default_str();
  sub->add_option("-l,--layer", o->layer, "operator, 'all' (the network as compiled) or 'each'")
      ->capture_default_str();
  sub->add_option("-c,--config", o->configs,
                  "hardware configuration; may be given several times (default: base)")
      ->allow_extra_args(false);
  o->memory.add_to(*sub);
  sub->add_flag("--json", o->json, "print JSON, not tables");
  sub->footer(
      "\nExample: weft estimate models/mnist_convnet.tflite --config tiny --config base --latency "
      "200\n");
  sub->callback([o, &action] { action = [o] { return estimate(*o); }; });
}

}  // namespace weft::tools
