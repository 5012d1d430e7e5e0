// The graph that importer, golden model and compiler share: a list of quantised
// operators in execution order over tensors. Everything an operator's arithmetic needs
// (zero points, clamps, integer multipliers and shifts, resolved padding) is resolved
// once, on import, by the exact expression that operator uses; scales stay beside
// them for reports. Layouts are TFLite's: activations NHWC, convolution filters OHWI,
// fully connected weights [out][in].
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace weft::model {

enum class DataType : uint8_t { kInt8, kUInt8, kInt16, kInt32, kInt64, kFloat32 };

// Affine quantisation, real = scale * (q - zero_point): one entry, or one for each
// slice along `dimension`. Empty where the tensor has none.
struct Quantization {
  std::vector<float> scales;
  std::vector<int32_t> zero_points;
  int dimension = 0;
};

struct Tensor {
  std::string name;              // the model's own name, or a made-up unique one
  DataType type = DataType::kInt8;
  std::vector<int> shape;        // every extent >= 1
  Quantization quantization;
  std::vector<uint8_t> data;     // constants, little-endian; empty for activations

  bool is_constant() const { return !data.empty(); }
  int64_t elements() const {
    int64_t n = 1;
    for (int d : shape) n *= d;
    return n;
  }
};

// real multiplier = multiplier * 2^(shift - 31), as TFLite's QuantizeMultiplier gives
// it: multiplier is 0 or in [2^30, 2^31 - 1]; shift > 0 shifts left (numerics.md B1).
struct Rescale {
  int32_t multiplier = 0;
  int32_t shift = 0;
};

struct Clamp {
  int32_t min = -128;
  int32_t max = 127;
};

struct Padding {
  int top = 0, bottom = 0, left = 0, right = 0;
};

// inputs: activation [N,H,W,Cin], filter [Cout,KH,KW,Cin/groups], bias [Cout] (or absent, -1).
// output: [N,OH,OW,Cout].
struct Conv2d {
  int stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int groups = 1;
  Padding padding;
  int32_t input_zero_point = 0, output_zero_point = 0;
  Clamp clamp;
  std::vector<Rescale> rescale;  // one an output channel
};

// inputs: activation with batch * depth elements, weights [Cout,depth], bias [Cout] (or -1).
// output: [..., Cout]; batch = elements / depth.
struct FullyConnected {
  int32_t input_zero_point = 0, weights_zero_point = 0, output_zero_point = 0;
  Clamp clamp;
  std::vector<Rescale> rescale;  // one an output channel (repeated when per tensor)
};

// input, output: [N,H,W,C]; equal scale and zero point. Taps outside the image are skipped.
struct MaxPool2d {
  int filter_h = 1, filter_w = 1, stride_h = 1, stride_w = 1;
  Padding padding;
  Clamp clamp;
};

// Bytes unchanged, new shape. (RESHAPE, SQUEEZE, EXPAND_DIMS: the output's shape says all.)
struct Reshape {};

using Attributes = std::variant<Conv2d, FullyConnected, MaxPool2d, Reshape>;

struct Op {
  std::string name;          // kind + ordinal in execution order: conv1, pool1, dense1, reshape1
  std::string source;        // where it came from, for messages: "operator 3 (CONV_2D)"
  Attributes attributes;
  std::vector<int> inputs;   // tensor indices; -1: absent optional input
  std::vector<int> outputs;
};

struct Graph {
  std::string name;          // the file's stem
  std::vector<Tensor> tensors;
  std::vector<Op> ops;       // in execution order
  std::vector<int> inputs;   // tensor indices
  std::vector<int> outputs;

  const Tensor& tensor(int index) const { return tensors.at(static_cast<size_t>(index)); }
};

// Multiply-accumulates of one operator for the shapes of its tensors (padded taps count).
int64_t macs(const Graph& graph, const Op& op);

// The index of the operator that `name` names: its own name (conv1), or the name of its
// output tensor. Throws Error(not_found) that lists the valid names.
size_t find_op(const Graph& graph, const std::string& name);

// A graph of this one operator: its activations become the inputs and outputs, its
// constants come along. The operator keeps its name.
Graph single_op_graph(const Graph& graph, size_t op_index);

// Structural checks that golden and compiler rely on: indices, shapes that fit the
// attributes, rescale counts, ranges, no use before definition, and per output
// channel sum |w| * 255 + |bias| < 2^31. Throws Error naming operator and tensor.
void check(const Graph& graph);

}  // namespace weft::model
