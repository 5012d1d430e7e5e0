#include "compiler/report.h"

#include <algorithm>
#include <tuple>

#include "compiler/pack.h"

namespace weft::compiler {
namespace {

constexpr const char* kRoles[] = {"input", "output", "spill"};

const char* weights_of(WeightMode mode) {
  switch (mode) {
    case WeightMode::kHoldAll: return "held";
    case WeightMode::kHoldBlock: return "block";
    case WeightMode::kStream: return "stream";
  }
  return "";
}

// Of the constants of a layer, in words: weights at a time, parameters in all.
void constants_of(const Layer& layer, const LayerPlan& plan, const isa::HardwareConfig& config,
                  LayerCut& cut) {
  for (const std::vector<uint8_t>& unit : pack_parameters(layer, config.rows))
    cut.parameter_words += static_cast<int>(unit.size()) / config.rows;
  if (!layer.uses_array()) return;
  cut.k_tiles = plan.k_tiles;
  cut.weights = weights_of(plan.weight_mode);
  const int block = plan.k_tiles * config.rows;
  cut.weight_words = plan.weight_mode == WeightMode::kHoldAll
                         ? block * ceil_div(layer.mid.c, config.cols)
                     : plan.weight_mode == WeightMode::kHoldBlock
                         ? block
                         : std::min(block, std::max(plan.piece_words, config.rows));
}

LayerCut cut_of(const Layer& layer, const LayerPlan& plan, const isa::HardwareConfig& config) {
  LayerCut cut;
  cut.name = layer.name;
  cut.out = layer.out;
  cut.chunk_h = plan.chunk_h;
  cut.chunk_w = plan.chunk_w;
  cut.chunk_blocks = plan.chunk_blocks;
  cut.tile_h = plan.tile_h;
  cut.tile_w = plan.tile_w;
  cut.shallow = plan.shallow;
  constants_of(layer, plan, config, cut);
  cut.in = plan.in;
  cut.out_staging = plan.out;
  return cut;
}

// First and last layer that touch a storage tensor.
std::pair<size_t, size_t> lifetime(const LayerGraph& lowered, int tensor) {
  size_t first = lowered.layers.size(), last = 0;
  for (size_t i = 0; i < lowered.layers.size(); ++i) {
    const Layer& layer = lowered.layers[i];
    const bool reads =
        std::any_of(layer.operands.begin(), layer.operands.end(),
                    [&](const Operand& o) { return !o.constant && o.tensor == tensor; });
    if (!reads && layer.output != tensor) continue;
    first = std::min(first, i);
    last = i;
  }
  return {first, last};
}

std::vector<ActBuffer> act_buffers(const model::Graph& graph, const LayerGraph& lowered,
                                   const Plan& plan, const isa::HardwareConfig& config) {
  std::vector<ActBuffer> buffers;
  for (size_t t = 0; t < plan.placements.size(); ++t) {
    const Placement& p = plan.placements[t];
    if (!p.resident) continue;
    const auto [first, last] = lifetime(lowered, static_cast<int>(t));
    const auto words = static_cast<int>(p.view.pixels() * ceil_div(p.view.c, config.rows));
    buffers.push_back({p.act_addr, words, first, last, graph.tensor(static_cast<int>(t)).name});
  }
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const auto add = [&](const Staging& staging, const std::string& what) {
      for (size_t b = 0; b < staging.addr.size(); ++b) {
        buffers.push_back(
            {staging.addr[b], staging.words, i, i, what + " buffer " + std::to_string(b + 1)});
      }
    };
    for (size_t k = 0; k < plan.layers[i].in.size(); ++k) {
      add(plan.layers[i].in[k],
          plan.layers[i].in.size() == 1 ? "input" : "input " + std::to_string(k + 1));
    }
    add(plan.layers[i].out, "output");
  }
  std::sort(buffers.begin(), buffers.end(), [](const ActBuffer& a, const ActBuffer& b) {
    return std::tie(a.first, a.addr) < std::tie(b.first, b.addr);
  });
  return buffers;
}

LayerPlace place_of(const model::Graph& graph, const Layer& layer, const program::Layer& entry,
                    uint64_t macs) {
  LayerPlace place;
  place.name = entry.name;
  place.kind = entry.kind;
  place.where = runs_on(layer.kind);
  place.macs = entry.macs;
  place.share = macs > 0 ? static_cast<double>(entry.macs) / static_cast<double>(macs) : 0;
  if (layer.kind != LayerKind::kHost) return place;
  place.reason = layer.reason;
  for (const Operand& o : layer.operands)
    place.read_bytes += static_cast<uint64_t>(graph.tensor(o.tensor).bytes());
  place.write_bytes = static_cast<uint64_t>(graph.tensor(layer.output).bytes());
  return place;
}

}  // namespace

