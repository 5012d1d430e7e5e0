#include "runtime/picture.h"

namespace weft::runtime {

std::string draw(std::span<const uint8_t> pixels, int rows, int cols) {
  constexpr int kThreshold = 100;
  auto ink = [&](int y, int x) {
    return y < rows && pixels[static_cast<size_t>(y * cols + x)] >= kThreshold;
  };
  std::string text;
  for (int y = 0; y < rows; y += 2) {
    std::string line;
    for (int x = 0; x < cols; ++x) {
      const bool upper = ink(y, x), lower = ink(y + 1, x);
      line += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    text += "  " + line + "\n";
  }
  return text;
}

}  // namespace weft::runtime
