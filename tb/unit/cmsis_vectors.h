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

enum class CmsisOperator { kConv2d, kDepthwise, kFullyConnected, kMaxPool };

struct CmsisVector {
  std::string name;
  CmsisOperator kind;
  model::Graph graph;  // of this one operator; tensor 0 is the input, tensor 1 the output
  std::vector<int8_t> input;
  std::vector<int8_t> expected;
};

struct CmsisVectors {
  std::vector<CmsisVector> vectors;
  std::vector<std::string> others;  // vectors of operators a graph has not: "name (kernel)"
};

// Where data from elsewhere are: $WEFT_DATA, or shared/data beside the project.
std::filesystem::path data_directory();
// The vectors among them.
std::filesystem::path cmsis_directory();

// Every vector of the directory. Each graph has passed model::check, and input and expected
// output have the size of their tensors; a file that does not allow this throws.
CmsisVectors read_cmsis_vectors(const std::filesystem::path& directory);

}  // namespace weft::tb
