#include "golden/golden.h"

#include <algorithm>
#include <span>

#include "base/bytes.h"
#include "base/error.h"
#include "golden/conv2d.h"
#include "golden/fully_connected.h"
#include "golden/max_pool.h"

namespace weft::golden {
namespace {

template <class T>
View4<T> view(const model::Tensor& tensor, std::span<T> elements) {
  const std::vector<int>& s = tensor.shape;
  return {elements.data(), {s.at(0), s.at(1), s.at(2), s.at(3)}};
}

std::span<const int8_t> weights_of(const model::Tensor& tensor) {
  return {reinterpret_cast<const int8_t*>(tensor.data.data()), tensor.data.size()};
}

// One operator: reads its input and constants, writes its output.
class Evaluation {
 public:
  Evaluation(const model::Graph& graph, const model::Op& op, std::span<const int8_t> input,
             std::span<int8_t> output)
      : graph_(graph), op_(op), input_(input), output_(output) {}

  void operator()(const model::Conv2d& conv) const {
    conv2d(conv, view(tensor(0), input_), view(tensor(1), weights_of(tensor(1))), bias(),
           view(output_tensor(), output_));
  }

  void operator()(const model::FullyConnected& dense) const {
    fully_connected(dense, input_, weights_of(tensor(1)), bias(), output_);
  }

  void operator()(const model::MaxPool2d& pool) const {
    max_pool(pool, view(tensor(0), input_), view(output_tensor(), output_));
  }

  void operator()(const model::Reshape&) const {
    std::copy(input_.begin(), input_.end(), output_.begin());
  }

 private:
  const model::Tensor& tensor(size_t input) const { return graph_.tensor(op_.inputs.at(input)); }
  const model::Tensor& output_tensor() const { return graph_.tensor(op_.outputs.at(0)); }

  // One an output channel; zeros where the operator has none.
  std::vector<int32_t> bias() const {
    std::vector<int32_t> values(static_cast<size_t>(tensor(1).shape.at(0)));
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
  std::span<const int8_t> input_;
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
    if (static_cast<int64_t>(given->second.size()) != tensor.elements()) {
      fail(ErrorKind::kInvalidArgument,
           "model '{}': {} values are given for its input '{}', which has {}", graph.name,
           given->second.size(), tensor.name, tensor.elements());
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
    std::vector<int8_t> output(static_cast<size_t>(graph.tensor(result).elements()));
    std::visit(Evaluation(graph, op, values.at(op.inputs.at(0)), output), op.attributes);
    values.emplace(result, std::move(output));
  }
  return values;
}

}  // namespace weft::golden
