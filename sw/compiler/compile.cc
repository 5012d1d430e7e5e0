#include "compiler/compile.h"

#include <algorithm>

#include "base/error.h"
#include "compiler/emit.h"
#include "compiler/floor.h"
#include "compiler/layer.h"
#include "compiler/plan.h"
#include "compiler/scratch.h"
#include "cost/estimate.h"
#include "model/attributes.h"

namespace weft::compiler {
namespace {

constexpr uint64_t kAlign = 64;

uint64_t align(uint64_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

program::ElementType element_type(const model::Tensor& tensor) {
  switch (tensor.type) {
    case model::DataType::kInt8: return program::ElementType::kInt8;
    case model::DataType::kUInt8: return program::ElementType::kUInt8;
    case model::DataType::kInt32: return program::ElementType::kInt32;
    case model::DataType::kFloat32: return program::ElementType::kFloat32;
    default: break;
  }
  fail(ErrorKind::kUnsupported, "tensor '{}' is {}; programs take int8, uint8, int32 and float32",
       tensor.name, model::to_string(tensor.type));
}

// Tensors in DRAM, region by region.
class DramMap {
 public:
  DramMap(const model::Graph& graph, const LayerGraph& lowered, Plan& plan,
          program::Program& program, int lanes, Scratch scratch)
      : lanes_(lanes),
        graph_(graph),
        plan_(plan),
        program_(program),
        index_(graph.tensors.size(), -1),
        scratch_(scratch == Scratch::kReused) {
    for (int t : graph.inputs)
      place(lowered.storage[static_cast<size_t>(t)], t, kRegionInputs, program::TensorRole::kInput,
            -1, inputs_);
    std::vector<int> writer(graph.tensors.size(), -1);
    for (size_t i = 0; i < lowered.layers.size(); ++i) {
      writer[static_cast<size_t>(lowered.layers[i].output)] = static_cast<int>(i);
    }
    for (int t : graph.outputs) {
      const int s = lowered.storage[static_cast<size_t>(t)];
      place(s, t, kRegionOutputs, program::TensorRole::kOutput, writer[static_cast<size_t>(s)],
            outputs_);
    }
    std::vector<int> spilled;
    for (size_t i = 0; i < lowered.layers.size(); ++i) {
      const int t = lowered.layers[i].output;
      const Placement& p = plan_.placements[static_cast<size_t>(t)];
      if (!p.resident && !p.in_dram) {  // spilled, or the host's
        const uint64_t bytes =
            align(entry(t, t, kRegionScratch, program::TensorRole::kSpill, static_cast<int>(i))
                      .stored_bytes());
        settle(t, scratch_.place(bytes, static_cast<int>(i), last_use(lowered, t)));
        spilled.push_back(t);
      }
    }
    const std::vector<bool> overwritten = scratch_.overwritten();
    for (size_t i = 0; i < spilled.size(); ++i) {
      program_.tensors[static_cast<size_t>(index(spilled[i]))].transient = overwritten[i];
    }
    plan_.output_lines = static_cast<int64_t>(outputs_ / kAlign);
    plan_.scratch_lines = static_cast<int64_t>(scratch_.size() / kAlign);
  }

  uint64_t inputs() const { return inputs_; }
  uint64_t outputs() const { return outputs_; }
  uint64_t scratch() const { return scratch_.size(); }
  // Storage tensor -> its place among the program's, -1: it is not in DRAM.
  int index(int stored) const { return index_[static_cast<size_t>(stored)]; }

 private:
  // The last layer that touches a tensor.
  static int last_use(const LayerGraph& lowered, int tensor) {
    int last = 0;
    for (size_t i = 0; i < lowered.layers.size(); ++i) {
      const Layer& layer = lowered.layers[i];
      const bool reads =
          std::any_of(layer.operands.begin(), layer.operands.end(),
                      [&](const Operand& o) { return !o.constant && o.tensor == tensor; });
      if (reads || layer.output == tensor) last = static_cast<int>(i);
    }
    return last;
  }

  void place(int stored, int named, int region, program::TensorRole role, int layer,
             uint64_t& top) {
    const Placement& p = plan_.placements[static_cast<size_t>(stored)];
    if (p.in_dram && p.region != region) {
      fail(ErrorKind::kUnsupported,
           "tensor '{}' is both an input and an output of the network; nothing would be computed",
           graph_.tensor(named).name);
    }
    const bool first = !p.in_dram;
    const uint64_t bytes = align(entry(stored, named, region, role, layer).stored_bytes());
    settle(stored, first ? top : p.offset);
    if (first) top += bytes;
  }

  // Where the last entry, of storage tensor `stored`, lies.
  void settle(int stored, uint64_t offset) {
    Placement& p = plan_.placements[static_cast<size_t>(stored)];
    p.in_dram = true;
    p.region = program_.tensors.back().region;
    p.offset = program_.tensors.back().offset = offset;
  }

  // A new entry of the program's tensors, its offset still open.
  program::Tensor& entry(int stored, int named, int region, program::TensorRole role, int layer) {
    const model::Tensor& tensor = graph_.tensor(named);
    program::Tensor entry;
    entry.name = tensor.name;
    entry.role = role;
    entry.shape = tensor.shape;
    entry.region = region;
    entry.bytes = static_cast<uint64_t>(graph_.tensor(stored).bytes());
    entry.lanes = plan_.placements[static_cast<size_t>(stored)].blocked ? lanes_ : 0;
    entry.scale = tensor.quantization.scales.empty() ? 0.0F : tensor.quantization.scales[0];
    entry.zero_point =
        tensor.quantization.zero_points.empty() ? 0 : tensor.quantization.zero_points[0];
    entry.layer = layer;
    entry.type = element_type(tensor);
    if (named == stored || index_[static_cast<size_t>(stored)] < 0) {
      index_[static_cast<size_t>(stored)] = static_cast<int>(program_.tensors.size());
    }
    program_.tensors.push_back(std::move(entry));
    return program_.tensors.back();
  }

  const int lanes_;
  const model::Graph& graph_;
  Plan& plan_;
  program::Program& program_;
  std::vector<int> index_;
  ScratchMap scratch_;
  uint64_t inputs_ = 0, outputs_ = 0;
};

// Of its operator's multiply-accumulates those of the layer's taps: several layers may share them.
int64_t macs_of(const model::Graph& graph, const Layer& layer) {
  const int64_t all = model::macs(graph, graph.ops[static_cast<size_t>(layer.op)]);
  if (layer.kind == LayerKind::kHost) return all;
  if (!layer.uses_acc()) return 0;
  if (layer.kind == LayerKind::kDense) return all;
  const std::vector<int>& weights = layer.weights->shape;
  return all / (weights[1] * weights[2]) * (layer.kernel.h * layer.kernel.w);
}

// A layer before this one, of the same operator, reads the tensor too.
bool read_before(const LayerGraph& lowered, size_t index, int tensor) {
  const int op = lowered.layers[index].op;
  while (index-- > 0 && lowered.layers[index].op == op) {
    for (const Operand& o : lowered.layers[index].operands) {
      if (!o.constant && o.tensor == tensor) return true;
    }
  }
  return false;
}

program::Layer describe(const model::Graph& graph, const LayerGraph& lowered, size_t index,
                        const Plan& plan, const isa::HardwareConfig& config) {
  const Layer& layer = lowered.layers[index];
  const auto output = static_cast<size_t>(layer.output);
  program::Layer entry;
  entry.name = layer.name;
  entry.output = graph.tensor(layer.output).name;
  entry.kind = layer.type;
  entry.shape = graph.tensor(layer.output).shape;
  entry.macs = static_cast<uint64_t>(macs_of(graph, layer));
  if (layer.kind == LayerKind::kHost) {
    entry.host = layer.reason;
    return entry;
  }
  bool reads_input = false;
  for (const Operand& o : layer.operands) {
    if (o.constant || read_before(lowered, index, o.tensor)) continue;
    const Placement& p = plan.placements[static_cast<size_t>(o.tensor)];
    reads_input = reads_input || (p.in_dram && p.region == kRegionInputs);
  }
  const Floor floor = floor_of(layer, config, reads_input, lowered.is_output[output]);
  entry.floor_array = floor.array;
  entry.floor_depthwise = floor.depthwise;
  entry.floor_vector = floor.vector;
  entry.floor_bus = floor.bus;
  entry.floor_bus_alone = floor.bus_alone;
  return entry;
}

// The operator of a host layer, on the program's tensors.
program::HostOp host_op(const model::Graph& graph, const LayerGraph& lowered, size_t index,
                        const DramMap& dram) {
  const model::Op& op = graph.ops[static_cast<size_t>(lowered.layers[index].op)];
  const auto operand = [&](int t) {
    program::HostTensor entry;
    entry.absent = t < 0;
    if (t < 0) return entry;
    const model::Tensor& tensor = graph.tensor(t);
    entry.shape = tensor.shape;
    entry.type = element_type(tensor);
    if (tensor.is_constant()) {
      entry.data = tensor.data;
    } else {
      entry.tensor = dram.index(lowered.storage[static_cast<size_t>(t)]);
    }
    return entry;
  };
  program::HostOp step;
  step.layer = static_cast<uint32_t>(index);
  step.kind = model::kind_of(op.attributes);
  step.attributes = model::to_integers(op.attributes);
  for (int t : op.inputs) step.inputs.push_back(operand(t));
  step.output = operand(op.outputs[0]);
  return step;
}

struct Candidate {
  Plan plan;
  program::Program program;
};

Candidate build(const model::Graph& graph, const LayerGraph& lowered,
                const isa::HardwareConfig& config, PlanPolicy policy, Scratch scratch,
                const Progress& progress) {
  Candidate result;
  Plan& plan = result.plan;
  program::Program& program = result.program;
  plan = make_plan(graph, lowered, config, policy);
  program.model = graph.name;
  program.config = std::string(config.name);
  program.config_hash = config.config_hash;
  program.act_peak_words = static_cast<uint32_t>(plan.act_peak_words);
  const DramMap dram(graph, lowered, plan, program, config.rows, scratch);

  Emitter emitter(lowered, plan, config, plan.output_lines + plan.scratch_lines);
  const auto end_job = [&] {
    if (auto step = emitter.end_job()) program.steps.push_back(std::move(*step));
  };
  for (size_t i = 0; i < lowered.layers.size(); ++i) {
    program.layers.push_back(describe(graph, lowered, i, plan, config));
    if (lowered.layers[i].kind == LayerKind::kHost) {
      end_job();
      program.steps.push_back({0, 0, host_op(graph, lowered, i, dram)});
    } else {
      emitter.emit_layer(static_cast<int>(i));
    }
    progress(program.layers.back().name,
             static_cast<double>(i + 1) / static_cast<double>(lowered.layers.size()));
  }
  end_job();
  std::vector<uint8_t> constants = emitter.take_constants();
  std::vector<uint8_t> descriptors = emitter.take_descriptors();

  program.descriptor_region = kRegionProgram;
  program.descriptor_count = static_cast<uint32_t>(descriptors.size() / isa::kDescriptorBytes);
  program.regions = {
      {"program", align(descriptors.size()), true, false, std::move(descriptors)},
      {"constants", align(constants.size()), true, false, std::move(constants)},
      {"inputs", dram.inputs(), true, false, {}},
      {"outputs", dram.outputs(), true, true, {}},
      {"scratch", dram.scratch(), true, true, {}},
  };
  return result;
}

// The shortest program: from the usual policy on, knob by knob. An estimate takes its time as well
// (about 13 million cycles a second): large networks get fewer attempts.
Candidate best_of(const model::Graph& graph, const LayerGraph& lowered,
                  const isa::HardwareConfig& config, Scratch scratch,
                  const cost::MemoryTiming& memory, const Progress& progress) {
  constexpr double kMostPlans = 11;
  double plans = 0;
  const auto build_plan = [&](PlanPolicy knobs) {
    Candidate candidate =
        build(graph, lowered, config, knobs, scratch, [&](const std::string& layer, double part) {
          if (progress) progress(layer, (plans + part) / kMostPlans);
        });
    ++plans;
    return candidate;
  };
  PlanPolicy policy;
  Candidate best = build_plan(policy);
  uint64_t least = cost::estimate(best.program, config, memory).cycles;
  constexpr uint64_t kMostEstimated = 40'000'000;  // cycles
  uint64_t estimated = least;
  const auto attempt = [&](int PlanPolicy::*knob, int value) {
    if (estimated + least > kMostEstimated) return;
    estimated += least;
    PlanPolicy other = policy;
    other.*knob = value;
    Candidate candidate = build_plan(other);
    const uint64_t cycles = cost::estimate(candidate.program, config, memory).cycles;
    if (cycles >= least) return;
    least = cycles;
    policy = other;
    best = std::move(candidate);
  };
  // Where tensors do not fit on chip it matters how layers share it.
  const bool spills = best.plan.scratch_lines > 0;
  if (spills) attempt(&PlanPolicy::share, 3);
  attempt(&PlanPolicy::tiles, 1);
  if (spills) {
    attempt(&PlanPolicy::share, 6);
    attempt(&PlanPolicy::rest, 2);
  }
  for (const int tiles : {2, 6, 10}) attempt(&PlanPolicy::tiles, tiles);
  for (const int pieces : {1, 2, 8}) attempt(&PlanPolicy::pieces, pieces);
  return best;
}

}  // namespace

Compilation compile_with_plan(const model::Graph& graph, const isa::HardwareConfig& config,
                              Scratch scratch, const cost::MemoryTiming& memory,
                              const Progress& progress) {
  LayerGraph lowered = lower(graph, config);
  if (lowered.layers.empty()) {
    fail(ErrorKind::kUnsupported, "model '{}' has no layer that computes anything", graph.name);
  }
  Candidate best = best_of(graph, lowered, config, scratch, memory, progress);
  program::verify(best.program, config);
  if (progress) progress(lowered.layers.back().name, 1);
  return {std::move(lowered), std::move(best.plan), std::move(best.program)};
}

program::Program compile(const model::Graph& graph, const isa::HardwareConfig& config,
                         Scratch scratch, const cost::MemoryTiming& memory,
                         const Progress& progress) {
  return compile_with_plan(graph, config, scratch, memory, progress).program;
}

}  // namespace weft::compiler
