// Constants as the machine reads them: weight words by K tile and parameter blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/layer.h"

namespace weft::compiler {

// Channel blocks of the input that output block `block` depends on: all of them, or with
// groups those of its channels' groups; the others' weights are zero.
struct BlockRange {
  int begin = 0, end = 0;
};
BlockRange input_blocks(const Layer& layer, int block, int lanes);

// All weight words of output channel block `block`, K tiles in the array's order
// ((ky, kx, kc) over `kc`, or shallow), tile by tile lane 0 .. lanes-1, each word
// the block's `lanes` channels; zero where there is no such tap or channel.
std::vector<uint8_t> pack_weights(const Layer& layer, bool shallow, int block, BlockRange kc,
                                  int lanes);

// One parameter block (nine words): bias with the input zero point folded in,
// multiplier, right shift. Exact because every tap is counted: pads carry the zero point (numerics.md B4).
std::vector<uint8_t> pack_parameters(const Layer& layer, int block, int lanes);

}  // namespace weft::compiler
