#include "model/graph_check.h"

#include <cmath>
#include <limits>

namespace weft::model {
namespace {

constexpr int kMaxExtent = 1 << 30;  // room for padding in 32-bit arithmetic

void check_tensor(const Tensor& tensor, size_t index) {
  const auto refuse = [&](const std::string& what) {
    fail(ErrorKind::kInvalidArgument, "tensor {} '{}': {}", index, tensor.name, what);
  };
  int64_t bytes = bytes_of(tensor.type);
  if (bytes == 0) refuse("unknown type");
  for (const int extent : tensor.shape) {
    if (extent < 1 || extent > kMaxExtent) refuse(fmt::format("a dimension of {}", extent));
    bytes *= extent;
    if (bytes > std::numeric_limits<int32_t>::max()) refuse("larger than 2 GiB");
  }
  if (tensor.is_constant() && tensor.data.size() != static_cast<size_t>(bytes)) {
    refuse(fmt::format("{} bytes of data; its shape and type take {}", tensor.data.size(), bytes));
  }
  const Quantization& q = tensor.quantization;
  if (q.scales.size() != q.zero_points.size()) refuse("as many scales as zero points are needed");
  for (const float scale : q.scales) {
    if (!std::isnormal(scale) || scale < 0) refuse(fmt::format("scale {}", scale));
  }
}

// Indices, constants where constants belong, and each activation known by now; marks the output
// as written.
void check_definitions(const Graph& graph, const Op& op, std::vector<bool>& defined) {
  const OpSite site(graph, op);
  const Operands operands = operands_of(op.attributes);
  if (op.outputs.size() != 1 || op.inputs.size() < operands.least ||
      op.inputs.size() > operands.most) {
    fail(ErrorKind::kInvalidArgument, "{}: {} inputs and {} outputs do not suit it", site.place(),
         op.inputs.size(), op.outputs.size());
  }
  const auto require_index = [&](const char* role, int index) {
    if (index >= 0 && index < static_cast<int64_t>(graph.tensors.size())) return;
    fail(ErrorKind::kInvalidArgument, "{}, {}: tensor index {} is out of range; the graph has {}",
         site.place(), role, index, graph.tensors.size());
  };
  bool reads_activation = false;
  for (size_t i = 0; i < op.inputs.size(); ++i) {
    const int index = op.inputs[i];
    const char* role = site.role(i);
    if (index == -1 && operands.weights && i == 2) continue;
    require_index(role, index);
    const Tensor& tensor = graph.tensor(index);
    if (operands.weights && i > 0) {
      if (!tensor.is_constant()) site.refuse(role, tensor, "has no data; it must be constant");
      continue;
    }
    if (tensor.is_constant()) continue;
    reads_activation = true;
    if (!defined[static_cast<size_t>(index)]) {
      site.refuse(role, tensor,
                  "is read before any operator writes it (a cycle, or not in execution order)");
    }
  }
  if (!reads_activation || (operands.weights && site.input(0).is_constant())) {
    site.refuse("input", site.input(0), "is a constant");
  }
  const int out = op.outputs[0];
  require_index("output", out);
  if (site.output().is_constant()) site.refuse_output("is a constant");
  if (defined[static_cast<size_t>(out)]) {
    site.refuse_output("is written already, by an earlier operator or as an input of the graph");
  }
  defined[static_cast<size_t>(out)] = true;
}

void check_end(const Graph& graph, const char* what, int index) {
  if (index < 0 || index >= static_cast<int64_t>(graph.tensors.size())) {
    fail(ErrorKind::kInvalidArgument, "graph {}: tensor index {} is out of range; the graph has {}",
         what, index, graph.tensors.size());
  }
  const Tensor& tensor = graph.tensor(index);
  const bool known = tensor.type == DataType::kInt8 || tensor.type == DataType::kUInt8 ||
                     tensor.type == DataType::kFloat32;
  if (!known || tensor.is_constant()) {
    fail(ErrorKind::kInvalidArgument,
         "graph {} '{}': {} {}; it must be an int8, uint8 or float32 activation", what, tensor.name,
         to_string(tensor.type), tensor.is_constant() ? "constant" : "activation");
  }
}

}  // namespace

void check(const Graph& graph) {
  if (graph.inputs.empty() || graph.outputs.empty() || graph.ops.empty()) {
    fail(ErrorKind::kInvalidArgument, "graph '{}' has no inputs, no outputs or no operators",
         graph.name);
  }
  for (size_t i = 0; i < graph.tensors.size(); ++i) check_tensor(graph.tensors[i], i);
  std::vector<bool> defined(graph.tensors.size());
  for (const int index : graph.inputs) {
    check_end(graph, "input", index);
    if (defined[static_cast<size_t>(index)]) {
      fail(ErrorKind::kInvalidArgument, "graph input '{}' is listed twice",
           graph.tensor(index).name);
    }
    defined[static_cast<size_t>(index)] = true;
  }
  const std::vector<bool> given = defined;
  for (const Op& op : graph.ops) {
    check_definitions(graph, op, defined);
    const OpSite site(graph, op);
    std::visit([&](const auto& attributes) { check_op(site, attributes); }, op.attributes);
  }
  std::vector<bool> seen(graph.tensors.size());
  for (const int index : graph.outputs) {
    check_end(graph, "output", index);
    const auto i = static_cast<size_t>(index);
    if (!defined[i] || given[i] || seen[i]) {
      fail(ErrorKind::kInvalidArgument, "graph output '{}' {}", graph.tensor(index).name,
           seen[i] ? "is listed twice" : "is not written by any operator");
    }
    seen[i] = true;
  }
}

}  // namespace weft::model
