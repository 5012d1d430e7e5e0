// The operators that the importer reads: the one list of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace weft::model {

// What executes an operator.
enum class RunsOn : uint8_t { kNothing, kArray, kDepthwise, kVector, kHost };
const char* to_string(RunsOn where);

// Where the compiler places an operator that is within the device's bounds.
struct Placing {
  RunsOn on = RunsOn::kHost;
  const char* note = "";  // on the host: why; else where it is `otherwise`; may be empty
  RunsOn otherwise = RunsOn::kHost;
};

struct SupportedOperator {
  const char* name;         // TensorFlow Lite's: "CONV_2D"
  const char* layer;        // layers are named by it and an ordinal: "conv"
  const char* kernel;       // the golden model's function
  const char* constraints;  // what it asks of tensors and options, as a sentence or two
  Placing placing;
};

// By name.
std::span<const SupportedOperator> supported_operators();

// docs/operators.md, whole.
std::string operators_markdown();

}  // namespace weft::model
