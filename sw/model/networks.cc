#include "model/networks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "model/tflite.h"
#include "quant/multiplier.h"

namespace weft::model {
namespace {

constexpr uint64_t kSeed = 50;  // of the networks that are known by name

// Outputs of a layer are quantised to reach so many deviations from their mean.
constexpr double kReach = 4;

// An activation, and how its values (less the zero point, times the scale) are distributed.
struct Signal {
  int tensor = -1;
  double scale = 1;
  int zero = 0;
  double mean = 0, variance = 1;
};

// Of max(0, z), z normal.
std::pair<double, double> rectified(double mean, double variance) {
  const double s = std::sqrt(variance);
  const double t = mean / s;
  const double density = std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi);
  const double below = std::erfc(-t / std::numbers::sqrt2) / 2;
  const double first = mean * below + s * density;
  const double second = (mean * mean + variance) * below + mean * s * density;
  return {first, second - first * first};
}

Rescale rescale_by(double real) {
  const quant::Multiplier m = quant::quantize_multiplier(real);
  return {m.multiplier, m.shift};
}

class Builder {
 public:
  Builder(std::string name, uint64_t seed) : rng_(seed) { graph_.name = std::move(name); }

  // Random over a byte's range.
  Signal input(std::vector<int> shape) {
    Signal x{add_tensor("input", std::move(shape), DataType::kInt8), 1.0 / 64, 0, 0, 0};
    x.mean = -0.5 * x.scale;
    x.variance = (256.0 * 256.0 - 1) / 12 * x.scale * x.scale;
    quantize(x);
    graph_.inputs.push_back(x.tensor);
    return x;
  }

  Signal conv(const std::string& name, const Signal& x, int channels, int kernel, int stride,
              bool relu) {
    const std::vector<int> in = shape_of(x);
    Conv2d a;
    a.stride_h = a.stride_w = stride;
    const int pad = kernel / 2;
    a.padding = {pad, pad, pad, pad};
    const int w = add_weights(name, {channels, kernel, kernel, in[3]});
    Signal y = output(
        name, {in[0], pixels(in[1], kernel, stride), pixels(in[2], kernel, stride), channels}, 0, 1,
        relu);
    const int b = set_sums(a, name, x, w, y);
    return finish("conv", std::move(a), {x.tensor, w, b}, y);
  }

  Signal dense(const std::string& name, const Signal& x, int channels) {
    FullyConnected a;
    const std::vector<int> in = shape_of(x);
    const int w = add_weights(name, {channels, in.back()});
    Signal y = output(name, {in.front(), channels}, 0, 1, false);
    const int b = set_sums(a, name, x, w, y);
    return finish("dense", std::move(a), {x.tensor, w, b}, y);
  }

  // 3 x 3, every second pixel.
  Signal max_pool(const std::string& name, const Signal& x) {
    const std::vector<int> in = shape_of(x);
    MaxPool2d a;
    a.filter_h = a.filter_w = 3;
    a.stride_h = a.stride_w = 2;
    a.padding = {1, 1, 1, 1};
    // The largest of nine neighbours, measured where they are outputs of a convolution of noise.
    Signal y = x;
    y.mean = 1.3;
    y.variance = 0.4;
    y.tensor =
        add_tensor(name, {in[0], pixels(in[1], 3, 2), pixels(in[2], 3, 2), in[3]}, DataType::kInt8);
    quantize(y);
    return finish("pool", a, {x.tensor}, y);
  }

  Signal add(const std::string& name, const Signal& x, const Signal& y) {
    Add a;
    Signal z = output(name, shape_of(x), x.mean + y.mean, x.variance + y.variance, true);
    const double twice = 2 * std::max(x.scale, y.scale);
    a.input_zero_points = {x.zero, y.zero};
    a.input_rescale = {rescale_by(x.scale / twice), rescale_by(y.scale / twice)};
    a.output_rescale = rescale_by(twice / ((1 << a.left_shift) * z.scale));
    a.output_zero_point = z.zero;
    a.clamp = {z.zero, 127};
    return finish("add", a, {x.tensor, y.tensor}, z);
  }

