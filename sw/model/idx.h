// Digits in MNIST's IDX format, and how a network reads a picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "model/graph.h"

namespace weft::model {

struct Digits {
  int count = 0;
  int rows = 0, cols = 0;
  std::vector<uint8_t> pixels;  // [count][rows][cols], 0 paper, 255 ink
  std::vector<uint8_t> labels;  // [count]
  std::string source;           // for people: "MNIST test digits (data/mnist)"
};

// Reads a pair of IDX files, gzipped or plain. Error names the file and what is wrong with it.
Digits read_digits(const std::filesystem::path& images, const std::filesystem::path& labels);

// The first of: `directory` if given; `weft_data` if given (its subdirectory mnist, or itself);
// below the repository's `root`: ../shared/data/mnist, data/mnist, and the project's own digits
// in data/. A directory that is given and has none is Error(not_found).
Digits find_digits(const std::string& directory, const std::string& weft_data,
                   const std::filesystem::path& root);

// What the network's input tensor holds for pixels p: real = p / 255, rounded half away from
// zero as TFLite does in float32. With scale 1/255 and zero point -128 that is p - 128.
std::vector<int8_t> quantize_pixels(std::span<const uint8_t> pixels, const Tensor& input);

}  // namespace weft::model
