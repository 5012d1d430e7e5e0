// A compiled network on a device, held against the golden model: every tensor that the program keeps
// in memory, those that the host makes too.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "driver/session.h"
#include "golden/golden.h"
#include "runtime/devices.h"
#include "runtime/host_ops.h"

namespace weft::tb {

class NetworkRun {
 public:
  // All three must outlive it.
  NetworkRun(const model::Graph& graph, const program::Program& program, driver::Device& device)
      : program_(program), session_(device, program, runtime::run_host_op) {
    for (size_t t = 0; t < graph.tensors.size(); ++t)
      index_.emplace(graph.tensors[t].name, static_cast<int>(t));
  }

  // Runs the inputs that `golden` has, and compares.
  void run(const golden::Values& golden) {
    std::vector<std::vector<int8_t>> inputs;
    for (const program::Tensor& t : program_.tensors) {
      if (t.role == program::TensorRole::kInput) inputs.push_back(golden.at(index_.at(t.name)));
    }
    session_.run(inputs);
    for (const program::Tensor& t : program_.tensors) {
      if (t.role != program::TensorRole::kInput && !t.transient)
        compare(t, golden.at(index_.at(t.name)));
    }
  }

  // What the device made of the last inputs.
  std::vector<int8_t> tensor(const std::string& name) const { return session_.read_tensor(name); }

  uint64_t bytes() const { return bytes_; }
  // Something was compared, and nothing differs.
  bool equal() const { return bytes_ > 0 && mismatches_ == 0; }
  std::string text() const {
    return fmt::format("{} of {} bytes differ{}", mismatches_, bytes_,
                       mismatches_ > 0 ? "; first: " + first_ : "");
  }

 private:
  void compare(const program::Tensor& t, const std::vector<int8_t>& want) {
    const std::vector<int8_t> got = session_.read_tensor(t.name);
    const size_t size = std::max(want.size(), got.size());
    for (size_t i = 0; i < size; ++i) {
      if (i < want.size() && i < got.size() && want[i] == got[i]) continue;
      if (mismatches_++ > 0) continue;
      first_ = fmt::format("tensor '{}', byte {} of {}, layer {}", t.name, i, size,
                           t.layer < 0 ? "-" : program_.layers[static_cast<size_t>(t.layer)].name);
    }
    bytes_ += size;
  }

  const program::Program& program_;
  driver::Session session_;
  std::map<std::string, int> index_;
  uint64_t bytes_ = 0, mismatches_ = 0;
  std::string first_;
};

}  // namespace weft::tb
