#include "compiler/lower.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "compiler/transposed.h"
#include "isa/depthwise.h"
#include "quant/rounding.h"

namespace weft::compiler {
namespace {

using model::Graph;
using model::Op;
using model::Tensor;

constexpr int kMostTaps = 255;      // of a window each way
constexpr int kMostExtent = 32767;  // of an image each way
constexpr size_t kMostParts = 256;  // of a transposed convolution

// Why the device does not run an operator.
struct Refusal {
  std::string reason;
};

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) {
  throw Refusal{fmt::format(format, std::forward<Args>(args)...)};
}

// Any shape of up to four extents, its last one being channels.
View view_of(const std::vector<int>& shape) {
  if (shape.size() > 4)
    refuse("a tensor has rank {}; the device takes four dimensions", shape.size());
  View v;
  int* const extents[] = {&v.n, &v.h, &v.w, &v.c};
  for (size_t i = 0; i < shape.size(); ++i) *extents[4 - shape.size() + i] = shape[i];
  return v;
}

void require_right_shift(const model::Rescale& rescale) {
  if (rescale.shift > 0) refuse("it rescales by 1 or more (shift {})", rescale.shift);
}

class OpLowering {
 public:
  OpLowering(const Graph& graph, size_t index, const std::vector<int>& storage,
             const isa::HardwareConfig& config)
      : graph_(graph), op_(graph.ops[index]), index_(index), storage_(storage), config_(config) {}

  std::vector<Layer> run() {
    if (std::holds_alternative<model::Reshape>(op_.attributes)) return {};
    try {
      std::vector<Layer> layers =
          std::visit([&](const auto& a) { return lower(a); }, op_.attributes);
      for (const Layer& layer : layers) require_sizes(layer);
      return layers;
    } catch (const Refusal& refusal) {
      return {on_host(refusal.reason)};
    }
  }

 private:
  const Tensor& input(size_t i) const { return graph_.tensor(op_.inputs[i]); }
  const Tensor& output() const { return graph_.tensor(op_.outputs[0]); }
  int stored(int tensor) const { return storage_[static_cast<size_t>(tensor)]; }
  const Tensor* optional(size_t i) const {
    return i < op_.inputs.size() && op_.inputs[i] >= 0 ? &input(i) : nullptr;
  }

  Layer start(LayerKind kind, const char* type) const {
    Layer layer;
    layer.kind = kind;
    layer.type = type;
    layer.name = op_.name;
    layer.source = op_.source;
    layer.op = static_cast<int>(index_);
    layer.output = op_.outputs[0];
    return layer;
  }

  // Input i, seen as `view`.
  Operand operand(size_t i, const View& view) const {
    Operand o;
    o.view = view;
    const Tensor& t = input(i);
    if (t.is_constant()) {
      o.constant = true;
      o.data.resize(t.data.size());
      std::memcpy(o.data.data(), t.data.data(), t.data.size());
    } else {
      o.tensor = stored(op_.inputs[i]);
    }
    return o;
  }

  Layer on_host(const std::string& reason) const {
    Layer layer = start(LayerKind::kHost, "host");
    layer.reason = reason;
    for (size_t i = 0; i < op_.inputs.size(); ++i) {
      if (op_.inputs[i] < 0 || input(i).is_constant()) continue;
      Operand o;
      o.tensor = stored(op_.inputs[i]);
      layer.operands.push_back(o);
    }
    return layer;
  }

  void require_bytes() const {
    for (int t : op_.inputs) {
      if (t >= 0 && !graph_.tensor(t).is_constant()) require_bytes(graph_.tensor(t));
    }
    require_bytes(output());
  }
  static void require_bytes(const Tensor& t) {
    if (t.type != model::DataType::kInt8)
      refuse("tensor '{}' is {}", t.name, model::to_string(t.type));
  }

  static void require_sizes(const Layer& layer) {
    for (const Window* w : {&layer.kernel, &layer.pool}) {
      for (int v : {w->h, w->w, w->stride_h, w->stride_w, w->dilation_h, w->dilation_w}) {
        if (v > kMostTaps)
          refuse("a window, stride or dilation of {}; the device takes {}", v, kMostTaps);
      }
    }
    std::vector<View> views{layer.mid, layer.out, layer.whole};
    for (const Operand& o : layer.operands) views.push_back(o.view);
    for (const View& v : views) {
      if (v.h > kMostExtent || v.w > kMostExtent) {
        refuse("an image of {} x {}; the device takes {} each way", v.h, v.w, kMostExtent);
      }
    }
  }

