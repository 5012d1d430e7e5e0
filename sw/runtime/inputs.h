// Where a verification run's inputs come from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/graph.h"
#include "runtime/verify.h"

namespace weft::runtime {

struct InputSet {
  std::vector<NetworkInput> inputs;
  std::string source;              // for people: "MNIST test digits 0..19 (...)"
  // For digits only: the pictures and their labels.
  int rows = 0, cols = 0;
  std::vector<std::vector<uint8_t>> pictures;
  std::vector<int> labels;
};

enum class InputKind { kAuto, kDigits, kRandom };

struct InputRequest {
  InputKind kind = InputKind::kAuto;  // digits where the network takes 28 x 28 x 1, else random
  int count = 1;                      // digits: 0 takes all there are
  uint64_t seed = 0;                  // 0: the first digits in order; else a seeded choice
  std::string directory;              // of the digits; empty: the first that is found
  std::string weft_data;              // $WEFT_DATA, may be empty
  std::filesystem::path root;         // of the repository, for ../shared/data and data/
};

InputSet make_inputs(const model::Graph& graph, const InputRequest& request);

}  // namespace weft::runtime
