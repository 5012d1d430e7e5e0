// Constants as the machine reads them: weight words by K tile and parameter blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/plan.h"

namespace weft::compiler {

// Channel blocks of the input that output block `block` depends on: all of them, or with
// groups those of its channels' groups; the others' weights are zero.
struct BlockRange {
  int begin = 0, end = 0;
};
BlockRange input_blocks(const Layer& layer, int block, int lanes);

// The layer's bias of output channel `out`; 0 where it has none.
int32_t bias_of(const Layer& layer, int out);

// Weight words of output channel block `block` for a rectangle of its K nest, K tiles in the array's
// order ((ky, kx, kc), or shallow: tiles `kc` of the packed order of rows `ky`), tile by tile lane 0 .. lanes-1, each
// word the block's `lanes` channels; zero where there is no such tap or channel.
std::vector<uint8_t> pack_weights(const Layer& layer, bool shallow, int block, Range ky, Range kx,
                                  Range kc, int lanes);

// What the layer keeps in parameter memory, in units of equal size, whole words:
// one a channel block for the MAC engines: bias with the input zero point folded in, multiplier,
//   right shift (nine words), of a depthwise layer then its taps. Exact because every tap is counted:
//   pads carry the zero point (numerics.md B4);
// one for a vector layer: the block of nine words, alike in all lanes, or the 256-byte table;
//   of an average pool one for each number of taps its windows have inside (average_unit).
std::vector<std::vector<uint8_t>> pack_parameters(const Layer& layer, int lanes);
int average_unit(const Layer& layer, int taps);

// Taps of a window at output `o` that lie inside 0..extent-1, rows or columns.
int taps_inside(const Window& window, bool vertical, int o, int extent);

}  // namespace weft::compiler
