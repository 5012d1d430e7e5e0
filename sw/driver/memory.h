// Device memory in pieces: who allocates a Buffer owns its bytes until it goes.
#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "weft/device.hpp"

namespace weft::driver {

class MemoryPool;

// A piece of device memory; movable, freed when destroyed. The pool must outlive it.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  uint64_t address() const { return address_; }
  uint64_t bytes() const { return bytes_; }

  // Bytes at `offset`; Error(invalid_argument) where they are not inside.
  void write(uint64_t offset, std::span<const uint8_t> data);
  void read(uint64_t offset, std::span<uint8_t> out) const;

 private:
  friend class MemoryPool;
  Buffer(MemoryPool& pool, uint64_t address, uint64_t bytes)
      : pool_(&pool), address_(address), bytes_(bytes) {}
  void check(uint64_t offset, uint64_t bytes) const;

  MemoryPool* pool_ = nullptr;
  uint64_t address_ = 0, bytes_ = 0;
};

// First fit over the device's memory, in lines of 64 bytes.
class MemoryPool {
 public:
  // Error(invalid_argument) where the device's memory is no whole lines.
  explicit MemoryPool(Device& device);
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  // At least `bytes` bytes (0 gives none) from a multiple of 64 on, contents undefined.
  // Error(out_of_memory) says how much there is.
  Buffer allocate(uint64_t bytes);

 private:
  friend class Buffer;
  void free(uint64_t address, uint64_t bytes);

  Device& device_;
  std::map<uint64_t, uint64_t> gaps_;  // address -> bytes, never adjacent
};

}  // namespace weft::driver
