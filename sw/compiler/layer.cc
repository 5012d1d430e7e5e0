#include "compiler/layer.h"

#include <algorithm>

#include "base/error.h"

namespace weft::compiler {
namespace {

using model::Graph;
using model::Op;
using model::Tensor;

View view_of(const Tensor& t, const Op& op) {
  if (t.shape.size() != 4) {
    fail(ErrorKind::kUnsupported, "layer {} ({}): tensor '{}' has rank {}, the device takes NHWC",
         op.name, op.source, t.name, t.shape.size());
  }
  return {t.shape[0], t.shape[1], t.shape[2], t.shape[3]};
}

void require_right_shifts(const Op& op, const std::vector<model::Rescale>& rescale) {
  for (size_t c = 0; c < rescale.size(); ++c) {
    if (rescale[c].shift > 0) {
      fail(ErrorKind::kUnsupported,
           "layer {} ({}): output channel {} has a multiplier of 1 or more (shift {}); "
           "the device rescales by less than 1",
           op.name, op.source, c, rescale[c].shift);
    }
  }
}

const Tensor* optional_tensor(const Graph& graph, const Op& op, size_t input) {
  if (input >= op.inputs.size() || op.inputs[input] < 0) return nullptr;
  return &graph.tensor(op.inputs[input]);
}

Layer lower_conv(const Graph& graph, const Op& op, const model::Conv2d& conv) {
  Layer layer;
  layer.kind = LayerKind::kConv;
  layer.in = view_of(graph.tensor(op.inputs[0]), op);
  layer.mid = view_of(graph.tensor(op.outputs[0]), op);
  layer.weights = &graph.tensor(op.inputs[1]);
  layer.bias = optional_tensor(graph, op, 2);
  layer.kernel = {layer.weights->shape[1], layer.weights->shape[2], conv.stride_h, conv.stride_w,
                  conv.dilation_h, conv.dilation_w, conv.padding.top, conv.padding.left};
  layer.groups = conv.groups;
  layer.rescale = &conv.rescale;
  layer.input_zero_point = conv.input_zero_point;
  layer.output_zero_point = conv.output_zero_point;
  layer.clamp = conv.clamp;
  require_right_shifts(op, conv.rescale);
  return layer;
}

// A dense layer is a convolution: of a 1 x 1 kernel over a row of `batch` pixels, or, where
// its input comes as images (`image`), of a kernel as large as the image.
Layer lower_dense(const Graph& graph, const Op& op, const model::FullyConnected& dense,
                  const Tensor& stored) {
  Layer layer;
  layer.kind = LayerKind::kDense;
  layer.weights = &graph.tensor(op.inputs[1]);
  layer.bias = optional_tensor(graph, op, 2);
  const int outputs = layer.weights->shape[0];
  const int depth = layer.weights->shape[1];
  const int batch = static_cast<int>(stored.elements() / depth);
  const bool image = stored.shape.size() == 4 && stored.shape[0] == batch &&
                     stored.shape[1] <= 255 && stored.shape[2] <= 255;
  if (image) {
    layer.in = {stored.shape[0], stored.shape[1], stored.shape[2], stored.shape[3]};
    layer.mid = {batch, 1, 1, outputs};
    layer.kernel.h = layer.in.h;
    layer.kernel.w = layer.in.w;
  } else {
    layer.in = {1, 1, batch, depth};
    layer.mid = {1, 1, batch, outputs};
  }
  if (dense.weights_zero_point != 0) {
    fail(ErrorKind::kUnsupported,
         "layer {} ({}): weights with zero point {}; the device takes symmetric weights", op.name,
         op.source, dense.weights_zero_point);
  }
  layer.rescale = &dense.rescale;
  layer.input_zero_point = dense.input_zero_point;
  layer.output_zero_point = dense.output_zero_point;
  layer.clamp = dense.clamp;
  require_right_shifts(op, dense.rescale);
  return layer;
}

Window pool_window(const model::MaxPool2d& pool) {
  return {pool.filter_h, pool.filter_w, pool.stride_h, pool.stride_w, 1, 1,
          pool.padding.top, pool.padding.left};
}

// max is monotone and so is requantisation: pooling the sums and clamping once, to the
// conv's range seen through the pool's, gives the same bytes.
void fuse_pool(Layer& layer, const model::MaxPool2d& pool, const View& out, const Op& op) {
  layer.pool = pool_window(pool);
  layer.out = out;
  layer.clamp.min = std::clamp(layer.clamp.min, pool.clamp.min, pool.clamp.max);
  layer.clamp.max = std::clamp(layer.clamp.max, pool.clamp.min, pool.clamp.max);
  layer.name += "+" + op.name;
}

void require_runnable(const Op& op) {
  if (std::holds_alternative<model::Conv2d>(op.attributes) ||
      std::holds_alternative<model::FullyConnected>(op.attributes) ||
      std::holds_alternative<model::MaxPool2d>(op.attributes) ||
      std::holds_alternative<model::Reshape>(op.attributes)) {
    return;
  }
  fail(ErrorKind::kUnsupported,
       "layer {} ({}): the device cannot run it; it runs convolutions, fully connected layers and "
       "max-pools", op.name, op.source);
}

void require_byte_sized(const Layer& layer) {
  auto check = [&](const char* what, int value) {
    if (value < 1 || value > 255) {
      fail(ErrorKind::kUnsupported, "layer {} ({}): {} of {}; the device takes 1 to 255", layer.name,
           layer.source, what, value);
    }
  };
  for (const Window* w : {&layer.kernel, &layer.pool}) {
    check("a window height", w->h);
    check("a window width", w->w);
    check("a vertical stride", w->stride_h);
    check("a horizontal stride", w->stride_w);
    check("a vertical dilation", w->dilation_h);
    check("a horizontal dilation", w->dilation_w);
  }
  for (const View* v : {&layer.in, &layer.mid, &layer.out}) {
    if (v->h > 32767 || v->w > 32767) {
      fail(ErrorKind::kUnsupported, "layer {} ({}): an image of {} x {}; the device takes 32767 each way",
           layer.name, layer.source, v->h, v->w);
    }
  }
}

}  // namespace

LayerGraph lower(const Graph& graph) {
  for (const Op& op : graph.ops) require_runnable(op);
  LayerGraph result;
  const size_t tensors = graph.tensors.size();
  result.storage.resize(tensors);
  for (size_t t = 0; t < tensors; ++t) result.storage[t] = static_cast<int>(t);
  for (const Op& op : graph.ops) {
    if (std::holds_alternative<model::Reshape>(op.attributes)) {
      result.storage[static_cast<size_t>(op.outputs[0])] =
          result.storage[static_cast<size_t>(op.inputs[0])];
    }
  }
  result.is_output.assign(tensors, false);
  for (int t : graph.outputs) {
    result.is_output[static_cast<size_t>(result.storage[static_cast<size_t>(t)])] = true;
  }
  std::vector<int> readers(tensors, 0);
  for (const Op& op : graph.ops) ++readers[static_cast<size_t>(op.inputs[0])];

  std::vector<bool> fused(graph.ops.size(), false);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    if (fused[i] || std::holds_alternative<model::Reshape>(op.attributes)) continue;
    Layer layer;
    const int stored_input = result.storage[static_cast<size_t>(op.inputs[0])];
    if (const auto* conv = std::get_if<model::Conv2d>(&op.attributes)) {
      layer = lower_conv(graph, op, *conv);
    } else if (const auto* dense = std::get_if<model::FullyConnected>(&op.attributes)) {
      layer = lower_dense(graph, op, *dense, graph.tensor(stored_input));
    } else {
      const auto& pool = std::get<model::MaxPool2d>(op.attributes);
      layer.kind = LayerKind::kPool;
      layer.in = layer.mid = view_of(graph.tensor(op.inputs[0]), op);
      layer.pool = pool_window(pool);
      layer.clamp = pool.clamp;
    }
    layer.name = op.name;
    layer.source = op.source;
    layer.input = stored_input;
    layer.output = op.outputs[0];
    layer.out = layer.kind == LayerKind::kPool ? view_of(graph.tensor(op.outputs[0]), op) : layer.mid;

    const auto output = static_cast<size_t>(op.outputs[0]);
    if (layer.kind == LayerKind::kConv && readers[output] == 1 && !result.is_output[output]) {
      for (size_t j = i + 1; j < graph.ops.size(); ++j) {
        const auto* pool = std::get_if<model::MaxPool2d>(&graph.ops[j].attributes);
        if (pool == nullptr || graph.ops[j].inputs[0] != op.outputs[0]) continue;
        fuse_pool(layer, *pool, view_of(graph.tensor(graph.ops[j].outputs[0]), graph.ops[j]),
                  graph.ops[j]);
        layer.output = graph.ops[j].outputs[0];
        fused[j] = true;
        break;
      }
    }
    require_byte_sized(layer);
    result.layers.push_back(std::move(layer));
  }
  return result;
}

}  // namespace weft::compiler
