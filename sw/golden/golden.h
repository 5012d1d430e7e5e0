// The golden model: a graph evaluated by plain integer loops, one function an operator. What it
// gives is right by definition; every backend is compared with it, byte by byte. The arithmetic
// is that of the TFLite-Micro reference kernels: 32-bit sums, gemmlowp's double rounding
// (quant/rounding.h).
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/graph.h"

namespace weft::golden {

// Tensor index -> the tensor's bytes, NHWC. What is not int8 lies in them as in a file: a float32
// takes four, little-endian; a uint8 the one that has its bits.
using Values = std::map<int, std::vector<int8_t>>;

// Every activation of the graph: its inputs and each operator's output. `graph` has passed
// model::check. `inputs` holds each input of the graph and no other tensor, of the right size:
// else Error(invalid_argument) naming the tensor.
Values run(const model::Graph& graph, const Values& inputs);

}  // namespace weft::golden
