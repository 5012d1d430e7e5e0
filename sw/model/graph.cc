#include "model/graph.h"

#include <fmt/ranges.h>

#include <map>

#include "base/error.h"

namespace weft::model {

int64_t macs(const Graph& graph, const Op& op) {
  const Tensor& output = graph.tensor(op.outputs.at(0));
  if (std::holds_alternative<Conv2d>(op.attributes)) {
    const Tensor& filter = graph.tensor(op.inputs.at(1));
    return output.elements() * (filter.elements() / filter.shape.at(0));
  }
  if (std::holds_alternative<FullyConnected>(op.attributes)) {
    return output.elements() * graph.tensor(op.inputs.at(1)).shape.at(1);
  }
  return 0;
}

size_t find_op(const Graph& graph, const std::string& name) {
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (graph.ops[i].name == name) return i;
  }
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (graph.tensor(graph.ops[i].outputs.at(0)).name == name) return i;
  }
  std::vector<std::string> names;
  for (const Op& op : graph.ops) names.push_back(op.name);
  fail(ErrorKind::kNotFound,
       "model '{}' has no layer '{}'; it has {} (or take the name of a layer's output tensor)",
       graph.name, name, fmt::join(names, ", "));
}

Graph single_op_graph(const Graph& graph, size_t op_index) {
  Op op = graph.ops.at(op_index);
  Graph single;
  single.name = graph.name;
  std::map<int, int> moved;  // tensor index in `graph` -> in `single`
  const auto move = [&](int& index, std::vector<int>& ends) {
    if (index < 0) return;
    const auto [place, first] = moved.emplace(index, static_cast<int>(single.tensors.size()));
    if (first) {
      single.tensors.push_back(graph.tensor(index));
      if (!single.tensors.back().is_constant()) ends.push_back(place->second);
    }
    index = place->second;
  };
  for (int& index : op.inputs) move(index, single.inputs);
  for (int& index : op.outputs) move(index, single.outputs);
  single.ops.push_back(std::move(op));
  return single;
}

}  // namespace weft::model
