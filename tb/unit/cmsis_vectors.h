// Operator vectors of CMSIS-NN (Arm, Apache-2.0), made with TensorFlow Lite: configuration,
// constants, input and expected output, one JSON file a vector. They are not part of the
// project; tests that use them skip where they are absent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/graph.h"

namespace weft::tb {

enum class CmsisOperator {
  kConv2d,
  kDepthwise,
  kTransposeConv,
  kFullyConnected,
  kBatchMatMul,
  kAdd,
  kMul,
  kMaxMin,
  kMaxPool,
  kAveragePool,
  kSoftmax,
  kPad,
  kTranspose,
  kNetwork,
};

struct CmsisVector {
  std::string name;
  CmsisOperator kind;
  model::Graph graph;                       // of this one operator, or of the network
  std::vector<std::vector<int8_t>> inputs;  // one for each of the graph's
  std::vector<int8_t> expected;             // of its first output
};

struct CmsisVectors {
  std::vector<CmsisVector> vectors;
  std::vector<std::string> others;  // of operators not known here: "name (kernel)"
};

// Where they are looked for.
std::filesystem::path cmsis_directory();

// Every vector of the directory. Each graph has passed model::check, and input and expected
// output have the size of their tensors; a file that does not allow this throws.
CmsisVectors read_cmsis_vectors(const std::filesystem::path& directory);

}  // namespace weft::tb
