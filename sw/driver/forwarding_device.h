// A device in front of another one, to which it passes everything on: what decorators stand on.
#pragma once

#include <memory>
#include <utility>

#include <weft/device.hpp>

namespace weft::driver {

class ForwardingDevice : public Device {
 public:
  explicit ForwardingDevice(std::unique_ptr<Device> device) : device_(std::move(device)) {}

  std::string backend() const override { return device_->backend(); }
  std::string config() const override { return device_->config(); }
  uint32_t read_register(uint32_t offset) override { return device_->read_register(offset); }
  void write_register(uint32_t offset, uint32_t value) override {
    device_->write_register(offset, value);
  }
  uint64_t memory_base() const override { return device_->memory_base(); }
  uint64_t memory_bytes() const override { return device_->memory_bytes(); }
  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    device_->read_memory(address, out);
  }
  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    device_->write_memory(address, data);
  }
  bool wait_interrupt(uint64_t max_cycles) override { return device_->wait_interrupt(max_cycles); }
  uint64_t cycle() const override { return device_->cycle(); }
  void enable_trace(bool enable) override { device_->enable_trace(enable); }
  std::vector<TraceEvent> take_trace() override { return device_->take_trace(); }
  void trace_writes(bool enable) override { device_->trace_writes(enable); }
  std::vector<MemoryWrite> take_writes() override { return device_->take_writes(); }
  void trace_bus(bool enable) override { device_->trace_bus(enable); }
  std::vector<MemoryBurst> take_bursts() override { return device_->take_bursts(); }
  void trace_activity(bool enable) override { device_->trace_activity(enable); }
  std::vector<ActivityChange> take_activity() override { return device_->take_activity(); }
  void close_waves() override { device_->close_waves(); }
  std::vector<uint8_t> read_on_chip(OnChip memory) override {
    return device_->read_on_chip(memory);
  }
  bool write_on_chip(OnChip memory, std::span<const uint8_t> bytes) override {
    return device_->write_on_chip(memory, bytes);
  }

 protected:
  Device& inner() { return *device_; }

 private:
  std::unique_ptr<Device> device_;
};

}  // namespace weft::driver
