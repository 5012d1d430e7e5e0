#include "compiler/plan.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "compiler/act_allocator.h"
#include "compiler/chunks.h"
#include "compiler/schedule.h"

namespace weft::compiler {
namespace {

// So many tiles' outputs may wait for the bus.
constexpr int kMostOutBuffers = 4;

class Planner {
 public:
  Planner(const LayerGraph& lowered, const isa::HardwareConfig& config, size_t tensors,
          const std::vector<bool>& spilled, PlanPolicy policy, bool own_banks)
      : lowered_(lowered),
        config_(config),
        spilled_(spilled),
        policy_(policy),
        allocator_(config, own_banks) {
    plan_.placements.resize(tensors);
    last_use_.assign(tensors, -1);
    made_.assign(tensors, false);
    for (size_t i = 0; i < lowered.layers.size(); ++i) {
      for (const Operand& o : lowered.layers[i].operands) {
        if (!o.constant) last_use_[static_cast<size_t>(o.tensor)] = static_cast<int>(i);
      }
    }
  }

  // The layer that did not fit, or nothing when all did.
  std::optional<size_t> run() {
    for (size_t i = 0; i < lowered_.layers.size(); ++i) {
      allocator_.expire(static_cast<int>(i));
      if (!plan_layer(static_cast<int>(i))) return i;
    }
    plan_.act_peak_words = allocator_.peak();
    return std::nullopt;
  }

  Plan take() { return std::move(plan_); }

 private:
  // A resident tensor serves all its readers only if each sees it as it was made.
  bool may_stay(const Layer& layer) const {
    const auto t = static_cast<size_t>(layer.output);
    if (spilled_[t] || last_use_[t] < 0) return false;
    // Larger ones leave too little for what is staged beside them.
    if (3 * layer.whole.pixels() * ceil_div(layer.whole.c, config_.rows) > 2 * config_.act_words)
      return false;
    for (const Layer& other : lowered_.layers) {
      if (other.kind == LayerKind::kHost && other.output == layer.output) return false;
      for (const Operand& o : other.operands) {
        if (o.constant || o.tensor != layer.output) continue;
        if (other.kind == LayerKind::kHost || !(o.view == layer.whole)) return false;
      }
    }
    return true;
  }

  bool plan_layer(int index) {
    const Layer& layer = lowered_.layers[static_cast<size_t>(index)];
    if (layer.kind == LayerKind::kHost) {
      plan_.layers.emplace_back();
      return true;
    }
    // A tensor made in parts is where its first part has put it.
    const auto output = static_cast<size_t>(layer.output);
    if (made_[output]) return place(index, layer, plan_.placements[output].resident);
    const bool ok = (may_stay(layer) && place(index, layer, true)) || place(index, layer, false);
    made_[output] = true;
    return ok;
  }

  // Read by the depthwise engine, which likes it block by block.
  bool likes_planar(int tensor) const {
    for (const Layer& reader : lowered_.layers) {
      if (reader.kind == LayerKind::kDepthwise && reader.operands[0].tensor == tensor) return true;
    }
    return false;
  }

  bool place(int index, const Layer& layer, bool out_resident) {
    bool staged = !out_resident;
    for (const Operand& o : layer.operands) staged = staged || !resident(o);
    // Best is room of its own beside the layers before, else any.
    const int64_t modest = config_.act_words / policy_.share, much = config_.act_words * 3 / 4;
    return place(index, layer, out_resident, staged, {modest, policy_.rest}) ||
           place(index, layer, out_resident, staged, {modest, 0}) ||
           place(index, layer, out_resident, staged, {much, 0}) ||
           place(index, layer, out_resident, staged, {0, 0});
  }

