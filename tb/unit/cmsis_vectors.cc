#include "cmsis_vectors.h"

#include <algorithm>
#include <optional>

#include "cmsis_fields.h"
#include "one_op_graph.h"
#include "tb/data_directory.h"

namespace weft::tb {
namespace {

std::optional<CmsisOperator> operator_of(const std::string& kernels) {
  using enum CmsisOperator;
  constexpr std::pair<const char*, CmsisOperator> kKernels[] = {
      {"_convolve_", kConv2d},  // grouped ones too
      {"_depthwise_conv_", kDepthwise},
      {"_transpose_conv_", kTransposeConv},
      {"_fully_connected_", kFullyConnected},
      {"_batch_matmul_", kBatchMatMul},
      {"_elementwise_add_", kAdd},
      {"_elementwise_mul_", kMul},
      {"_maximum_minimum_", kMaxMin},
      {"_max_pool_", kMaxPool},
      {"_avgpool_", kAveragePool},
      {"_softmax_", kSoftmax},
      {"_pad_", kPad},
      {"_transpose_s8", kTranspose},
      {"_ds_cnn_", kNetwork},
  };
  for (const auto& [kernel, kind] : kKernels) {
    if (kernels.find(kernel) != std::string::npos) return kind;
  }
  return std::nullopt;
}

// The padding behind the image that the output's extent asks for.
int padding_after(int in, int out, int reach, int stride, int before) {
  return std::max(0, (out - 1) * stride + reach - in - before);
}

// What Conv2d and DepthwiseConv2d have in common.
template <class Conv>
Conv windowed(const Fields& f) {
  Conv conv;
  conv.stride_h = f.number("STRIDE_Y");
  conv.stride_w = f.number("STRIDE_X");
  conv.dilation_h = f.number("DILATION_Y");
  conv.dilation_w = f.number("DILATION_X");
  conv.padding.top = f.number("PAD_Y");
  conv.padding.left = f.number("PAD_X");
  conv.padding.bottom = padding_after(f.number("INPUT_H"), f.number("OUTPUT_H"),
                                      (f.number("FILTER_Y") - 1) * conv.dilation_h + 1,
                                      conv.stride_h, conv.padding.top);
  conv.padding.right = padding_after(f.number("INPUT_W"), f.number("OUTPUT_W"),
                                     (f.number("FILTER_X") - 1) * conv.dilation_w + 1,
                                     conv.stride_w, conv.padding.left);
  conv.input_zero_point = -f.number("INPUT_OFFSET");
  conv.output_zero_point = f.number("OUTPUT_OFFSET");
  conv.clamp = {f.number("OUT_ACTIVATION_MIN"), f.number("OUT_ACTIVATION_MAX")};
  conv.rescale = rescales(f.array<int32_t>({"output_mult"}), f.array<int32_t>({"output_shift"}));
  return conv;
}

// Of a convolution's vector, with a filter of this shape.
model::Graph convolution(const Fields& f, const model::Attributes& attributes,
                         const std::vector<int>& filter) {
  const int batch = f.number("INPUT_BATCHES");
  return one_op_graph("conv1", attributes,
                      {batch, f.number("INPUT_H"), f.number("INPUT_W"), f.number("IN_CH")},
                      {batch, f.number("OUTPUT_H"), f.number("OUTPUT_W"), f.number("OUT_CH")},
                      {filter, f.array<int8_t>({"weights"})}, f.array<int32_t>({"biases"}));
}

model::Graph conv2d(const Fields& f) {
  auto conv = windowed<model::Conv2d>(f);
  const int filter_channels = f.number_or("FILTER_CH", f.number("IN_CH"));
  conv.groups = f.number("IN_CH") / filter_channels;
  return convolution(
      f, conv, {f.number("OUT_CH"), f.number("FILTER_Y"), f.number("FILTER_X"), filter_channels});
}

model::Graph depthwise(const Fields& f) {
  auto conv = windowed<model::DepthwiseConv2d>(f);
  conv.multiplier = f.number("OUT_CH") / f.number("IN_CH");
  return convolution(f, conv, {1, f.number("FILTER_Y"), f.number("FILTER_X"), f.number("OUT_CH")});
}

model::Graph transpose_conv(const Fields& f) {
  model::TransposeConv conv;
  conv.stride_h = f.number("STRIDE_Y");
  conv.stride_w = f.number("STRIDE_X");
  conv.padding_top = f.number("PAD_Y");
  conv.padding_left = f.number("PAD_X");
  conv.input_zero_point = -f.number("INPUT_OFFSET");
  conv.output_zero_point = f.number("OUTPUT_OFFSET");
  conv.clamp = {f.number("OUT_ACTIVATION_MIN"), f.number("OUT_ACTIVATION_MAX")};
  conv.rescale = rescales(f.array<int32_t>({"output_mult"}), f.array<int32_t>({"output_shift"}));
  return convolution(
      f, conv, {f.number("OUT_CH"), f.number("FILTER_Y"), f.number("FILTER_X"), f.number("IN_CH")});
}

model::Graph fully_connected(const Fields& f) {
  const int channels = f.number("OUT_CH"), depth = f.number("ACCUMULATION_DEPTH");
  const int batch = f.number("INPUT_BATCHES");
  model::FullyConnected dense;
  dense.input_zero_point = -f.number("INPUT_OFFSET");
  dense.weights_zero_point = -f.number_or("FILTER_OFFSET", 0);
  dense.output_zero_point = f.number("OUTPUT_OFFSET");
  dense.clamp = {f.number("OUT_ACTIVATION_MIN"), f.number("OUT_ACTIVATION_MAX")};
  dense.rescale =
      rescales(f.array<int32_t>({"output_multiplier"}), f.array<int32_t>({"output_shift"}));
  if (dense.rescale.empty()) {
    dense.rescale.assign(static_cast<size_t>(channels),
                         {f.number("OUTPUT_MULTIPLIER"), f.number("OUTPUT_SHIFT")});
  }
  return one_op_graph("dense1", dense, {batch, depth}, {batch, channels},
                      {{channels, depth}, f.array<int8_t>({"weights"})},
                      f.array<int32_t>({"biases", "bias"}));
}

template <class Pool>
model::Graph pool(const Fields& f) {
  const int in_h = f.number("INPUT_H"), in_w = f.number("INPUT_W");
  const int out_h = f.number("OUTPUT_H"), out_w = f.number("OUTPUT_W");
  const int channels = f.number("INPUT_C"), batch = f.number("BATCH_SIZE");
  Pool pool;
  pool.filter_h = f.number("FILTER_H");
  pool.filter_w = f.number("FILTER_W");
  pool.stride_h = f.number("STRIDE_H");
  pool.stride_w = f.number("STRIDE_W");
  pool.padding.top = f.number("PADDING_H");
  pool.padding.left = f.number("PADDING_W");
  pool.padding.bottom = padding_after(in_h, out_h, pool.filter_h, pool.stride_h, pool.padding.top);
  pool.padding.right = padding_after(in_w, out_w, pool.filter_w, pool.stride_w, pool.padding.left);
  pool.clamp = {f.number("ACTIVATION_MIN"), f.number("ACTIVATION_MAX")};
  return one_op_graph("pool1", pool, {batch, in_h, in_w, channels},
                      {batch, out_h, out_w, channels});
}

model::Graph graph_of(const Fields& fields, CmsisOperator kind) {
  switch (kind) {
    case CmsisOperator::kConv2d: return conv2d(fields);
    case CmsisOperator::kDepthwise: return depthwise(fields);
    case CmsisOperator::kTransposeConv: return transpose_conv(fields);
    case CmsisOperator::kFullyConnected: return fully_connected(fields);
    case CmsisOperator::kMaxPool: return pool<model::MaxPool2d>(fields);
    case CmsisOperator::kAveragePool: return pool<model::AveragePool2d>(fields);
    default: return {};
  }
}

CmsisVector vector_of(const Fields& fields, CmsisOperator kind) {
  if (kind == CmsisOperator::kNetwork) return network_vector(fields);
  CmsisVector vector;
  vector.graph = graph_of(fields, kind);
  if (vector.graph.ops.empty()) return element_vector(fields, kind);
  vector.inputs = {fields.array<int8_t>({"input", "input_tensor"})};
  vector.expected = fields.array<int8_t>({"output_ref", "output"});
  return vector;
}

// The vector as its file has it, checked.
CmsisVector checked_vector(const Fields& fields, CmsisOperator kind) {
  CmsisVector vector = vector_of(fields, kind);
  vector.name = vector.graph.name = fields.name();
  vector.kind = kind;
  model::check(vector.graph);
  const auto require_size = [&](const std::vector<int8_t>& values, int tensor) {
    if (static_cast<int64_t>(values.size()) != vector.graph.tensor(tensor).elements()) {
      fail(ErrorKind::kMalformedFile, "{}: '{}' has not the size of its shape", vector.name,
           vector.graph.tensor(tensor).name);
    }
  };
  for (size_t i = 0; i < vector.inputs.size(); ++i) {
    require_size(vector.inputs[i], vector.graph.inputs.at(i));
  }
  require_size(vector.expected, vector.graph.outputs.at(0));
  return vector;
}

}  // namespace

std::filesystem::path cmsis_directory() { return data_directory() / "cmsis_nn"; }

CmsisVectors read_cmsis_vectors(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  CmsisVectors result;
  for (const std::filesystem::path& file : files) {
    const Fields fields(file);
    if (const auto kind = operator_of(fields.kernels())) {
      result.vectors.push_back(checked_vector(fields, *kind));
    } else {
      result.others.push_back(fields.name() + " (" + fields.kernels() + ")");
    }
  }
  return result;
}

}  // namespace weft::tb
