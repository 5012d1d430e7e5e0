// Compute: array and depthwise tiles, vector passes.
#include <algorithm>

#include "compiler/emit.h"
#include "compiler/fields.h"

namespace weft::compiler {
namespace {

// `out` cut where the number of taps inside changes.
std::vector<Range> cut_by_taps(const Window& window, bool vertical, Range out, int extent) {
  const auto taps = [&](int o) { return taps_inside(window, vertical, o, extent); };
  std::vector<Range> pieces;
  for (int o = out.begin; o < out.end; ++o) {
    if (o > out.begin && taps(o) == taps(o - 1)) {
      pieces.back().end = o + 1;
    } else {
      pieces.push_back({o, o + 1});
    }
  }
  return pieces;
}

}  // namespace

void Emitter::emit_array(const Chunk& chunk, const Tile& tile, const KPiece& piece, int wgt_addr,
                         const Sums& sums, bool accumulate) {
  const Window& k = layer_->kernel;
  const Image& in = chunk.in[0];
  const int in_c = layer_->in().c;
  isa::ArrayDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kConv);
  d.header.flags = static_cast<uint8_t>((accumulate ? isa::kArrayFlagAccumulate : 0) |
                                        (lp_->shallow ? isa::kArrayFlagShallow : 0));
  const int x0 = tile.mx.begin * k.stride_w - k.pad_left - in.x.begin;
  d.in_h = field(in.y.size());
  d.y0 = tile.my.begin * k.stride_h - k.pad_top - in.y.begin + piece.ky.begin * k.dilation_h;
  d.out_h = field(tile.my.size());
  d.out_w = field(tile.mx.size());
  d.stride_y = field(k.stride_h);
  d.dil_y = field(k.dilation_h);
  d.dil_x = field(k.dilation_w);
  d.kh = field(piece.ky.size());
  d.kc = field(piece.kc.size());
  d.wgt_addr = field(wgt_addr);
  d.pad_value = layer_->input_zero_point;
  d.in_row_pitch = field(wrap16(in.pitch.row));

  const Range rows = kernel_source(k, true, tile.my, layer_->in().h);
  const Range cols = kernel_source(k, false, tile.mx, layer_->in().w);
  std::vector<Access> accesses;
  if (lp_->shallow) {
    d.in_addr = field(in.addr);
    d.in_w = field(in.x.size() * in_c);
    d.x0 = x0 * in_c;
    d.stride_x = field(k.stride_w * in_c);
    d.kw = field(k.w * in_c);
    accesses.push_back({Space::kAct, false,
                        in.addr + int64_t{rows.begin - in.y.begin} * in.pitch.row,
                        int64_t{rows.size()} * in.pitch.row});
  } else {
    d.in_addr = field(in.word(in.y.begin, in.x.begin, piece.kc.begin));
    d.in_w = field(in.x.size());
    d.in_col_pitch = field(wrap16(in.pitch.col));
    d.in_blk_pitch = field(wrap16(in.pitch.block));
    d.x0 = x0 + piece.kx.begin * k.dilation_w;
    d.stride_x = field(k.stride_w);
    d.kw = field(piece.kx.size());
    read_image(in, rows, cols, piece.kc, accesses);
  }
  accesses.push_back({Space::kWgt, false, wgt_addr, int64_t{piece.tiles} * config_.rows});
  stream_.add(d, index_, accesses, sums);
}

void Emitter::emit_depthwise(const Chunk& chunk, const Tile& tile, int block) {
  const Sums sums{stream_.open_bank(), 0, tile.my.size() * tile.mx.size()};
  const Window& k = layer_->kernel;
  const Image& in = chunk.in[0];
  const int params = parameters_of(block);
  isa::DepthwiseDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kDwconv);
  d.in_addr = field(in.word(in.y.begin, in.x.begin, block));
  d.in_h = field(in.y.size());
  d.in_w = field(in.x.size());
  d.in_row_pitch = field(wrap16(in.pitch.row));
  d.in_col_pitch = field(wrap16(in.pitch.col));
  d.y0 = tile.my.begin * k.stride_h - k.pad_top - in.y.begin;
  d.x0 = tile.mx.begin * k.stride_w - k.pad_left - in.x.begin;
  d.out_h = field(tile.my.size());
  d.out_w = field(tile.mx.size());
  d.stride_y = field(k.stride_h);
  d.stride_x = field(k.stride_w);
  d.dil_y = field(k.dilation_h);
  d.dil_x = field(k.dilation_w);
  d.kh = field(k.h);
  d.kw = field(k.w);
  d.param_addr = field(params + kParamBlockWords);
  d.pad_value = layer_->input_zero_point;
  std::vector<Access> accesses{
      {Space::kParam, false, params + kParamBlockWords, int64_t{k.h} * k.w}};
  read_image(in, kernel_source(k, true, tile.my, layer_->in().h),
             kernel_source(k, false, tile.mx, layer_->in().w), {block, block + 1}, accesses);
  stream_.add(d, index_, accesses, sums);
  emit_requant(chunk, tile, block, sums);
}

void Emitter::read_image(const Image& image, Range y, Range x, Range blocks,
                         std::vector<Access>& accesses) {
  if (image.pitch.block ==
      1) {  // a pixel's blocks are neighbours, and where all are read so are pixels
    const bool whole = image.pitch.col == blocks.size();
    const int64_t run = int64_t{blocks.size()} * (whole ? x.size() : 1);
    accesses.push_back({Space::kAct, false, image.word(y.begin, x.begin, blocks.begin), run,
                        whole ? 1 : x.size(), image.pitch.col, y.size(), image.pitch.row});
    return;
  }
  for (int b = blocks.begin; b < blocks.end; ++b) {
    accesses.push_back({Space::kAct, false, image.word(y.begin, x.begin, b), 1, x.size(),
                        image.pitch.col, y.size(), image.pitch.row});
  }
}