  struct Manner {
    int64_t staging;  // most words, 0: any, and whatever it costs
    int rest;         // layers whose words it does not use
  };
  bool place(int index, const Layer& layer, bool out_resident, bool staged, Manner manner) {
    const int lanes = config_.rows;
    const int out_blocks = ceil_div(layer.out.c, lanes);
    const bool first_part = !made_[static_cast<size_t>(layer.output)];
    for (auto [chunk_h, chunk_w, chunk_blocks, in_blocks] :
         chunk_sizes(layer, config_, least_chunks(layer, staged))) {
      if (in_blocks > 0 && resident(layer.operands[0])) return false;
      LayerPlan plan;
      plan.chunk_h = chunk_h;
      plan.chunk_w = chunk_w;
      plan.chunk_blocks = chunk_blocks;
      plan.in_blocks = in_blocks;
      plan.planar = layer.kind == LayerKind::kDepthwise;
      plan.shallow = layer.uses_array() && in_blocks == 0 && !resident(layer.operands[0]) &&
                     can_be_shallow(layer, config_);
      const int64_t chunks = int64_t{layer.out.n} * ceil_div(layer.out.h, chunk_h) *
                             ceil_div(layer.out.w, chunk_w) * ceil_div(out_blocks, chunk_blocks);
      if (!choose_tile(layer, staged, config_, policy_.tiles, plan)) return false;
      const int64_t tiles =
          chunks * ceil_div(chunk_h, plan.tile_h) * ceil_div(chunk_w, plan.tile_w);
      // Parts of the input are there for one tile.
      if (in_blocks > 0 && tiles > chunks) continue;
      plan_weights(layer, tiles > 1, tiles > chunks, plan);
      const int in_buffers = chunks > 1 || in_blocks > 0 ? 2 : 1;
      // Tiles of their own: one is stored while the next are computed.
      plan.out_by_tile = !out_resident && layer.uses_acc() && tiles > 1 &&
                         plan.weight_mode != WeightMode::kHoldBlock;
      int64_t in_words = 0;
      std::vector<int64_t> operand_words;
      for (size_t k = 0; k < layer.operands.size(); ++k) {
        const Operand& o = layer.operands[k];
        const int rows = widest_input(layer, k, true, chunk_h);
        const int cols = widest_input(layer, k, false, chunk_w);
        const int blocks = layer.by_channel() ? chunk_blocks
                           : in_blocks > 0    ? in_blocks
                                              : ceil_div(o.view.c, lanes);
        const int64_t words = resident(o)    ? 0
                              : plan.shallow ? int64_t{rows} * ceil_div(cols * o.view.c, lanes)
                                             : int64_t{rows} * cols * blocks;
        operand_words.push_back(words);
        in_words += words;
      }
      const int64_t out_words = out_resident
                                    ? 0
                                    : int64_t{plan.out_by_tile ? plan.tile_h : chunk_h} *
                                          (plan.out_by_tile ? plan.tile_w : chunk_w) * chunk_blocks;
      const int64_t resident_words =
          out_resident && first_part ? layer.whole.pixels() * ceil_div(layer.whole.c, lanes) : 0;
      const int most = plan.out_by_tile
                           ? static_cast<int>(std::min<int64_t>(tiles, kMostOutBuffers))
                           : in_buffers;
      for (int out_buffers = most; out_buffers >= std::min(most, in_buffers); --out_buffers) {
        const int64_t staging = in_words * in_buffers + out_words * out_buffers;
        if (staging + resident_words > config_.act_words) continue;
        if (manner.staging > 0 && (staging > manner.staging || !worth_it(layer, plan))) continue;
        plan.in.clear();
        for (const int64_t words : operand_words) {
          plan.in.push_back({static_cast<int>(words),
                             std::vector<int>(words > 0 ? static_cast<size_t>(in_buffers) : 0)});
        }
        plan.out.words = static_cast<int>(out_words);
        plan.out.addr.assign(out_words > 0 ? static_cast<size_t>(out_buffers) : 0, 0);
        if (!allocate(index, layer, plan, static_cast<int>(resident_words), manner.rest)) continue;
        plan_.layers.push_back(plan);
        return true;
      }
    }
    return false;
  }

  // Small chunks leave room, but should not read rows twice, as two of them need them, nor make small
  // tiles; parts of the channels are read again for each set of blocks whose sums fit, and the bus
  // should not take longer for them than the array.
  bool worth_it(const Layer& layer, const LayerPlan& plan) const {
    constexpr double kMostReads = 1.3, kMostBus = 0.75;
    const int tile = largest_tile(layer, plan);
    if (plan.in_blocks > 0) {
      const int blocks = ceil_div(layer.mid.c, config_.cols);
      const int together = std::max(1, config_.acc_depth / tile * most_open_banks(config_));
      const double read = static_cast<double>(ceil_div(blocks, together)) * layer.in().h *
                          layer.in().w * ceil_div(layer.in().c, config_.rows);
      const double array =
          static_cast<double>(plan.k_tiles) * blocks * std::max(tile, config_.rows);
      return read + static_cast<double>(weight_words(layer, false, config_)) <= kMostBus * array;
    }
    if (plan.chunk_h == layer.out.h && plan.chunk_w == layer.out.w) return true;
    const int read =
        ceil_div(layer.out.h, plan.chunk_h) * widest_input(layer, 0, true, plan.chunk_h);
    return read <= kMostReads * layer.in().h && 2 * tile >= config_.acc_depth;
  }

  bool resident(const Operand& o) const {
    return !o.constant && plan_.placements[static_cast<size_t>(o.tensor)].resident;
  }

  // All of a layer's buffers or none.
  bool allocate(int index, const Layer& layer, LayerPlan& plan, int resident_words, int rest) {
    const auto mark = allocator_.mark();
    const auto output = static_cast<size_t>(layer.output);
    bool ok = true;
    auto take = [&](int words, int until, int& addr) {
      const auto got = allocator_.allocate(words, until, rest);
      ok = ok && got.has_value();
      addr = got.value_or(0);
    };
    int resident_addr = 0;
    if (resident_words > 0) take(resident_words, last_use_[output], resident_addr);
    size_t most = plan.out.addr.size();
    for (const Staging& in : plan.in) most = std::max(most, in.addr.size());
    for (size_t b = 0; b < most; ++b) {
      for (Staging& in : plan.in) {
        if (b < in.addr.size()) take(in.words, index, in.addr[b]);
      }
      if (b < plan.out.addr.size()) take(plan.out.words, index, plan.out.addr[b]);
    }
    if (!ok) {
      allocator_.rewind(mark);
      return false;
    }
    if (resident_words == 0) return true;
    Placement& placement = plan_.placements[output];
    placement.resident = true;
    placement.planar = likes_planar(layer.output);
    placement.act_addr = resident_addr;
    placement.view = layer.whole;
    return true;
  }

