// The bytes of a log, as docs/record.md has them; little-endian.
#pragma once

#include <zlib.h>

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace weft::record {

inline constexpr char kMagic[] = "WEFTLOG\n";
inline constexpr size_t kMagicBytes = 8;
inline constexpr uint32_t kVersion = 1;
inline constexpr size_t kPrologueBytes = kMagicBytes + 8;  // magic, version, bytes of the header
inline constexpr size_t kMostHeader = 4096;
inline constexpr size_t kCheckBytes = 4;
inline constexpr size_t kEventHeadBytes = 10;  // kind, flags, cycle

inline constexpr uint8_t kRefused = 1, kInterrupt = 2, kDeflated = 4;

inline uint32_t check_of(std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

inline void put(std::vector<uint8_t>& to, uint64_t value, size_t bytes) {
  to.resize(to.size() + bytes);
  store_le(to.data() + to.size() - bytes, value, bytes);
}
inline void put(std::vector<uint8_t>& to, const std::string& text) {
  put(to, text.size(), 2);
  to.insert(to.end(), text.begin(), text.end());
}

// Takes values from the front of bytes; what is beyond their end reads as zero and is noticed.
class Parser {
 public:
  explicit Parser(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint64_t number(size_t bytes) {
    if (!has(bytes)) return 0;
    const uint64_t value = load_le(bytes_.data(), bytes);
    bytes_ = bytes_.subspan(bytes);
    return value;
  }
  uint32_t word() { return static_cast<uint32_t>(number(4)); }
  double real() { return std::bit_cast<double>(number(8)); }
  std::string text() {
    const auto bytes = static_cast<size_t>(number(2));
    if (!has(bytes)) return {};
    std::string text(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(bytes));
    bytes_ = bytes_.subspan(bytes);
    return text;
  }
  // Everything was there, and nothing is left.
  bool good() const { return !short_ && bytes_.empty(); }

 private:
  bool has(size_t bytes) {
    short_ = short_ || bytes_.size() < bytes;
    return !short_;
  }

  std::span<const uint8_t> bytes_;
  bool short_ = false;
};

}  // namespace weft::record
