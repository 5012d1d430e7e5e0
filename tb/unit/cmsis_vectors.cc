#include "cmsis_vectors.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "one_op_graph.h"

namespace weft::tb {
namespace {

using model::Rescale;

// A file's fields, without the set's name that each of them begins with.
class Fields {
 public:
  explicit Fields(const std::filesystem::path& file) {
    std::ifstream stream(file);
    json_ = nlohmann::json::parse(stream);
    name_ = json_.at("set").get<std::string>();
    prefix_ = name_ + "_";
    for (const char c : prefix_) {
      upper_prefix_ += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }

  const std::string& name() const { return name_; }
  std::string kernels() const {
    std::string all;
    for (const auto& kernel : json_.at("used_by")) all += " " + kernel.get<std::string>();
    return all.substr(1);
  }

  int number(const std::string& key) const {
    return json_.at("config").at(upper_prefix_ + key).get<int>();
  }
  int number_or(const std::string& key, int absent) const {
    return json_.at("config").contains(upper_prefix_ + key) ? number(key) : absent;
  }

  // The first of the names that is there; empty where it is null or none is there.
  template <class T>
  std::vector<T> array(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      const auto found = json_.at("arrays").find(prefix_ + name);
      if (found == json_.at("arrays").end()) continue;
      if (found->is_null() || found->at("data").is_null()) return {};
      return numbers<T>(found->at("data"));
    }
    return {};
  }

 private:
  template <class T>
  std::vector<T> numbers(const nlohmann::json& data) const {
    std::vector<T> values;
    for (const auto& item : data) {
      const auto value = item.get<int64_t>();
      if (value != static_cast<T>(value)) {
        fail(ErrorKind::kMalformedFile, "{}: {} does not fit its array's type", name_, value);
      }
      values.push_back(static_cast<T>(value));
    }
    return values;
  }

