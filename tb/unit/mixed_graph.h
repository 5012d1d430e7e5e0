// A small network that the device and the host share: conv1 and a table on the device, a transposition between
// them and the softmax behind on the host.
#pragma once

#include "one_op_graph.h"

namespace weft::tb {

inline model::Graph mixed_graph() {
  model::Conv2d conv;
  conv.padding = {1, 1, 1, 1};
  conv.input_zero_point = 3;
  conv.rescale.assign(4, {1 << 30, -6});
  std::vector<int8_t> taps(4 * 3 * 3 * 3);
  for (size_t i = 0; i < taps.size(); ++i) taps[i] = static_cast<int8_t>(37 * i + 11);
  model::Graph graph = one_op_graph("conv1", conv, {1, 5, 6, 3}, {1, 5, 6, 4}, {{4, 3, 3, 3}, taps},
                                    {5, -6, 7, -800});
  graph.name = "mixed";
  model::Lookup table;
  for (size_t i = 0; i < 256; ++i) table.table[i] = static_cast<int8_t>(91 * i);
  const model::Softmax softmax{1 << 30, 22, -248};
  int x = 1;
  const auto then = [&](const char* name, model::Attributes attributes, std::vector<int> shape) {
    const int y = static_cast<int>(graph.tensors.size());
    graph.tensors.push_back(activation(std::string(name) + "_output", std::move(shape)));
    graph.ops.push_back({name, "the test's operator", std::move(attributes), {x}, {y}});
    x = y;
  };
  then("transpose1", model::Transpose{{0, 3, 1, 2}}, {1, 4, 5, 6});
  then("lut1", table, {1, 4, 5, 6});
  then("softmax1", softmax, {1, 4, 5, 6});
  graph.outputs = {x};
  return graph;
}

}  // namespace weft::tb
