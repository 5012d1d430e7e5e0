#include <algorithm>

#include "cmsis_fields.h"
#include "one_op_graph.h"

namespace weft::tb {
namespace {

// DS-CNN small, a keyword spotting network: one convolution, four pairs of depthwise and 1x1
// convolutions, average pool, dense layer, softmax; numbered 1 to 13 in the file.
class DsCnn {
 public:
  explicit DsCnn(const Fields& fields) : f_(fields) {}

  model::Graph make() {
    graph_.tensors = {
        activation("input", {1, number("CONV_2D_1_INPUT_H"), number("CONV_2D_1_INPUT_W"), 1})};
    graph_.inputs = {0};
    conv(1);
    for (int layer = 2; layer < 10; layer += 2) {
      depthwise(layer);
      conv(layer + 1);
    }
    pool();
    dense();
    softmax();
    graph_.outputs = {last_};
    return graph_;
  }

 private:
  int number(const std::string& key) const { return f_.whole_number(key); }

  template <class T>
  std::vector<T> layer_array(const std::string& layer, const std::string& what) const {
    const std::string name = "layer_" + layer + "_" + what;
    return f_.array<T>({name.c_str()});
  }

  template <class Conv>
  Conv windowed(const std::string& key, const std::string& layer) const {
    Conv conv;
    conv.stride_h = number(key + "STRIDE_Y");
    conv.stride_w = number(key + "STRIDE_X");
    const auto after = [&](const char* axis, const char* tap, int stride, int before) {
      const int reach =
          (number(key + "OUTPUT_" + axis) - 1) * stride + number(key + "FILTER_" + tap);
      return std::max(0, reach - number(key + "INPUT_" + axis) - before);
    };
    conv.padding.top = number(key + "PAD_Y");
    conv.padding.left = number(key + "PAD_X");
    conv.padding.bottom = after("H", "Y", conv.stride_h, conv.padding.top);
    conv.padding.right = after("W", "X", conv.stride_w, conv.padding.left);
    conv.input_zero_point = -number(key + "INPUT_OFFSET");
    conv.output_zero_point = number(key + "OUTPUT_OFFSET");
    conv.clamp = {number(key + "OUT_ACTIVATION_MIN"), number(key + "OUT_ACTIVATION_MAX")};
    conv.rescale = rescales(layer_array<int32_t>(layer, "output_mult"),
                            layer_array<int32_t>(layer, "output_shift"));
    return conv;
  }

  void conv(int number_of_layer) {
    const std::string layer = std::to_string(number_of_layer) + "_conv_2d";
    const std::string key = "CONV_2D_" + std::to_string(number_of_layer) + "_";
    append(windowed<model::Conv2d>(key, layer),
           {1, number(key + "OUTPUT_H"), number(key + "OUTPUT_W"), number(key + "OUT_CH")}, layer,
           {number(key + "OUT_CH"), number(key + "FILTER_Y"), number(key + "FILTER_X"),
            number(key + "IN_CH")});
  }

  void depthwise(int number_of_layer) {
    const std::string layer = std::to_string(number_of_layer) + "_depthwise_conv_2d";
    const std::string key = "DEPTHWISE_CONV_2D_" + std::to_string(number_of_layer) + "_";
    append(windowed<model::DepthwiseConv2d>(key, layer),
           {1, number(key + "OUTPUT_H"), number(key + "OUTPUT_W"), number(key + "OUT_CH")}, layer,
           {1, number(key + "FILTER_Y"), number(key + "FILTER_X"), number(key + "OUT_CH")});
  }

  void pool() {
    model::AveragePool2d pool;
    pool.filter_h = number("AVERAGE_POOL_2D_10_FILTER_H");
    pool.filter_w = number("AVERAGE_POOL_2D_10_FILTER_W");
    append(pool, {1, 1, 1, number("AVERAGE_POOL_2D_10_OUT_CH")});
  }

  void dense() {
    const std::string key = "FULLY_CONNECTED_12_", layer = "12_fully_connected";
    const int channels = number(key + "IN_CH"),
              depth = number(key + "OUT_CH");  // as the file has it
    model::FullyConnected dense;
    dense.input_zero_point = -number(key + "INPUT_OFFSET");
    dense.output_zero_point = number(key + "OUTPUT_OFFSET");
    dense.rescale.assign(static_cast<size_t>(channels),
                         {number(key + "OUTPUT_MULTIPLIER"), number(key + "OUTPUT_SHIFT")});
    append(dense, {1, channels}, layer, {channels, depth});
  }

  void softmax() {
    append(model::Softmax{number("SOFTMAX_13_MULT"), number("SOFTMAX_13_SHIFT"),
                          number("SOFTMAX_13_DIFF_MIN")},
           {1, number("SOFTMAX_13_ROW_SIZE")});
  }

  int add_tensor(model::Tensor tensor) {
    graph_.tensors.push_back(std::move(tensor));
    return static_cast<int>(graph_.tensors.size()) - 1;
  }

  void append(model::Attributes attributes, const std::vector<int>& output,
              const std::string& layer = "", const std::vector<int>& weights = {}) {
    const std::string name = "layer" + std::to_string(graph_.ops.size() + 1);
    std::vector<int> inputs{last_};
    if (!weights.empty()) {
      inputs.push_back(add_tensor(
          constant(name + " weights", Weights{weights, layer_array<int8_t>(layer, "weights")})));
      inputs.push_back(add_tensor(constant(name + " bias", layer_array<int32_t>(layer, "bias"))));
    }
    last_ = add_tensor(activation(name + " output", output));
    graph_.ops.push_back({name, "the vector's operator", std::move(attributes), inputs, {last_}});
  }

  const Fields& f_;
  model::Graph graph_;
  int last_ = 0;
};

}  // namespace

CmsisVector network_vector(const Fields& fields) {
  return {.graph = DsCnn(fields).make(),
          .inputs = {fields.array<int8_t>({"input"})},
          .expected = fields.array<int8_t>({"output_ref"})};
}

}  // namespace weft::tb
