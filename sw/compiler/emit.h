// Emission: planned layers as descriptors and constants.
#pragma once

#include <optional>

#include "compiler/pack.h"
#include "compiler/plan.h"
#include "compiler/stream.h"
#include "isa/vector_op.h"

namespace weft::compiler {

// The program's regions.
enum RegionIndex : int {
  kRegionProgram,
  kRegionConstants,
  kRegionInputs,
  kRegionOutputs,
  kRegionScratch
};

using isa::kParamBlockWords;

class Emitter {
 public:
  Emitter(const LayerGraph& lowered, const Plan& plan, const isa::HardwareConfig& config,
          int64_t dram_lines);

  // A layer of the device.
  void emit_layer(int index);
  // The descriptors since the last one's end are a job, if there are any.
  std::optional<program::Step> end_job();

  // Encoded descriptors and the constants region's image.
  std::vector<uint8_t> take_descriptors() { return std::move(descriptors_); }
  std::vector<uint8_t> take_constants() { return std::move(constants_); }

 private:
  // A rectangle of a K nest that one array descriptor runs.
  struct KPiece {
    Range ky, kx, kc;
    int first_tile = 0, tiles = 0;
  };
  // A rectangle of images' pixels and channel blocks on chip: word (y, x, block) is
  // addr + (y - y.begin)*row + (x - x.begin)*col + (block - blocks.begin)*pitch.block.
  struct Image {
    Range y, x, blocks;
    int addr = 0;
    Pitch pitch;
    int64_t word(int row, int col, int block) const {
      return addr + int64_t{row - y.begin} * pitch.row + int64_t{col - x.begin} * pitch.col +
             int64_t{block - blocks.begin} * pitch.block;
    }
  };
  // What is staged at a time: outputs oy x ox, channel blocks `blocks`, of image n, the operands they
  // need, and where they go (in coordinates of the whole output tensor).
  struct Chunk {
    int n = 0;
    Range oy, ox, blocks;
    std::vector<Image> in;
    Image out;
  };
  // One acc tile: outputs and the middle pixels they pool over.
  struct Tile {
    Range oy, ox, my, mx;
  };
  struct Constants {
    std::vector<uint64_t> weights;  // by block: offset in the constants region
    uint64_t parameters = 0;
    std::vector<uint64_t> operands;  // of constant operands: offset in the constants region
    std::vector<BlockRange> kc;      // by block
  };

  void begin_layer(int index);
  Image resident_image(const Placement& placement, int n) const;
  Image load_operand(const Chunk& chunk, size_t operand, int addr);
  void emit_acc_chunk(const Chunk& chunk, const std::vector<Tile>& tiles);
  Image staged_output(const Chunk& chunk, Range oy, Range ox, int addr) const;
  // The chunk with its outputs where this tile's go.
  Chunk out_of(const Chunk& chunk, const Tile& tile);
  void emit_vector_chunk(const Chunk& chunk, const std::vector<Tile>& tiles);
  void emit_block(const Chunk& chunk, const Tile& tile, int block);
  void emit_array(const Chunk& chunk, const Tile& tile, const KPiece& piece, int wgt_addr,
                  int acc_addr, bool accumulate);
  isa::VectorDesc vector_pass(const Chunk& chunk, const Tile& tile, int block,
                              std::vector<Access>& accesses) const;
  void emit_requant(const Chunk& chunk, const Tile& tile, int block, int acc_addr);
  void emit_depthwise(const Chunk& chunk, const Tile& tile, int block, int acc_addr);
  void emit_vector(const Chunk& chunk, const Tile& tile, int block);
  // A pass of the vector layer, with parameter unit `unit`.
  void emit_pass(const Chunk& chunk, const Tile& tile, int block, int unit);
  static void read_image(const Image& image, Range y, Range x, Range blocks,
                         std::vector<Access>& accesses);
  void store_output(const Chunk& chunk, Range oy, Range ox, Range blocks);
  bool stores_by_block(const Tile& tile, const Chunk& chunk) const;
  int load_weights(int block, const KPiece& piece);
  int hold_weights(int block);
  int parameters_of(int unit);
  void load_constants(isa::Memory memory, uint64_t offset, int words, int addr);
  int rows_read() const;
  std::vector<Tile> tiles_of(const Chunk& chunk) const;
  std::vector<KPiece> pieces_of(int block) const;
  int block_tiles(int block) const;
  // A rectangle of an NHWC tensor in DRAM to or from its image on chip.
  void transfer(isa::Opcode opcode, const Placement& placement, int n, const View& view,
                const Image& image, bool packed_rows);
  std::vector<Access> dram_rows(const Placement& p, int n, const View& view, Range y, Range x,
                                bool write) const;

  const LayerGraph& lowered_;
  const Plan& plan_;
  const isa::HardwareConfig& config_;
  const int64_t dram_lines_;
  Stream stream_;
  std::vector<uint8_t> descriptors_;
  std::vector<uint8_t> constants_;
  Ring wgt_, param_;
  int acc_bank_ = 0;

  // Of the layer at work.
  int index_ = 0;
  const Layer* layer_ = nullptr;
  const LayerPlan* lp_ = nullptr;
  int mid_blocks_ = 0, out_blocks_ = 0;
  size_t out_buffer_ = 0;  // next of the tiles' output buffers
  Constants layer_constants_;
  std::vector<int> held_;  // by block: wgt address of held weights, -1 not held
  int param_first_ = -1, param_count_ = 0, param_addr_ = 0;  // units in param memory
  int param_unit_words_ = kParamBlockWords;  // of a channel block, or a variant of the layer's one
  int param_units_ = 0;
};

}  // namespace weft::compiler
