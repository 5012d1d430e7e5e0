// NumPy's array files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "model/graph.h"

namespace weft::runtime {

struct Array {
  std::string name;  // of an .npz's member, without .npy; else empty
  model::DataType type = model::DataType::kInt8;
  std::vector<int64_t> shape;  // empty: one number
  std::vector<uint8_t> data;   // little-endian, the last dimension fastest
};

// One .npy, version 1.0 or 2.0: int8, uint8, int32 or float32, little-endian, in C order. `name`
// stands for the file in messages. Error(malformed_file), Error(unsupported).
Array parse_npy(std::span<const uint8_t> bytes, const std::string& name);

// The array of an .npy file, or all of an .npz (told by their contents, not their names).
std::vector<Array> read_arrays(const std::filesystem::path& file);

}  // namespace weft::runtime
