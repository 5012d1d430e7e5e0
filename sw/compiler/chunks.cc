#include "compiler/chunks.h"

#include <algorithm>

namespace weft::compiler {
namespace {

// More tiles need no weight twice: the array's are all held, the depthwise engine's are few.
bool tiles_cost_nothing(const Layer& layer, const isa::HardwareConfig& config,
                        const LayerPlan& plan) {
  return plan.tile_w == layer.out.w && plan.chunk_h == layer.out.h &&
         (layer.kind == LayerKind::kDepthwise ||
          weight_words(layer, plan.shallow, config) <= config.wgt_words / 2);
}

// Some tiles of rows, so that the layers before and after can be at work on others; each still long
// enough to hide what a tile costs.
void cut_for_neighbours(const Layer& layer, const isa::HardwareConfig& config, int tiles,
                        LayerPlan& plan) {
  const int least = 2 * config.rows;  // sums
  int rows = std::min(plan.tile_h, ceil_div(plan.chunk_h, tiles));
  while (rows < plan.tile_h && widest_mid(layer, true, rows) * layer.mid.w < least) ++rows;
  plan.tile_h = rows;
}

}  // namespace

int64_t weight_words(const Layer& layer, bool shallow, const isa::HardwareConfig& config) {
  return int64_t{tiles_of_k(layer, shallow, config.rows)} * config.rows *
         ceil_div(layer.mid.c, config.cols);
}

bool can_be_shallow(const Layer& layer, const isa::HardwareConfig& config) {
  const int lanes = config.rows;
  const int row_bytes = layer.kernel.w * layer.in().c;
  if (layer.kind != LayerKind::kConv || layer.kernel.dilation_w != 1 || row_bytes > 255 ||
      layer.kernel.stride_w * layer.in().c > 255 || layer.in().w * layer.in().c > 32767) {
    return false;
  }
  if (tiles_of_k(layer, true, lanes) * lanes > config.wgt_words / 2) return false;
  return tiles_of_k(layer, true, lanes) < tiles_of_k(layer, false, lanes);
}

int least_chunks(const Layer& layer, bool staged) {
  constexpr int kChunks = 6;
  const bool apart = layer.pool.h <= layer.pool.stride_h;
  return layer.kind == LayerKind::kVector && staged && apart ? std::min(kChunks, layer.out.h) : 1;
}

std::vector<ChunkSize> chunk_sizes(const Layer& layer, const isa::HardwareConfig& config,
                                   int least) {
  const View& out = layer.out;
  const int lanes = config.rows;
  const int out_blocks = ceil_div(out.c, lanes), in_blocks = ceil_div(layer.in().c, lanes);
  std::vector<ChunkSize> sizes;
  auto add = [&](int h, int w, int blocks) {
    const ChunkSize size{h, w, blocks, 0};
    if (sizes.empty() || sizes.back().h != h || sizes.back().w != w ||
        sizes.back().blocks != blocks) {
      sizes.push_back(size);
    }
  };
  // Chunks of rows would each stream all weights; parts of the channels do not.
  const bool streamed = layer.uses_array() &&
                        int64_t{layer.mid.h} * layer.mid.w <= config.acc_depth &&
                        weight_words(layer, false, config) > config.wgt_words / 2;
  if (streamed) {
    add(out.h, out.w, out_blocks);
    for (int in = ceil_div(in_blocks, 2); in > 1; in = ceil_div(in, 2))
      sizes.push_back({out.h, out.w, out_blocks, in});
  }
  for (int n = least; n <= out.h; ++n) add(ceil_div(out.h, n), out.w, out_blocks);
  int blocks = out_blocks;
  while (layer.by_channel() && blocks > 1) {
    blocks = ceil_div(blocks, 2);
    for (int n = 1; n <= out.h; ++n) add(ceil_div(out.h, n), out.w, blocks);
  }
  for (int n = 2; n <= out.w; ++n) add(1, ceil_div(out.w, n), blocks);
  if (!layer.uses_array()) return sizes;
  // Not all input channels at a time: pixels as many as there is room for, then fewer outputs.
  for (int part = out_blocks;; part = ceil_div(part, 2)) {
    for (int w = out.w;; w = ceil_div(w, 2)) {
      for (int in = ceil_div(in_blocks, 2);; in = ceil_div(in, 2)) {
        sizes.push_back({1, w, part, in});
        if (in == 1) break;
      }
      if (w == 1) break;
    }
    if (part == 1) break;
  }
  return sizes;
}

bool choose_tile(const Layer& layer, bool staged, const isa::HardwareConfig& config, int tiles,
                 LayerPlan& plan) {
  if (!layer.uses_acc()) {
    constexpr int kLeastWords = 64,
                  kLeastOfTable = 256;  // a table is not read while another is used
    const int least = layer.opcode == isa::Opcode::kLut ? kLeastOfTable : kLeastWords;
    plan.tile_h = staged ? plan.chunk_h : std::min(plan.chunk_h, ceil_div(least, plan.chunk_w));
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
        if (tiles_cost_nothing(layer, config, plan)) cut_for_neighbours(layer, config, tiles, plan);
        return true;
      }
      if (tile_h == 1) break;
    }
  }
  return false;
}

}  // namespace weft::compiler
