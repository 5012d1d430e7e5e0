#include "driver/memory.h"

#include <iterator>
#include <utility>

#include "base/error.h"

namespace weft::driver {
namespace {
constexpr uint64_t kLine = 64;
}

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      address_(std::exchange(other.address_, 0)),
      bytes_(std::exchange(other.bytes_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(pool_, other.pool_);
  std::swap(address_, other.address_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Buffer::~Buffer() {
  if (pool_ != nullptr) pool_->free(address_, bytes_);
}

void Buffer::check(uint64_t offset, uint64_t bytes) const {
  if (offset > bytes_ || bytes > bytes_ - offset) {
    fail(ErrorKind::kInvalidArgument, "{} bytes at offset {} are not in a buffer of {}", bytes,
         offset, bytes_);
  }
}

void Buffer::write(uint64_t offset, std::span<const uint8_t> data) {
  check(offset, data.size());
  if (!data.empty()) pool_->device_.write_memory(address_ + offset, data);
}

void Buffer::read(uint64_t offset, std::span<uint8_t> out) const {
  check(offset, out.size());
  if (!out.empty()) pool_->device_.read_memory(address_ + offset, out);
}

MemoryPool::MemoryPool(Device& device) : device_(device) {
  const uint64_t base = device.memory_base(), bytes = device.memory_bytes();
  if (base % kLine != 0 || bytes % kLine != 0 || bytes > UINT64_MAX - base) {
    fail(ErrorKind::kInvalidArgument,
         "the device '{}' says that its memory has {} bytes at {:#x}; both must be multiples of "
         "{}, and the end below 2^64",
         device.backend(), bytes, base, kLine);
  }
  if (bytes > 0) gaps_[base] = bytes;
}

Buffer MemoryPool::allocate(uint64_t bytes) {
  if (bytes == 0) return {};
  uint64_t left = 0;
  for (const auto& [address, gap] : gaps_) {
    left += gap;
    if (bytes > gap) continue;
    const uint64_t taken = (bytes + kLine - 1) / kLine * kLine;  // gaps are multiples of a line
    const uint64_t at = address;
    const uint64_t rest = gap - taken;
    gaps_.erase(address);
    if (rest > 0) gaps_[at + taken] = rest;
    return {*this, at, taken};
  }
  fail(ErrorKind::kOutOfMemory,
       "{} bytes of device memory are needed in one piece; {} of {} are free. Give the device more "
       "memory",
       bytes, left, device_.memory_bytes());
}

void MemoryPool::free(uint64_t address, uint64_t bytes) {
  auto next = gaps_.emplace(address, bytes).first;
  if (next != gaps_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == address) {
      before->second += bytes;
      gaps_.erase(next);
      next = before;
    }
  }
  const auto after = std::next(next);
  if (after != gaps_.end() && next->first + next->second == after->first) {
    next->second += after->second;
    gaps_.erase(after);
  }
}

}  // namespace weft::driver
