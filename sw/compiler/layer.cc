#include "compiler/layer.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "compiler/lower.h"

namespace weft::compiler {
namespace {

using model::Graph;
using model::Op;

// max is monotone and so is requantisation: pooling the sums and clamping once, to the
// conv's range seen through the pool's, gives the same bytes.
void fuse_pool(Layer& layer, const Layer& pool) {
  layer.pool = pool.pool;
  layer.out = layer.whole = pool.out;
  layer.output = pool.output;
  layer.clamp.min = std::clamp(layer.clamp.min, pool.clamp.min, pool.clamp.max);
  layer.clamp.max = std::clamp(layer.clamp.max, pool.clamp.min, pool.clamp.max);
  layer.name += "+" + pool.name;
}

// Padding with the zero point, rows and columns only, is what the kernel does itself.
bool pads_for_kernel(const model::Pad& pad, const Layer& reader) {
  if (!reader.uses_acc() || reader.kind == LayerKind::kDense || pad.before.size() != 4 ||
      pad.value != reader.input_zero_point) {
    return false;
  }
  return pad.before[0] + pad.after[0] + pad.before[3] + pad.after[3] == 0;
}

class Lowering {
 public:
  Lowering(const Graph& graph, const isa::HardwareConfig& config) : graph_(graph), config_(config) {
    const size_t tensors = graph.tensors.size();
    result_.storage.resize(tensors);
    for (size_t t = 0; t < tensors; ++t) result_.storage[t] = static_cast<int>(t);
    for (const Op& op : graph.ops) {
      if (std::holds_alternative<model::Reshape>(op.attributes))
        storage(op.outputs[0]) = storage(op.inputs[0]);
    }
    result_.is_output.assign(tensors, false);
    for (int t : graph.outputs) result_.is_output[static_cast<size_t>(storage(t))] = true;
    readers_.assign(tensors, 0);
    writer_.assign(tensors, -1);
    for (size_t i = 0; i < graph.ops.size(); ++i) {
      const Op& op = graph.ops[i];
      for (int t : op.inputs) {
        if (t >= 0) ++readers_[static_cast<size_t>(t)];
      }
      writer_[static_cast<size_t>(op.outputs[0])] = static_cast<int>(i);
    }
  }

  LayerGraph run() {
    std::vector<std::vector<Layer>> by_op;
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      by_op.push_back(lower_op(graph_, i, result_.storage, config_));
    }
    for (size_t i = 0; i < by_op.size(); ++i) fold_pad(by_op, i);
    for (size_t i = 0; i < by_op.size(); ++i) fold_pool(by_op, i);
    for (std::vector<Layer>& layers : by_op) {
      for (Layer& layer : layers) result_.layers.push_back(std::move(layer));
    }
    return std::move(result_);
  }

 private:
  int& storage(int tensor) { return result_.storage[static_cast<size_t>(tensor)]; }
  bool read_once(int tensor) const {
    return readers_[static_cast<size_t>(tensor)] == 1 &&
           !result_.is_output[static_cast<size_t>(tensor)];
  }

  // Operator i's padding into the convolution that alone reads it.
  void fold_pad(std::vector<std::vector<Layer>>& by_op, size_t i) {
    const Op& op = graph_.ops[i];
    const auto* pad = std::get_if<model::Pad>(&op.attributes);
    if (pad == nullptr || !read_once(op.outputs[0])) return;
    for (size_t j = i + 1; j < by_op.size(); ++j) {
      // Not through a reshape: the kernel pads what it sees.
      if (by_op[j].size() != 1 || graph_.ops[j].inputs[0] != op.outputs[0]) continue;
      Layer& reader = by_op[j][0];
      if (!pads_for_kernel(*pad, reader)) return;
      const std::vector<int>& shape = graph_.tensor(op.inputs[0]).shape;
      reader.operands[0].tensor = storage(op.inputs[0]);
      reader.operands[0].view = {shape[0], shape[1], shape[2], shape[3]};
      reader.kernel.pad_top += pad->before[1];
      reader.kernel.pad_left += pad->before[2];
      by_op[i].clear();
      return;
    }
  }

  // A max-pool into the convolution whose output it alone reads. Not where windows overlap: tiles would
  // compute what they share twice.
  void fold_pool(std::vector<std::vector<Layer>>& by_op, size_t i) {
    const Op& op = graph_.ops[i];
    if (!std::holds_alternative<model::MaxPool2d>(op.attributes) || by_op[i].empty() ||
        by_op[i][0].kind == LayerKind::kHost) {
      return;
    }
    const Window& window = by_op[i][0].pool;
    if (window.h > window.stride_h || window.w > window.stride_w) return;
    const int writer = writer_[static_cast<size_t>(op.inputs[0])];
    if (writer < 0 || !read_once(op.inputs[0])) return;
    std::vector<Layer>& before = by_op[static_cast<size_t>(writer)];
    if (before.size() != 1 || !before[0].uses_acc() || before[0].kind == LayerKind::kDense) return;
    fuse_pool(before[0], by_op[i][0]);
    by_op[i].clear();
  }

  const Graph& graph_;
  const isa::HardwareConfig& config_;
  LayerGraph result_;
  std::vector<int> readers_;
  std::vector<int> writer_;
};

}  // namespace

LayerGraph lower(const Graph& graph, const isa::HardwareConfig& config) {
  return Lowering(graph, config).run();
}

}  // namespace weft::compiler
