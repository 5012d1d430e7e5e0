// Emission: planned layers as descriptors and constants.
#pragma once

#include <optional>

#include "compiler/pack.h"
#include "compiler/plan.h"
#include "compiler/stream.h"
#include "isa/vector_op.h"
#include "program/program.h"

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

// Pixel (y, x) of an image is pixel (this y + y*step_y, this x + x*step_x) of its tensor.
struct Grid {
  int y = 0, x = 0;
  int step_y = 1, step_x = 1;
};

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
    int tiles = 0;
  };
  // What the array does for one tile is a list of these, and the weights lie in its order.
  struct ArrayStep {
    int block = 0;
    KPiece piece;
    bool first = false, last = false;  // of its block
    int bank = 0, slot = 0;            // where the block's sums are: banks opened for the tile
    uint64_t offset = 0;               // of its weights in the constants region
    int words(int rows) const { return piece.tiles * rows; }
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
  // need, and where they go (channel blocks in coordinates of the whole output tensor).
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
  struct Constants {  // offsets in the constants region
    uint64_t parameters = 0;
    std::vector<uint64_t> operands;  // of constant operands
  };

  void begin_layer(int index);
  Image resident_image(const Placement& placement, int n) const;
  Image resident_output(const Placement& placement, int n) const;
  Image load_operand(const Chunk& chunk, size_t operand, Range blocks, int addr);
  Range operand_blocks(const Chunk& chunk, size_t operand) const;
  void stage_channels(Chunk& chunk, Range kc);
  void emit_acc_chunk(const Chunk& chunk, const std::vector<Tile>& tiles);
  Image staged_output(const Chunk& chunk, Range oy, Range ox, int addr) const;
  // The chunk with its outputs where this tile's go.
  Chunk out_of(const Chunk& chunk, const Tile& tile);
  void emit_vector_chunk(const Chunk& chunk, const std::vector<Tile>& tiles);
  void plan_steps();
  void emit_step(const Chunk& chunk, const Tile& tile, size_t step);
  void emit_array(const Chunk& chunk, const Tile& tile, const KPiece& piece, int wgt_addr,
                  const Sums& sums, bool accumulate);
  isa::VectorDesc vector_pass(const Chunk& chunk, const Tile& tile, int block,
                              std::vector<Access>& accesses) const;
  void emit_requant(const Chunk& chunk, const Tile& tile, int block, const Sums& sums);
  void emit_depthwise(const Chunk& chunk, const Tile& tile, int block);
  void emit_vector(const Chunk& chunk, const Tile& tile, int block);
  // A pass of the vector layer, with parameter unit `unit`.
  void emit_pass(const Chunk& chunk, const Tile& tile, int block, int unit);
  static void read_image(const Image& image, Range y, Range x, Range blocks,
                         std::vector<Access>& accesses);
  void store_output(const Chunk& chunk, Range oy, Range ox, Range blocks);
  bool stores_by_block(const Tile& tile, const Chunk& chunk) const;
  int weights_of(size_t step);
  int parameters_of(int unit);
  void load_constants(isa::Memory memory, uint64_t offset, int words, int addr);
  int rows_read() const;
  std::vector<Tile> tiles_of(const Chunk& chunk) const;
  std::vector<KPiece> pieces_of(BlockRange kc, int want) const;
  // A rectangle of an NHWC tensor in DRAM, or of those of its pixels that `grid` has, to or from
  // its image on chip.
  void transfer(isa::Opcode opcode, const Placement& placement, int n, const View& view,
                const Image& image, bool packed_rows, const Grid& grid = {});
  // Counted from the tensor's first.
  static int64_t pixel(int n, const View& view, const Grid& grid, int y, int x);
  void transfer_blocks(isa::Opcode opcode, const Placement& placement, int n, const View& view,
                       const Image& image, const Grid& grid);
  std::vector<Access> dram_rows(const Placement& p, int n, const View& view, const Grid& grid,
                                Range y, Range x, bool write) const;

  const LayerGraph& lowered_;
  const Plan& plan_;
  const isa::HardwareConfig& config_;
  const int64_t dram_lines_;
  Stream stream_;
  std::vector<uint8_t> descriptors_;
  std::vector<uint8_t> constants_;
  Ring wgt_, param_;

  // Of the layer at work.
  int index_ = 0;
  const Layer* layer_ = nullptr;
  const LayerPlan* lp_ = nullptr;
  int mid_blocks_ = 0, out_blocks_ = 0;
  size_t out_buffer_ = 0;  // next of the tiles' output buffers
  size_t in_buffer_ = 0;   // and of the input's parts
  Constants layer_constants_;
  std::vector<ArrayStep> steps_;
  std::vector<int> wgt_addr_;  // by step: where its weights are, -1 not loaded
  int weight_loads_ = 0;
  std::vector<int> banks_;                                   // of the tile at work
  int param_first_ = -1, param_count_ = 0, param_addr_ = 0;  // units in param memory
  int param_unit_words_ = kParamBlockWords;  // of a channel block, or a variant of the layer's one
  int param_units_ = 0;
};

}  // namespace weft::compiler
