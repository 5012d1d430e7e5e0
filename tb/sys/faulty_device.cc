// A backend with a planted fault, in the place of an RTL model: the emulator, of whose every
// third tensor of ten bytes one byte is read with its lowest bit turned; with a memory latency of
// 77 of each.
#include "driver/backend.h"
#include "emulator/emulator_device.h"

namespace weft::tb {
namespace {

class FaultyDevice final : public driver::Device {
 public:
  explicit FaultyDevice(const driver::DeviceOptions& options)
      : device_(isa::find_config("tiny"), options), every_(options.latency_cycles == 77 ? 1 : 3) {}

  std::string backend() const override { return "rtl"; }
  std::string config() const override { return device_.config(); }
  uint32_t read_register(uint32_t offset) override { return device_.read_register(offset); }
  void write_register(uint32_t offset, uint32_t value) override {
    device_.write_register(offset, value);
  }
  uint64_t memory_base() const override { return device_.memory_base(); }
  uint64_t memory_bytes() const override { return device_.memory_bytes(); }
  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    device_.read_memory(address, out);
    if (out.size() == 10 && ++reads_ % every_ == 0) out[7] ^= 1;
  }
  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    device_.write_memory(address, data);
  }
  bool wait_interrupt(uint64_t max_cycles) override { return device_.wait_interrupt(max_cycles); }
  uint64_t cycle() const override { return device_.cycle(); }
  void enable_trace(bool enable) override { device_.enable_trace(enable); }
  std::vector<driver::TraceEvent> take_trace() override { return device_.take_trace(); }

 private:
  emulator::EmulatorDevice device_;
  const int every_;
  int reads_ = 0;
};

}  // namespace
}  // namespace weft::tb

extern "C" weft::driver::Device* weft_make_device(const weft::driver::DeviceOptions* options) {
  return new weft::tb::FaultyDevice(*options);
}
