#include "random_graph.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

namespace weft::tb {
namespace {

class Maker {
 public:
  explicit Maker(uint64_t seed) : rng_(seed) { graph_.name = "random" + std::to_string(seed); }

  model::Graph make() {
    const int kind = pick({0, 0, 0, 1, 2, 3, 3});
    const int batch = kind == 1 ? pick({1, 1, 2, 5, 17}) : pick({1, 1, 1, 2});
    int out = -1;
    if (kind == 1) {
      const int depth = pick({1, 3, 4, 5, 15, 16, 17, 31, 33, 64, 100, 129, 300});
      out = dense(input({batch, depth}));
    } else {
      const int channels = pick({1, 2, 3, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33});
      const int limit = channels > 16 ? 9 : channels > 4 ? 13 : 20;
      const int x = input({batch, range(1, limit), range(1, limit), channels});
      if (kind == 2) {
        out = pool(x);
      } else {
        out = conv(x);
        if (kind == 3) out = pool(out);
      }
    }
    graph_.outputs = {out};
    return std::move(graph_);
  }

 private:
  int range(int low, int high) { return std::uniform_int_distribution<int>(low, high)(rng_); }
  int pick(std::initializer_list<int> values) {
    return values.begin()[range(0, static_cast<int>(values.size()) - 1)];
  }
  int zero_point() { return pick({-128, -128, 127, 0, -1, 1, range(-128, 127), range(-128, 127)}); }

  int tensor(const std::string& name, std::vector<int> shape, int zero) {
    model::Tensor t;
    t.name = name;
    t.shape = std::move(shape);
    t.quantization = {{0.05F}, {zero}, 0};
    graph_.tensors.push_back(std::move(t));
    return static_cast<int>(graph_.tensors.size()) - 1;
  }

  int input(std::vector<int> shape) {
    const int t = tensor("input", std::move(shape), zero_point());
    graph_.inputs = {t};
    return t;
  }

  int zero_of(int t) const { return graph_.tensor(t).quantization.zero_points[0]; }

  int weights(std::vector<int> shape) {
    const int t = tensor("weights", std::move(shape), 0);
    model::Tensor& w = graph_.tensors.back();
    w.data.resize(static_cast<size_t>(w.elements()));
    const int low = pick({-128, -127});
    for (uint8_t& b : w.data) b = static_cast<uint8_t>(range(low, 127));
    return t;
  }

  int bias(int channels) {
    if (range(0, 9) == 0) return -1;
    const int t = tensor("bias", {channels}, 0);
    model::Tensor& b = graph_.tensors.back();
    b.type = model::DataType::kInt32;
    const int span = pick({0, 1000, 1 << 20});
    for (int c = 0; c < channels; ++c) {
      const int32_t value = range(-span, span);
      b.data.resize(b.data.size() + 4);
      std::memcpy(b.data.data() + 4 * c, &value, 4);
    }
    return t;
  }

  // Sums of k products have a deviation of about 5400 sqrt(k); spread them over the byte range.
  std::vector<model::Rescale> rescale(int channels, int k) {
    std::vector<model::Rescale> all;
    for (int c = 0; c < channels; ++c) {
      const double wanted = 60.0 / (5400.0 * std::sqrt(static_cast<double>(k))) * std::ldexp(1.0, range(-2, 2));
      int exponent = 0;
      (void)std::frexp(wanted, &exponent);
      model::Rescale r;
      r.multiplier = pick({1 << 30, 0x7fffffff, range(1 << 30, 0x7fffffff), range(1 << 30, 0x7fffffff)});
      r.shift = std::min(exponent, 0);
      if (range(0, 39) == 0) r.shift = -31;
      if (range(0, 39) == 0) r = {0, 0};
      all.push_back(r);
    }
    return all;
  }

  model::Clamp clamp(int zero) {
    switch (range(0, 3)) {
      case 0: return {std::max(-128, zero), 127};
      case 1: return {std::min(100, zero), std::min(127, std::max(zero, -100) + 60)};
      default: return {-128, 127};
    }
  }

  int finish(const std::string& name, model::Attributes attributes, std::vector<int> inputs, int output) {
    model::Op op;
    op.name = name;
    op.source = "random operator";
    op.attributes = std::move(attributes);
    op.inputs = std::move(inputs);
    op.outputs = {output};
    graph_.ops.push_back(std::move(op));
    return output;
  }

