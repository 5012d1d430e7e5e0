// An operator's attributes as a list of integers, and back: so that a program file can carry the
// operators that the host runs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/graph.h"

namespace weft::model {

// The name of the attributes' kind: "softmax".
const char* kind_of(const Attributes& attributes);

// Every field in its order; a list is preceded by its length, a float is its bits.
std::vector<int32_t> to_integers(const Attributes& attributes);

// Throws Error(malformed_file) for a kind that is not known and for integers that are not all
// used, or too few. The values are not checked: model::check does that with the tensors.
Attributes from_integers(const std::string& kind, std::span<const int32_t> integers);

}  // namespace weft::model
