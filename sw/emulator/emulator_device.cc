#include "emulator/emulator_device.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace weft::emulator {
namespace {

constexpr uint64_t kMemoryBase = uint64_t{1} << 36;
constexpr uint32_t kSlaveError = 2, kDecodeError = 3;

}  // namespace

EmulatorDevice::EmulatorDevice(const isa::HardwareConfig& config,
                               const driver::DeviceOptions& options, const Kernels* kernels)
    : config_(config),
      memory_(options.memory_bytes),
      error_window_bytes_(options.error_window_bytes),
      controller_(config, *this, kernels) {}

uint64_t EmulatorDevice::memory_base() const { return kMemoryBase; }

uint8_t* EmulatorDevice::find(uint64_t address, uint64_t bytes) {
  const uint64_t offset = address - kMemoryBase;
  const bool inside =
      address >= kMemoryBase && offset <= memory_.size() && bytes <= memory_.size() - offset;
  return inside ? memory_.data() + offset : nullptr;
}

uint32_t EmulatorDevice::refusal(uint64_t address, uint64_t bytes) const {
  const uint64_t offset = address - kMemoryBase;
  const bool window = address >= kMemoryBase && offset + bytes > memory_.size() &&
                      offset < memory_.size() + error_window_bytes_;
  return window ? kSlaveError : kDecodeError;
}

DramAnswer EmulatorDevice::read(uint64_t address, uint64_t bytes) {
  const uint8_t* data = find(address, bytes);
  return {data, data == nullptr ? refusal(address, bytes) : 0};
}

uint32_t EmulatorDevice::write(uint64_t address, std::span<const uint8_t> data) {
  uint8_t* to = find(address, data.size());
  if (to == nullptr) return refusal(address, data.size());
  std::memcpy(to, data.data(), data.size());
  return 0;
}

uint8_t* EmulatorDevice::host(uint64_t address, uint64_t bytes) {
  uint8_t* data = find(address, bytes);
  if (data == nullptr) {
    fail(ErrorKind::kInvalidArgument,
         "{} bytes at {:#x} are not in the device's memory ({} bytes at {:#x})", bytes, address,
         memory_.size(), kMemoryBase);
  }
  return data;
}

void EmulatorDevice::write_register(uint32_t offset, uint32_t value) {
  controller_.write_register(offset, value);
  while (controller_.job_waits()) {
    controller_.begin_job();
    controller_.end_job();
  }
}

void EmulatorDevice::read_memory(uint64_t address, std::span<uint8_t> out) {
  if (!out.empty()) std::memcpy(out.data(), host(address, out.size()), out.size());
}

void EmulatorDevice::write_memory(uint64_t address, std::span<const uint8_t> data) {
  if (!data.empty()) std::memcpy(host(address, data.size()), data.data(), data.size());
}

std::vector<uint8_t> EmulatorDevice::read_on_chip(driver::OnChip memory) {
  const std::span<uint8_t> bytes = controller_.on_chip(memory);
  return {bytes.begin(), bytes.end()};
}

bool EmulatorDevice::write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) {
  const std::span<uint8_t> bytes = controller_.on_chip(memory);
  if (data.size() != bytes.size()) return false;
  std::copy(data.begin(), data.end(), bytes.begin());
  return true;
}

}  // namespace weft::emulator