  // Over all pixels. Deep in the network they are much alike, so that their mean deviates nearly as
  // they do.
  Signal mean(const std::string& name, const Signal& x) {
    const std::vector<int> in = shape_of(x);
    Mean a;
    a.axes = {1, 2};
    Signal y = output(name, {in[0], 1, 1, in[3]}, x.mean, x.variance, true);
    a.input_zero_point = x.zero;
    a.output_zero_point = y.zero;
    const quant::Multiplier m = quant::divide_multiplier(
        quant::quantize_multiplier(x.scale / y.scale), int64_t{in[1]} * in[2]);
    a.rescale = {m.multiplier, m.shift};
    return finish("mean", a, {x.tensor}, y);
  }

  // The pixels as one dimension.
  Signal flatten(const std::string& name, const Signal& x) {
    Signal y = x;
    const std::vector<int> in = shape_of(x);
    y.tensor = add_tensor(name, {in[0], in[1] * in[2] * in[3]}, DataType::kInt8);
    quantize(y);
    return finish("reshape", Reshape{}, {x.tensor}, y);
  }

  int channels_of(const Signal& x) const { return shape_of(x).back(); }

  Graph take(const Signal& output) {
    graph_.outputs = {output.tensor};
    check(graph_);
    return std::move(graph_);
  }

 private:
  static int pixels(int extent, int kernel, int stride) {
    return (extent + 2 * (kernel / 2) - kernel) / stride + 1;
  }
  const std::vector<int>& shape_of(const Signal& x) const { return graph_.tensor(x.tensor).shape; }

  int add_tensor(const std::string& name, std::vector<int> shape, DataType type) {
    Tensor t;
    t.name = name;
    t.shape = std::move(shape);
    t.type = type;
    graph_.tensors.push_back(std::move(t));
    return static_cast<int>(graph_.tensors.size()) - 1;
  }
  Tensor& tensor(int t) { return graph_.tensors[static_cast<size_t>(t)]; }

  void quantize(const Signal& x) {
    tensor(x.tensor).quantization = {{static_cast<float>(x.scale)}, {x.zero}, 0};
  }

  // Of values of this distribution, rectified or not, quantised as far as kReach.
  Signal output(const std::string& name, std::vector<int> shape, double mean, double variance,
                bool relu) {
    Signal y{add_tensor(name, std::move(shape), DataType::kInt8), 0, 0, mean, variance};
    const double reach = kReach * std::sqrt(variance);
    if (relu) {
      y.zero = -128;
      y.scale = (mean + reach) / 255;
      std::tie(y.mean, y.variance) = rectified(mean, variance);
    } else {
      y.scale = (std::abs(mean) + reach) / 127;
    }
    quantize(y);
    return y;
  }

  int add_weights(const std::string& name, std::vector<int> shape) {
    const int t = add_tensor(name + "/weights", std::move(shape), DataType::kInt8);
    Tensor& w = tensor(t);
    w.data.resize(static_cast<size_t>(w.elements()));
    uint64_t bits = 0;
    for (size_t i = 0; i < w.data.size(); ++i) {
      bits = i % 8 == 0 ? rng_() : bits >> 8;
      const auto byte = static_cast<int8_t>(bits);
      w.data[i] = static_cast<uint8_t>(byte == -128 ? 0 : byte);
    }
    return t;
  }