  int conv(int x) {
    const std::vector<int> in = graph_.tensor(x).shape;
    model::Conv2d conv;
    const int kh = std::min(range(1, pick({1, 3, 5, 7})), 2 * in[1] + 1);
    const int kw = std::min(range(1, pick({1, 3, 5, 7})), 2 * in[2] + 1);
    conv.stride_h = pick({1, 1, 2, 3});
    conv.stride_w = pick({1, 1, 2, 3});
    conv.dilation_h = kh > 1 ? pick({1, 1, 1, 2}) : 1;
    conv.dilation_w = kw > 1 ? pick({1, 1, 1, 2}) : 1;
    const int reach_h = (kh - 1) * conv.dilation_h + 1;
    const int reach_w = (kw - 1) * conv.dilation_w + 1;
    // Padding of less than the kernel, so that every window touches the image.
    conv.padding = {range(0, reach_h - 1), range(0, reach_h - 1), range(0, reach_w - 1), range(0, reach_w - 1)};
    while (in[1] + conv.padding.top + conv.padding.bottom < reach_h) ++conv.padding.bottom;
    while (in[2] + conv.padding.left + conv.padding.right < reach_w) ++conv.padding.right;
    const int oh = (in[1] + conv.padding.top + conv.padding.bottom - reach_h) / conv.stride_h + 1;
    const int ow = (in[2] + conv.padding.left + conv.padding.right - reach_w) / conv.stride_w + 1;
    int cout = pick({1, 3, 4, 5, 7, 8, 15, 16, 17, 32, 33});
    if (in[3] > 1 && range(0, 5) == 0) {
      for (int g : {2, 4, 3}) {
        if (in[3] % g == 0) conv.groups = g;
      }
      cout = (cout + conv.groups - 1) / conv.groups * conv.groups;
    }
    conv.input_zero_point = zero_of(x);
    conv.output_zero_point = zero_point();
    conv.clamp = clamp(conv.output_zero_point);
    const int k = kh * kw * in[3] / conv.groups;
    conv.rescale = rescale(cout, k);
    const int w = weights({cout, kh, kw, in[3] / conv.groups});
    const int b = bias(cout);
    const int y = tensor("conv", {in[0], oh, ow, cout}, conv.output_zero_point);
    return finish("conv1", conv, {x, w, b}, y);
  }

  int dense(int x) {
    const std::vector<int> in = graph_.tensor(x).shape;
    model::FullyConnected fc;
    const int cout = pick({1, 3, 4, 5, 10, 15, 16, 17, 33, 64});
    fc.input_zero_point = zero_of(x);
    fc.output_zero_point = zero_point();
    fc.clamp = clamp(fc.output_zero_point);
    fc.rescale = rescale(cout, in[1]);
    const int w = weights({cout, in[1]});
    const int b = bias(cout);
    const int y = tensor("dense", {in[0], cout}, fc.output_zero_point);
    return finish("dense1", fc, {x, w, b}, y);
  }

  int pool(int x) {
    const std::vector<int> in = graph_.tensor(x).shape;
    model::MaxPool2d pool;
    pool.filter_h = range(1, std::min(3, in[1]));
    pool.filter_w = range(1, std::min(3, in[2]));
    pool.stride_h = range(1, 3);
    pool.stride_w = range(1, 3);
    pool.padding = {range(0, pool.filter_h - 1), range(0, pool.filter_h - 1), range(0, pool.filter_w - 1),
                    range(0, pool.filter_w - 1)};
    pool.clamp = clamp(zero_of(x));
    const int oh = (in[1] + pool.padding.top + pool.padding.bottom - pool.filter_h) / pool.stride_h + 1;
    const int ow = (in[2] + pool.padding.left + pool.padding.right - pool.filter_w) / pool.stride_w + 1;
    const int y = tensor("pool", {in[0], oh, ow, in[3]}, zero_of(x));
    return finish("pool1", pool, {x}, y);
  }

  std::mt19937_64 rng_;
  model::Graph graph_;
};

}  // namespace

model::Graph random_graph(uint64_t seed) { return Maker(seed).make(); }

}  // namespace weft::tb
