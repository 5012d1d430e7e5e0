#include "compiler/sources.h"

#include <algorithm>

namespace weft::compiler {
namespace {

// Rows `out` need of a source of `extent` rows through a window, clipped, never empty.
Range source_range(int size, int stride, int dilation, int pad, Range out, int extent) {
  int begin = out.begin * stride - pad;
  int end = (out.end - 1) * stride - pad + (size - 1) * dilation + 1;
  begin = std::clamp(begin, 0, extent - 1);
  end = std::clamp(end, begin + 1, extent);
  return {begin, end};
}

}  // namespace

Range pool_source(const Window& pool, bool vertical, Range out, int mid_extent) {
  return vertical ? source_range(pool.h, pool.stride_h, 1, pool.pad_top, out, mid_extent)
                  : source_range(pool.w, pool.stride_w, 1, pool.pad_left, out, mid_extent);
}

Range kernel_source(const Window& kernel, bool vertical, Range mid, int in_extent) {
  return vertical ? source_range(kernel.h, kernel.stride_h, kernel.dilation_h, kernel.pad_top, mid,
                                 in_extent)
                  : source_range(kernel.w, kernel.stride_w, kernel.dilation_w, kernel.pad_left, mid,
                                 in_extent);
}

Range operand_source(const Layer& layer, size_t operand, bool vertical, Range out) {
  const View& view = layer.operands[operand].view;
  const int extent = vertical ? view.h : view.w;
  const Range mid = pool_source(layer.pool, vertical, out, vertical ? layer.mid.h : layer.mid.w);
  if (layer.uses_acc()) return kernel_source(layer.kernel, vertical, mid, extent);
  return extent == 1 ? Range{0, 1} : mid;
}

int widest_input(const Layer& layer, size_t operand, bool vertical, int chunk) {
  const int out = vertical ? layer.out.h : layer.out.w;
  int widest = 0;
  for (int begin = 0; begin < out; begin += chunk) {
    widest = std::max(
        widest,
        operand_source(layer, operand, vertical, {begin, std::min(out, begin + chunk)}).size());
  }
  return widest;
}

int widest_mid(const Layer& layer, bool vertical, int chunk) {
  const int out = vertical ? layer.out.h : layer.out.w;
  const int mid = vertical ? layer.mid.h : layer.mid.w;
  int widest = 0;
  for (int begin = 0; begin < out; begin += chunk) {
    widest = std::max(
        widest,
        pool_source(layer.pool, vertical, {begin, std::min(out, begin + chunk)}, mid).size());
  }
  return widest;
}

std::vector<Range> packed_rows(const Layer& layer, int lanes) {
  constexpr int kMost = 4;  // kernel rows that a K tile may touch
  const int row = layer.kernel.w * layer.in().c, k = layer.kernel.h * row;
  bool whole = true;
  for (int first = 0; first < k; first += lanes) {
    const int last = std::min(k, first + lanes) - 1;
    whole = whole && last / row - first / row < kMost;
  }
  if (whole) return {{0, layer.kernel.h}};
  std::vector<Range> pieces;
  for (int y = 0; y < layer.kernel.h; y += kMost)
    pieces.push_back({y, std::min(layer.kernel.h, y + kMost)});
  return pieces;
}

int packed_tiles(const Layer& layer, Range rows, int lanes) {
  return ceil_div(rows.size() * layer.kernel.w * layer.in().c, lanes);
}

int tiles_of_k(const Layer& layer, bool packed, int lanes) {
  if (packed) {
    int tiles = 0;
    for (const Range& rows : packed_rows(layer, lanes)) tiles += packed_tiles(layer, rows, lanes);
    return tiles;
  }
  return layer.kernel.h * layer.kernel.w * ceil_div(layer.in().c, lanes);
}

}  // namespace weft::compiler
