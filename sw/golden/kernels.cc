#include "golden/kernels.h"

#include <algorithm>

#include "base/bytes.h"
#include "quant/rounding.h"

namespace weft::golden {
namespace {

int clamp(int value, const model::Clamp& range) { return std::min(std::max(value, range.min), range.max); }

// y = clamp(MBQM(acc) + zero point). Added in 64 bits: MBQM may give anything int32 holds.
int8_t requantize(int32_t acc, const model::Rescale& rescale, int32_t zero_point, const model::Clamp& range) {
  const int32_t scaled = quant::multiply_by_quantized_multiplier(acc, rescale.multiplier, rescale.shift);
  const int64_t value = int64_t{scaled} + zero_point;
  return static_cast<int8_t>(std::min<int64_t>(std::max<int64_t>(value, range.min), range.max));
}

// The bias of an operator's third input, int32 a channel; zeros where it has none.
std::vector<int32_t> bias_of(const model::Graph& graph, const model::Op& op, int channels) {
  std::vector<int32_t> bias(static_cast<size_t>(channels), 0);
  if (op.inputs.size() < 3 || op.inputs[2] < 0) return bias;
  const std::vector<uint8_t>& data = graph.tensor(op.inputs[2]).data;
  for (size_t c = 0; c < bias.size(); ++c) bias[c] = static_cast<int32_t>(load_le32(data.data() + 4 * c));
  return bias;
}

}  // namespace

Bytes conv2d(const model::Graph& graph, const model::Op& op, const model::Conv2d& conv, const Bytes& input) {
  const std::vector<int>& in = graph.tensor(op.inputs[0]).shape;
  const model::Tensor& filter = graph.tensor(op.inputs[1]);
  const std::vector<int>& out = graph.tensor(op.outputs[0]).shape;
  const int height = in[1], width = in[2], depth = in[3];
  const int filter_h = filter.shape[1], filter_w = filter.shape[2], filter_depth = filter.shape[3];
  const int channels = out[3], channels_per_group = channels / conv.groups;
  const auto* weights = reinterpret_cast<const int8_t*>(filter.data.data());
  const std::vector<int32_t> bias = bias_of(graph, op, channels);

  Bytes output;
  output.reserve(static_cast<size_t>(graph.tensor(op.outputs[0]).elements()));
  for (int n = 0; n < out[0]; ++n) {
    for (int oy = 0; oy < out[1]; ++oy) {
      for (int ox = 0; ox < out[2]; ++ox) {
        for (int c = 0; c < channels; ++c) {
          const int first_channel = c / channels_per_group * filter_depth;
          int32_t acc = bias[static_cast<size_t>(c)];
          for (int ky = 0; ky < filter_h; ++ky) {
            const int y = oy * conv.stride_h + ky * conv.dilation_h - conv.padding.top;
            if (y < 0 || y >= height) continue;
            for (int kx = 0; kx < filter_w; ++kx) {
              const int x = ox * conv.stride_w + kx * conv.dilation_w - conv.padding.left;
              if (x < 0 || x >= width) continue;
              const int8_t* pixel = &input[static_cast<size_t>(((n * height + y) * width + x) * depth + first_channel)];
              const int8_t* tap = &weights[((int64_t{c} * filter_h + ky) * filter_w + kx) * filter_depth];
              for (int k = 0; k < filter_depth; ++k) acc += tap[k] * (pixel[k] - conv.input_zero_point);
            }
          }
          output.push_back(requantize(acc, conv.rescale[static_cast<size_t>(c)], conv.output_zero_point, conv.clamp));
        }
      }
    }
  }
  return output;
}

Bytes fully_connected(const model::Graph& graph, const model::Op& op, const model::FullyConnected& fc,
                      const Bytes& input) {
  const model::Tensor& matrix = graph.tensor(op.inputs[1]);
  const int channels = matrix.shape[0], depth = matrix.shape[1];
  const auto* weights = reinterpret_cast<const int8_t*>(matrix.data.data());
  const std::vector<int32_t> bias = bias_of(graph, op, channels);

  Bytes output;
  for (size_t row = 0; row < input.size(); row += static_cast<size_t>(depth)) {
    for (int c = 0; c < channels; ++c) {
      int32_t acc = bias[static_cast<size_t>(c)];
      for (int k = 0; k < depth; ++k) {
        const int32_t weight = weights[int64_t{c} * depth + k] - fc.weights_zero_point;
        acc += weight * (input[row + static_cast<size_t>(k)] - fc.input_zero_point);
      }
      output.push_back(requantize(acc, fc.rescale[static_cast<size_t>(c)], fc.output_zero_point, fc.clamp));
    }
  }
  return output;
}

Bytes max_pool2d(const model::Graph& graph, const model::Op& op, const model::MaxPool2d& pool,
                 const Bytes& input) {
  const std::vector<int>& in = graph.tensor(op.inputs[0]).shape;
  const std::vector<int>& out = graph.tensor(op.outputs[0]).shape;
  const int height = in[1], width = in[2], depth = in[3];

  Bytes output;
  for (int n = 0; n < out[0]; ++n) {
    for (int oy = 0; oy < out[1]; ++oy) {
      for (int ox = 0; ox < out[2]; ++ox) {
        for (int c = 0; c < depth; ++c) {
          int best = -128;
          for (int ky = 0; ky < pool.filter_h; ++ky) {
            const int y = oy * pool.stride_h + ky - pool.padding.top;
            if (y < 0 || y >= height) continue;
            for (int kx = 0; kx < pool.filter_w; ++kx) {
              const int x = ox * pool.stride_w + kx - pool.padding.left;
              if (x < 0 || x >= width) continue;
              best = std::max<int>(best, input[static_cast<size_t>(((n * height + y) * width + x) * depth + c)]);
            }
          }
          output.push_back(static_cast<int8_t>(clamp(best, pool.clamp)));
        }
      }
    }
  }
  return output;
}

}  // namespace weft::golden
