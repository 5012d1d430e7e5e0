// Compute: array tiles and vector passes.
#include <algorithm>

#include "compiler/emit.h"
#include "compiler/fields.h"

namespace weft::compiler {

void Emitter::emit_array(const Chunk& chunk, const Tile& tile, const KPiece& piece, int wgt_addr,
                         int acc_addr, bool accumulate) {
  const Window& k = layer_->kernel;
  const int in_c = layer_->in.c;
  isa::ArrayDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kConv);
  d.header.flags = static_cast<uint8_t>((accumulate ? isa::kArrayFlagAccumulate : 0) |
                                        (lp_->shallow ? isa::kArrayFlagShallow : 0));
  const int y0 = tile.my.begin * k.stride_h - k.pad_top - chunk.iy.begin +
                 piece.ky.begin * k.dilation_h;
  const int x0 = tile.mx.begin * k.stride_w - k.pad_left - chunk.ix.begin;
  d.in_h = field(chunk.iy.size());
  d.y0 = y0;
  d.out_h = field(tile.my.size());
  d.out_w = field(tile.mx.size());
  d.stride_y = field(k.stride_h);
  d.dil_y = field(k.dilation_h);
  d.dil_x = field(k.dilation_w);
  d.kh = field(piece.ky.size());
  d.kc = field(piece.kc.size());
  d.wgt_addr = field(wgt_addr);
  d.acc_addr = field(acc_addr);
  d.pad_value = layer_->input_zero_point;

  const Range rows = kernel_source(k, true, tile.my, layer_->in.h);
  const Range cols = kernel_source(k, false, tile.mx, layer_->in.w);
  std::vector<Access> accesses;
  if (lp_->shallow) {
    const int pitch = ceil_div(chunk.in_width * in_c, config_.rows);
    d.in_addr = field(chunk.in_addr);
    d.in_w = field(chunk.ix.size() * in_c);
    d.in_row_pitch = field(pitch);
    d.x0 = x0 * in_c;
    d.stride_x = field(k.stride_w * in_c);
    d.kw = field(k.w * in_c);
    accesses.push_back({Space::kAct, false, chunk.in_addr + (rows.begin - chunk.iy.begin) * pitch,
                        int64_t{rows.size()} * pitch});
  } else {
    const int row_words = chunk.in_width * in_blocks_;
    d.in_addr = field(wrap16(chunk.in_addr + piece.kc.begin));
    d.in_w = field(chunk.ix.size());
    d.in_row_pitch = field(wrap16(row_words));
    d.in_col_pitch = field(wrap16(in_blocks_));
    d.in_blk_pitch = 1;
    d.x0 = x0 + piece.kx.begin * k.dilation_w;
    d.stride_x = field(k.stride_w);
    d.kw = field(piece.kx.size());
    accesses.push_back({Space::kAct, false,
                        chunk.in_addr + int64_t{rows.begin - chunk.iy.begin} * row_words +
                            int64_t{cols.begin - chunk.ix.begin} * in_blocks_,
                        int64_t{cols.size()} * in_blocks_, rows.size(), row_words});
  }
  accesses.push_back({Space::kWgt, false, wgt_addr, int64_t{piece.tiles} * config_.rows});
  accesses.push_back({Space::kAcc, true, acc_addr, int64_t{tile.my.size()} * tile.mx.size()});
  stream_.add(d, index_, accesses);
}

// What every pass has: outputs, window, destination, clamp.
isa::VectorDesc Emitter::vector_pass(const Chunk& chunk, const Tile& tile, int block,
                                     std::vector<Access>& accesses) const {
  const Window& p = layer_->pool;
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
  const int64_t dst_row = int64_t{chunk.out_width} * out_blocks_;
  const int64_t dst = chunk.out_addr + int64_t{tile.oy.begin - chunk.out_y0} * dst_row +
                      int64_t{tile.ox.begin - chunk.out_x0} * out_blocks_ + block;
  d.dst_addr = field(dst);
  d.dst_row_pitch = field(wrap16(dst_row));
  d.dst_col_pitch = field(wrap16(out_blocks_));
  d.clamp_min = layer_->clamp.min;
  d.clamp_max = layer_->clamp.max;
  d.valid_lanes = field(std::min(config_.rows, layer_->out.c - block * config_.rows));
  accesses.push_back({Space::kAct, true, dst, 1, tile.ox.size(), out_blocks_, tile.oy.size(), dst_row});
  return d;
}

void Emitter::emit_requant(const Chunk& chunk, const Tile& tile, int block, int acc_addr) {
  const int params = parameters_of(block);
  std::vector<Access> accesses{
      {Space::kAcc, false, acc_addr, int64_t{tile.my.size()} * tile.mx.size()},
      {Space::kParam, false, params, kParamBlockWords}};
  isa::VectorDesc d = vector_pass(chunk, tile, block, accesses);
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kRequant);
  d.src_addr = field(acc_addr);
  d.src_row_pitch = field(tile.mx.size());
  d.src_col_pitch = 1;
  d.param_addr = field(params);
  d.zero_point = layer_->output_zero_point;
  stream_.add(d, index_, accesses);
}

void Emitter::emit_pool(const Chunk& chunk, const Tile& tile, int block) {
  const int64_t row_words = int64_t{chunk.in_width} * in_blocks_;
  const int64_t src = chunk.in_addr + int64_t{tile.my.begin - chunk.iy.begin} * row_words +
                      int64_t{tile.mx.begin - chunk.ix.begin} * in_blocks_ + block;
  std::vector<Access> accesses{
      {Space::kAct, false, src, 1, tile.mx.size(), in_blocks_, tile.my.size(), row_words}};
  isa::VectorDesc d = vector_pass(chunk, tile, block, accesses);
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kMaxpool);
  d.src_addr = field(src);
  d.src_row_pitch = field(wrap16(row_words));
  d.src_col_pitch = field(wrap16(in_blocks_));
  stream_.add(d, index_, accesses);
}

}  // namespace weft::compiler
