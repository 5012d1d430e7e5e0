// Emission: planned layers as descriptors and constants.
#pragma once

#include "compiler/pack.h"
#include "compiler/plan.h"
#include "compiler/stream.h"
#include "isa/vector_op.h"

namespace weft::compiler {

// The program's regions.
enum RegionIndex : int { kRegionProgram, kRegionConstants, kRegionInputs, kRegionOutputs, kRegionScratch };

using isa::kParamBlockWords;

class Emitter {
 public:
  Emitter(const LayerGraph& lowered, const Plan& plan, const isa::HardwareConfig& config,
          int64_t dram_lines);

  void emit_layer(int index);

  // Encoded descriptors and the constants region's image.
  std::vector<uint8_t> take_descriptors() && { return std::move(stream_).finish(); }
  std::vector<uint8_t> take_constants() { return std::move(constants_); }

 private:
  // A rectangle of a K nest that one array descriptor runs.
  struct KPiece {
    Range ky, kx, kc;
    int first_tile = 0, tiles = 0;
  };
  // What is staged at a time: outputs oy x ox of image n and the input they need.
  struct Chunk {
    int n = 0;
    Range oy, ox;
    Range iy, ix;       // input rows and columns present at in_addr
    int in_addr = 0;
    int in_width = 0;   // columns between row starts
    int out_addr = 0;   // of output (out_y0, out_x0)
    int out_y0 = 0, out_x0 = 0, out_width = 0;
  };
  // One acc tile: outputs and the middle pixels they pool over.
  struct Tile {
    Range oy, ox, my, mx;
  };
  struct Constants {
    std::vector<uint64_t> weights;   // by block: offset in the constants region
    uint64_t parameters = 0;
    std::vector<BlockRange> kc;      // by block
  };

  void begin_layer(int index);
  void load_input(Chunk& chunk, int in_addr);
  void emit_array_chunk(const Chunk& chunk, const std::vector<Tile>& tiles);
  // The chunk with its outputs where this tile's go.
  Chunk out_of(const Chunk& chunk, const Tile& tile);
  void emit_pool_chunk(const Chunk& chunk, const std::vector<Tile>& tiles);
  void emit_block(const Chunk& chunk, const Tile& tile, int block);
  void emit_array(const Chunk& chunk, const Tile& tile, const KPiece& piece, int wgt_addr, int acc_addr,
                  bool accumulate);
  isa::VectorDesc vector_pass(const Chunk& chunk, const Tile& tile, int block,
                              std::vector<Access>& accesses) const;
  void emit_requant(const Chunk& chunk, const Tile& tile, int block, int acc_addr);
  void emit_pool(const Chunk& chunk, const Tile& tile, int block);
  void store_output(const Chunk& chunk, Range oy, Range ox);
  // One channel block of whole words.
  void store_block(const Chunk& chunk, const Tile& tile, int block);
  isa::TransferDesc store_of(const Chunk& chunk, Range oy, Range ox) const;
  bool stores_by_block(const Tile& tile, const Chunk& chunk) const;
  int load_weights(int block, const KPiece& piece);
  int hold_weights(int block);
  int parameters_of(int block);
  void load_constants(isa::Memory memory, uint64_t offset, int words, int addr);
  int rows_read() const;
  std::vector<Tile> tiles_of(const Chunk& chunk) const;
  std::vector<KPiece> pieces_of(int block) const;
  int block_tiles(int block) const;
  std::vector<Access> dram_rows(int tensor, int n, const View& view, Range y, Range x, bool write) const;

  const LayerGraph& lowered_;
  const Plan& plan_;
  const isa::HardwareConfig& config_;
  Stream stream_;
  std::vector<uint8_t> constants_;
  Ring wgt_, param_;
  int acc_bank_ = 0;

  // Of the layer at work.
  int index_ = 0;
  const Layer* layer_ = nullptr;
  const LayerPlan* lp_ = nullptr;
  int in_blocks_ = 0, mid_blocks_ = 0, out_blocks_ = 0;
  size_t out_buffer_ = 0;         // next of the tiles' output buffers
  Constants layer_constants_;
  std::vector<int> held_;         // by block: wgt address of held weights, -1 not held
  int param_first_ = -1, param_count_ = 0, param_addr_ = 0;  // blocks in param memory
};

}  // namespace weft::compiler
