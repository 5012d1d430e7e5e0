// The graph that importer, golden model and compiler share: a list of quantised
// operators in execution order over tensors. Everything an operator's arithmetic needs
// (zero points, clamps, integer multipliers and shifts, resolved padding) is resolved
// once, on import, by the exact expression that operator uses; scales stay beside
// them for reports. Layouts are TFLite's: activations NHWC, convolution filters OHWI,
// fully connected weights [out][in].
// Activations are int8, but for what QUANTIZE reads and DEQUANTIZE writes (float32, uint8).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace weft::model {

enum class DataType : uint8_t { kInt8, kUInt8, kInt16, kInt32, kInt64, kFloat32 };

// Bytes of one element, and the type's name for messages ("int8").
int bytes_of(DataType type);
const char* to_string(DataType type);

// Affine quantisation, real = scale * (q - zero_point): one entry, or one for each
// slice along `dimension`. Empty where the tensor has none.
struct Quantization {
  std::vector<float> scales;
  std::vector<int32_t> zero_points;
  int dimension = 0;
};

struct Tensor {
  std::string name;  // the model's own name, or a made-up unique one
  DataType type = DataType::kInt8;
  std::vector<int> shape;  // every extent >= 1
  Quantization quantization;
  std::vector<uint8_t> data;  // constants, little-endian; empty for activations

