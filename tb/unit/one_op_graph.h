// Graphs of one operator from integers alone, without scales: for tests that bring their own
// multipliers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "model/graph.h"

namespace weft::tb {

struct Weights {
  std::vector<int> shape;
  std::vector<int8_t> values;
};

inline model::Tensor activation(const std::string& name, std::vector<int> shape) {
  model::Tensor tensor;
  tensor.name = name;
  tensor.shape = std::move(shape);
  return tensor;
}

inline model::Tensor constant(const std::string& name, const Weights& weights) {
  model::Tensor tensor = activation(name, weights.shape);
  tensor.data.assign(weights.values.begin(), weights.values.end());
  return tensor;
}

inline model::Tensor constant(const std::string& name, const std::vector<int32_t>& bias) {
  model::Tensor tensor = activation(name, {static_cast<int>(bias.size())});
  tensor.type = model::DataType::kInt32;
  tensor.data.resize(4 * bias.size());
  for (size_t i = 0; i < bias.size(); ++i) {
    store_le32(&tensor.data[4 * i], static_cast<uint32_t>(bias[i]));
  }
  return tensor;
}

// Tensor 0 is the input, tensor 1 the output.
inline model::Graph one_op_graph(const std::string& op_name, model::Attributes attributes,
                                 std::vector<int> input, std::vector<int> output) {
  model::Graph graph;
  graph.name = op_name;
  graph.tensors = {activation("input", std::move(input)), activation("output", std::move(output))};
  graph.inputs = {0};
  graph.outputs = {1};
  graph.ops = {{op_name, "the test's operator", std::move(attributes), {0}, {1}}};
  return graph;
}

// Any number of inputs, tensors 0, 1, ...; the output is the tensor after them.
inline model::Graph many_input_graph(const std::string& op_name, model::Attributes attributes,
                                     const std::vector<std::vector<int>>& inputs,
                                     const std::vector<int>& output) {
  model::Graph graph;
  graph.name = op_name;
  for (const std::vector<int>& shape : inputs) {
    graph.inputs.push_back(static_cast<int>(graph.tensors.size()));
    graph.tensors.push_back(activation("input" + std::to_string(graph.tensors.size()), shape));
  }
  graph.outputs = {static_cast<int>(graph.tensors.size())};
  graph.tensors.push_back(activation("output", output));
  graph.ops = {
      {op_name, "the test's operator", std::move(attributes), graph.inputs, graph.outputs}};
  return graph;
}

// One input, with weights (tensor 2) and bias (tensor 3, absent where empty).
inline model::Graph one_op_graph(const std::string& op_name, model::Attributes attributes,
                                 std::vector<int> input, std::vector<int> output,
                                 const Weights& weights, const std::vector<int32_t>& bias) {
  model::Graph graph =
      one_op_graph(op_name, std::move(attributes), std::move(input), std::move(output));
  graph.tensors.push_back(constant("weights", weights));
  graph.ops[0].inputs = {0, 2, -1};
  if (!bias.empty()) {
    graph.tensors.push_back(constant("bias", bias));
    graph.ops[0].inputs[2] = 3;
  }
  return graph;
}

}  // namespace weft::tb