  // What sums of products are finished by: each channel's bias takes away what the inputs' mean
  // makes, and its rescale brings the rest to a deviation of 1. Gives the bias.
  template <class Sums>
  int set_sums(Sums& a, const std::string& name, const Signal& x, int weights, const Signal& y) {
    a.input_zero_point = x.zero;
    a.output_zero_point = y.zero;
    a.clamp = {y.zero == -128 ? y.zero : -128, 127};
    const auto channels = static_cast<size_t>(tensor(weights).shape[0]);
    const int b = add_tensor(name + "/bias", {static_cast<int>(channels)}, DataType::kInt32);
    tensor(b).data.resize(4 * channels);
    const std::vector<uint8_t>& w = tensor(weights).data;
    const size_t taps = w.size() / channels;
    const double deviation = std::sqrt(x.variance) / x.scale;
    std::vector<float> scales;
    for (size_t c = 0; c < channels; ++c) {
      int64_t sum = 0, squares = 0;
      for (size_t i = 0; i < taps; ++i) {
        const int value = static_cast<int8_t>(w[c * taps + i]);
        sum += value;
        squares += value * value;
      }
      const double bias = -static_cast<double>(sum) * x.mean / x.scale;
      store_le32(tensor(b).data.data() + 4 * c, static_cast<uint32_t>(std::lround(bias)));
      const double real = 1 / (y.scale * deviation * std::sqrt(static_cast<double>(squares)));
      a.rescale.push_back(rescale_by(real));
      scales.push_back(static_cast<float>(real * y.scale / x.scale));
    }
    tensor(weights).quantization = {scales, std::vector<int32_t>(channels, 0), 0};
    return b;
  }

  Signal finish(const std::string& kind, Attributes attributes, std::vector<int> inputs, Signal y) {
    Op op;
    const auto same = [&](const Op& other) {
      return other.attributes.index() == attributes.index();
    };
    op.name = kind + std::to_string(1 + std::count_if(graph_.ops.begin(), graph_.ops.end(), same));
    op.source = fmt::format("{} of {}", tensor(y.tensor).name, graph_.name);
    op.attributes = std::move(attributes);
    op.inputs = std::move(inputs);
    op.outputs = {y.tensor};
    graph_.ops.push_back(std::move(op));
    return y;
  }

  std::mt19937_64 rng_;
  Graph graph_;
};

constexpr std::array<BuiltNetwork, 2> kBuilt{
    {{"resnet50", "ResNet-50 v1, 224 x 224, random weights"},
     {"matmul512", "512 x 512 x 512, a dense layer of batch 512, random weights"}}};

}  // namespace

Graph resnet50(uint64_t seed) {
  Builder b("resnet50", seed);
  Signal x = b.input({1, 224, 224, 3});
  x = b.max_pool("pool", b.conv("stem", x, 64, 7, 2, true));
  constexpr std::array<int, 4> kBlocks{3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage) {
    const int width = 64 << stage;
    for (int block = 0; block < kBlocks[static_cast<size_t>(stage)]; ++block) {
      const std::string name = fmt::format("stage{}/block{}", stage + 1, block + 1);
      const int stride = stage > 0 && block == 0 ? 2 : 1;
      Signal y = b.conv(name + "/reduce", x, width, 1, 1, true);
      y = b.conv(name + "/conv", y, width, 3, stride, true);
      y = b.conv(name + "/expand", y, 4 * width, 1, 1, false);
      if (b.channels_of(x) != 4 * width) {
        x = b.conv(name + "/project", x, 4 * width, 1, stride, false);
      }
      x = b.add(name + "/add", y, x);
    }
  }
  return b.take(b.dense("classes", b.flatten("features", b.mean("mean", x)), 1000));
}

Graph matmul(int size, uint64_t seed) {
  Builder b(fmt::format("matmul{}", size), seed);
  return b.take(b.dense("product", b.input({size, size}), size));
}

std::span<const BuiltNetwork> built_networks() { return kBuilt; }

bool is_built(const std::string& name) {
  return std::any_of(kBuilt.begin(), kBuilt.end(),
                     [&](const BuiltNetwork& n) { return n.name == name; });
}

Graph open_network(const std::filesystem::path& network) {
  if (network == "resnet50") return resnet50(kSeed);
  if (network == "matmul512") return matmul(512, kSeed);
  return import_tflite(network);
}

}  // namespace weft::model
