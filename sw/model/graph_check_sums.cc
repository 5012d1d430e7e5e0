// Operators that sum products: convolutions, fully connected, matrix products.
#include <cstdlib>
#include <cstring>

#include "model/graph_check.h"

namespace weft::model {
namespace {

// Where the weights of one output channel lie in the tensor.
struct ChannelLayout {
  int channels;
  size_t channel_step;  // from one channel's first weight to the next one's
  size_t tap_step;      // from one weight of a channel to the next
};

ChannelLayout channels_first(const Tensor& w) {
  return {w.shape[0], static_cast<size_t>(w.elements() / w.shape[0]), 1};
}

ChannelLayout channels_last(const Tensor& w) {
  return {w.shape.back(), 1, static_cast<size_t>(w.shape.back())};
}

// Rescales, bias, and the proof that no sum can leave 32 bits, whatever the activations are.
void check_channels(const OpSite& site, const ChannelLayout& layout, int32_t weights_zero,
                    const std::vector<Rescale>& rescale) {
  const Tensor& w = site.input(1);
  const auto channels = static_cast<size_t>(layout.channels);
  if (rescale.size() != channels) {
    site.refuse("weights", w,
                fmt::format("{} rescales for {} output channels", rescale.size(), channels));
  }
  const Tensor* bias = site.optional_input(2);
  if (bias) {
    site.require_type("bias", *bias, DataType::kInt32);
    if (bias->shape.size() != 1 || static_cast<size_t>(bias->shape[0]) != channels) {
      site.refuse("bias", *bias,
                  fmt::format("shape {}; {} output channels need as many", shape_words(bias->shape),
                              channels));
    }
  }
  const size_t taps = w.data.size() / channels;
  for (size_t c = 0; c < channels; ++c) {
    int64_t weights = 0;
    for (size_t i = 0; i < taps; ++i) {
      const uint8_t byte = w.data[c * layout.channel_step + i * layout.tap_step];
      weights += std::abs(int32_t{static_cast<int8_t>(byte)} - weights_zero);
    }
    int32_t offset = 0;
    if (bias) std::memcpy(&offset, bias->data.data() + 4 * c, 4);
    const int64_t bound = weights * kMaxActivation + std::abs(int64_t{offset});
    site.require_rescale(rescale[c], bound, fmt::format("weights '{}', channel {}", w.name, c));
  }
}

}  // namespace

void check_op(const OpSite& site, const Conv2d& conv) {
  site.require_int8();
  const Tensor& x = site.input(0);
  const Tensor& w = site.input(1);
  site.require_rank("input", x, 4);
  site.require_rank("weights", w, 4);
  site.require_type("weights", w, DataType::kInt8);
  if (conv.groups < 1 || int64_t{w.shape[3]} * conv.groups != x.shape[3] ||
      w.shape[0] % conv.groups != 0) {
    site.refuse("weights", w,
                fmt::format("shape {} and {} groups do not fit an input of {} channels",
                            shape_words(w.shape), conv.groups, x.shape[3]));
  }
  const Padding& p = conv.padding;
  site.require_shape(
      {x.shape[0],
       site.window(x.shape[1], w.shape[1], conv.stride_h, conv.dilation_h, p.top, p.bottom),
       site.window(x.shape[2], w.shape[2], conv.stride_w, conv.dilation_w, p.left, p.right),
       w.shape[0]});
  site.require_zero_point("input zero point", conv.input_zero_point);
  site.require_zero_point("output zero point", conv.output_zero_point);
  site.require_clamp(conv.clamp);
  check_channels(site, channels_first(w), 0, conv.rescale);
}

void check_op(const OpSite& site, const DepthwiseConv2d& conv) {
  site.require_int8();
  const Tensor& x = site.input(0);
  const Tensor& w = site.input(1);
  site.require_rank("input", x, 4);
  site.require_rank("weights", w, 4);
  site.require_type("weights", w, DataType::kInt8);
  if (w.shape[0] != 1 || conv.multiplier < 1 ||
      int64_t{x.shape[3]} * conv.multiplier != w.shape[3]) {
    site.refuse("weights", w,
                fmt::format("shape {} does not fit {} input channels, each giving {}",
                            shape_words(w.shape), x.shape[3], conv.multiplier));
  }
  const Padding& p = conv.padding;
  site.require_shape(
      {x.shape[0],
       site.window(x.shape[1], w.shape[1], conv.stride_h, conv.dilation_h, p.top, p.bottom),
       site.window(x.shape[2], w.shape[2], conv.stride_w, conv.dilation_w, p.left, p.right),
       w.shape[3]});
  site.require_zero_point("input zero point", conv.input_zero_point);
  site.require_zero_point("output zero point", conv.output_zero_point);
  site.require_clamp(conv.clamp);
  check_channels(site, channels_last(w), 0, conv.rescale);
}

void check_op(const OpSite& site, const TransposeConv& conv) {
  site.require_int8();
  const Tensor& x = site.input(0);
  const Tensor& w = site.input(1);
  const Tensor& y = site.output();
  site.require_rank("input", x, 4);
  site.require_rank("weights", w, 4);
  site.require_rank("output", y, 4);
  site.require_type("weights", w, DataType::kInt8);
  if (w.shape[3] != x.shape[3]) {
    site.refuse("weights", w,
                fmt::format("shape {} does not fit an input of {} channels", shape_words(w.shape),
                            x.shape[3]));
  }
  // The output is the image that a convolution of this kernel, stride and padding would read to
  // make the input; what lies behind the last window, less than a stride, gets the bias alone.
  const auto extent = [&](int64_t in, int64_t kernel, int64_t stride, int64_t before, int64_t out) {
    if (kernel > kMaxWindow || stride < 1 || stride > kMaxWindow || before < 0 ||
        before >= kernel) {
      site.refuse_output(fmt::format("kernel {}, stride {}, padding {} do not suit each other",
                                     kernel, stride, before));
    }
    const int64_t whole = (in - 1) * stride + kernel - before;
    if (out > whole + stride - 1 || out <= whole - kernel) {
      site.refuse_output(fmt::format("an extent of {}; an input of {} makes {}", out, in, whole));
    }
    return out;
  };
  site.require_shape(
      {x.shape[0], extent(x.shape[1], w.shape[1], conv.stride_h, conv.padding_top, y.shape[1]),
       extent(x.shape[2], w.shape[2], conv.stride_w, conv.padding_left, y.shape[2]), w.shape[0]});
  site.require_zero_point("input zero point", conv.input_zero_point);
  site.require_zero_point("output zero point", conv.output_zero_point);
  site.require_clamp(conv.clamp);
  check_channels(site, channels_first(w), 0, conv.rescale);
}

void check_op(const OpSite& site, const FullyConnected& dense) {
  site.require_int8();
  const Tensor& x = site.input(0);
  const Tensor& w = site.input(1);
  const Tensor& y = site.output();
  site.require_rank("weights", w, 2);
  site.require_type("weights", w, DataType::kInt8);
  if (x.elements() % w.shape[1] != 0) {
    site.refuse(
        "input", x,
        fmt::format("{} elements do not split into vectors of {}", x.elements(), w.shape[1]));
  }
  const int64_t wanted = x.elements() / w.shape[1] * w.shape[0];
  if (y.shape.empty() || y.shape.back() != w.shape[0] || y.elements() != wanted) {
    site.refuse_output(fmt::format("shape {} is not that of {} vectors of {}", shape_words(y.shape),
                                   x.elements() / w.shape[1], w.shape[0]));
  }
  site.require_zero_point("input zero point", dense.input_zero_point);
  site.require_zero_point("weights zero point", dense.weights_zero_point);
  site.require_zero_point("output zero point", dense.output_zero_point);
  site.require_clamp(dense.clamp);
  check_channels(site, channels_first(w), dense.weights_zero_point, dense.rescale);
}

void check_op(const OpSite& site, const BatchMatMul& product) {
  site.require_int8();
  const Tensor& x = site.input(0);
  const Tensor& y = site.input(1);
  if (x.shape.size() < 2) site.refuse("input", x, "fewer than 2 dimensions");
  if (y.shape.size() < 2) site.refuse("second input", y, "fewer than 2 dimensions");
  const auto extent = [](const Tensor& t, bool last) { return t.shape[t.shape.size() - 2 + last]; };
  const int depth = extent(x, !product.swapped_x);
  if (extent(y, product.swapped_y) != depth) {
    site.refuse("second input", y,
                fmt::format("shape {} does not multiply with {}{}", shape_words(y.shape),
                            shape_words(x.shape),
                            product.swapped_x || product.swapped_y ? " as swapped" : ""));
  }
  const size_t rank = std::max(x.shape.size(), y.shape.size());
  std::vector<int64_t> wanted(rank, 1);
  for (const Tensor* t : {&x, &y}) {
    const size_t lead = rank - t->shape.size();
    for (size_t d = 0; d + 2 < t->shape.size(); ++d) {
      int64_t& w = wanted[lead + d];
      if (w != 1 && t->shape[d] != 1 && t->shape[d] != w) {
        site.refuse("second input", y,
                    fmt::format("shape {} does not broadcast with {}", shape_words(y.shape),
                                shape_words(x.shape)));
      }
      w = std::max<int64_t>(w, t->shape[d]);
    }
  }
  wanted[rank - 2] = extent(x, product.swapped_x);
  wanted[rank - 1] = extent(y, !product.swapped_y);
  site.require_shape(wanted);
  for (const int32_t zero : product.input_zero_points)
    site.require_zero_point("input zero point", zero);
  site.require_zero_point("output zero point", product.output_zero_point);
  site.require_clamp(product.clamp);
  site.require_rescale(product.rescale, depth * kMaxActivation * kMaxActivation,
                       fmt::format("a depth of {}", depth));
}

}  // namespace weft::model
