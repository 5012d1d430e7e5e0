// The operators that the importer reads: the one list of them.
#pragma once

#include <span>
#include <string>

namespace weft::model {

struct SupportedOperator {
  const char* name;         // TensorFlow Lite's: "CONV_2D"
  const char* layer;        // layers are named by it and an ordinal: "conv"
  const char* kernel;       // the golden model's function
  const char* constraints;  // what it asks of tensors and options, as a sentence or two
};

// By name.
std::span<const SupportedOperator> supported_operators();

// docs/operators.md, whole.
std::string operators_markdown();

}  // namespace weft::model
