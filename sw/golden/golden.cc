#include "golden/golden.h"

#include <algorithm>
#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "golden/average_pool.h"
#include "golden/batch_matmul.h"
#include "golden/conv2d.h"
#include "golden/convert.h"
#include "golden/depthwise_conv2d.h"
#include "golden/elementwise.h"
#include "golden/fully_connected.h"
#include "golden/max_pool.h"
#include "golden/mean.h"
#include "golden/moves.h"
#include "golden/softmax.h"
#include "golden/transpose_conv.h"

namespace weft::golden {
namespace {

template <class T>
View4<T> view(const model::Tensor& tensor, std::span<T> elements) {
  const std::vector<int>& s = tensor.shape;
  return {elements.data(), {s.at(0), s.at(1), s.at(2), s.at(3)}};
}

// One operator: reads its inputs, constants or values, and writes its output.
class Evaluation {
 public:
  Evaluation(const model::Graph& graph, const model::Op& op, const Values& values,
             std::span<int8_t> output)
      : graph_(graph), op_(op), values_(values), output_(output) {}

  void operator()(const model::Conv2d& conv) const {
    conv2d(conv, image(0), image(1), bias(conv.rescale.size()), output_image());
  }
  void operator()(const model::DepthwiseConv2d& conv) const {
    depthwise_conv2d(conv, image(0), image(1), bias(conv.rescale.size()), output_image());
  }
  void operator()(const model::TransposeConv& conv) const {
    transpose_conv(conv, image(0), image(1), bias(conv.rescale.size()), output_image());
  }
  void operator()(const model::FullyConnected& dense) const {
    fully_connected(dense, elements(0), elements(1), bias(dense.rescale.size()), output_);
  }
  void operator()(const model::BatchMatMul& product) const {
    batch_matmul(product, operand(0), operand(1), shape(), output_);
  }
  void operator()(const model::Add& add) const {
    golden::add(add, operand(0), operand(1), shape(), output_);
  }
  void operator()(const model::Mul& mul) const {
    golden::mul(mul, operand(0), operand(1), shape(), output_);
  }
  void operator()(const model::MaxMin& pick) const {
    max_min(pick, operand(0), operand(1), shape(), output_);
  }
  void operator()(const model::MaxPool2d& pool) const { max_pool(pool, image(0), output_image()); }
  void operator()(const model::AveragePool2d& pool) const {
    average_pool(pool, image(0), output_image());
  }
  void operator()(const model::Mean& mean) const { golden::mean(mean, operand(0), output_); }
  void operator()(const model::Softmax& softmax) const {
    golden::softmax(softmax, static_cast<size_t>(shape().back()), elements(0), output_);
  }
  void operator()(const model::Lookup& lookup) const {
    golden::lookup(lookup, elements(0), output_);
  }
  void operator()(const model::Requantize& requantize) const {
    requantize_elements(requantize, tensor(0).type, elements(0), output_);
  }
  void operator()(const model::Quantize& quantize) const {
    golden::quantize(quantize, elements(0), output_);
  }
  void operator()(const model::Dequantize& dequantize) const {
    golden::dequantize(dequantize, tensor(0).type, elements(0), output_);
  }
  void operator()(const model::Reshape&) const {
    const std::span<const int8_t> from = elements(0);
    std::copy(from.begin(), from.end(), output_.begin());
  }
  void operator()(const model::Pad& pad) const { golden::pad(pad, operand(0), shape(), output_); }
  void operator()(const model::Concat& concat) const {
    std::vector<Operand> inputs;
    for (size_t i = 0; i < op_.inputs.size(); ++i) inputs.push_back(operand(i));
    golden::concat(concat, inputs, shape(), output_);
  }
  void operator()(const model::Transpose& transpose) const {
    golden::transpose(transpose, operand(0), shape(), output_);
  }
  void operator()(const model::StridedSlice& slice) const {
    strided_slice(slice, operand(0), output_);
  }

 private:
  const model::Tensor& tensor(size_t input) const { return graph_.tensor(op_.inputs.at(input)); }
  const std::vector<int>& shape() const { return graph_.tensor(op_.outputs.at(0)).shape; }

  std::span<const int8_t> elements(size_t input) const {
    const std::vector<uint8_t>& data = tensor(input).data;
    if (data.empty()) return values_.at(op_.inputs[input]);
    return {reinterpret_cast<const int8_t*>(data.data()), data.size()};
  }
  Operand operand(size_t input) const { return {tensor(input).shape, elements(input)}; }
  View4<const int8_t> image(size_t input) const { return view(tensor(input), elements(input)); }
  View4<int8_t> output_image() const { return view(graph_.tensor(op_.outputs.at(0)), output_); }

  // One an output channel; zeros where the operator has none.
  std::vector<int32_t> bias(size_t channels) const {
    std::vector<int32_t> values(channels);
    if (op_.inputs.size() > 2 && op_.inputs[2] >= 0) {
      const uint8_t* data = tensor(2).data.data();
      for (size_t c = 0; c < values.size(); ++c) {
        values[c] = static_cast<int32_t>(load_le32(data + 4 * c));
      }
    }
    return values;
  }

  const model::Graph& graph_;
  const model::Op& op_;
  const Values& values_;
  std::span<int8_t> output_;
};

void check_inputs(const model::Graph& graph, const Values& inputs) {
  for (const int index : graph.inputs) {
    const model::Tensor& tensor = graph.tensor(index);
    const auto given = inputs.find(index);
    if (given == inputs.end()) {
      fail(ErrorKind::kInvalidArgument, "model '{}': no values are given for its input '{}'",
           graph.name, tensor.name);
    }
    if (static_cast<int64_t>(given->second.size()) != tensor.bytes()) {
      fail(ErrorKind::kInvalidArgument,
           "model '{}': {} bytes are given for its input '{}', which has {}", graph.name,
           given->second.size(), tensor.name, tensor.bytes());
    }
  }
  for (const auto& [index, values] : inputs) {
    if (std::find(graph.inputs.begin(), graph.inputs.end(), index) == graph.inputs.end()) {
      fail(ErrorKind::kInvalidArgument,
           "model '{}': values are given for tensor {}, which is not an input", graph.name, index);
    }
  }
}

}  // namespace

Values run(const model::Graph& graph, const Values& inputs) {
  check_inputs(graph, inputs);
  Values values = inputs;
  for (const model::Op& op : graph.ops) {
    const int result = op.outputs.at(0);
    std::vector<int8_t> output(static_cast<size_t>(graph.tensor(result).bytes()));
    std::visit(Evaluation(graph, op, values, output), op.attributes);
    values.emplace(result, std::move(output));
  }
  return values;
}

}  // namespace weft::golden
