// Transfers: inputs and constants on chip, outputs to DRAM.
#include "compiler/emit.h"
#include "compiler/fields.h"

namespace weft::compiler {

// Channel blocks that a chunk takes of an operand.
Range Emitter::operand_blocks(const Chunk& chunk, size_t operand) const {
  if (layer_->by_channel()) return chunk.blocks;
  return {0, ceil_div(layer_->operands[operand].view.c, config_.rows)};
}

// Has the chunk's input channels `kc` on chip, which lie in one part of so many as are staged at a time.
void Emitter::stage_channels(Chunk& chunk, Range kc) {
  const int first = kc.begin / lp_->in_blocks * lp_->in_blocks;
  if (!chunk.in.empty() && chunk.in[0].blocks.begin == first) return;
  const int all = ceil_div(layer_->in().c, config_.rows);
  const std::vector<int>& addr = lp_->in[0].addr;
  chunk.in = {load_operand(chunk, 0, {first, std::min(all, first + lp_->in_blocks)},
                           addr[in_buffer_++ % addr.size()])};
}

Emitter::Image Emitter::load_operand(const Chunk& chunk, size_t operand, Range blocks, int addr) {
  const Operand& o = layer_->operands[operand];
  Image image;
  image.y = operand_source(*layer_, operand, true, chunk.oy);
  image.x = operand_source(*layer_, operand, false, chunk.ox);
  image.blocks = blocks;
  image.addr = addr;
  const int n = o.view.n > 1 ? chunk.n : 0;
  const Placement constant{
      .in_dram = true, .region = kRegionConstants, .offset = layer_constants_.operands[operand]};
  const Placement& source = o.constant ? constant : plan_.placements[static_cast<size_t>(o.tensor)];
  if (lp_->shallow) {
    image.blocks = {0, 1};
    image.pitch.row = ceil_div(image.x.size() * o.view.c, config_.rows);
  } else {
    image.pitch = compact_pitch(image.y.size(), image.x.size(), image.blocks.size(),
                                lp_->planar || source.blocked);
  }
  // In parts, so that work begins when the first rows are there.
  constexpr int kLeastBytes = 2048;
  const int row_bytes = image.x.size() * std::min(o.view.c, image.blocks.size() * config_.rows);
  const int rows = ceil_div(kLeastBytes, row_bytes);
  for (int y = image.y.begin; y < image.y.end; y += rows) {
    Image part = image;
    part.y = {y, std::min(image.y.end, y + rows)};
    part.addr = static_cast<int>(image.word(y, image.x.begin, image.blocks.begin));
    transfer(isa::Opcode::kLoad, source, n, o.view, part, lp_->shallow);
  }
  return image;
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

void Emitter::store_output(const Chunk& chunk, Range oy, Range ox, Range blocks) {
  const Placement& target = plan_.placements[static_cast<size_t>(layer_->output)];
  if (!target.in_dram) return;
  const int first_block = layer_->out_c / config_.rows;
  Image image = chunk.out;
  image.y = oy;
  image.x = ox;
  image.blocks = {blocks.begin + first_block, blocks.end + first_block};
  image.addr = static_cast<int>(chunk.out.word(image.y.begin, image.x.begin, image.blocks.begin));
  transfer(isa::Opcode::kStore, target, chunk.n, layer_->whole, image, false,
           {layer_->out_y, layer_->out_x, layer_->step_y, layer_->step_x});
}

int64_t Emitter::pixel(int n, const View& view, const Grid& grid, int y, int x) {
  return (int64_t{n} * view.h + grid.y + int64_t{y} * grid.step_y) * view.w + grid.x +
         int64_t{x} * grid.step_x;
}

// The rectangle of `view`, NHWC in DRAM, that `image` holds. On chip the bytes of a run begin at a word,
// so that one descriptor takes whole words of several blocks, or one block's, or of one pixel all that
// follow each other.
void Emitter::transfer(isa::Opcode opcode, const Placement& placement, int n, const View& view,
                       const Image& image, bool packed_rows, const Grid& grid) {
  if (placement.blocked) {
    transfer_blocks(opcode, placement, n, view, image, grid);
    return;
  }
  const int lanes = config_.rows;
  const int rows = image.y.size(), cols = image.x.size();
  const bool store = opcode == isa::Opcode::kStore;
  // Blocks [first, last) of every pixel in one descriptor.
  auto piece = [&](int first, int last) {
    const int channel = first * lanes;
    const int bytes = packed_rows ? view.c : std::min(view.c, last * lanes) - channel;
    const int blocks = last - first;
    isa::TransferDesc d;
    d.header.opcode = static_cast<uint8_t>(opcode);
    d.mem = static_cast<uint32_t>(isa::Memory::kAct);
    d.region = field(placement.region);
    d.chip_addr = field(image.word(image.y.begin, image.x.begin, first));
    d.dram_offset = placement.offset +
                    static_cast<uint64_t>(
                        pixel(n, view, grid, image.y.begin, image.x.begin) * view.c + channel);
    d.chip_count1 = d.chip_count2 = d.dram_count1 = d.dram_count2 = 1;
    // In DRAM: pixels of all channels follow each other, and whole rows do.
    if (bytes == view.c && grid.step_x == 1) {
      const bool whole_rows = cols == view.w && grid.step_y == 1;
      d.dram_run = field(int64_t{bytes} * cols * (whole_rows ? rows : 1));
      if (!whole_rows) {
        d.dram_count1 = field(rows);
        d.dram_stride1 = grid.step_y * view.w * view.c;
      }
    } else {
      d.dram_run = field(bytes);
      d.dram_count1 = field(cols);
      d.dram_stride1 = grid.step_x * view.c;
      d.dram_count2 = field(rows);
      d.dram_stride2 = grid.step_y * view.w * view.c;
    }
    // On chip.
    const bool adjacent = image.pitch.block == 1 || blocks == 1;  // a pixel's blocks
    const bool linear = image.pitch.row == cols * image.pitch.col;
    std::vector<Access> accesses = dram_rows(placement, n, view, grid, image.y, image.x, store);
    if (packed_rows) {
      d.chip_run = field(int64_t{bytes} * cols);
      d.chip_count1 = field(rows);
      d.chip_stride1 = field(wrap16(image.pitch.row));
      accesses.push_back({Space::kAct, !store, d.chip_addr, int64_t{rows} * image.pitch.row});
    } else if (adjacent && bytes % lanes == 0 && image.pitch.col == blocks) {
      d.chip_run = field(int64_t{bytes} * cols * (linear ? rows : 1));
      if (!linear) {
        d.chip_count1 = field(rows);
        d.chip_stride1 = field(wrap16(image.pitch.row));
      }
      accesses.push_back(
          {Space::kAct, !store, d.chip_addr, int64_t{cols} * blocks, rows, image.pitch.row});
    } else if (adjacent) {
      d.chip_run = field(bytes);
      d.chip_count1 = field(cols);
      d.chip_stride1 = field(wrap16(image.pitch.col));
      d.chip_count2 = field(rows);
      d.chip_stride2 = field(wrap16(image.pitch.row));
      accesses.push_back(
          {Space::kAct, !store, d.chip_addr, blocks, cols, image.pitch.col, rows, image.pitch.row});
    } else {
      d.chip_run = field(lanes);
      d.chip_count1 = field(blocks);
      d.chip_stride1 = field(wrap16(image.pitch.block));
      d.chip_count2 = field(rows * cols);
      d.chip_stride2 = field(wrap16(image.pitch.col));
      accesses.push_back({Space::kAct, !store, d.chip_addr, int64_t{rows} * cols * image.pitch.col,
                          blocks, image.pitch.block});
    }
    stream_.add(d, index_, accesses);
  };
  const Range& b = image.blocks;
  if (packed_rows || image.pitch.block == 1 || b.size() == 1) {
    piece(b.begin, b.end);
    return;
  }
  // Planar. One run a word needs full words, and pixels at one distance.
  const bool ragged = b.end * lanes > view.c;
  const bool uniform = image.pitch.row == cols * image.pitch.col;
  if (!uniform) {
    for (int block = b.begin; block < b.end; ++block) piece(block, block + 1);
    return;
  }
  const int full = ragged ? b.end - 1 : b.end;
  if (full > b.begin) piece(b.begin, full);
  if (ragged) piece(full, b.end);
}

// The same of a tensor that lies block by block, on chip as in DRAM.
void Emitter::transfer_blocks(isa::Opcode opcode, const Placement& placement, int n,
                              const View& view, const Image& image, const Grid& grid) {
  const int rows = image.y.size(), cols = image.x.size(), blocks = image.blocks.size();
  const bool store = opcode == isa::Opcode::kStore;
  const int64_t row_bytes = int64_t{view.w} * config_.rows, plane = view.h * row_bytes;
  const int64_t offset =
      static_cast<int64_t>(placement.offset) +
      (int64_t{n} * ceil_div(view.c, config_.rows) + image.blocks.begin) * plane +
      (grid.y + image.y.begin) * row_bytes + int64_t{grid.x + image.x.begin} * config_.rows;
  isa::TransferDesc d;
  d.header.opcode = static_cast<uint8_t>(opcode);
  d.mem = static_cast<uint32_t>(isa::Memory::kAct);
  d.region = field(placement.region);
  d.chip_addr = field(image.word(image.y.begin, image.x.begin, image.blocks.begin));
  d.dram_offset = static_cast<uint64_t>(offset);
  // Whole rows follow each other on both sides.
  const bool whole = cols == view.w && image.pitch.row == cols;
  const int64_t run = int64_t{cols} * (whole ? rows : 1);
  const int runs = whole ? 1 : rows;
  d.chip_run = d.dram_run = field(run * config_.rows);
  d.chip_count1 = d.dram_count1 = field(runs);
  d.chip_stride1 = field(wrap16(image.pitch.row));
  d.dram_stride1 = static_cast<int32_t>(row_bytes);
  d.chip_count2 = d.dram_count2 = field(blocks);
  d.chip_stride2 = field(wrap16(image.pitch.block));
  d.dram_stride2 = static_cast<int32_t>(plane);
  std::vector<Access> accesses{
      {Space::kAct, !store, d.chip_addr, run, runs, image.pitch.row, blocks, image.pitch.block}};
  // Spilled tensors are the program's own; its lines follow those of the outputs.
  for (int b = 0; b < blocks; ++b) {
    for (int r = 0; r < runs; ++r) {
      const int64_t begin = offset + b * plane + r * row_bytes;
      const int64_t end = begin + run * config_.rows - 1;
      accesses.push_back(
          {Space::kDram, store, plan_.output_lines + begin / 64, end / 64 - begin / 64 + 1});
    }
  }
  stream_.add(d, index_, accesses);
}

// The 64-byte lines of a rectangle of a tensor in DRAM, where the program itself writes it;
// the synchroniser's lines are those of the output region, then those of the scratch region.
std::vector<Access> Emitter::dram_rows(const Placement& p, int n, const View& view,
                                       const Grid& grid, Range y, Range x, bool write) const {
  if (p.region != kRegionOutputs && p.region != kRegionScratch) return {};
  const int64_t first_line = p.region == kRegionOutputs ? 0 : plan_.output_lines;
  std::vector<Access> accesses;
  for (int row = y.begin; row < y.end; ++row) {
    const auto offset = static_cast<int64_t>(p.offset);
    const int64_t begin = offset + pixel(n, view, grid, row, x.begin) * view.c;
    const int64_t end = offset + (pixel(n, view, grid, row, x.end - 1) + 1) * view.c - 1;
    accesses.push_back({Space::kDram, write, first_line + begin / 64, end / 64 - begin / 64 + 1});
  }
  return accesses;
}

}  // namespace weft::compiler
