// Pictures in CIFAR-10's binary records: a label byte, then 32 x 32 pixels of red, of green and of
// blue.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/graph.h"

namespace weft::model {

constexpr int kCifarSide = 32;
constexpr int kCifarPixelBytes = kCifarSide * kCifarSide * 3;
constexpr std::array<const char*, 10> kCifarClasses = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};

struct CifarPictures {
  int count = 0;
  std::vector<uint8_t> pixels;  // [count][32][32][3], red, green, blue
  std::vector<uint8_t> labels;  // [count], 0 .. 9
  std::string source;           // for people: "CIFAR-10 test pictures (FILE)"

  std::span<const uint8_t> picture(int i) const {
    return {pixels.data() + static_cast<size_t>(i) * kCifarPixelBytes, kCifarPixelBytes};
  }
};

// Error names the file and what is wrong with it.
CifarPictures read_cifar(const std::filesystem::path& file);

// The first of: `place` if given (a file, or a directory that has one); `weft_data` if given (its
// subdirectory cifar10, or itself); below the repository's `root`: ../shared/data/cifar10,
// data/cifar10. In a directory: test_batch.bin, or the first cifar10_test*.bin. A `place` without
// pictures is Error(not_found); nothing where nothing was named and none are found.
std::optional<CifarPictures> find_cifar(const std::string& place, const std::string& weft_data,
                                        const std::filesystem::path& root);

// What an int8 tensor 1x32x32x3 holds for a picture: pixel - 128, whatever its scale, as the
// MLPerf Tiny networks were trained.
std::vector<int8_t> quantize_cifar(std::span<const uint8_t> picture);

}  // namespace weft::model
