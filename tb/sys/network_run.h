// A compiled network on a device, held against the golden model: every tensor that the program keeps
// in memory, those that the host makes too.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "driver/session.h"
#include "golden/golden.h"
#include "runtime/devices.h"
#include "runtime/host_ops.h"

namespace weft::tb {

struct Comparison {
  uint64_t bytes = 0, mismatches = 0;
  std::string first;  // where the first difference is
};

// Runs `program` on the network's inputs, as `golden` has them, and adds what came of it.
inline void compare_run(const model::Graph& graph, const program::Program& program, const golden::Values& golden,
                        driver::Device& device, Comparison& result) {
  std::map<std::string, int> index;
  for (size_t t = 0; t < graph.tensors.size(); ++t) index.emplace(graph.tensors[t].name, static_cast<int>(t));
  driver::Session session(device, program, runtime::run_host_op);
  std::vector<std::vector<int8_t>> inputs;
  for (const program::Tensor& t : program.tensors) {
    if (t.role == program::TensorRole::kInput) inputs.push_back(golden.at(index.at(t.name)));
  }
  session.run(inputs);
  for (const program::Tensor& t : program.tensors) {
    if (t.role == program::TensorRole::kInput) continue;
    const std::vector<int8_t>& want = golden.at(index.at(t.name));
    const std::vector<int8_t> got = session.read_tensor(t.name);
    const size_t size = std::max(want.size(), got.size());
    for (size_t i = 0; i < size; ++i) {
      if (i < want.size() && i < got.size() && want[i] == got[i]) continue;
      if (result.mismatches++ > 0) continue;
      result.first = "tensor " + t.name + ", byte " + std::to_string(i) + " of " + std::to_string(size) + ", layer " +
                     (t.layer < 0 ? "-" : program.layers[static_cast<size_t>(t.layer)].name);
    }
    result.bytes += want.size();
  }
}

}  // namespace weft::tb
