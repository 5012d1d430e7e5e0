// Bit fields of Verilated ports of any width (Verilator flattens structs to vectors).
#pragma once

#include <cstdint>
#include <cstring>

namespace weft::tb {

// Bits lsb .. lsb + width - 1 of a port, width 1 .. 64.
template <class Port>
uint64_t get_bits(const Port& port, unsigned lsb, unsigned width) {
  uint8_t bytes[sizeof(Port) + 16] = {};
  std::memcpy(bytes, &port, sizeof(Port));
  uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    const unsigned bit = lsb + i;
    value |= uint64_t{(bytes[bit / 8] >> (bit % 8)) & 1u} << i;
  }
  return value;
}

template <class Port>
void set_bits(Port& port, unsigned lsb, unsigned width, uint64_t value) {
  uint8_t bytes[sizeof(Port)];
  std::memcpy(bytes, &port, sizeof(Port));
  for (unsigned i = 0; i < width; ++i) {
    const unsigned bit = lsb + i;
    const uint8_t mask = static_cast<uint8_t>(1u << (bit % 8));
    if ((value >> i) & 1) {
      bytes[bit / 8] |= mask;
    } else {
      bytes[bit / 8] &= static_cast<uint8_t>(~mask);
    }
  }
  std::memcpy(&port, bytes, sizeof(Port));
}

}  // namespace weft::tb
