// The RTL model of tiny with waves, with a planted fault: of each tensor of more than 1000 bytes two
// bytes are read with their lowest bit turned. They stand in different rows, so in different bursts.
// With a memory latency of 77 it breaks down in the middle of a run.
#include <dlfcn.h>

#include <memory>

#include "base/error.h"
#include "driver/backend.h"
#include "driver/forwarding_device.h"

namespace weft::tb {
namespace {

constexpr const char* kModel = WEFT_BUILD_DIR "/lib/weft_rtl_tiny_waves.so";

std::unique_ptr<driver::Device> make_sound(const driver::DeviceOptions& options) {
  void* handle = dlopen(kModel, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) fail(ErrorKind::kIo, "{}", dlerror());
  auto* make = reinterpret_cast<WeftMakeDevice*>(dlsym(handle, driver::kMakeDeviceSymbol));
  return std::unique_ptr<driver::Device>(make(&options));
}

class FaultyRtlDevice final : public driver::ForwardingDevice {
 public:
  explicit FaultyRtlDevice(const driver::DeviceOptions& options)
      : ForwardingDevice(make_sound(options)), breaks_down_(options.latency_cycles == 77) {}

  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    inner().read_memory(address, out);
    if (out.size() > 1000) {
      out[500] ^= 1;
      out[out.size() - 100] ^= 1;
    }
  }
  bool wait_interrupt(uint64_t max_cycles) override {
    if (!breaks_down_) return inner().wait_interrupt(max_cycles);
    inner().wait_interrupt(1000);
    fail(ErrorKind::kDevice, "a planted breakdown");
  }

 private:
  const bool breaks_down_;
};

}  // namespace
}  // namespace weft::tb

extern "C" weft::driver::Device* weft_make_device(const weft::driver::DeviceOptions* options) {
  return new weft::tb::FaultyRtlDevice(*options);
}
