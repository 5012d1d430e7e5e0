// The memory a machine works on, behind whatever its owner has for a bus.
#pragma once

#include <cstdint>
#include <span>

namespace weft::emulator {

// What the bus answers to a read: the bytes, or nullptr and the AXI response that refuses.
struct DramAnswer {
  const uint8_t* data = nullptr;
  uint32_t response = 0;
};

class Dram {
 public:
  virtual ~Dram() = default;

  // `bytes` bytes from `address` on; they stay where they are until the next call of either.
  virtual DramAnswer read(uint64_t address, uint64_t bytes) = 0;

  // 0, or the AXI response that refuses.
  virtual uint32_t write(uint64_t address, std::span<const uint8_t> data) = 0;
};

}  // namespace weft::emulator
