// What a part of a layer's output needs of what comes before it: rows and columns, and K.
#pragma once

#include <vector>

#include "compiler/layer.h"

namespace weft::compiler {

inline int ceil_div(int a, int b) { return (a + b - 1) / b; }

// Half-open range of rows or columns.
struct Range {
  int begin = 0, end = 0;
  int size() const { return end - begin; }
};

// Rows (or columns) of the layer's middle image that outputs `out` pool over, of
// its input that middle rows `mid` convolve over, and of an operand that outputs `out` need,
// clipped to the image; never empty.
Range pool_source(const Window& pool, bool vertical, Range out, int mid_extent);
Range kernel_source(const Window& kernel, bool vertical, Range mid, int in_extent);
Range operand_source(const Layer& layer, size_t operand, bool vertical, Range out);

// The largest of these over all chunks of `chunk` output rows (columns): of an operand, and of the
// middle image.
int widest_input(const Layer& layer, size_t operand, bool vertical, int chunk);
int widest_mid(const Layer& layer, bool vertical, int chunk);

// Of a layer on packed rows: its kernel rows in pieces of which no K tile touches more rows than the
// packer takes, and the K tiles of one.
std::vector<Range> packed_rows(const Layer& layer, int lanes);
int packed_tiles(const Layer& layer, Range rows, int lanes);

// K tiles of one block of output channels, on packed rows or on blocked words.
int tiles_of_k(const Layer& layer, bool packed, int lanes);

}  // namespace weft::compiler
