#include "graph_maker.h"

#include <algorithm>
#include <cmath>

#include "base/bytes.h"

namespace weft::tb {

GraphMaker::GraphMaker(uint64_t seed) : rng_(seed) {
  graph_.name = "random" + std::to_string(seed);
}

int GraphMaker::tensor(const std::string& name, std::vector<int> shape, int zero) {
  model::Tensor t;
  t.name = name + ":" + std::to_string(graph_.tensors.size());
  t.shape = std::move(shape);
  t.quantization = {{0.05F}, {zero}, 0};
  graph_.tensors.push_back(std::move(t));
  return static_cast<int>(graph_.tensors.size()) - 1;
}

int GraphMaker::input(std::vector<int> shape) {
  const int t = tensor("input", std::move(shape), zero_point());
  graph_.inputs.push_back(t);
  return t;
}

int GraphMaker::weights(std::vector<int> shape) {
  const int t = tensor("weights", std::move(shape), 0);
  model::Tensor& w = graph_.tensors.back();
  w.data.resize(static_cast<size_t>(w.elements()));
  const int low = pick({-128, -127});
  for (uint8_t& b : w.data) b = static_cast<uint8_t>(range(low, 127));
  return t;
}

int GraphMaker::bias(int channels) {
  if (rarely(10)) return -1;
  const int t = tensor("bias", {channels}, 0);
  model::Tensor& b = graph_.tensors.back();
  b.type = model::DataType::kInt32;
  const int span = pick({0, 1000, 1 << 20});
  b.data.resize(4 * static_cast<size_t>(channels));
  for (int c = 0; c < channels; ++c)
    store_le32(b.data.data() + 4 * c, static_cast<uint32_t>(range(-span, span)));
  return t;
}

// Sums of k products have a deviation of about 5400 sqrt(k).
std::vector<model::Rescale> GraphMaker::rescale(int channels, int k) {
  std::vector<model::Rescale> all;
  for (int c = 0; c < channels; ++c) {
    const double wanted =
        60.0 / (5400.0 * std::sqrt(static_cast<double>(k))) * std::ldexp(1.0, range(-2, 2));
    int exponent = 0;
    (void)std::frexp(wanted, &exponent);
    model::Rescale r;
    r.multiplier =
        pick({1 << 30, 0x7fffffff, range(1 << 30, 0x7fffffff), range(1 << 30, 0x7fffffff)});
    r.shift = std::min(exponent, 0);
    if (rarely(40)) r.shift = -31;
    if (rarely(40)) r = {0, 0};
    all.push_back(r);
  }
  return all;
}

model::Clamp GraphMaker::clamp(int zero) {
  switch (range(0, 3)) {
    case 0: return {std::max(-128, zero), 127};
    case 1: return {std::min(100, zero), std::min(127, std::max(zero, -100) + 60)};
    default: return {-128, 127};
  }
}

int GraphMaker::add_conv(int x, model::Conv2d a, int kh, int kw, int cout) {
  const std::vector<int> in = shape_of(x);
  const int depth = in[3] / a.groups;
  a.input_zero_point = zero_of(x);
  a.output_zero_point = zero_point();
  a.clamp = clamp(a.output_zero_point);
  a.rescale = rescale(cout, kh * kw * depth);
  const int oh =
      outputs(in[1], a.padding.top, a.padding.bottom, (kh - 1) * a.dilation_h + 1, a.stride_h);
  const int ow =
      outputs(in[2], a.padding.left, a.padding.right, (kw - 1) * a.dilation_w + 1, a.stride_w);
  const int w = weights({cout, kh, kw, depth});
  const int b = bias(cout);
  const int y = tensor("conv", {in[0], oh, ow, cout}, a.output_zero_point);
  return finish("conv", std::move(a), {x, w, b}, y);
}

int GraphMaker::add_depthwise(int x, model::DepthwiseConv2d a, int kh, int kw) {
  const std::vector<int> in = shape_of(x);
  const int channels = in[3] * a.multiplier;
  a.input_zero_point = zero_of(x);
  a.output_zero_point = zero_point();
  a.clamp = clamp(a.output_zero_point);
  a.rescale = rescale(channels, kh * kw);
  const int oh =
      outputs(in[1], a.padding.top, a.padding.bottom, (kh - 1) * a.dilation_h + 1, a.stride_h);
  const int ow =
      outputs(in[2], a.padding.left, a.padding.right, (kw - 1) * a.dilation_w + 1, a.stride_w);
  const int w = weights({1, kh, kw, channels});
  const int b = bias(channels);
  const int y = tensor("dw", {in[0], oh, ow, channels}, a.output_zero_point);
  return finish("dw", std::move(a), {x, w, b}, y);
}

int GraphMaker::add_transposed(int x, model::TransposeConv a, int kh, int kw, int cout) {
  const std::vector<int> in = shape_of(x);
  a.input_zero_point = zero_of(x);
  a.output_zero_point = zero_point();
  a.clamp = clamp(a.output_zero_point);
  a.rescale = rescale(cout, ((kh - 1) / a.stride_h + 1) * ((kw - 1) / a.stride_w + 1) * in[3]);
  const auto extent = [&](int pixels, int kernel, int stride, int before) {
    const int whole = (pixels - 1) * stride + kernel - before;
    const int cut = rarely(3) ? range(0, kernel - 1) : std::min(before, kernel - 1);
    return std::max(1, whole - cut + (rarely(4) ? range(0, stride - 1) : 0));
  };
  const int oh = extent(in[1], kh, a.stride_h, a.padding_top);
  const int ow = extent(in[2], kw, a.stride_w, a.padding_left);
  const int w = weights({cout, kh, kw, in[3]});
  const int b = bias(cout);
  const int y = tensor("tconv", {in[0], oh, ow, cout}, a.output_zero_point);
  return finish("tconv", std::move(a), {x, w, b}, y);
}

int GraphMaker::add_dense(int x, int depth, int cout, std::vector<int> out) {
  model::FullyConnected a;
  a.input_zero_point = zero_of(x);
  a.output_zero_point = zero_point();
  a.clamp = clamp(a.output_zero_point);
  a.rescale = rescale(cout, depth);
  const int w = weights({cout, depth});
  const int b = bias(cout);
  const int y = tensor("dense", std::move(out), a.output_zero_point);
  return finish("dense", std::move(a), {x, w, b}, y);
}

int GraphMaker::finish(const std::string& kind, model::Attributes attributes,
                       std::vector<int> inputs, int output) {
  model::Op op;
  op.name = unique(kind);
  op.source = "random operator";
  op.attributes = std::move(attributes);
  op.inputs = std::move(inputs);
  op.outputs = {output};
  graph_.ops.push_back(std::move(op));
  return output;
}

std::string GraphMaker::unique(const std::string& kind) const {
  int ordinal = 1;
  for (const model::Op& op : graph_.ops) {
    if (op.name.find_first_of("0123456789") == kind.size() &&
        op.name.compare(0, kind.size(), kind) == 0)
      ++ordinal;
  }
  return kind + std::to_string(ordinal);
}

}  // namespace weft::tb