model::RunsOn runs_on(LayerKind kind) {
  switch (kind) {
    case LayerKind::kConv:
    case LayerKind::kDense: return model::RunsOn::kArray;
    case LayerKind::kDepthwise: return model::RunsOn::kDepthwise;
    case LayerKind::kVector: return model::RunsOn::kVector;
    case LayerKind::kHost: return model::RunsOn::kHost;
  }
  return model::RunsOn::kNothing;
}

std::vector<OperatorPlace> places(const model::Graph& graph, const LayerGraph& lowered) {
  std::vector<OperatorPlace> all;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const model::Op& op = graph.ops[i];
    OperatorPlace place;
    const int output = op.outputs[0];
    const bool renames = std::holds_alternative<model::Reshape>(op.attributes);
    for (const Layer& layer : lowered.layers) {
      if (renames) break;
      const bool own = layer.op == static_cast<int>(i);
      // A pool is in the layer that makes its output, a pad in the one that reads it.
      const model::Op& head = graph.ops[static_cast<size_t>(layer.op)];
      const bool fused = layer.output == output || head.inputs[0] == output;
      if (!own && (!fused || place.where != model::RunsOn::kNothing)) continue;
      place.where = runs_on(layer.kind);  // of several its last: not what fills the output before
      place.reason = layer.reason;
      place.layer = layer.name == op.name ? "" : layer.name;
    }
    all.push_back(std::move(place));
  }
  return all;
}

CompileReport make_report(const model::Graph& graph, const isa::HardwareConfig& config,
                          const Compilation& compiled) {
  const auto& [lowered, plan, program] = compiled;
  CompileReport r;
  r.model = program.model;
  r.config = program.config;
  r.macs = program.macs();
  r.host_macs = program.host_macs();
  for (const program::Step& step : program.steps) ++(step.host ? r.host_steps : r.jobs);
  for (size_t i = 0; i < lowered.layers.size(); ++i) {
    const Layer& layer = lowered.layers[i];
    r.layers.push_back(place_of(graph, layer, program.layers[i], r.macs));
    if (layer.kind != LayerKind::kHost) r.cuts.push_back(cut_of(layer, plan.layers[i], config));
  }
  r.block_channels = config.rows;
  r.word_bytes = config.word_bytes();
  r.act_words = config.act_words;
  r.wgt_words = config.wgt_words;
  r.param_words = config.param_words;
  r.act = act_buffers(graph, lowered, plan, config);
  for (size_t i = 0; i < lowered.layers.size(); ++i) {
    int words = 0;
    for (const ActBuffer& b : r.act) words += b.first <= i && i <= b.last ? b.words : 0;
    if (words <= r.act_peak_words) continue;
    r.act_peak_words = words;
    r.act_peak_layer = i;
  }
  r.dram_bytes = program.dram_bytes();
  for (const program::Region& region : program.regions)
    r.regions.push_back({region.name, region.bytes});
  for (const program::Tensor& t : program.tensors) {
    r.tensors.push_back({t.name, kRoles[static_cast<size_t>(t.role)],
                         program.regions[static_cast<size_t>(t.region)].name, t.offset, t.bytes});
  }
  return r;
}

}  // namespace weft::compiler
