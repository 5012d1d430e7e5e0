// One plain function an operator. Tensors are NHWC, filters OHWI; the formulas are those of the
// TFLite-Micro reference kernels (docs/architecture.md, "Arithmetic").
#pragma once

#include <cstdint>
#include <vector>

#include "model/graph.h"

namespace weft::golden {

using Bytes = std::vector<int8_t>;

// acc = sum over taps inside the image of w * (x - input zero point), + bias;
// y = clamp(MBQM(acc) + output zero point).
Bytes conv2d(const model::Graph& graph, const model::Op& op, const model::Conv2d& conv, const Bytes& input);

// acc = sum of (w - weights zero point) * (x - input zero point), + bias; y as above.
Bytes fully_connected(const model::Graph& graph, const model::Op& op, const model::FullyConnected& fc,
                      const Bytes& input);

// y = clamp(maximum over taps inside the image).
Bytes max_pool2d(const model::Graph& graph, const model::Op& op, const model::MaxPool2d& pool,
                 const Bytes& input);

}  // namespace weft::golden
