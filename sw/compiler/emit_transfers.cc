// Transfers: inputs and constants on chip, outputs to DRAM.
#include "compiler/emit.h"
#include "compiler/fields.h"

namespace weft::compiler {

void Emitter::load_input(Chunk& chunk, int in_addr) {
  const View& in = layer_->in;
  Range y = pool_source(layer_->pool, true, chunk.oy, layer_->mid.h);
  Range x = pool_source(layer_->pool, false, chunk.ox, layer_->mid.w);
  if (layer_->uses_array()) {
    y = kernel_source(layer_->kernel, true, y, in.h);
    x = kernel_source(layer_->kernel, false, x, in.w);
  }
  chunk.iy = y;
  chunk.ix = x;
  chunk.in_width = x.size();
  chunk.in_addr = in_addr;

  const Placement& source = plan_.placements[static_cast<size_t>(layer_->input)];
  isa::TransferDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kLoad);
  d.mem = static_cast<uint32_t>(isa::Memory::kAct);
  d.region = field(source.region);
  d.chip_addr = field(chunk.in_addr);
  d.dram_offset = source.offset +
                  static_cast<uint64_t>(((int64_t{chunk.n} * in.h + y.begin) * in.w + x.begin) * in.c);
  const bool whole_rows = x.size() == in.w;
  const int64_t row_bytes = int64_t{x.size()} * in.c;
  d.dram_run = field(whole_rows ? row_bytes * y.size() : row_bytes);
  d.dram_count1 = field(whole_rows ? 1 : y.size());
  d.dram_stride1 = whole_rows ? 0 : in.w * in.c;
  d.dram_count2 = 1;
  d.chip_count1 = d.chip_count2 = 1;
  int words = 0;
  if (lp_->shallow) {
    const int pitch = ceil_div(x.size() * in.c, config_.rows);
    words = pitch * y.size();
    d.chip_run = field(row_bytes);
    d.chip_count1 = field(y.size());
    d.chip_stride1 = field(wrap16(pitch));
  } else {
    words = y.size() * x.size() * in_blocks_;
    if (in.c % config_.rows == 0) {
      d.chip_run = field(row_bytes * y.size());
    } else {
      d.chip_run = field(in.c);
      d.chip_count1 = field(x.size());
      d.chip_stride1 = field(wrap16(in_blocks_));
      d.chip_count2 = field(y.size());
      d.chip_stride2 = field(wrap16(int64_t{x.size()} * in_blocks_));
    }
  }
  std::vector<Access> accesses = dram_rows(layer_->input, chunk.n, in, y, x, false);
  accesses.push_back({Space::kAct, true, chunk.in_addr, words});
  stream_.add(d, index_, accesses);
}

void Emitter::load_constants(isa::Memory memory, uint64_t offset, int words, int addr) {
  isa::TransferDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kLoad);
  d.mem = static_cast<uint32_t>(memory);
  d.region = kRegionConstants;
  d.chip_addr = field(addr);
  d.dram_offset = offset;
  d.chip_run = d.dram_run = field(words * config_.rows);
  d.chip_count1 = d.chip_count2 = d.dram_count1 = d.dram_count2 = 1;
  const Space space = memory == isa::Memory::kWgt ? Space::kWgt : Space::kParam;
  stream_.add(d, index_, {{space, true, addr, words}});
}

// What every store of outputs oy x ox has: opcode, both first addresses (of block 0), no counts.
isa::TransferDesc Emitter::store_of(const Chunk& chunk, Range oy, Range ox) const {
  const Placement& target = plan_.placements[static_cast<size_t>(layer_->output)];
  const View& out = layer_->out;
  isa::TransferDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kStore);
  d.mem = static_cast<uint32_t>(isa::Memory::kAct);
  d.region = field(target.region);
  d.chip_addr = field(chunk.out_addr + (int64_t{oy.begin - chunk.out_y0} * chunk.out_width +
                                        (ox.begin - chunk.out_x0)) * out_blocks_);
  d.dram_offset = target.offset +
                  static_cast<uint64_t>(((int64_t{chunk.n} * out.h + oy.begin) * out.w + ox.begin) * out.c);
  d.chip_count1 = d.chip_count2 = d.dram_count1 = d.dram_count2 = 1;
  return d;
}

