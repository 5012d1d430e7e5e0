// A network's outputs held against a file of somebody else's: another engine's results.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/graph.h"
#include "runtime/npy.h"

namespace weft::runtime {

// What the comparison of one output found.
struct ExpectedReport {
  std::string file, output;
  uint64_t values = 0;  // compared, of all inputs
  uint64_t differing = 0;
  uint64_t beyond = 0;  // of these, by more than the tolerance
  double tolerance = 0;
  double largest = 0;       // |difference|
  bool off_by_one = false;  // integers that differ by 1 wherever they differ
  // The first that differs.
  int input = 0;
  std::vector<int> coordinate;  // in the output's shape
  double ours = 0, theirs = 0;

  bool pass() const { return values > 0 && beyond == 0; }
};

// The bytes of each of the network's outputs, in their order, for one input.
using NetworkOutput = std::vector<std::vector<int8_t>>;

class ExpectedOutputs {
 public:
  // Of an .npy file (a network of one output) or an .npz, whose members are named after the output
  // tensors, or arr_0, arr_1 ... in their order. Each has the output's shape behind the number of
  // inputs, which for one input, and in the place of a first dimension of 1, may be left out.
  // Error names the file, and what of it does not fit the network.
  ExpectedOutputs(const model::Graph& graph, const std::filesystem::path& file, size_t inputs);

  // `outputs`: one an input. Integers and reals may differ by `tolerance`.
  std::vector<ExpectedReport> compare(const std::vector<NetworkOutput>& outputs,
                                      double tolerance) const;

 private:
  struct Expected {
    model::Tensor output;
    Array array;
  };

  std::string file_;
  std::vector<Expected> outputs_;
};

}  // namespace weft::runtime
