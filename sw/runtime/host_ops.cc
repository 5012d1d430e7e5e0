#include "runtime/host_ops.h"

#include "base/error.h"
#include "golden/golden.h"
#include "model/attributes.h"

namespace weft::runtime {
namespace {

model::DataType data_type(program::ElementType type) {
  switch (type) {
    case program::ElementType::kInt8: return model::DataType::kInt8;
    case program::ElementType::kUInt8: return model::DataType::kUInt8;
    case program::ElementType::kInt32: return model::DataType::kInt32;
    case program::ElementType::kFloat32: return model::DataType::kFloat32;
  }
  fail(ErrorKind::kMalformedFile, "an operand has an unknown type");
}

}  // namespace

std::vector<int8_t> run_host_op(const program::HostOp& op,
                                const std::vector<std::vector<int8_t>>& inputs) {
  if (inputs.size() != op.inputs.size()) {
    fail(ErrorKind::kInvalidArgument,
         "operator '{}' on the host: the bytes of {} operands are given; it has {}", op.kind,
         inputs.size(), op.inputs.size());
  }
  model::Graph graph;
  graph.name = op.kind;
  model::Op node;
  node.name = op.kind;
  node.source = "on the host";
  node.attributes = model::from_integers(op.kind, op.attributes);
  golden::Values values;
  const auto add = [&](const program::HostTensor& t, const std::string& name) {
    if (t.absent) return -1;
    model::Tensor tensor;
    tensor.name = name;
    tensor.type = data_type(t.type);
    tensor.shape = t.shape;
    tensor.data = t.data;
    graph.tensors.push_back(std::move(tensor));
    return static_cast<int>(graph.tensors.size()) - 1;
  };
  for (size_t i = 0; i < op.inputs.size(); ++i) {
    const int t = add(op.inputs[i], "input " + std::to_string(i));
    node.inputs.push_back(t);
    if (t < 0 || graph.tensor(t).is_constant()) continue;
    graph.inputs.push_back(t);
    values[t] = inputs[i];
  }
  node.outputs = {add(op.output, "output")};
  graph.outputs = node.outputs;
  const int output = node.outputs[0];
  graph.ops.push_back(std::move(node));
  model::check(graph);
  return golden::run(graph, values).at(output);
}

}  // namespace weft::runtime