  // ---- Multiply-accumulate ----
  template <class A>
  Layer mac_layer(const A& a, LayerKind kind, const char* type) const {
    require_bytes();
    Layer layer = start(kind, type);
    layer.weights = &input(1);
    layer.bias = optional(2);
    layer.rescale = a.rescale;
    layer.input_zero_point = a.input_zero_point;
    layer.output_zero_point = a.output_zero_point;
    layer.clamp = a.clamp;
    for (const model::Rescale& r : a.rescale) require_right_shift(r);
    return layer;
  }

  template <class A>
  Layer image_layer(const A& a, LayerKind kind, const char* type) const {
    Layer layer = mac_layer(a, kind, type);
    layer.operands.push_back(operand(0, view_of(input(0).shape)));
    layer.mid = layer.out = layer.whole = view_of(output().shape);
    layer.kernel = {layer.weights->shape[1],
                    layer.weights->shape[2],
                    a.stride_h,
                    a.stride_w,
                    a.dilation_h,
                    a.dilation_w,
                    a.padding.top,
                    a.padding.left};
    return layer;
  }

  std::vector<Layer> lower(const model::Conv2d& a) const {
    Layer layer = image_layer(a, LayerKind::kConv, "conv");
    layer.groups = a.groups;
    return {layer};
  }

  // More outputs than inputs, or more taps than its engine holds, go to the array as groups.
  std::vector<Layer> lower(const model::DepthwiseConv2d& a) const {
    Layer layer = image_layer(a, LayerKind::kDepthwise, "dw");
    layer.depthwise_weights = true;
    layer.groups = layer.in().c;
    if (a.multiplier != 1 ||
        isa::depthwise_steps(static_cast<uint64_t>(layer.kernel.h),
                             static_cast<uint64_t>(layer.kernel.w)) > isa::kMostDepthwiseSteps) {
      layer.kind = LayerKind::kConv;
    }
    return {layer};
  }

  // A dense layer is a convolution: of a 1 x 1 kernel over a row of `batch` pixels, or, where
  // its input comes as images, of a kernel as large as the image.
  std::vector<Layer> lower(const model::FullyConnected& a) const {
    Layer layer = mac_layer(a, LayerKind::kDense, "dense");
    if (a.weights_zero_point != 0) refuse("its weights have zero point {}", a.weights_zero_point);
    const Tensor& in = graph_.tensor(stored(op_.inputs[0]));
    const int outputs = layer.weights->shape[0];
    const int depth = layer.weights->shape[1];
    const int batch = static_cast<int>(in.elements() / depth);
    const bool image = in.shape.size() == 4 && in.shape[0] == batch && in.shape[1] <= kMostTaps &&
                       in.shape[2] <= kMostTaps;
    if (image) {
      layer.operands.push_back(operand(0, view_of(in.shape)));
      layer.mid = {batch, 1, 1, outputs};
      layer.kernel.h = in.shape[1];
      layer.kernel.w = in.shape[2];
    } else {
      layer.operands.push_back(operand(0, {1, 1, batch, depth}));
      layer.mid = {1, 1, batch, outputs};
    }
    layer.out = layer.whole = layer.mid;
    return {layer};
  }

  std::vector<Layer> lower(const model::TransposeConv& a) const {
    Layer whole = mac_layer(a, LayerKind::kConv, "tconv");
    whole.operands.push_back(operand(0, view_of(input(0).shape)));
    whole.whole = view_of(output().shape);
    if (const size_t parts = transposed_parts(a, whole); parts > kMostParts)
      refuse("it is {} convolutions; the device takes {}", parts, kMostParts);
    return split_transposed(a, whole);
  }
  std::vector<Layer> lower(const model::BatchMatMul&) const {
    refuse("its second operand is no constant of the model's");
  }

  // ---- Vector passes ----
  Layer vector_layer(isa::Opcode opcode, const char* type) const {
    Layer layer = start(LayerKind::kVector, type);
    layer.opcode = opcode;
    layer.out = layer.whole = view_of(output().shape);
    layer.mid = layer.out;
    return layer;
  }