  nlohmann::json json_;
  std::string name_;
  std::string prefix_;
  std::string upper_prefix_;
};

std::optional<CmsisOperator> operator_of(const std::string& kernels) {
  const auto has = [&](const char* part) { return kernels.find(part) != std::string::npos; };
  if (has("_convolve_")) return CmsisOperator::kConv2d;  // grouped ones too
  if (has("_depthwise_conv_")) return CmsisOperator::kDepthwise;
  if (has("_fully_connected_")) return CmsisOperator::kFullyConnected;
  if (has("_max_pool_")) return CmsisOperator::kMaxPool;
  return std::nullopt;
}

// The padding behind the image that the output's extent asks for.
int padding_after(int in, int out, int reach, int stride, int before) {
  return std::max(0, (out - 1) * stride + reach - in - before);
}

std::vector<Rescale> rescales(const std::vector<int32_t>& multipliers,
                              const std::vector<int32_t>& shifts) {
  std::vector<Rescale> result;
  for (size_t c = 0; c < multipliers.size(); ++c) result.push_back({multipliers[c], shifts.at(c)});
  return result;
}

// Depthwise filters are [1][KH][KW][C]: those of a grouped convolution are [C][KH][KW][1].
std::vector<int8_t> channel_first(const std::vector<int8_t>& filter, int channels) {
  std::vector<int8_t> result;
  const auto step = static_cast<size_t>(channels);
  for (size_t c = 0; c < step; ++c) {
    for (size_t tap = 0; tap < filter.size() / step; ++tap) {
      result.push_back(filter.at(tap * step + c));
    }
  }
  return result;
}

model::Graph conv2d(const Fields& f, bool depthwise) {
  const int in_h = f.number("INPUT_H"), in_w = f.number("INPUT_W");
  const int out_h = f.number("OUTPUT_H"), out_w = f.number("OUTPUT_W");
  const int in_channels = f.number("IN_CH"), out_channels = f.number("OUT_CH");
  const int filter_h = f.number("FILTER_Y"), filter_w = f.number("FILTER_X");
  const int filter_channels = depthwise ? 1 : f.number_or("FILTER_CH", in_channels);
  const int batch = f.number("INPUT_BATCHES");

  model::Conv2d conv;
  conv.stride_h = f.number("STRIDE_Y");
  conv.stride_w = f.number("STRIDE_X");
  conv.dilation_h = f.number("DILATION_Y");
  conv.dilation_w = f.number("DILATION_X");
  conv.groups = in_channels / filter_channels;
  conv.padding.top = f.number("PAD_Y");
  conv.padding.left = f.number("PAD_X");
  conv.padding.bottom = padding_after(in_h, out_h, (filter_h - 1) * conv.dilation_h + 1,
                                      conv.stride_h, conv.padding.top);
  conv.padding.right = padding_after(in_w, out_w, (filter_w - 1) * conv.dilation_w + 1,
                                     conv.stride_w, conv.padding.left);
  conv.input_zero_point = -f.number("INPUT_OFFSET");
  conv.output_zero_point = f.number("OUTPUT_OFFSET");
  conv.clamp = {f.number("OUT_ACTIVATION_MIN"), f.number("OUT_ACTIVATION_MAX")};
  conv.rescale =
      rescales(f.array<int32_t>({"output_mult"}), f.array<int32_t>({"output_shift"}));

  std::vector<int8_t> filter = f.array<int8_t>({"weights"});
  if (depthwise) filter = channel_first(filter, out_channels);
  return one_op_graph("conv1", conv, {batch, in_h, in_w, in_channels},
                      {batch, out_h, out_w, out_channels},
                      {{out_channels, filter_h, filter_w, filter_channels}, filter},
                      f.array<int32_t>({"biases"}));
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

model::Graph max_pool(const Fields& f) {
  const int in_h = f.number("INPUT_H"), in_w = f.number("INPUT_W");
  const int out_h = f.number("OUTPUT_H"), out_w = f.number("OUTPUT_W");
  const int channels = f.number("INPUT_C"), batch = f.number("BATCH_SIZE");
  model::MaxPool2d pool;
  pool.filter_h = f.number("FILTER_H");
  pool.filter_w = f.number("FILTER_W");
  pool.stride_h = f.number("STRIDE_H");
  pool.stride_w = f.number("STRIDE_W");
  pool.padding.top = f.number("PADDING_H");
  pool.padding.left = f.number("PADDING_W");
  pool.padding.bottom =
      padding_after(in_h, out_h, pool.filter_h, pool.stride_h, pool.padding.top);
  pool.padding.right =
      padding_after(in_w, out_w, pool.filter_w, pool.stride_w, pool.padding.left);
  pool.clamp = {f.number("ACTIVATION_MIN"), f.number("ACTIVATION_MAX")};
  return one_op_graph("pool1", pool, {batch, in_h, in_w, channels},
                      {batch, out_h, out_w, channels});
}

model::Graph graph_of(const Fields& fields, CmsisOperator kind) {
  switch (kind) {
    case CmsisOperator::kConv2d: return conv2d(fields, false);
    case CmsisOperator::kDepthwise: return conv2d(fields, true);
    case CmsisOperator::kFullyConnected: return fully_connected(fields);
    case CmsisOperator::kMaxPool: return max_pool(fields);
  }
  return {};
}

CmsisVector vector_of(const Fields& fields, CmsisOperator kind) {
  CmsisVector vector;
  vector.name = fields.name();
  vector.kind = kind;
  vector.graph = graph_of(fields, kind);
  vector.graph.name = vector.name;
  model::check(vector.graph);
  vector.input = fields.array<int8_t>({"input", "input_tensor"});
  vector.expected = fields.array<int8_t>({"output_ref", "output"});
  if (static_cast<int64_t>(vector.input.size()) != vector.graph.tensor(0).elements() ||
      static_cast<int64_t>(vector.expected.size()) != vector.graph.tensor(1).elements()) {
    fail(ErrorKind::kMalformedFile, "{}: input or output has not the size of its shape",
         vector.name);
  }
  return vector;
}

}  // namespace

std::filesystem::path data_directory() {
  const char* data = std::getenv("WEFT_DATA");
  return data && *data ? data : WEFT_SOURCE_DIR "/../shared/data";
}

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
      result.vectors.push_back(vector_of(fields, *kind));
    } else {
      result.others.push_back(fields.name() + " (" + fields.kernels() + ")");
    }
  }
  return result;
}

}  // namespace weft::tb
