// How a layer can be cut: into chunks, of what is staged in act memory at a time, and these into tiles,
// of what one acc bank holds.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/layer.h"
#include "compiler/plan.h"

namespace weft::compiler {

// Of all of a layer's weights, as the array takes them.
int64_t weight_words(const Layer& layer, bool shallow, const isa::HardwareConfig& config);

// The packer takes rows of packed bytes; such a K nest cannot be cut at will, so half of the weight
// memory must hold it.
bool can_be_shallow(const Layer& layer, const isa::HardwareConfig& config);

// A pool whose windows do not overlap reads nothing twice when it is cut; in so many chunks loads,
// passes and stores run beside each other.
int least_chunks(const Layer& layer, bool staged);

struct ChunkSize {
  int h = 0, w = 0, blocks = 0;
  int in_blocks = 0;  // of the input, at a time; 0: all
};

// Chunk sizes to try, from `least` chunks of rows down to one pixel: rows first, then, where channel
// blocks do not depend on each other, fewer of these, columns last.
std::vector<ChunkSize> chunk_sizes(const Layer& layer, const isa::HardwareConfig& config,
                                   int least);

// Chunks are cut into equal tiles whose middle images fit one acc bank. Passes over what is on chip take
// some rows at a time, so that they run beside the layers before and after; `staged` ones take all.
// About `tiles` of them are made of an image where that costs nothing. False: not even one pixel fits.
bool choose_tile(const Layer& layer, bool staged, const isa::HardwareConfig& config, int tiles,
                 LayerPlan& plan);

}  // namespace weft::compiler