  template <class A>
  std::vector<Layer> lower_pool(const A& a, isa::Opcode opcode, const char* type) const {
    require_bytes();
    Layer layer = vector_layer(opcode, type);
    layer.operands.push_back(operand(0, view_of(input(0).shape)));
    layer.mid = layer.in();
    layer.pool = {a.filter_h, a.filter_w, a.stride_h,    a.stride_w,
                  1,          1,          a.padding.top, a.padding.left};
    layer.clamp = a.clamp;
    return {layer};
  }
  std::vector<Layer> lower(const model::MaxPool2d& a) const {
    return lower_pool(a, isa::Opcode::kMaxpool, "pool");
  }
  std::vector<Layer> lower(const model::AveragePool2d& a) const {
    return lower_pool(a, isa::Opcode::kAvgpool, "avgpool");
  }

  std::vector<Layer> lower(const model::Mean& a) const {
    require_bytes();
    require_right_shift(a.rescale);
    const View in = view_of(input(0).shape);
    if (input(0).shape.size() != 4)
      refuse("a mean over a tensor of rank {}", input(0).shape.size());
    Layer layer = start(LayerKind::kVector, "mean");
    layer.opcode = isa::Opcode::kMean;
    layer.operands.push_back(operand(0, in));
    layer.mid = layer.out = in;
    for (int axis : a.axes) {
      if (axis == 1) {
        layer.pool.h = in.h;
        layer.out.h = 1;
      } else if (axis == 2) {
        layer.pool.w = in.w;
        layer.out.w = 1;
      } else {
        refuse("a mean over axis {}; the device takes rows and columns", axis);
      }
    }
    layer.whole = layer.out;
    layer.rescale = {a.rescale};
    layer.input_zero_point = a.input_zero_point;
    layer.output_zero_point = a.output_zero_point;
    return {layer};
  }

  // Inputs of an element-wise operator, aligned to the right with the output. A constant channel
  // that is repeated is written out.
  Operand broadcast_operand(size_t i, const View& out) const {
    Operand o = operand(i, view_of(input(i).shape));
    if (o.view.c == out.c) return o;
    if (!o.constant) refuse("tensor '{}' is repeated along channels", input(i).name);
    std::vector<int8_t> repeated;
    for (int8_t v : o.data) repeated.insert(repeated.end(), static_cast<size_t>(out.c), v);
    o.data = std::move(repeated);
    o.view.c = out.c;
    return o;
  }
  Layer binary_layer(isa::Opcode opcode, const char* type) const {
    require_bytes();
    Layer layer = vector_layer(opcode, type);
    for (size_t i = 0; i < 2; ++i) layer.operands.push_back(broadcast_operand(i, layer.out));
    return layer;
  }

  std::vector<Layer> lower(const model::Add& a) const {
    Layer layer = binary_layer(isa::Opcode::kAdd, a.subtract ? "sub" : "add");
    if (a.left_shift != 20) refuse("its left shift is {}; the device shifts by 20", a.left_shift);
    layer.subtract = a.subtract;
    layer.source_zero_points = a.input_zero_points;
    layer.source_rescale = a.input_rescale;
    for (const model::Rescale& r : a.input_rescale) require_right_shift(r);
    require_right_shift(a.output_rescale);
    layer.rescale = {a.output_rescale};
    layer.output_zero_point = a.output_zero_point;
    layer.clamp = a.clamp;
    return {layer};
  }
  std::vector<Layer> lower(const model::Mul& a) const {
    Layer layer = binary_layer(isa::Opcode::kMul, "mul");
    require_right_shift(a.rescale);
    layer.source_zero_points = a.input_zero_points;
    layer.rescale = {a.rescale};
    layer.output_zero_point = a.output_zero_point;
    layer.clamp = a.clamp;
    return {layer};
  }
  std::vector<Layer> lower(const model::MaxMin& a) const {
    return {binary_layer(a.maximum ? isa::Opcode::kMaximum : isa::Opcode::kMinimum,
                         a.maximum ? "max" : "min")};
  }

