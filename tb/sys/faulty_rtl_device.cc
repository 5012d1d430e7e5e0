// The RTL model of tiny with waves, with a planted fault: of each tensor of more than 1000 bytes two
// bytes are read with their lowest bit turned. They stand in different rows, so in different bursts.
// With a memory latency of 77 it breaks down in the middle of a run.
#include <dlfcn.h>

#include <memory>

#include "base/error.h"
#include "driver/backend.h"

namespace weft::tb {
namespace {

constexpr const char* kModel = WEFT_BUILD_DIR "/lib/weft_rtl_tiny_waves.so";

driver::Device* make_sound(const driver::DeviceOptions& options) {
  void* handle = dlopen(kModel, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) fail(ErrorKind::kIo, "{}", dlerror());
  return reinterpret_cast<WeftMakeDevice*>(dlsym(handle, driver::kMakeDeviceSymbol))(&options);
}

class FaultyRtlDevice final : public driver::Device {
 public:
  explicit FaultyRtlDevice(const driver::DeviceOptions& options)
      : device_(make_sound(options)), breaks_down_(options.latency_cycles == 77) {}

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
    if (out.size() > 1000) {
      out[500] ^= 1;
      out[out.size() - 100] ^= 1;
    }
  }
  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    device_->write_memory(address, data);
  }
  bool wait_interrupt(uint64_t max_cycles) override {
    if (!breaks_down_) return device_->wait_interrupt(max_cycles);
    device_->wait_interrupt(1000);
    fail(ErrorKind::kDevice, "a planted breakdown");
  }
  uint64_t cycle() const override { return device_->cycle(); }
  void enable_trace(bool enable) override { device_->enable_trace(enable); }
  std::vector<driver::TraceEvent> take_trace() override { return device_->take_trace(); }
  void trace_writes(bool enable) override { device_->trace_writes(enable); }
  std::vector<driver::MemoryWrite> take_writes() override { return device_->take_writes(); }
  void close_waves() override { device_->close_waves(); }

 private:
  std::unique_ptr<driver::Device> device_;
  const bool breaks_down_;
};

}  // namespace
}  // namespace weft::tb

extern "C" weft::driver::Device* weft_make_device(const weft::driver::DeviceOptions* options) {
  return new weft::tb::FaultyRtlDevice(*options);
}
