// Tile and memory plan: which tensors stay on chip and where, and how each layer is cut
// into chunks (what is staged in act memory at a time) and tiles (what one acc bank
// holds). Pure arithmetic on sizes: no descriptor is made here.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/layer.h"
#include "weft_gen/configs.h"

namespace weft::compiler {

inline int ceil_div(int a, int b) { return (a + b - 1) / b; }

// Half-open range of rows or columns.
struct Range {
  int begin = 0, end = 0;
  int size() const { return end - begin; }
};

// Where a storage tensor is. On chip it lies pixel by pixel: word
// act_addr + ((n*h + y)*w + x)*blocks + block, zero beyond the last channel.
struct Placement {
  bool resident = false;
  int act_addr = 0;
  View view;           // of the resident layout
  bool in_dram = false;
  int region = 0;      // of the NHWC copy
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
  bool shallow = false;    // packed input rows, K lanes across taps
  int chunk_h = 0, chunk_w = 0;  // outputs staged at a time
  Staging in;              // a chunk's input
  Staging out;             // a chunk's output, or a tile's
  bool out_by_tile = false;
  int tile_h = 0, tile_w = 0;    // outputs of one acc tile
  int k_tiles = 0;         // K tiles of one block of output channels
  WeightMode weight_mode = WeightMode::kStream;
  int piece_words = 0;     // weight words loaded at a time
};

struct Plan {
  std::vector<Placement> placements;  // by storage tensor
  std::vector<LayerPlan> layers;
  int act_peak_words = 0;
  int64_t output_lines = 0;   // 64-byte lines of the output region
  int64_t scratch_lines = 0;
};

// Rows (or columns) of the layer's middle image that outputs `out` pool over, and of
// its input that middle rows `mid` convolve over, clipped to the image; never empty.
Range pool_source(const Window& pool, bool vertical, Range out, int mid_extent);
Range kernel_source(const Window& kernel, bool vertical, Range mid, int in_extent);

// Throws Error(unsupported) naming the layer when even its smallest tile does not fit.
Plan make_plan(const model::Graph& graph, const LayerGraph& lowered,
               const isa::HardwareConfig& config);

}  // namespace weft::compiler
