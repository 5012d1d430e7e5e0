// Lowering: the graph's operators as the layers that the machine executes, one of its macro
// operations each with what is fused into it, and the steps that stay on the host.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "model/graph.h"
#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::compiler {

// An activation seen as images of pixels of channels.
struct View {
  int n = 1, h = 1, w = 1, c = 1;
  bool operator==(const View&) const = default;
  int64_t elements() const { return int64_t{n} * h * w * c; }
  int64_t pixels() const { return int64_t{n} * h * w; }
};

// A window that slides over rows and columns: a kernel or a pool.
struct Window {
  int h = 1, w = 1;
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  int pad_top = 0, pad_left = 0;
};

// The weights' taps that are the kernel's: its tap (ky, kx) is (y + ky*step_y, x + kx*step_x).
struct Taps {
  int y = 0, x = 0;
  int step_y = 1, step_x = 1;
};

enum class LayerKind { kConv, kDense, kDepthwise, kVector, kHost };

struct Operand {
  int tensor = -1;  // storage tensor: reshapes are seen through
  View view;        // as the layer sees it; an extent of 1 repeats along the output's
  bool constant = false;
  std::vector<int8_t> data;  // of a constant, in `view`'s shape
};

struct Layer {
  LayerKind kind = LayerKind::kConv;
  std::string name;    // "conv1", "conv1+pool1"
  std::string type;    // "conv", "dense", "dw", "pool", "add" ...
  std::string source;  // for messages
  int op = -1;         // of the graph; the host runs it
  std::string reason;  // kHost: why the device does not

  std::vector<Operand> operands;
  int output = -1;  // storage tensor
  View mid;         // what the MAC engine makes; of a vector layer what its window slides over
  View out;         // after the pool: what this layer writes of its output tensor,
  View whole;       // which is this large,
  int out_y = 0, out_x = 0, out_c = 0;  // from here on,
  int step_y = 1, step_x = 1;           // every so manieth row and column

  Window kernel;  // of the MAC engines
  Window pool;    // 1 x 1 where nothing is pooled
  Taps taps;
  int groups = 1;
  bool depthwise_weights = false;          // weights are 1HWC, not OHWI
  const model::Tensor* weights = nullptr;  // OHWI, [out][in] of kDense, 1HWC
  const model::Tensor* bias = nullptr;     // may be absent
  std::vector<model::Rescale> rescale;     // one an output channel; kVector: one
  int32_t input_zero_point = 0;
  int32_t output_zero_point = 0;
  model::Clamp clamp;

  // kVector only.
  isa::Opcode opcode = isa::Opcode::kMaxpool;
  bool subtract = false;
  std::array<int32_t, 2> source_zero_points{};
  std::array<model::Rescale, 2> source_rescale{};
  std::array<int8_t, 256> table{};  // by input + 128

  const View& in() const { return operands[0].view; }
  bool uses_array() const { return kind == LayerKind::kConv || kind == LayerKind::kDense; }
  bool uses_acc() const { return uses_array() || kind == LayerKind::kDepthwise; }
  // Channel blocks do not depend on each other.
  bool by_channel() const { return kind == LayerKind::kDepthwise || kind == LayerKind::kVector; }
};

struct LayerGraph {
  std::vector<Layer> layers;    // in execution order
  std::vector<int> storage;     // tensor -> the tensor whose bytes it shares
  std::vector<bool> is_output;  // storage tensor -> the network's output
};

// Fuses a max-pool into the convolution that alone feeds it and a pad into the convolution or pool
// that alone reads it, and sees through reshapes. What the device cannot run becomes a step of
// the host, with the reason.
LayerGraph lower(const model::Graph& graph, const isa::HardwareConfig& config);

}  // namespace weft::compiler
