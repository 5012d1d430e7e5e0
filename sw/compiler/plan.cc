#include "compiler/plan.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "compiler/act_allocator.h"

namespace weft::compiler {
namespace {

// Rows `out` need of a source of `extent` rows through a window, clipped, never empty.
Range source_range(int size, int stride, int dilation, int pad, Range out, int extent) {
  int begin = out.begin * stride - pad;
  int end = (out.end - 1) * stride - pad + (size - 1) * dilation + 1;
  begin = std::clamp(begin, 0, extent - 1);
  end = std::clamp(end, begin + 1, extent);
  return {begin, end};
}

int tiles_of_k(const Layer& layer, bool shallow, int lanes) {
  if (shallow) return ceil_div(layer.kernel.h * layer.kernel.w * layer.in.c, lanes);
  return layer.kernel.h * layer.kernel.w * ceil_div(layer.in.c, lanes);
}

// The packer takes rows of packed bytes, at most four kernel rows a K tile; such a K nest
// cannot be cut into pieces, so half of the weight memory must hold it.
bool can_be_shallow(const Layer& layer, const isa::HardwareConfig& config) {
  const int lanes = config.rows;
  const int row_bytes = layer.kernel.w * layer.in.c;
  if (layer.kind != LayerKind::kConv || layer.kernel.dilation_w != 1 || row_bytes > 255 ||
      layer.kernel.stride_w * layer.in.c > 255 || layer.in.w * layer.in.c > 32767) {
    return false;
  }
  const int k = layer.kernel.h * row_bytes;
  if (tiles_of_k(layer, true, lanes) * lanes > config.wgt_words / 2) return false;
  for (int first = 0; first < k; first += lanes) {
    const int last = std::min(k, first + lanes) - 1;
    if (last / row_bytes - first / row_bytes >= 4) return false;
  }
  return tiles_of_k(layer, true, lanes) < tiles_of_k(layer, false, lanes);
}

// Largest extent, over all chunks of `chunk` outputs, of what a chunk reads of the input.
int widest_input(const Layer& layer, bool vertical, int chunk) {
  const int out = vertical ? layer.out.h : layer.out.w;
  const int mid = vertical ? layer.mid.h : layer.mid.w;
  const int in = vertical ? layer.in.h : layer.in.w;
  int widest = 0;
  for (int begin = 0; begin < out; begin += chunk) {
    Range r = pool_source(layer.pool, vertical, {begin, std::min(out, begin + chunk)}, mid);
    if (layer.uses_array()) r = kernel_source(layer.kernel, vertical, r, in);
    widest = std::max(widest, r.size());
  }
  return widest;
}

int widest_mid(const Layer& layer, bool vertical, int chunk) {
  const int out = vertical ? layer.out.h : layer.out.w;
  const int mid = vertical ? layer.mid.h : layer.mid.w;
  int widest = 0;
  for (int begin = 0; begin < out; begin += chunk) {
    widest = std::max(
        widest,
        pool_source(layer.pool, vertical, {begin, std::min(out, begin + chunk)}, mid).size());
  }
  return widest;
}

// A pool whose windows do not overlap reads nothing twice when it is cut; in so many chunks loads,
// passes and stores run beside each other.
int least_chunks(const Layer& layer, bool staged) {
  constexpr int kChunks = 6;
  const bool apart = layer.pool.h <= layer.pool.stride_h;
  return !layer.uses_array() && staged && apart ? std::min(kChunks, layer.out.h) : 1;
}

// Chunk sizes to try, from `least` chunks down to one pixel: rows first, columns after.
std::vector<std::pair<int, int>> chunk_sizes(const View& out, int least) {
  std::vector<std::pair<int, int>> sizes;
  for (int n = least; n <= out.h; ++n) {
    const int h = ceil_div(out.h, n);
    if (sizes.empty() || sizes.back().first != h) sizes.emplace_back(h, out.w);
  }
  for (int n = 2; n <= out.w; ++n) {
    const int w = ceil_div(out.w, n);
    if (sizes.back().second != w) sizes.emplace_back(1, w);
  }
  return sizes;
}

// Chunks are cut into equal tiles whose middle images fit one acc bank.
bool choose_tile(const Layer& layer, const isa::HardwareConfig& config, LayerPlan& plan) {
  if (!layer.uses_array()) {
    plan.tile_h = plan.chunk_h;
    plan.tile_w = plan.chunk_w;
    return true;
  }
  for (int n_w = 1; n_w <= plan.chunk_w; ++n_w) {
    const int tile_w = ceil_div(plan.chunk_w, n_w);
    for (int n_h = 1; n_h <= plan.chunk_h; ++n_h) {
      const int tile_h = ceil_div(plan.chunk_h, n_h);
      const int64_t entries =
          int64_t{widest_mid(layer, true, tile_h)} * widest_mid(layer, false, tile_w);
      if (entries <= config.acc_depth) {
        plan.tile_h = tile_h;
        plan.tile_w = tile_w;
        return true;
      }
      if (tile_h == 1) break;
    }
  }
  return false;
}

// So many tiles' outputs may wait for the bus.
constexpr int kMostOutBuffers = 4;

class Planner {
 public:
  Planner(const LayerGraph& lowered, const isa::HardwareConfig& config, size_t tensors,
          const std::vector<bool>& spilled, bool own_banks)
      : lowered_(lowered), config_(config), spilled_(spilled), allocator_(config, own_banks) {
    plan_.placements.resize(tensors);
    last_use_.assign(tensors, -1);
    for (size_t i = 0; i < lowered.layers.size(); ++i) {
      last_use_[static_cast<size_t>(lowered.layers[i].input)] = static_cast<int>(i);
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
    for (const Layer& reader : lowered_.layers) {
      if (reader.input == layer.output && !(reader.in == layer.out)) return false;
    }
    return true;
  }

  bool plan_layer(int index) {
    const Layer& layer = lowered_.layers[static_cast<size_t>(index)];
    if (may_stay(layer) && place(index, layer, true)) return true;
    return place(index, layer, false);
  }

  bool place(int index, const Layer& layer, bool out_resident) {
    const int lanes = config_.rows;
    const Placement& source = plan_.placements[static_cast<size_t>(layer.input)];
    const int in_blocks = ceil_div(layer.in.c, lanes);
    const int out_blocks = ceil_div(layer.out.c, lanes);
    const int least = least_chunks(layer, !source.resident || !out_resident);
    for (auto [chunk_h, chunk_w] : chunk_sizes(layer.out, least)) {
      LayerPlan plan;
      plan.chunk_h = chunk_h;
      plan.chunk_w = chunk_w;
      plan.shallow = !source.resident && can_be_shallow(layer, config_);
      const int64_t chunks =
          int64_t{layer.out.n} * ceil_div(layer.out.h, chunk_h) * ceil_div(layer.out.w, chunk_w);
      if (!choose_tile(layer, config_, plan)) return false;
      const int64_t tiles = chunks * ceil_div(chunk_h, plan.tile_h) * ceil_div(chunk_w, plan.tile_w);
      plan_weights(layer, tiles > 1, tiles > chunks, plan);
      const int in_buffers = chunks > 1 ? 2 : 1;
      // Tiles of their own: one is stored while the next are computed.
      plan.out_by_tile = !out_resident && layer.uses_array() && tiles > 1 &&
                         plan.weight_mode != WeightMode::kHoldBlock;
      int64_t in_words = 0;
      if (!source.resident) {
        const int rows = widest_input(layer, true, chunk_h);
        const int cols = widest_input(layer, false, chunk_w);
        in_words = plan.shallow ? int64_t{rows} * ceil_div(cols * layer.in.c, lanes)
                                : int64_t{rows} * cols * in_blocks;
      }
      const int64_t out_words =
          out_resident ? 0
                       : int64_t{plan.out_by_tile ? plan.tile_h : chunk_h} *
                             (plan.out_by_tile ? plan.tile_w : chunk_w) * out_blocks;
      const int64_t resident_words =
          out_resident ? layer.out.elements() / layer.out.c * out_blocks : 0;
      const int most = plan.out_by_tile ? static_cast<int>(std::min<int64_t>(tiles, kMostOutBuffers)) : in_buffers;
      for (int out_buffers = most; out_buffers >= std::min(most, in_buffers); --out_buffers) {
        if (in_words * in_buffers + out_words * out_buffers + resident_words > config_.act_words) continue;
        plan.in.words = static_cast<int>(in_words);
        plan.in.addr.assign(in_words > 0 ? static_cast<size_t>(in_buffers) : 0, 0);
        plan.out.words = static_cast<int>(out_words);
        plan.out.addr.assign(out_words > 0 ? static_cast<size_t>(out_buffers) : 0, 0);
        if (!allocate(index, layer, plan, static_cast<int>(resident_words))) continue;
        plan_.layers.push_back(plan);
        return true;
      }
    }
    return false;
  }

  // All of a layer's buffers or none.
  bool allocate(int index, const Layer& layer, LayerPlan& plan, int resident_words) {
    const auto mark = allocator_.mark();
    const auto output = static_cast<size_t>(layer.output);
    bool ok = true;
    auto take = [&](int words, int until, int& addr) {
      const auto got = allocator_.allocate(words, until);
      ok = ok && got.has_value();
      addr = got.value_or(0);
    };
    int resident_addr = 0;
    if (resident_words > 0) take(resident_words, last_use_[output], resident_addr);
    for (size_t b = 0; b < std::max(plan.in.addr.size(), plan.out.addr.size()); ++b) {
      if (b < plan.in.addr.size()) take(plan.in.words, index, plan.in.addr[b]);
      if (b < plan.out.addr.size()) take(plan.out.words, index, plan.out.addr[b]);
    }
    if (!ok) {
      allocator_.rewind(mark);
      return false;
    }
    Placement& placement = plan_.placements[output];
    placement.resident = resident_words > 0;
    placement.act_addr = resident_addr;
    placement.view = layer.out;
    return true;
  }

  // `tiles`: there are several; `chunk_tiles`: also in one chunk.
  void plan_weights(const Layer& layer, bool tiles, bool chunk_tiles, LayerPlan& plan) const {
    if (!layer.uses_array()) return;
    plan.k_tiles = tiles_of_k(layer, plan.shallow, config_.rows);
    const int blocks = ceil_div(layer.mid.c, config_.cols);
    const int64_t all = int64_t{plan.k_tiles} * config_.rows * blocks;
    // Half of the memory, so that the next layer's weights come while this one runs.
    const int half = config_.wgt_words / 2;
    plan.weight_mode = all <= half && tiles                                     ? WeightMode::kHoldAll
                       : plan.k_tiles * config_.rows <= half && chunk_tiles ? WeightMode::kHoldBlock
                                                                                  : WeightMode::kStream;
    plan.piece_words = config_.wgt_words / 8;
  }

  const LayerGraph& lowered_;
  const isa::HardwareConfig& config_;
  const std::vector<bool>& spilled_;
  ActAllocator allocator_;
  std::vector<int> last_use_;
  Plan plan_;
};

}  // namespace

Range pool_source(const Window& pool, bool vertical, Range out, int mid_extent) {
  return vertical ? source_range(pool.h, pool.stride_h, 1, pool.pad_top, out, mid_extent)
                  : source_range(pool.w, pool.stride_w, 1, pool.pad_left, out, mid_extent);
}

Range kernel_source(const Window& kernel, bool vertical, Range mid, int in_extent) {
  return vertical
             ? source_range(kernel.h, kernel.stride_h, kernel.dilation_h, kernel.pad_top, mid, in_extent)
             : source_range(kernel.w, kernel.stride_w, kernel.dilation_w, kernel.pad_left, mid, in_extent);
}

Plan make_plan(const model::Graph& graph, const LayerGraph& lowered,
               const isa::HardwareConfig& config) {
  // A tensor that a later layer has no room beside, also when buffers share banks, goes to DRAM,
  // and planning starts anew: at most once a tensor.
  std::vector<bool> spilled(graph.tensors.size(), false);
  while (true) {
    Planner roomy(lowered, config, graph.tensors.size(), spilled, true);
    if (!roomy.run()) return roomy.take();
    Planner planner(lowered, config, graph.tensors.size(), spilled, false);
    const auto failed = planner.run();
    if (!failed) return planner.take();
    bool progress = false;
    for (size_t i = 0; i < *failed + 1; ++i) {
      const Layer& layer = lowered.layers[i];
      const auto t = static_cast<size_t>(i == *failed ? layer.input : layer.output);
      const bool made_here = i != *failed;
      bool live = !made_here;
      for (size_t j = *failed; j < lowered.layers.size() && made_here; ++j) {
        live = live || lowered.layers[j].input == layer.output;
      }
      if (live && !spilled[t]) {
        spilled[t] = true;
        progress = true;
      }
    }
    if (!progress) {
      const Layer& layer = lowered.layers[*failed];
      fail(ErrorKind::kUnsupported,
           "layer {} ({}): one output pixel needs an input of {} x {} x {} and the outputs' {} channels, "
           "more than the activation memory of configuration '{}' ({} words of {} bytes) or its "
           "accumulators hold; use a larger configuration",
           layer.name, layer.source, widest_input(layer, true, 1), widest_input(layer, false, 1),
           layer.in.c, layer.out.c, config.name, config.act_words, config.rows);
    }
  }
}

}  // namespace weft::compiler