  std::vector<Layer> lower_table(const std::array<int8_t, 256>& table) const {
    Layer layer = vector_layer(isa::Opcode::kLut, "lut");
    layer.operands.push_back(operand(0, layer.out));
    layer.table = table;
    return {layer};
  }
  std::vector<Layer> lower(const model::Lookup& a) const {
    require_bytes();
    return lower_table(a.table);
  }
  // Whatever it rescales by, it is a function of one byte.
  std::vector<Layer> lower(const model::Requantize& a) const {
    const bool from_signed = input(0).type == model::DataType::kInt8;
    std::array<int8_t, 256> table{};
    for (int i = 0; i < 256; ++i) {
      const auto byte = static_cast<int8_t>(i - 128);
      const int x = from_signed ? byte : static_cast<uint8_t>(byte);
      const int64_t y = int64_t{quant::multiply_by_quantized_multiplier(
                            x - a.input_zero_point, a.rescale.multiplier, a.rescale.shift)} +
                        a.output_zero_point;
      table[static_cast<size_t>(i)] =
          static_cast<int8_t>(std::clamp<int64_t>(y, a.clamp.min, a.clamp.max));
    }
    return lower_table(table);
  }

  // ---- Copies: passes of a 1 x 1 window ----
  Layer copy_layer(const char* type, Operand from, const View& part) const {
    Layer layer = vector_layer(isa::Opcode::kMaxpool, type);
    layer.operands.push_back(std::move(from));
    layer.mid = layer.out = part;
    return layer;
  }

  // The whole filled with the value, then the input copied into its middle.
  std::vector<Layer> lower(const model::Pad& a) const {
    require_bytes();
    if (a.before.size() != 4 || a.before[0] + a.after[0] + a.before[3] + a.after[3] != 0) {
      refuse("it pads more than rows and columns");
    }
    const View in = view_of(input(0).shape), out = view_of(output().shape);
    Operand value;
    value.constant = true;
    value.view = {1, 1, 1, out.c};
    value.data.assign(static_cast<size_t>(out.c), a.value);
    Layer inside = copy_layer("pad", operand(0, in), in);
    inside.out_y = a.before[1];
    inside.out_x = a.before[2];
    return {copy_layer("pad", value, out), inside};
  }

  std::vector<Layer> lower(const model::Concat& a) const {
    require_bytes();
    const int axis = a.axis + 4 - static_cast<int>(output().shape.size());
    std::vector<Layer> layers;
    int at = 0;
    for (size_t i = 0; i < op_.inputs.size(); ++i) {
      const View part = view_of(input(i).shape);
      Layer layer = copy_layer("concat", operand(i, part), part);
      switch (axis) {
        case 1:
          layer.out_y = at;
          at += part.h;
          break;
        case 2:
          layer.out_x = at;
          at += part.w;
          break;
        case 3:
          layer.out_c = at;
          at += part.c;
          break;
        default: refuse("it joins along the batch");
      }
      if (layer.out_c % config_.rows != 0) {
        refuse("input {} begins at channel {}, which is no multiple of {}", i, layer.out_c,
               config_.rows);
      }
      layers.push_back(std::move(layer));
    }
    return layers;
  }

  std::vector<Layer> lower(const model::StridedSlice& a) const {
    require_bytes();
    const std::vector<int>& shape = input(0).shape;
    if (shape.size() != 4 || a.extent[0] != shape[0] || a.extent[3] != shape[3]) {
      refuse("it slices more than rows and columns of an image");
    }
    const View in = view_of(shape);
    Layer layer = copy_layer("slice", operand(0, in), {in.n, a.extent[1], a.extent[2], in.c});
    if (layer.out.elements() != layer.whole.elements())
      refuse("it slices more than rows and columns of an image");
    if (a.stride[1] < 1 || a.stride[2] < 1) refuse("it steps backwards");
    layer.whole = layer.out;
    layer.mid = in;
    layer.pool = {1, 1, a.stride[1], a.stride[2], 1, 1, -a.begin[1], -a.begin[2]};
    return {layer};
  }

  std::vector<Layer> lower(const model::Transpose&) const { refuse("it moves single bytes"); }
  std::vector<Layer> lower(const model::Softmax&) const {
    refuse("softmax needs a sum over channels and a division");
  }
  std::vector<Layer> lower(const model::Quantize&) const { refuse("its input is float32"); }
  std::vector<Layer> lower(const model::Dequantize&) const { refuse("its output is float32"); }
  std::vector<Layer> lower(const model::Reshape&) const { return {}; }

  const Graph& graph_;
  const Op& op_;
  const size_t index_;
  const std::vector<int>& storage_;
  const isa::HardwareConfig& config_;
};

}  // namespace

std::vector<Layer> lower_op(const Graph& graph, size_t index, const std::vector<int>& storage,
                            const isa::HardwareConfig& config) {
  return OpLowering(graph, index, storage, config).run();
}

}  // namespace weft::compiler