  bool is_constant() const { return !data.empty(); }
  int64_t elements() const {
    int64_t n = 1;
    for (int d : shape) n *= d;
    return n;
  }
  int64_t bytes() const { return elements() * bytes_of(type); }
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

// inputs: activation [N,H,W,C], filter [1,KH,KW,C*multiplier], bias [C*multiplier] (or -1).
// output: [N,OH,OW,C*multiplier]; output channel c reads input channel c / multiplier.
struct DepthwiseConv2d {
  int stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int multiplier = 1;
  Padding padding;
  int32_t input_zero_point = 0, output_zero_point = 0;
  Clamp clamp;
  std::vector<Rescale> rescale;  // one an output channel
};

// inputs: activation [N,H,W,Cin], filter [Cout,KH,KW,Cin], bias [Cout] (or -1).
// output: [N,OH,OW,Cout]: element (y,x) adds filter tap (ky,kx) times input (iy,ix) wherever
// y = iy * stride_h + ky - padding_top, x = ix * stride_w + kx - padding_left.
struct TransposeConv {
  int stride_h = 1, stride_w = 1;
  int padding_top = 0, padding_left = 0;
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

// inputs: x [..., rows, depth] and y [..., depth, columns], each stored with its last two
// dimensions swapped where it is marked so; the leading dimensions broadcast. Either may be a
// constant. output: [..., rows, columns].
struct BatchMatMul {
  bool swapped_x = false, swapped_y = false;
  std::array<int32_t, 2> input_zero_points{};
  int32_t output_zero_point = 0;
  Clamp clamp;
  Rescale rescale;
};

// inputs: two that broadcast to the output's shape, either a constant. Each is scaled by
// 2^left_shift and its own rescale, then their sum (or first less second) by the output's.
// No rescale shifts left.
struct Add {
  bool subtract = false;
  int left_shift = 20;
  std::array<int32_t, 2> input_zero_points{};
  std::array<Rescale, 2> input_rescale;
  int32_t output_zero_point = 0;
  Rescale output_rescale;
  Clamp clamp;
};

// inputs: two that broadcast to the output's shape, either a constant.
struct Mul {
  std::array<int32_t, 2> input_zero_points{};
  int32_t output_zero_point = 0;
  Rescale rescale;
  Clamp clamp;
};

// The larger (or smaller) of two that broadcast to the output's shape, either a constant; one
// scale and zero point for all three.
struct MaxMin {
  bool maximum = true;
};

// input, output: [N,H,W,C]; equal scale and zero point. Taps outside the image are skipped.
struct MaxPool2d {
  int filter_h = 1, filter_w = 1, stride_h = 1, stride_w = 1;
  Padding padding;
  Clamp clamp;
};

// input, output: [N,H,W,C]; equal scale and zero point. Taps outside the image are skipped and
// not counted.
struct AveragePool2d {
  int filter_h = 1, filter_w = 1, stride_h = 1, stride_w = 1;
  Padding padding;
  Clamp clamp;
};

// Mean over the axes; the output's elements are those of the input with the axes' extents 1.
// The rescale holds the division by their product, so that its multiplier, unlike others, may
// be below 2^30.
struct Mean {
  std::vector<int> axes;  // ascending, each once
  int32_t input_zero_point = 0, output_zero_point = 0;
  Rescale rescale;
};

// Over the last dimension; output scale 1/256, zero point -128. Differences to the row's
// maximum are multiplied by multiplier * 2^(left_shift - 31) into Q5.26; those below diff_min
// give -128.
struct Softmax {
  int32_t multiplier = 0;
  int left_shift = 0;
  int32_t diff_min = 0;
};

// output = table[input + 128]: LOGISTIC, TANH and whatever else depends on one byte.
struct Lookup {
  std::array<int8_t, 256> table{};
};

// From one scale to another, int8 or uint8 on either side (QUANTIZE of integers, RELU; RELU6,
// which clamps in its own scale, rescales by one).
struct Requantize {
  int32_t input_zero_point = 0, output_zero_point = 0;
  Rescale rescale;
  Clamp clamp;  // within the output's type
};

// float32 -> int8: the nearest to input / scale, ties away from zero, plus the zero point,
// saturated; a NaN gives the zero point.
struct Quantize {
  float scale = 1;
  int32_t zero_point = 0;
};

// int8 or uint8 -> float32.
struct Dequantize {
  float scale = 1;
  int32_t zero_point = 0;
};

// Bytes unchanged, new shape. (RESHAPE, SQUEEZE, EXPAND_DIMS: the output's shape says all.)
struct Reshape {};

// Elements put before and behind the input along each dimension.
struct Pad {
  std::vector<int> before, after;
  int8_t value = 0;
};

// Any number of inputs, side by side along one axis; some may be constants.
struct Concat {
  int axis = 0;
};

// Dimension i of the output is dimension order[i] of the input.
struct Transpose {
  std::vector<int> order;
};

// Along input dimension d: the `extent` elements begin, begin + stride, ... (the output may
// lack dimensions of extent 1).
struct StridedSlice {
  std::vector<int> begin, stride, extent;
};

using Attributes =
    std::variant<Conv2d, DepthwiseConv2d, TransposeConv, FullyConnected, BatchMatMul, Add, Mul,
                 MaxMin, MaxPool2d, AveragePool2d, Mean, Softmax, Lookup, Requantize, Quantize,
                 Dequantize, Reshape, Pad, Concat, Transpose, StridedSlice>;

struct Op {
  std::string name;    // kind + ordinal in execution order: conv1, pool1, dense1, reshape1
  std::string source;  // where it came from, for messages: "operator 3 (CONV_2D)"
  Attributes attributes;
  std::vector<int> inputs;  // tensor indices; -1: absent optional input
  std::vector<int> outputs;
};

struct Graph {
  std::string name;  // the file's stem
  std::vector<Tensor> tensors;
  std::vector<Op> ops;      // in execution order
  std::vector<int> inputs;  // tensor indices
  std::vector<int> outputs;

  const Tensor& tensor(int index) const { return tensors.at(static_cast<size_t>(index)); }
};

// What an operator takes.
struct Operands {
  size_t least = 1, most = 1;  // inputs
  bool weights = false;        // the second is a constant, the third a constant or absent (-1)
};
Operands operands_of(const Attributes& attributes);

// Multiply-accumulates of one operator for the shapes of its tensors (padded taps count).
int64_t macs(const Graph& graph, const Op& op);

// The index of the operator that `name` names: its own name (conv1), or the name of its
// output tensor. Throws Error(not_found) that lists the valid names.
size_t find_op(const Graph& graph, const std::string& name);

// A graph of this one operator: its activations become the inputs and outputs, its
// constants come along. The operator keeps its name.
Graph single_op_graph(const Graph& graph, size_t op_index);

// Structural checks that golden and compiler rely on: indices, shapes that fit the
// attributes, rescale counts, ranges, no use before definition, and that no sum leaves 32
// bits: per output channel sum |w| * 255 + |bias| < 2^31, shifted left where a rescale does.
// Throws Error naming operator and tensor.
void check(const Graph& graph);

}  // namespace weft::model