  // `tiles`: there are several; `chunk_tiles`: also in one chunk.
  void plan_weights(const Layer& layer, bool tiles, bool chunk_tiles, LayerPlan& plan) const {
    if (!layer.uses_array()) return;
    plan.k_tiles = tiles_of_k(layer, plan.shallow, config_.rows);
    const int64_t all = weight_words(layer, plan.shallow, config_);
    // Half of the memory, so that the next layer's weights come while this one runs.
    const int half = config_.wgt_words / 2;
    const bool one_piece = !plan.shallow || packed_rows(layer, config_.rows).size() == 1;
    plan.weight_mode = all <= half && tiles ? WeightMode::kHoldAll
                       : plan.k_tiles * config_.rows <= half && chunk_tiles && one_piece
                           ? WeightMode::kHoldBlock
                           : WeightMode::kStream;
    plan.piece_words = config_.wgt_words / 8;
  }

  const LayerGraph& lowered_;
  const isa::HardwareConfig& config_;
  const std::vector<bool>& spilled_;
  const PlanPolicy policy_;
  ActAllocator allocator_;
  std::vector<int> last_use_;
  std::vector<bool> made_;  // by tensor: a part of it is planned
  Plan plan_;
};

// Spilled tensors of several channel blocks lie block by block, as long runs whichever blocks are
// taken. The host, who sees another shape, and packed rows need them as they are.
void choose_layouts(const model::Graph& graph, const LayerGraph& lowered,
                    const isa::HardwareConfig& config, Plan& plan) {
  for (size_t t = 0; t < plan.placements.size(); ++t) {
    const Layer* maker = nullptr;
    bool plain = plan.placements[t].resident || lowered.is_output[t];
    for (const Layer& layer : lowered.layers) {
      if (layer.output != static_cast<int>(t)) continue;
      maker = &layer;
      plain = plain || layer.kind == LayerKind::kHost || layer.step_y != 1 || layer.step_x != 1;
    }
    if (maker == nullptr || maker->whole.c <= config.rows) continue;
    const View& whole = maker->whole;
    plain = plain || graph.tensor(static_cast<int>(t)).shape !=
                         std::vector<int>{whole.n, whole.h, whole.w, whole.c};
    for (size_t i = 0; i < lowered.layers.size(); ++i) {
      const Layer& layer = lowered.layers[i];
      for (const Operand& o : layer.operands) {
        if (o.constant || o.tensor != static_cast<int>(t)) continue;
        plain =
            plain || layer.kind == LayerKind::kHost || plan.layers[i].shallow || !(o.view == whole);
      }
    }
    plan.placements[t].blocked = !plain;
  }
}

}  // namespace

int largest_tile(const Layer& layer, const LayerPlan& plan) {
  return widest_mid(layer, true, plan.tile_h) * widest_mid(layer, false, plan.tile_w);
}

Plan make_plan(const model::Graph& graph, const LayerGraph& lowered,
               const isa::HardwareConfig& config, PlanPolicy policy) {
  // A tensor that a later layer has no room beside, also when buffers share banks, goes to DRAM,
  // and planning starts anew: at most once a tensor.
  std::vector<bool> spilled(graph.tensors.size(), false);
  while (true) {
    Planner roomy(lowered, config, graph.tensors.size(), spilled, policy, true);
    const auto finish = [&](Plan plan) {
      choose_layouts(graph, lowered, config, plan);
      plan.policy = policy;
      return plan;
    };
    if (!roomy.run()) return finish(roomy.take());
    Planner planner(lowered, config, graph.tensors.size(), spilled, policy, false);
    const auto failed = planner.run();
    if (!failed) return finish(planner.take());
    bool progress = false;
    // All that lives when that layer runs.
    for (size_t j = *failed; j < lowered.layers.size(); ++j) {
      for (const Operand& o : lowered.layers[j].operands) {
        if (o.constant) continue;
        for (size_t i = 0; i < *failed; ++i) {
          const auto t = static_cast<size_t>(o.tensor);
          if (lowered.layers[i].output == o.tensor && !spilled[t]) spilled[t] = progress = true;
        }
      }
    }
    if (!progress) {
      const Layer& layer = lowered.layers[*failed];
      fail(ErrorKind::kUnsupported,
           "layer {} ({}): one output pixel needs an input of {} x {} pixels, more than the "
           "activation memory of configuration '{}' ({} words of {} bytes) or its accumulators "
           "hold; use a larger configuration",
           layer.name, layer.source, widest_input(layer, 0, true, 1),
           widest_input(layer, 0, false, 1), config.name, config.act_words, config.rows);
    }
  }
}

}  // namespace weft::compiler
