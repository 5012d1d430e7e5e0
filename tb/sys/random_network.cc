#include "random_network.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "graph_maker.h"
#include "quant/multiplier.h"
#include "quant/tables.h"

namespace weft::tb {
namespace {

using Shape = std::vector<int>;

// What an operator may cost, so that a network takes an RTL model a fraction of a second.
constexpr int64_t kMostElements = 12'000;
constexpr int64_t kMostMacs = 250'000;

int64_t elements(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

model::Rescale rescale_by(double real) {
  const quant::Multiplier m = quant::quantize_multiplier(real);
  return {m.multiplier, m.shift};
}

class NetworkMaker : public GraphMaker {
 public:
  using GraphMaker::GraphMaker;

  model::Graph make() {
    const int depth = range(3, 12);
    add_input();
    if (rarely(6)) add_input();
    while (static_cast<int>(graph_.ops.size()) < depth) add_operator();
    if (rarely(3)) softmax();
    choose_outputs();
    return std::move(graph_);
  }

 private:
  // ---- The course of a network ----
  void add_input() {
    const int batch = pick({1, 1, 1, 1, 1, 2, 3});
    if (rarely(8)) {
      activations_.push_back(input({batch, channels()}));
      return;
    }
    const int c = rarely(3) ? pick({1, 2, 3}) : channels();
    Shape shape{batch, extent(), extent(), c};
    while (elements(shape) > kMostElements) {
      int& larger = shape[1] > shape[2] ? shape[1] : shape[2];
      larger = std::max(1, larger / 2);
    }
    activations_.push_back(input(shape));
  }
  int extent() { return pick({1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 20, 28, 33, 40}); }
  int channels() {
    return pick(
        {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 70, range(1, 70)});
  }

  // One operator, or a branch and the join that ends it.
  void add_operator() {
    const int x = source();
    static const std::vector<std::pair<int, int (NetworkMaker::*)(int)>> kKinds = {
        {20, &NetworkMaker::conv},      {12, &NetworkMaker::depthwise},
        {4, &NetworkMaker::transposed}, {6, &NetworkMaker::dense},
        {6, &NetworkMaker::max_pool},   {7, &NetworkMaker::average},
        {4, &NetworkMaker::mean},       {6, &NetworkMaker::pad},
        {5, &NetworkMaker::lookup},     {5, &NetworkMaker::requantize},
        {10, &NetworkMaker::add},       {6, &NetworkMaker::mul},
        {5, &NetworkMaker::max_min},    {8, &NetworkMaker::concat},
        {4, &NetworkMaker::slice},      {1, &NetworkMaker::transpose},
        {4, &NetworkMaker::reshape}};
    int left = 0;
    for (const auto& [weight, kind] : kKinds) left += weight;
    left = range(1, left);
    for (const auto& [weight, kind] : kKinds) {
      left -= weight;
      if (left > 0) continue;
      const int y = (this->*kind)(x);
      if (y >= 0) activations_.push_back(y);
      return;
    }
  }
  int source() {
    return rarely(3) ? activations_[static_cast<size_t>(
                           range(0, static_cast<int>(activations_.size()) - 1))]
                     : activations_.back();
  }

  void choose_outputs() {
    std::vector<bool> read(graph_.tensors.size()), from_input(graph_.tensors.size());
    for (int t : graph_.inputs) from_input[static_cast<size_t>(t)] = true;
    for (const model::Op& op : graph_.ops) {
      for (int t : op.inputs) {
        if (t >= 0) read[static_cast<size_t>(t)] = true;
      }
      // An input in another shape is still an input, and no network's output.
      if (std::holds_alternative<model::Reshape>(op.attributes)) {
        from_input[static_cast<size_t>(op.outputs[0])] =
            from_input[static_cast<size_t>(op.inputs[0])];
      }
    }
    for (const model::Op& op : graph_.ops) {
      const auto t = static_cast<size_t>(op.outputs[0]);
      if (!from_input[t] && (!read[t] || rarely(12))) graph_.outputs.push_back(op.outputs[0]);
    }
    if (graph_.outputs.empty()) graph_.outputs.push_back(lookup(activations_.back()));
  }

  bool image(int x) const { return shape_of(x).size() == 4; }
  bool fits(const Shape& shape, int64_t macs_each = 0) const {
    return elements(shape) <= kMostElements && elements(shape) * macs_each <= kMostMacs;
  }

  // ---- Windows ----
  struct Axis {
    int size = 1, stride = 1, dilation = 1, before = 0, after = 0;
    int reach() const { return (size - 1) * dilation + 1; }
  };
  // SAME, VALID or, seldom, some of both; VALID where the window fits.
  Axis axis(int in, int size, int stride, int dilation) {
    Axis a{size, stride, dilation, 0, 0};
    const int reach = a.reach();
    const int padding = range(0, 9);
    if (padding < 5 || in < reach) {
      const int total = std::max(((in + stride - 1) / stride - 1) * stride + reach - in, 0);
      a.before = total / 2;
      a.after = total - a.before;
    } else if (padding == 9) {
      a.before = range(0, reach - 1);
      a.after = range(0, reach - 1);
    }
    return a;
  }
  Axis kernel(int in) {
    const int size = pick({1, 1, 2, 3, 3, 3, 4, 5});
    return axis(in, size, pick({1, 1, 1, 2, 2, 3}), size > 1 ? pick({1, 1, 1, 1, 2, 3}) : 1);
  }
  template <class A>
  static void set_window(A& a, const Axis& y, const Axis& x) {
    a.stride_h = y.stride;
    a.stride_w = x.stride;
    a.padding = {y.before, y.after, x.before, x.after};
  }
  static int size_out(int in, const Axis& a) {
    return outputs(in, a.before, a.after, a.reach(), a.stride);
  }

  // Now and then a rescale of 1 or more, which is the host's.
  int grown(int t) {
    if (!rarely(25)) return t;
    std::visit(
        [&](auto& a) {
          if constexpr (requires { a.rescale.begin(); }) a.rescale[0] = {1 << 30, 1};
        },
        graph_.ops.back().attributes);
    return t;
  }

  int conv(int x) { return image(x) ? conv_of(x, channels()) : -1; }
  int conv_of(int x, int cout) {
    const Shape in = shape_of(x);
    const Axis y = kernel(in[1]), z = kernel(in[2]);
    model::Conv2d a;
    set_window(a, y, z);
    a.dilation_h = y.dilation;
    a.dilation_w = z.dilation;
    if (rarely(6)) {
      for (int g : {2, 4, 8, 3, 5}) {
        if (in[3] % g == 0 && cout % g == 0 && rarely(2)) a.groups = g;
      }
    }
    const Shape out{in[0], size_out(in[1], y), size_out(in[2], z), cout};
    if (!fits(out, int64_t{y.size} * z.size * in[3] / a.groups)) return -1;
    return grown(add_conv(x, a, y.size, z.size, cout));
  }

  int depthwise(int x) {
    if (!image(x)) return -1;
    const Shape in = shape_of(x);
    const Axis y = kernel(in[1]), z = kernel(in[2]);
    model::DepthwiseConv2d a;
    set_window(a, y, z);
    a.dilation_h = y.dilation;
    a.dilation_w = z.dilation;
    a.multiplier = rarely(8) ? pick({2, 3, 4}) : 1;
    if (!fits({in[0], size_out(in[1], y), size_out(in[2], z), in[3] * a.multiplier},
              y.size * z.size))
      return -1;
    return grown(add_depthwise(x, a, y.size, z.size));
  }

  int transposed(int x) {
    if (!image(x)) return -1;
    const Shape in = shape_of(x);
    const int kh = pick({1, 2, 2, 3, 3, 4, 5}), kw = pick({1, 2, 2, 3, 3, 4, 5});
    model::TransposeConv a;
    a.stride_h = pick({1, 2, 2, 2, 3, 4});
    a.stride_w = pick({1, 2, 2, 2, 3, 4});
    // SAME and VALID, or any.
    const auto before = [&](int kernel, int stride) {
      return rarely(4) ? range(0, kernel - 1) : rarely(2) ? 0 : std::max(0, kernel - stride) / 2;
    };
    a.padding_top = before(kh, a.stride_h);
    a.padding_left = before(kw, a.stride_w);
    const int cout = channels();
    if (!fits({in[0], in[1], in[2], cout}, int64_t{kh} * kw * in[3]) ||
        !fits({in[0], in[1] * a.stride_h + kh, in[2] * a.stride_w + kw, cout})) {
      return -1;
    }
    return grown(add_transposed(x, a, kh, kw, cout));
  }

  // Over the whole of each image, or over its channels.
  int dense(int x) {
    const Shape in = shape_of(x);
    const int cout = channels();
    if (in.size() < 2 || rarely(4)) {
      Shape out = in;
      out.back() = cout;
      return fits(out, in.back()) ? grown(add_dense(x, in.back(), cout, out)) : -1;
    }
    const auto depth = static_cast<int>(elements(in) / in[0]);
    return fits({in[0], cout}, depth) ? grown(add_dense(x, depth, cout, {in[0], cout})) : -1;
  }

  template <class Pool>
  int pool(int x, const char* kind) {
    if (!image(x)) return -1;
    const Shape in = shape_of(x);
    const int largest = pick({2, 3, 3, 5, 9});
    const Axis y = axis(in[1], range(1, std::min(largest, in[1])), pick({1, 2, 2, 3}), 1);
    const Axis z = axis(in[2], range(1, std::min(largest, in[2])), pick({1, 2, 2, 3}), 1);
    Pool a;
    set_window(a, y, z);
    a.filter_h = y.size;
    a.filter_w = z.size;
    a.clamp = clamp(zero_of(x));
    const Shape out{in[0], size_out(in[1], y), size_out(in[2], z), in[3]};
    if (!fits(out, y.size * z.size)) return -1;
    return finish(kind, a, {x}, tensor(kind, out, zero_of(x)));
  }
  int max_pool(int x) { return pool<model::MaxPool2d>(x, "pool"); }
  int average(int x) { return pool<model::AveragePool2d>(x, "avgpool"); }

  int mean(int x) {
    const Shape in = shape_of(x);
    model::Mean a;
    if (in.size() == 4) {
      a.axes = rarely(12)  ? std::vector<int>{3}
               : rarely(4) ? std::vector<int>{pick({1, 2})}
                           : std::vector<int>{1, 2};
    } else {
      a.axes = {static_cast<int>(in.size()) - 1};
    }
    Shape kept = in, dropped;
    int64_t count = 1;
    for (int axis : a.axes) {
      count *= in[static_cast<size_t>(axis)];
      kept[static_cast<size_t>(axis)] = 1;
    }
    for (size_t d = 0; d < in.size(); ++d) {
      if (std::find(a.axes.begin(), a.axes.end(), static_cast<int>(d)) == a.axes.end())
        dropped.push_back(in[d]);
    }
    const quant::Multiplier by =
        quant::divide_multiplier(quant::quantize_multiplier(ratio()), count);
    a.rescale = {by.multiplier, by.shift};
    a.input_zero_point = zero_of(x);
    a.output_zero_point = zero_point();
    return finish(
        "mean", a, {x},
        tensor("mean", dropped.empty() || rarely(2) ? kept : dropped, a.output_zero_point));
  }

  // ---- Elements ----
  // Of two scales.
  double ratio() { return std::ldexp(0.5 + range(0, 1000) / 2000.0, pick({-2, -1, 0, 0, 0, 1})); }

  int lookup(int x) {
    model::Lookup a;
    const float scale = static_cast<float>(range(1, 100)) / 500.0F;
    int zero = zero_point();
    switch (range(0, 2)) {
      case 0:
        a.table = quant::tanh_table(scale, zero_of(x));
        zero = 0;
        break;
      case 1:
        a.table = quant::logistic_table(scale, zero_of(x));
        zero = -128;
        break;
      default:
        for (int8_t& v : a.table) v = static_cast<int8_t>(range(-128, 127));
    }
    return finish("lut", a, {x}, tensor("lut", shape_of(x), zero));
  }

  int requantize(int x) {
    model::Requantize a;
    a.input_zero_point = zero_of(x);
    a.output_zero_point = zero_point();
    a.rescale = rescale_by(ratio());
    a.clamp = clamp(a.output_zero_point);
    return finish("requant", a, {x}, tensor("requant", shape_of(x), a.output_zero_point));
  }

  // A partner for x: another tensor of its shape, a branch from x, one to be repeated, a constant.
  int partner(int x) {
    const Shape in = shape_of(x);
    if (rarely(3)) return constant_for(in);
    std::vector<int> alike;
    for (int t : activations_) {
      const Shape& s = shape_of(t);
      const bool repeats = s.size() == 4 && in.size() == 4 && (s[0] == 1 || s[0] == in[0]) &&
                           s[1] == 1 && (s[2] == 1 || s[2] == in[2]) && s[3] == in[3];
      if (t != x && (s == in || repeats)) alike.push_back(t);
    }
    if (!alike.empty() && !rarely(4))
      return alike[static_cast<size_t>(range(0, static_cast<int>(alike.size()) - 1))];
    if (rarely(8)) return x;
    const int y = branch(x);
    return y >= 0 ? y : constant_for(in);
  }
  int branch(int x) {
    if (image(x) && rarely(2)) {
      const Shape in = shape_of(x);
      model::DepthwiseConv2d a;
      a.padding = {1, 1, 1, 1};
      if (fits(in, 9)) return add_depthwise(x, a, 3, 3);
    }
    return rarely(2) ? lookup(x) : requantize(x);
  }
  int constant_for(const Shape& in) {
    Shape shape = in;
    switch (range(0, 4)) {
      case 0: shape = {1}; break;
      case 1: shape = {in.back()}; break;
      case 2: break;
      case 3:
        for (size_t d = 0; d + 1 < shape.size(); ++d) {
          if (rarely(2)) shape[d] = 1;
        }
        break;
      default: shape.back() = 1;
    }
    const int t = weights(shape);
    graph_.tensors.back().quantization.zero_points[0] = zero_point();
    return t;
  }
  Shape joined(int x, int y) const {
    Shape a = shape_of(x), b = shape_of(y);
    if (a.size() < b.size()) std::swap(a, b);
    for (size_t i = 1; i <= b.size(); ++i)
      a[a.size() - i] = std::max(a[a.size() - i], b[b.size() - i]);
    return a;
  }
  std::vector<int> in_any_order(int x, int y) {
    return rarely(2) ? std::vector{x, y} : std::vector{y, x};
  }

  int add(int x) {
    const std::vector<int> in = in_any_order(x, partner(x));
    model::Add a;
    a.subtract = rarely(3);
    a.input_zero_points = {zero_of(in[0]), zero_of(in[1])};
    const double first = ratio(), second = ratio();
    const double twice = 2 * std::max(first, second);
    a.input_rescale = {rescale_by(first / twice), rescale_by(second / twice)};
    a.output_zero_point = zero_point();
    a.output_rescale = rescale_by(twice / (std::ldexp(1.0, a.left_shift) * 2 * ratio()));
    a.clamp = clamp(a.output_zero_point);
    return finish(a.subtract ? "sub" : "add", a, in,
                  tensor("add", joined(in[0], in[1]), a.output_zero_point));
  }

  int mul(int x) {
    const std::vector<int> in = in_any_order(x, partner(x));
    model::Mul a;
    a.input_zero_points = {zero_of(in[0]), zero_of(in[1])};
    a.output_zero_point = zero_point();
    a.rescale = rarely(20) ? rescale_by(1 + ratio()) : rescale_by(ratio() / 64);
    a.clamp = clamp(a.output_zero_point);
    return finish("mul", a, in, tensor("mul", joined(in[0], in[1]), a.output_zero_point));
  }

  int max_min(int x) {
    const int y = partner(x);
    model::MaxMin a;
    a.maximum = rarely(2);
    return finish(a.maximum ? "max" : "min", a, in_any_order(x, y),
                  tensor("maxmin", joined(x, y), zero_of(x)));
  }

  int softmax() {
    const int x = activations_.back();
    if (shape_of(x).back() > 1000) return -1;
    const quant::SoftmaxScaling by =
        quant::softmax_scaling(static_cast<float>(range(1, 200)) / 1000.0F, 1.0F);
    const model::Softmax a{by.multiplier.multiplier, by.multiplier.shift, by.diff_min};
    return finish("softmax", a, {x}, tensor("softmax", shape_of(x), -128));
  }

  // ---- Moves ----
  int pad(int x) {
    const Shape in = shape_of(x);
    model::Pad a;
    a.before.assign(in.size(), 0);
    a.after.assign(in.size(), 0);
    for (size_t d = 1; d < in.size(); ++d) {
      if (d == 3 && !rarely(10)) continue;
      a.before[d] = range(0, 3);
      a.after[d] = range(0, 3);
    }
    a.value = static_cast<int8_t>(rarely(4) ? range(-128, 127) : zero_of(x));
    Shape out = in;
    for (size_t d = 0; d < in.size(); ++d) out[d] += a.before[d] + a.after[d];
    if (!fits(out)) return -1;
    const int y = finish("pad", a, {x}, tensor("pad", out, zero_of(x)));
    if (!image(y) || rarely(3)) return y;
    // Mostly a convolution's.
    activations_.push_back(y);
    return rarely(2) ? conv(y) : depthwise(y);
  }

  int concat(int x) {
    const Shape in = shape_of(x);
    model::Concat a;
    a.axis = in.size() == 4 && rarely(3) ? pick({1, 2}) : static_cast<int>(in.size()) - 1;
    const auto d = static_cast<size_t>(a.axis);
    std::vector<int> parts{x};
    for (int t : activations_) {
      Shape shape = shape_of(t);
      if (shape.size() != in.size() || t == x || rarely(2)) continue;
      shape[d] = in[d];
      if (shape == in && parts.size() < 3) parts.push_back(t);
    }
    if (parts.size() == 1 || rarely(4)) {
      // Channels that a part beside it may begin behind, on any configuration.
      const int y = image(x) && rarely(2) ? same_conv(x, pick({32, 64, 16, 8, 4})) : branch(x);
      if (y >= 0 && (d + 1 == in.size() || shape_of(y) == in)) parts.push_back(y);
    }
    if (rarely(8)) {
      parts.push_back(weights(in));
    }
    if (rarely(2)) std::reverse(parts.begin(), parts.end());
    Shape out = in;
    out[d] = 0;
    for (int t : parts) out[d] += shape_of(t)[d];
    return fits(out) ? finish("concat", a, parts, tensor("concat", out, zero_of(x))) : -1;
  }
  int same_conv(int x, int cout) {
    const Shape in = shape_of(x);
    return fits({in[0], in[1], in[2], cout}, in[3]) ? add_conv(x, {}, 1, 1, cout) : -1;
  }

  int slice(int x) {
    const Shape in = shape_of(x);
    model::StridedSlice a;
    Shape out;
    for (size_t d = 0; d < in.size(); ++d) {
      const bool cut = (d == 1 || d == 2) || rarely(20);
      const int begin = cut ? range(0, in[d] - 1) : 0;
      const int stride = cut ? pick({1, 1, 1, 2, 3}) : 1;
      const int most = (in[d] - begin + stride - 1) / stride;
      a.begin.push_back(begin);
      a.stride.push_back(stride);
      a.extent.push_back(cut ? range(1, most) : in[d]);
      out.push_back(a.extent.back());
    }
    if (rarely(15)) {
      const size_t d = in.size() > 2 ? 1 : 0;
      a.begin[d] = in[d] - 1;
      a.stride[d] = -1;
      a.extent[d] = out[d] = in[d];
    }
    return finish("slice", a, {x}, tensor("slice", out, zero_of(x)));
  }

  int transpose(int x) {
    model::Transpose a;
    a.order.resize(shape_of(x).size());
    std::iota(a.order.begin(), a.order.end(), 0);
    std::shuffle(a.order.begin(), a.order.end(), rng_);
    Shape out;
    for (int d : a.order) out.push_back(shape_of(x)[static_cast<size_t>(d)]);
    return finish("transpose", a, {x}, tensor("transpose", out, zero_of(x)));
  }

  int reshape(int x) {
    const Shape in = shape_of(x);
    const auto rest = static_cast<int>(elements(in) / in[0]);
    Shape out{in[0], rest};
    if (in.size() != 4 && rarely(2)) out = {in[0], 1, 1, rest};
    if (in.size() == 4) {
      switch (range(0, 3)) {
        case 0: out = {in[0], in[2], in[1], in[3]}; break;
        case 1: out = {in[0], in[1] * in[2], 1, in[3]}; break;
        case 2: out = {in[0], 1, in[1], in[2] * in[3]}; break;
        default: break;
      }
    }
    return finish("reshape", model::Reshape{}, {x}, tensor("reshape", out, zero_of(x)));
  }

  std::vector<int> activations_;  // what an operator may read
};

}  // namespace

model::Graph random_network(uint64_t seed) { return NetworkMaker(seed).make(); }

}  // namespace weft::tb
