// A device whose traffic with the host is written into a log.
#pragma once

#include <string>

#include "driver/forwarding_device.h"
#include "record/log.h"

namespace weft::record {

// Does what the device behind it does, and writes down each register and memory access and each wait
// as soon as it is over; a memory access that fails is the host's mistake and left out. It reads
// nothing for itself, so the device takes the same cycles as without it.
class RecordingDevice final : public driver::ForwardingDevice {
 public:
  // `options`: those that `device` was made with. Error as of LogWriter's.
  RecordingDevice(std::unique_ptr<driver::Device> device, const driver::DeviceOptions& options,
                  const std::filesystem::path& path);
  // Marks the log as complete.
  ~RecordingDevice() override;

  // For people who read the log: what so many bytes of the memory are.
  void name(uint64_t address, uint64_t bytes, const std::string& text);

  uint32_t read_register(uint32_t offset) override;
  void write_register(uint32_t offset, uint32_t value) override;
  void read_memory(uint64_t address, std::span<uint8_t> out) override;
  void write_memory(uint64_t address, std::span<const uint8_t> data) override;
  bool wait_interrupt(uint64_t max_cycles) override;
  // Not here: it goes past the traffic, so that a replay would have something else there.
  bool write_on_chip(driver::OnChip, std::span<const uint8_t>) override { return false; }

 private:
  void write(Event event);

  LogWriter log_;
};

}  // namespace weft::record
