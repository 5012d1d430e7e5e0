#include "compiler/transposed.h"

#include <algorithm>

#include "compiler/pack.h"
#include "quant/rounding.h"

namespace weft::compiler {
namespace {

// The outputs begin, begin + stride, ... of one axis. Output begin + o*stride is reached by tap
// first + j*stride from input o + (begin + padding) / stride - j: an ordinary convolution whose
// first tap is the last of these.
struct Phase {
  int begin = 0, outputs = 0;
  int last_tap = 0, taps = 0;
  int pad = 0;
};

// Those that a tap reaches; never none, as the padding is less than the kernel.
std::vector<Phase> phases_of(int stride, int kernel, int padding, int outputs) {
  std::vector<Phase> phases;
  for (int begin = 0; begin < std::min(stride, outputs); ++begin) {
    const int first = (begin + padding) % stride;
    if (first >= kernel) continue;
    const int taps = (kernel - 1 - first) / stride + 1;
    phases.push_back({begin, (outputs - 1 - begin) / stride + 1, first + (taps - 1) * stride, taps,
                      taps - 1 - (begin + padding) / stride});
  }
  return phases;
}
std::vector<Phase> row_phases(const model::TransposeConv& conv, const Layer& whole) {
  return phases_of(conv.stride_h, whole.weights->shape[1], conv.padding_top, whole.whole.h);
}
std::vector<Phase> column_phases(const model::TransposeConv& conv, const Layer& whole) {
  return phases_of(conv.stride_w, whole.weights->shape[2], conv.padding_left, whole.whole.w);
}

// The whole output filled with what its biases alone make.
Layer fill_of(const Layer& whole) {
  Layer fill = whole;
  fill.kind = LayerKind::kVector;
  fill.opcode = isa::Opcode::kMaxpool;  // of a 1 x 1 window: a copy
  fill.mid = fill.out = fill.whole;
  fill.weights = fill.bias = nullptr;
  fill.rescale.clear();
  fill.clamp = {};
  Operand value;
  value.constant = true;
  value.view = {1, 1, 1, whole.whole.c};
  for (int c = 0; c < whole.whole.c; ++c) {
    const model::Rescale& by = whole.rescale[static_cast<size_t>(c)];
    const int64_t y = int64_t{quant::multiply_by_quantized_multiplier(bias_of(whole, c),
                                                                      by.multiplier, by.shift)} +
                      whole.output_zero_point;
    value.data.push_back(
        static_cast<int8_t>(std::clamp<int64_t>(y, whole.clamp.min, whole.clamp.max)));
  }
  fill.operands = {std::move(value)};
  return fill;
}

}  // namespace

size_t transposed_parts(const model::TransposeConv& conv, const Layer& whole) {
  return row_phases(conv, whole).size() * column_phases(conv, whole).size();
}

std::vector<Layer> split_transposed(const model::TransposeConv& conv, const Layer& whole) {
  std::vector<Layer> layers;
  int64_t reached = 0;
  for (const Phase& y : row_phases(conv, whole)) {
    for (const Phase& x : column_phases(conv, whole)) {
      Layer layer = whole;
      layer.mid = layer.out = {whole.whole.n, y.outputs, x.outputs, whole.whole.c};
      layer.kernel = {y.taps, x.taps, 1, 1, 1, 1, y.pad, x.pad};
      layer.taps = {y.last_tap, x.last_tap, -conv.stride_h, -conv.stride_w};
      layer.out_y = y.begin;
      layer.out_x = x.begin;
      // One row has no next; a pool that is fused may make several of it, side by side.
      layer.step_y = y.outputs > 1 ? conv.stride_h : 1;
      layer.step_x = x.outputs > 1 ? conv.stride_w : 1;
      reached += layer.out.pixels();
      layers.push_back(std::move(layer));
    }
  }
  if (reached < whole.whole.pixels()) layers.insert(layers.begin(), fill_of(whole));
  return layers;
}

}  // namespace weft::compiler
