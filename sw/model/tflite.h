// Import of TensorFlow Lite models (int8); model/operators.h lists the operators.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "model/graph.h"

namespace weft::model {

// Reads a .tflite file into a graph for which check() holds. The bytes are not trusted: whatever
// they are, the result is a graph or an Error (malformed_file, unsupported) whose sentence names
// the file, the operator and the tensor. The graph's name is the file's stem.
Graph import_tflite(const std::filesystem::path& path);

// The same from memory; `name` becomes the graph's name and begins the messages.
Graph import_tflite(std::span<const uint8_t> bytes, const std::string& name);

}  // namespace weft::model
