// The members of a zip archive, as NumPy's savez writes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace weft::runtime {

struct ZipMember {
  std::string name;
  std::vector<uint8_t> data;
};

// Every member, stored or deflated, checked against its CRC. `name` stands for the archive in
// messages. Error(malformed_file), or Error(unsupported) for encryption, other compressions, ZIP64
// and more than a gigabyte.
std::vector<ZipMember> read_zip(std::span<const uint8_t> bytes, const std::string& name);

}  // namespace weft::runtime
