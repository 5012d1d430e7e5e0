// Lowering: the graph's operators as the layers that the machine executes, each a
// convolution-like operator (convolution, fully connected, max-pool) with what is
// fused into it.
#pragma once

#include <string>
#include <vector>

#include "model/graph.h"

namespace weft::compiler {

// An activation seen as images of pixels of channels.
struct View {
  int n = 1, h = 1, w = 1, c = 1;
  bool operator==(const View&) const = default;
  int64_t elements() const { return int64_t{n} * h * w * c; }
};

// A window that slides over rows and columns: a kernel or a pool.
struct Window {
  int h = 1, w = 1;
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  int pad_top = 0, pad_left = 0;
};

enum class LayerKind { kConv, kDense, kPool };

struct Layer {
  LayerKind kind = LayerKind::kConv;
  std::string name;    // "conv1", "conv1+pool1"
  std::string source;  // for messages
  int input = -1;      // storage tensors: reshapes are seen through
  int output = -1;
  View in;             // as the kernel sees the input
  View mid;            // what the array makes (the input itself for a pool)
  View out;            // after the pool
  Window kernel;       // of kConv and kDense
  Window pool;         // 1 x 1 where nothing is pooled
  int groups = 1;
  const model::Tensor* weights = nullptr;  // OHWI, or [out][in] for kDense
  const model::Tensor* bias = nullptr;     // may be absent
  const std::vector<model::Rescale>* rescale = nullptr;
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  model::Clamp clamp;

  bool uses_array() const { return kind != LayerKind::kPool; }
};

struct LayerGraph {
  std::vector<Layer> layers;      // in execution order
  std::vector<int> storage;       // tensor -> the tensor whose bytes it shares
  std::vector<bool> is_output;    // storage tensor -> the network's output
};

// Fuses a max-pool into the convolution or dense layer that alone feeds it, and sees
// through reshapes. Throws Error(unsupported) for what the device cannot run.
LayerGraph lower(const model::Graph& graph);

}  // namespace weft::compiler
