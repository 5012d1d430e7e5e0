#include "model/batch.h"

#include <algorithm>

#include "base/error.h"

namespace weft::model {
namespace {

template <class... Args>
[[noreturn]] void refuse(const Op& op, fmt::format_string<Args...> format, Args&&... args) {
  fail(ErrorKind::kUnsupported, "{} ({}) does not take a batch: {}", op.name, op.source,
       fmt::format(format, std::forward<Args>(args)...));
}

// What an operator says of the first dimension.
void batch(Op& op, int count) {
  if (auto* slice = std::get_if<StridedSlice>(&op.attributes)) {
    if (slice->begin.at(0) != 0 || slice->extent.at(0) != 1) refuse(op, "it slices images");
    slice->stride[0] = 1;
    slice->extent[0] = count;
  } else if (const auto* transpose = std::get_if<Transpose>(&op.attributes)) {
    if (transpose->order.at(0) != 0) refuse(op, "it moves images to another dimension");
  } else if (const auto* pad = std::get_if<Pad>(&op.attributes)) {
    if (pad->before.at(0) != 0 || pad->after.at(0) != 0) refuse(op, "it pads images");
  } else if (const auto* concat = std::get_if<Concat>(&op.attributes)) {
    if (concat->axis == 0) refuse(op, "it joins images");
  } else if (const auto* mean = std::get_if<Mean>(&op.attributes)) {
    if (std::find(mean->axes.begin(), mean->axes.end(), 0) != mean->axes.end())
      refuse(op, "its mean is over images");
  } else if (std::holds_alternative<BatchMatMul>(op.attributes)) {
    refuse(op, "its products are of matrices");
  }
}

}  // namespace

Graph batched(const Graph& graph, int count) {
  if (count < 1) fail(ErrorKind::kInvalidArgument, "a batch of {} images holds none", count);
  if (count == 1) return graph;
  Graph result = graph;
  for (Op& op : result.ops) {
    batch(op, count);
    for (const std::vector<int>* list : {&op.inputs, &op.outputs}) {
      for (const int t : *list) {
        if (t < 0) continue;
        const Tensor& tensor = graph.tensor(t);
        if (!tensor.is_constant() && (tensor.shape.empty() || tensor.shape[0] != 1))
          refuse(op, "tensor '{}' has no first extent of 1", tensor.name);
        // A constant is joined to, or added to, one image.
        if (tensor.is_constant() && std::holds_alternative<Concat>(op.attributes))
          refuse(op, "it joins the constant '{}' to one image", tensor.name);
      }
    }
  }
  for (Tensor& tensor : result.tensors) {
    if (!tensor.is_constant() && !tensor.shape.empty()) tensor.shape[0] *= count;
  }
  check(result);
  return result;
}

}  // namespace weft::model
