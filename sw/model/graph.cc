#include "model/graph.h"

#include <fmt/ranges.h>

#include <limits>
#include <map>

#include "base/error.h"

namespace weft::model {

int bytes_of(DataType type) {
  switch (type) {
    case DataType::kInt8:
    case DataType::kUInt8: return 1;
    case DataType::kInt16: return 2;
    case DataType::kInt32:
    case DataType::kFloat32: return 4;
    case DataType::kInt64: return 8;
  }
  return 0;
}

const char* to_string(DataType type) {
  switch (type) {
    case DataType::kInt8: return "int8";
    case DataType::kUInt8: return "uint8";
    case DataType::kInt16: return "int16";
    case DataType::kInt32: return "int32";
    case DataType::kInt64: return "int64";
    case DataType::kFloat32: return "float32";
  }
  return "unknown";
}

namespace {

template <class... Kinds>
bool is_any(const Attributes& attributes) {
  return (std::holds_alternative<Kinds>(attributes) || ...);
}

}  // namespace

Operands operands_of(const Attributes& attributes) {
  if (is_any<Conv2d, DepthwiseConv2d, TransposeConv, FullyConnected>(attributes)) {
    return {2, 3, true};
  }
  if (is_any<Add, Mul, MaxMin, BatchMatMul>(attributes)) return {2, 2, false};
  if (is_any<Concat>(attributes)) return {1, std::numeric_limits<size_t>::max(), false};
  return {1, 1, false};
}

int64_t macs(const Graph& graph, const Op& op) {
  const Tensor& output = graph.tensor(op.outputs.at(0));
  const auto input = [&](size_t i) -> const Tensor& { return graph.tensor(op.inputs.at(i)); };
  if (is_any<Conv2d>(op.attributes)) {
    return output.elements() * (input(1).elements() / input(1).shape.at(0));
  }
  if (is_any<DepthwiseConv2d>(op.attributes)) {
    return output.elements() * input(1).shape.at(1) * input(1).shape.at(2);
  }
  if (is_any<TransposeConv>(op.attributes)) {  // taps that fall outside the output count
    return input(0).elements() / input(0).shape.at(3) * input(1).elements();
  }
  if (is_any<FullyConnected>(op.attributes)) return output.elements() * input(1).shape.at(1);
  if (const auto* product = std::get_if<BatchMatMul>(&op.attributes)) {
    const std::vector<int>& x = input(0).shape;
    return output.elements() * x.at(x.size() - (product->swapped_x ? 2 : 1));
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