// What every pass has: outputs, window, destination, clamp.
isa::VectorDesc Emitter::vector_pass(const Chunk& chunk, const Tile& tile, int block,
                                     std::vector<Access>& accesses) const {
  const Window& p = layer_->pool;
  const Pitch& pitch = chunk.out.pitch;
  isa::VectorDesc d;
  d.src_h = field(tile.my.size());
  d.src_w = field(tile.mx.size());
  d.y0 = tile.oy.begin * p.stride_h - p.pad_top - tile.my.begin;
  d.x0 = tile.ox.begin * p.stride_w - p.pad_left - tile.mx.begin;
  d.out_h = field(tile.oy.size());
  d.out_w = field(tile.ox.size());
  d.win_h = field(p.h);
  d.win_w = field(p.w);
  d.win_stride_y = field(p.stride_h);
  d.win_stride_x = field(p.stride_w);
  const int64_t dst =
      chunk.out.word(tile.oy.begin, tile.ox.begin, block + layer_->out_c / config_.rows);
  d.dst_addr = field(dst);
  d.dst_row_pitch = field(wrap16(pitch.row));
  d.dst_col_pitch = field(wrap16(pitch.col));
  d.clamp_min = layer_->clamp.min;
  d.clamp_max = layer_->clamp.max;
  d.zero_point = layer_->output_zero_point;
  d.valid_lanes = field(std::min(config_.rows, layer_->out.c - block * config_.rows));
  accesses.push_back(
      {Space::kAct, true, dst, 1, tile.ox.size(), pitch.col, tile.oy.size(), pitch.row});
  return d;
}

void Emitter::emit_requant(const Chunk& chunk, const Tile& tile, int block, const Sums& sums) {
  const int params = parameters_of(block);
  std::vector<Access> accesses{{Space::kParam, false, params, kParamBlockWords}};
  isa::VectorDesc d = vector_pass(chunk, tile, block, accesses);
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kRequant);
  d.src_row_pitch = field(tile.mx.size());
  d.src_col_pitch = 1;
  d.param_addr = field(params);
  stream_.add(d, index_, accesses, sums);
}

void Emitter::emit_vector(const Chunk& chunk, const Tile& tile, int block) {
  if (layer_->opcode != isa::Opcode::kAvgpool) {
    emit_pass(chunk, tile, block, 0);
    return;
  }
  // Outputs of different counts of taps are passes with parameters of their own.
  for (const Range& y : cut_by_taps(layer_->pool, true, tile.oy, layer_->mid.h)) {
    for (const Range& x : cut_by_taps(layer_->pool, false, tile.ox, layer_->mid.w)) {
      const int taps = taps_inside(layer_->pool, true, y.begin, layer_->mid.h) *
                       taps_inside(layer_->pool, false, x.begin, layer_->mid.w);
      const Tile part{y, x, pool_source(layer_->pool, true, y, layer_->mid.h),
                      pool_source(layer_->pool, false, x, layer_->mid.w)};
      emit_pass(chunk, part, block, average_unit(*layer_, taps));
    }
  }
}

void Emitter::emit_pass(const Chunk& chunk, const Tile& tile, int block, int unit) {
  std::vector<Access> accesses;
  isa::VectorDesc d = vector_pass(chunk, tile, block, accesses);
  d.header.opcode = static_cast<uint8_t>(layer_->opcode);
  d.header.flags = static_cast<uint8_t>(layer_->subtract ? isa::kVectorFlagSubtract : 0);
  if (param_units_ > 0) {
    const int params = parameters_of(unit);
    d.param_addr = field(params);
    accesses.push_back({Space::kParam, false, params, param_unit_words_});
  }
  for (size_t k = 0; k < layer_->operands.size(); ++k) {
    const Operand& o = layer_->operands[k];
    const Image& in = chunk.in[k];
    // An operand of one row or column is read again and again.
    const bool one_row = o.view.h == 1, one_col = o.view.w == 1;
    const Range y = one_row ? Range{0, 1} : tile.my, x = one_col ? Range{0, 1} : tile.mx;
    const int64_t first = in.word(y.begin, x.begin, block);
    const uint32_t row = field(one_row ? 0 : wrap16(in.pitch.row)),
                   col = field(one_col ? 0 : wrap16(in.pitch.col));
    if (k == 0) {
      d.src_addr = field(first);
      d.src_row_pitch = row;
      d.src_col_pitch = col;
    } else {
      d.src2_addr = field(first);
      d.src2_row_pitch = row;
      d.src2_col_pitch = col;
    }
    read_image(in, y, x, {block, block + 1}, accesses);
  }
  d.src_zero_point = layer_->source_zero_points[0];
  d.src2_zero_point = layer_->source_zero_points[1];
  d.src_multiplier = field(layer_->source_rescale[0].multiplier);
  d.src2_multiplier = field(layer_->source_rescale[1].multiplier);
  d.src_right_shift = field(-layer_->source_rescale[0].shift);
  d.src2_right_shift = field(-layer_->source_rescale[1].shift);
  stream_.add(d, index_, accesses);
}

}  // namespace weft::compiler
