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
  if (layer_->uses_array()) plan_steps();
  align_image(constants_);
  layer_constants_.parameters = constants_.size();
  const std::vector<std::vector<uint8_t>> units = pack_parameters(*layer_, lanes);
  param_units_ = static_cast<int>(units.size());
  param_unit_words_ = units.empty() ? 0 : static_cast<int>(units[0].size()) / lanes;
  for (const auto& unit : units) constants_.insert(constants_.end(), unit.begin(), unit.end());
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
          for (size_t k = 0; k < layer_->operands.size() && lp_->in_blocks == 0; ++k) {
            const Operand& operand = layer_->operands[k];
            const std::vector<int>& addr = lp_->in[k].addr;
            chunk.in.push_back(
                addr.empty()
                    ? resident_image(plan_.placements[static_cast<size_t>(operand.tensor)], n)
                    : load_operand(chunk, k, operand_blocks(chunk, k), addr[buffer % addr.size()]));
          }
          if (out.resident) {
            chunk.out = resident_output(out, n);
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

// The layer's outputs where they lie in their resident tensor.
Emitter::Image Emitter::resident_output(const Placement& placement, int n) const {
  Image image = resident_image(placement, n);
  image.addr = static_cast<int>(image.word(layer_->out_y, layer_->out_x, 0));
  image.y = {0, layer_->out.h};
  image.x = {0, layer_->out.w};
  image.pitch.row *= layer_->step_y;
  image.pitch.col *= layer_->step_x;
  return image;
}

// Outputs oy x ox of the layer, compact from `addr` on.
Emitter::Image Emitter::staged_output(const Chunk& chunk, Range oy, Range ox, int addr) const {
  const int first_block = layer_->out_c / config_.rows;
  Image image;
  image.y = oy;
  image.x = ox;
  image.blocks = {chunk.blocks.begin + first_block, chunk.blocks.end + first_block};
  image.addr = addr;
  image.pitch = compact_pitch(oy.size(), ox.size(), chunk.blocks.size(),
                              plan_.placements[static_cast<size_t>(layer_->output)].blocked);
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
    std::fill(wgt_addr_.begin(), wgt_addr_.end(), -1);  // loaded anew for each chunk
    for (size_t step = 0; step < steps_.size(); ++step) {
      for (const Tile& tile : tiles) emit_step(chunk, tile, step);
    }
    store_output(chunk, chunk.oy, chunk.ox, chunk.blocks);
    return;
  }
  for (const Tile& tile : tiles) {
    Chunk target = out_of(chunk, tile);
    const bool by_block = stores_by_block(tile, chunk);
    if (layer_->kind == LayerKind::kDepthwise) {
      for (int b = chunk.blocks.begin; b < chunk.blocks.end; ++b) emit_depthwise(target, tile, b);
    } else {
      if (lp_->weight_mode == WeightMode::kStream)
        std::fill(wgt_addr_.begin(), wgt_addr_.end(), -1);
      for (size_t step = 0; step < steps_.size(); ++step) {
        const int b = steps_[step].block;
        if (b < chunk.blocks.begin || b >= chunk.blocks.end) continue;
        if (lp_->in_blocks > 0) stage_channels(target, steps_[step].piece.kc);
        emit_step(target, tile, step);
        if (by_block && steps_[step].last) store_output(target, tile.oy, tile.ox, {b, b + 1});
      }
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
         lp_->k_tiles >= kLeastTiles && tile.oy.size() * tile.ox.size() >= config_.rows;
}

void Emitter::emit_vector_chunk(const Chunk& chunk, const std::vector<Tile>& tiles) {
  for (const Tile& tile : tiles) {
    for (int b = chunk.blocks.begin; b < chunk.blocks.end; ++b) emit_vector(chunk, tile, b);
    store_output(chunk, tile.oy, tile.ox, chunk.blocks);
  }
}

// `kc` cut into `want` pieces, more where weights are streamed and the pieces would be too large for the
// ring. A piece has all taps of its channel blocks where it can: it needs no more of the
// input than those.
std::vector<Emitter::KPiece> Emitter::pieces_of(BlockRange kc, int want) const {
  const Range all_y{0, layer_->kernel.h}, all_x{0, layer_->kernel.w};
  const Range all_c{kc.begin, kc.end};
  if (lp_->shallow) {
    std::vector<KPiece> pieces;
    for (const Range& rows : packed_rows(*layer_, config_.rows)) {
      const int tiles = packed_tiles(*layer_, rows, config_.rows);
      pieces.push_back({rows, all_x, {0, tiles}, tiles});
    }
    return pieces;
  }
  const bool stream = lp_->weight_mode == WeightMode::kStream;
  const int taps = all_y.size() * all_x.size();
  const int most =
      stream ? std::max(1, lp_->piece_words / config_.rows) : taps * std::max(1, all_c.size());
  const int fit = std::max(1, most / taps);
  const int blocks =
      ceil_div(all_c.size(), std::max(std::min(want, all_c.size()), ceil_div(all_c.size(), fit)));
  const int rows = std::clamp(most / (blocks * all_x.size()), 1, all_y.size());
  const int cols = std::clamp(most / blocks, 1, all_x.size());
  std::vector<KPiece> pieces;
  Range piece_c{all_c.begin, all_c.begin};
  while (piece_c.end < all_c.end) {
    const int c = piece_c.end;
    // Not across parts of the input that are there one after the other.
    const int part = lp_->in_blocks > 0 ? (c / lp_->in_blocks + 1) * lp_->in_blocks : all_c.end;
    piece_c = {c, std::min({all_c.end, c + blocks, part})};
    for (int y = 0; y < all_y.end; y += rows) {
      const Range piece_y{y, std::min(all_y.end, y + rows)};
      for (int x = 0; x < all_x.end; x += cols) {
        const Range piece_x{x, std::min(all_x.end, x + cols)};
        pieces.push_back(
            {piece_y, piece_x, piece_c, piece_y.size() * piece_x.size() * piece_c.size()});
      }
    }
  }
  return pieces;
}

// The array's steps for a tile, and their weights. Where the sums of several channel blocks fit the banks,
// K is cut, and a piece of it runs for all of them before the next: so the first piece runs while the
// layer before still finishes the channels of the second.
void Emitter::plan_steps() {
  constexpr int kPiecesOfMany = 2, kMany = 8;  // many blocks take long enough as it is
  const int entries = largest_tile(*layer_, *lp_);
  const int open = most_open_banks(config_);
  constexpr int kFewTiles = 2;  // of more, one runs while the layer before finishes the next
  const bool cut = lp_->weight_mode != WeightMode::kHoldBlock && entries >= config_.rows &&
                   ceil_div(layer_->out.h, lp_->tile_h) <= kFewTiles;
  const int together = cut ? std::min(mid_blocks_, config_.acc_depth / entries * open) : 1;
  steps_.clear();
  weight_loads_ = 0;
  align_image(constants_);
  int end = 0;
  for (int first = 0; first < mid_blocks_; first = end) {
    const int chunk_end = (first / lp_->chunk_blocks + 1) * lp_->chunk_blocks;
    end = std::min({mid_blocks_, first + together, chunk_end});
    const int want = end - first == 1      ? 1
                     : end - first < kMany ? plan_.policy.pieces
                                           : std::min(plan_.policy.pieces, kPiecesOfMany);
    std::vector<std::vector<KPiece>> pieces;
    size_t most = 0;
    for (int b = first; b < end; ++b) {
      pieces.push_back(pieces_of(
          lp_->shallow ? BlockRange{0, lp_->k_tiles} : input_blocks(*layer_, b, config_.rows),
          want));
      most = std::max(most, pieces.back().size());
    }
    for (size_t p = 0; p < most; ++p) {
      for (int b = first; b < end; ++b) {
        const std::vector<KPiece>& mine = pieces[static_cast<size_t>(b - first)];
        if (p >= mine.size()) continue;
        // Neighbours in different banks: one is read while the other is added to.
        const int banks = std::min(open, end - first);
        ArrayStep step{b,
                       mine[p],
                       p == 0,
                       p + 1 == mine.size(),
                       (b - first) % banks,
                       (b - first) / banks,
                       constants_.size()};
        const KPiece& k = step.piece;
        const auto words = pack_weights(*layer_, lp_->shallow, b, k.ky, k.kx, k.kc, config_.rows);
        constants_.insert(constants_.end(), words.begin(), words.end());
        steps_.push_back(step);
      }
    }
  }
  wgt_addr_.assign(steps_.size(), -1);
}

// Loads the weights of the step and of those that follow, as far as that is worth one transfer: little
// at first, as the array may be waiting, and towards the end, as it then has nothing else to do.
int Emitter::weights_of(size_t step) {
  if (wgt_addr_[step] >= 0) return wgt_addr_[step];
  constexpr int kSmallLoads = 2;
  int left = 0;
  for (size_t i = step; i < steps_.size(); ++i) left += steps_[i].words(config_.rows);
  const int most =
      std::min(lp_->piece_words >> std::max(0, kSmallLoads - weight_loads_++), left / 2);
  const bool alone = lp_->weight_mode == WeightMode::kHoldBlock;
  size_t end = step;
  int words = 0;
  do {
    words += steps_[end++].words(config_.rows);
  } while (!alone && end < steps_.size() && words + steps_[end].words(config_.rows) <= most);
  int addr = wgt_.take(words);
  load_constants(isa::Memory::kWgt, steps_[step].offset, words, addr);
  for (size_t i = step; i < end; ++i) {
    wgt_addr_[i] = addr;
    addr += steps_[i].words(config_.rows);
  }
  return wgt_addr_[step];
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

void Emitter::emit_step(const Chunk& chunk, const Tile& tile, size_t index) {
  const ArrayStep& step = steps_[index];
  const auto bank = static_cast<size_t>(step.bank);
  if (banks_.size() <= bank) banks_.resize(bank + 1);
  if (step.first && step.slot == 0) banks_[bank] = stream_.open_bank();
  const int entries = tile.my.size() * tile.mx.size();
  const Sums sums{banks_[bank], step.slot * entries, entries};
  emit_array(chunk, tile, step.piece, weights_of(index), sums, !step.first);
  if (step.last) emit_requant(chunk, tile, step.block, sums);
}

}  // namespace weft::compiler
