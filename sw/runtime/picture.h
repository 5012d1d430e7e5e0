// A digit as text, for the terminal.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace weft::runtime {

// `pixels`: rows x cols bytes, 0 dark to 255 bright; two rows share a line of text.
std::string draw(std::span<const uint8_t> pixels, int rows, int cols);

}  // namespace weft::runtime
