// Little-endian loads and stores, for any alignment and any host.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft {

// The lowest `bytes` (1..8) bytes of `value`, least significant first.
constexpr void store_le(uint8_t* out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

constexpr uint64_t load_le(const uint8_t* in, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(in[i]) << (8 * i);
  return value;
}

constexpr void store_le16(uint8_t* out, uint16_t value) { store_le(out, value, 2); }
constexpr void store_le32(uint8_t* out, uint32_t value) { store_le(out, value, 4); }
constexpr void store_le64(uint8_t* out, uint64_t value) { store_le(out, value, 8); }

constexpr uint16_t load_le16(const uint8_t* in) { return static_cast<uint16_t>(load_le(in, 2)); }
constexpr uint32_t load_le32(const uint8_t* in) { return static_cast<uint32_t>(load_le(in, 4)); }
constexpr uint64_t load_le64(const uint8_t* in) { return load_le(in, 8); }

}  // namespace weft