void Emitter::store_output(const Chunk& chunk, Range oy, Range ox) {
  if (!plan_.placements[static_cast<size_t>(layer_->output)].in_dram) return;
  const View& out = layer_->out;
  const int64_t row_words = int64_t{chunk.out_width} * out_blocks_;
  const int64_t row_bytes = int64_t{ox.size()} * out.c;
  isa::TransferDesc d = store_of(chunk, oy, ox);
  const bool whole_rows = ox.size() == out.w;
  d.dram_run = field(whole_rows ? row_bytes * oy.size() : row_bytes);
  d.dram_count1 = field(whole_rows ? 1 : oy.size());
  d.dram_stride1 = whole_rows ? 0 : out.w * out.c;
  if (out.c % config_.rows == 0) {
    const bool linear = ox.size() == chunk.out_width;
    d.chip_run = field(linear ? row_bytes * oy.size() : row_bytes);
    d.chip_count1 = field(linear ? 1 : oy.size());
    d.chip_stride1 = field(linear ? 0 : wrap16(row_words));
  } else {
    d.chip_run = field(out.c);
    d.chip_count1 = field(ox.size());
    d.chip_stride1 = field(wrap16(out_blocks_));
    d.chip_count2 = field(oy.size());
    d.chip_stride2 = field(wrap16(row_words));
  }
  std::vector<Access> accesses = dram_rows(layer_->output, chunk.n, out, oy, ox, true);
  accesses.push_back({Space::kAct, false, d.chip_addr, int64_t{ox.size()} * out_blocks_, oy.size(), row_words});
  stream_.add(d, index_, accesses);
}

void Emitter::store_block(const Chunk& chunk, const Tile& tile, int block) {
  if (!plan_.placements[static_cast<size_t>(layer_->output)].in_dram) return;
  const View& out = layer_->out;
  const int64_t row_words = int64_t{chunk.out_width} * out_blocks_;
  isa::TransferDesc d = store_of(chunk, tile.oy, tile.ox);
  d.chip_addr = field(d.chip_addr + block);
  d.dram_offset += static_cast<uint64_t>(block * config_.rows);
  d.chip_run = d.dram_run = field(config_.rows);
  d.chip_count1 = d.dram_count1 = field(tile.ox.size());
  d.chip_count2 = d.dram_count2 = field(tile.oy.size());
  d.chip_stride1 = field(wrap16(out_blocks_));
  d.chip_stride2 = field(wrap16(row_words));
  d.dram_stride1 = out.c;
  d.dram_stride2 = out.w * out.c;
  std::vector<Access> accesses = dram_rows(layer_->output, chunk.n, out, tile.oy, tile.ox, true);
  accesses.push_back(
      {Space::kAct, false, d.chip_addr, 1, tile.ox.size(), out_blocks_, tile.oy.size(), row_words});
  stream_.add(d, index_, accesses);
}

// The 64-byte lines of a rectangle of a tensor in DRAM, where the program itself writes it;
// the synchroniser's lines are those of the output region, then those of the scratch region.
std::vector<Access> Emitter::dram_rows(int tensor, int n, const View& view, Range y, Range x,
                                       bool write) const {
  const Placement& p = plan_.placements[static_cast<size_t>(tensor)];
  if (p.region != kRegionOutputs && p.region != kRegionScratch) return {};
  const int64_t first_line = p.region == kRegionOutputs ? 0 : plan_.output_lines;
  std::vector<Access> accesses;
  for (int row = y.begin; row < y.end; ++row) {
    const int64_t begin = static_cast<int64_t>(p.offset) +
                          ((int64_t{n} * view.h + row) * view.w + x.begin) * view.c;
    const int64_t end = begin + int64_t{x.size()} * view.c - 1;
    accesses.push_back({Space::kDram, write, first_line + begin / 64, end / 64 - begin / 64 + 1});
  }
  return accesses;
}

}  // namespace weft::compiler
