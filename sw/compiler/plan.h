// Tile and memory plan: which tensors stay on chip and where, and how each layer is cut
// into chunks (what is staged in act memory at a time) and tiles (what one acc bank
// holds). Pure arithmetic on sizes: no descriptor is made here.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/layer.h"
#include "compiler/sources.h"
#include "weft_gen/configs.h"

namespace weft::compiler {

// Words between rows, columns and channel blocks of one image on chip.
struct Pitch {
  int row = 0, col = 0, block = 0;
};

// A compact image: pixel by pixel, or (planar) block by block, so that neighbours in a row lie in
// neighbouring words, as the depthwise engine reads two at a time.
inline Pitch compact_pitch(int rows, int cols, int blocks, bool planar) {
  return planar ? Pitch{cols, 1, rows * cols} : Pitch{cols * blocks, blocks, 1};
}

// Where a storage tensor is. On chip its images follow each other, each compact; lanes beyond the
// last channel are zero.
struct Placement {
  bool resident = false;
  bool planar = false;
  int act_addr = 0;
  View view;  // of the resident layout
  bool in_dram = false;
  bool blocked = false;  // in DRAM: channel blocks of whole words, planes of rows; else NHWC
  int region = 0;
  uint64_t offset = 0;
};

// Staging buffers of one side of a layer, used in turn; none: the tensor is resident.
struct Staging {
  int words = 0;  // of each
  std::vector<int> addr;
};

// How a layer's weights come: all held, a block held while its tiles run, or streamed.
enum class WeightMode : uint8_t { kHoldAll, kHoldBlock, kStream };

struct LayerPlan {
  bool shallow = false;          // packed input rows, K lanes across taps
  int chunk_h = 0, chunk_w = 0;  // outputs staged at a time,
  int chunk_blocks = 0;          // and of how many channel blocks
  int in_blocks = 0;             // of the input's channel blocks so many at a time; 0: all
  bool planar = false;           // layout of staged operands
  std::vector<Staging> in;       // a chunk's input, by operand
  Staging out;                   // a chunk's output, or a tile's
  bool out_by_tile = false;
  int tile_h = 0, tile_w = 0;  // outputs of one acc tile
  int k_tiles = 0;             // K tiles of one block of output channels
  WeightMode weight_mode = WeightMode::kStream;
  int piece_words = 0;  // weight words loaded at a time
};

// What is not decided by sizes alone. Layers leave each other room in activation memory, so that they
// can run at the same time: in its staging one takes at most the `share`th part, and no words that the
// last `rest` layers used, as far as there are others. They are cut so that one can begin before another
// ends: an image into about `tiles` tiles, K into `pieces` where the sums of several blocks fit.
struct PlanPolicy {
  int share = 4;
  int rest = 1;
  int tiles = 4;
  int pieces = 4;
};

struct Plan {
  std::vector<Placement> placements;  // by storage tensor
  std::vector<LayerPlan> layers;
  PlanPolicy policy;
  int act_peak_words = 0;
  int64_t output_lines = 0;  // 64-byte lines of the output region
  int64_t scratch_lines = 0;
};

// Most sums that a tile of the layer has in one channel block.
int largest_tile(const Layer& layer, const LayerPlan& plan);

// Throws Error(unsupported) naming the layer when even its smallest tile does not fit.
Plan make_plan(const model::Graph& graph, const LayerGraph& lowered,
               const isa::HardwareConfig& config, PlanPolicy policy);

}  // namespace weft::compiler
