#include "compiler/emit.h"

#include <algorithm>

#include "compiler/pack.h"

namespace weft::compiler {
namespace {

constexpr uint64_t kAlign = 64;

void align_image(std::vector<uint8_t>& image) {
  image.resize((image.size() + kAlign - 1) / kAlign * kAlign, 0);
}

}  // namespace

Emitter::Emitter(const LayerGraph& lowered, const Plan& plan, const isa::HardwareConfig& config,
                 int64_t dram_lines)
    : lowered_(lowered),
      plan_(plan),
      config_(config),
      dram_lines_(dram_lines),
      stream_(config, dram_lines),
      wgt_(config.wgt_words),
      param_(config.param_words) {}

std::optional<program::Step> Emitter::end_job() {
  if (stream_.size() == 0) return std::nullopt;
  program::Step step;
  step.first = static_cast<uint32_t>(descriptors_.size() / isa::kDescriptorBytes);
  step.count = static_cast<uint32_t>(stream_.size());
  const std::vector<uint8_t> bytes = std::move(stream_).finish();
  descriptors_.insert(descriptors_.end(), bytes.begin(), bytes.end());
  stream_ = Stream(config_, dram_lines_);
  return step;
}

void Emitter::begin_layer(int index) {
  index_ = index;
  layer_ = &lowered_.layers[static_cast<size_t>(index)];
  lp_ = &plan_.layers[static_cast<size_t>(index)];
  const int lanes = config_.rows;
  mid_blocks_ = ceil_div(layer_->mid.c, lanes);
  out_blocks_ = ceil_div(layer_->out.c, lanes);
  param_first_ = -1;
  layer_constants_ = {};
  layer_constants_.operands.resize(layer_->operands.size());
  for (size_t k = 0; k < layer_->operands.size(); ++k) {
    if (!layer_->operands[k].constant) continue;
    align_image(constants_);
    layer_constants_.operands[k] = constants_.size();
    const std::vector<int8_t>& data = layer_->operands[k].data;
    constants_.insert(constants_.end(), data.begin(), data.end());
  }
  for (int b = 0; layer_->uses_array() && b < mid_blocks_; ++b) {
    const BlockRange kc =
        lp_->shallow ? BlockRange{0, lp_->k_tiles} : input_blocks(*layer_, b, lanes);
    layer_constants_.kc.push_back(kc);
    align_image(constants_);
    layer_constants_.weights.push_back(constants_.size());
    const auto words = pack_weights(*layer_, lp_->shallow, b, kc, lanes);
    constants_.insert(constants_.end(), words.begin(), words.end());
  }
  align_image(constants_);
  layer_constants_.parameters = constants_.size();
  const std::vector<std::vector<uint8_t>> units = pack_parameters(*layer_, lanes);
  param_units_ = static_cast<int>(units.size());
  param_unit_words_ = units.empty() ? 0 : static_cast<int>(units[0].size()) / lanes;
  for (const auto& unit : units) constants_.insert(constants_.end(), unit.begin(), unit.end());

  held_.assign(static_cast<size_t>(mid_blocks_), -1);
}

void Emitter::emit_layer(int index) {
  begin_layer(index);
  const Placement& out = plan_.placements[static_cast<size_t>(layer_->output)];
  const int rows = rows_read();
  size_t buffer = 0;
  out_buffer_ = 0;
  for (int n = 0; n < layer_->out.n; ++n) {
    for (int y = 0; y < rows; y += lp_->chunk_h) {
      for (int x = 0; x < layer_->out.w; x += lp_->chunk_w) {
        for (int b = 0; b < out_blocks_; b += lp_->chunk_blocks, ++buffer) {
          Chunk chunk;
          chunk.n = n;
          chunk.oy = {y, std::min(rows, y + lp_->chunk_h)};
          chunk.ox = {x, std::min(layer_->out.w, x + lp_->chunk_w)};
          chunk.blocks = {b, std::min(out_blocks_, b + lp_->chunk_blocks)};
          for (size_t k = 0; k < layer_->operands.size(); ++k) {
            const Operand& operand = layer_->operands[k];
            const std::vector<int>& addr = lp_->in[k].addr;
            chunk.in.push_back(
                addr.empty()
                    ? resident_image(plan_.placements[static_cast<size_t>(operand.tensor)], n)
                    : load_operand(chunk, k, addr[buffer % addr.size()]));
          }
          if (out.resident) {
            chunk.out = resident_image(out, n);
          } else if (!lp_->out_by_tile) {
            chunk.out = staged_output(chunk, chunk.oy, chunk.ox,
                                      lp_->out.addr[buffer % lp_->out.addr.size()]);
          }
          const std::vector<Tile> tiles = tiles_of(chunk);
          if (layer_->uses_acc()) {
            emit_acc_chunk(chunk, tiles);
          } else {
            emit_vector_chunk(chunk, tiles);
          }
        }
      }
    }
  }
}

Emitter::Image Emitter::resident_image(const Placement& placement, int n) const {
  const View& v = placement.view;
  Image image;
  image.blocks = {0, ceil_div(v.c, config_.rows)};
  image.y = {0, v.h};
  image.x = {0, v.w};
  image.pitch = compact_pitch(v.h, v.w, image.blocks.end, placement.planar);
  image.addr = placement.act_addr + (v.n > 1 ? n : 0) * v.h * v.w * image.blocks.end;
  return image;
}

// Outputs oy x ox of the layer, compact from `addr` on.
Emitter::Image Emitter::staged_output(const Chunk& chunk, Range oy, Range ox, int addr) const {
  const int first_block = layer_->out_c / config_.rows;
  Image image;
  image.y = {oy.begin + layer_->out_y, oy.end + layer_->out_y};
  image.x = {ox.begin + layer_->out_x, ox.end + layer_->out_x};
  image.blocks = {chunk.blocks.begin + first_block, chunk.blocks.end + first_block};
  image.addr = addr;
  image.pitch = compact_pitch(oy.size(), ox.size(), chunk.blocks.size(), false);
  return image;
}

// Output rows that anything reads: a fused pool may leave the last rows of its convolution, and so
// of that one's input, unread.
int Emitter::rows_read() const {
  const bool part = !(layer_->out == layer_->whole);
  if (part || plan_.placements[static_cast<size_t>(layer_->output)].in_dram) return layer_->out.h;
  int rows = 1;
  for (const Layer& reader : lowered_.layers) {
    for (size_t k = 0; k < reader.operands.size(); ++k) {
      if (reader.operands[k].constant || reader.operands[k].tensor != layer_->output) continue;
      rows = std::max(rows, operand_source(reader, k, true, {0, reader.out.h}).end);
    }
  }
  return rows;
}

std::vector<Emitter::Tile> Emitter::tiles_of(const Chunk& chunk) const {
  std::vector<Tile> tiles;
  for (int y = chunk.oy.begin; y < chunk.oy.end; y += lp_->tile_h) {
    for (int x = chunk.ox.begin; x < chunk.ox.end; x += lp_->tile_w) {
      Tile tile;
      tile.oy = {y, std::min(chunk.oy.end, y + lp_->tile_h)};
      tile.ox = {x, std::min(chunk.ox.end, x + lp_->tile_w)};
      tile.my = pool_source(layer_->pool, true, tile.oy, layer_->mid.h);
      tile.mx = pool_source(layer_->pool, false, tile.ox, layer_->mid.w);
      tiles.push_back(tile);
    }
  }
  return tiles;
}

void Emitter::emit_acc_chunk(const Chunk& chunk, const std::vector<Tile>& tiles) {
  if (lp_->weight_mode == WeightMode::kHoldBlock) {
    for (int b = 0; b < mid_blocks_; ++b) {
      held_[static_cast<size_t>(b)] = -1;  // loaded anew for each chunk
      for (const Tile& tile : tiles) emit_block(chunk, tile, b);
    }
    store_output(chunk, chunk.oy, chunk.ox, chunk.blocks);
    return;
  }
  for (const Tile& tile : tiles) {
    const Chunk target = out_of(chunk, tile);
    const bool by_block = stores_by_block(tile, chunk);
    for (int b = chunk.blocks.begin; b < chunk.blocks.end; ++b) {
      emit_block(target, tile, b);
      if (by_block) store_output(target, tile.oy, tile.ox, {b, b + 1});
    }
    if (!by_block) store_output(target, tile.oy, tile.ox, chunk.blocks);
  }
}

Emitter::Chunk Emitter::out_of(const Chunk& chunk, const Tile& tile) {
  if (!lp_->out_by_tile) return chunk;
  Chunk target = chunk;
  target.out =
      staged_output(chunk, tile.oy, tile.ox, lp_->out.addr[out_buffer_++ % lp_->out.addr.size()]);
  return target;
}

// When the last tile is done nothing is left to compute beside its store. Block by block only the
// last block's bytes remain; worth its one-word bursts where the array takes longer for a block
// than the bus.
bool Emitter::stores_by_block(const Tile& tile, const Chunk& chunk) const {
  constexpr int kLeastTiles = 4;
  const bool last =
      chunk.n + 1 == layer_->out.n && tile.oy.end == layer_->out.h && tile.ox.end == layer_->out.w;
  return last && layer_->uses_array() && layer_->out.c % config_.rows == 0 &&
         block_tiles(0) >= kLeastTiles && tile.oy.size() * tile.ox.size() >= config_.rows;
}

void Emitter::emit_vector_chunk(const Chunk& chunk, const std::vector<Tile>& tiles) {
  for (const Tile& tile : tiles) {
    for (int b = chunk.blocks.begin; b < chunk.blocks.end; ++b) emit_vector(chunk, tile, b);
    store_output(chunk, tile.oy, tile.ox, chunk.blocks);
  }
}

int Emitter::block_tiles(int block) const {
  if (lp_->shallow) return lp_->k_tiles;
  const BlockRange& kc = layer_constants_.kc[static_cast<size_t>(block)];
  return layer_->kernel.h * layer_->kernel.w * (kc.end - kc.begin);
}

// Pieces of about a quarter of the block, so that the array can start before all its
// weights are there, but not so small that descriptors cost more than they gain.
std::vector<Emitter::KPiece> Emitter::pieces_of(int block) const {
  const BlockRange& all = layer_constants_.kc[static_cast<size_t>(block)];
  const Range kc{all.begin, all.end};
  const int most = std::max(1, lp_->piece_words / config_.rows);
  const int want = std::clamp(ceil_div(block_tiles(block), 4), 4, std::max(4, most));
  const int limit = std::min(want, most);
  std::vector<KPiece> pieces;
  int tile = 0;
  auto add = [&](Range ky, Range kx, Range kcr) {
    const int tiles = lp_->shallow ? kcr.size() : ky.size() * kx.size() * kcr.size();
    pieces.push_back({ky, kx, kcr, tile, tiles});
    tile += tiles;
  };
  const Range all_y{0, layer_->kernel.h}, all_x{0, layer_->kernel.w};
  if (lp_->shallow) {
    add(all_y, all_x, kc);
    return pieces;
  }
  const int row = all_x.size() * kc.size();
  if (row <= limit) {
    const int step = limit / row;
    for (int y = 0; y < all_y.end; y += step) add({y, std::min(all_y.end, y + step)}, all_x, kc);
    return pieces;
  }
  for (int y = 0; y < all_y.end; ++y) {
    if (kc.size() <= limit) {
      const int step = limit / kc.size();
      for (int x = 0; x < all_x.end; x += step) {
        add({y, y + 1}, {x, std::min(all_x.end, x + step)}, kc);
      }
      continue;
    }
    for (int x = 0; x < all_x.end; ++x) {
      for (int c = kc.begin; c < kc.end; c += limit) {
        add({y, y + 1}, {x, x + 1}, {c, std::min(kc.end, c + limit)});
      }
    }
  }
  return pieces;
}

int Emitter::load_weights(int block, const KPiece& piece) {
  const int words = piece.tiles * config_.rows;
  const int addr = wgt_.take(words);
  const uint64_t offset = layer_constants_.weights[static_cast<size_t>(block)] +
                          static_cast<uint64_t>(piece.first_tile * config_.rows * config_.cols);
  load_constants(isa::Memory::kWgt, offset, words, addr);
  return addr;
}

int Emitter::hold_weights(int block) {
  int& addr = held_[static_cast<size_t>(block)];
  if (addr < 0) addr = load_weights(block, {{}, {}, {}, 0, block_tiles(block)});
  return addr;
}

int Emitter::parameters_of(int unit) {
  if (param_first_ < 0 || unit < param_first_ || unit >= param_first_ + param_count_) {
    const int most = std::max(1, config_.param_words / param_unit_words_ / 2);
    param_first_ = unit / most * most;
    param_count_ = std::min(most, param_units_ - param_first_);
    param_addr_ = param_.take(param_count_ * param_unit_words_);
    load_constants(isa::Memory::kParam,
                   layer_constants_.parameters +
                       static_cast<uint64_t>(param_first_ * param_unit_words_ * config_.rows),
                   param_count_ * param_unit_words_, param_addr_);
  }
  return param_addr_ + (unit - param_first_) * param_unit_words_;
}

void Emitter::emit_block(const Chunk& chunk, const Tile& tile, int block) {
  const int acc_addr = acc_bank_ * config_.acc_depth;
  acc_bank_ = (acc_bank_ + 1) % config_.acc_banks;
  if (layer_->kind == LayerKind::kDepthwise) {
    emit_depthwise(chunk, tile, block, acc_addr);
  } else if (lp_->weight_mode == WeightMode::kStream) {
    bool accumulate = false;
    for (const KPiece& piece : pieces_of(block)) {
      const int wgt_addr = load_weights(block, piece);
      emit_array(chunk, tile, piece, wgt_addr, acc_addr, accumulate);
      accumulate = true;
    }
  } else {
    const BlockRange& kc = layer_constants_.kc[static_cast<size_t>(block)];
    const KPiece whole{
        {0, layer_->kernel.h}, {0, layer_->kernel.w}, {kc.begin, kc.end}, 0, block_tiles(block)};
    const int wgt_addr = hold_weights(block);
    emit_array(chunk, tile, whole, wgt_addr, acc_addr, false);
  }
  emit_requant(chunk, tile, block, acc_addr);
}

}  // namespace weft::compiler
