// Whole files, or none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace weft {

// Writes through a temporary file beside `path`: on failure nothing is left behind and an older
// file is kept. Error(io).
void write_file(const std::filesystem::path& path, std::string_view contents);
void write_file(const std::filesystem::path& path, std::span<const uint8_t> contents);

// Error(not_found), Error(io), or Error(malformed_file) where it is larger than `most` bytes.
std::vector<uint8_t> read_file(const std::filesystem::path& path, size_t most = size_t{1} << 30);

}  // namespace weft
