// Whole files, or none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace weft {

// Writes through a temporary file beside `path`: on failure nothing is left behind and an older
// file is kept. Error(io).
void write_file(const std::filesystem::path& path, std::string_view contents);
void write_file(const std::filesystem::path& path, std::span<const uint8_t> contents);

}  // namespace weft
