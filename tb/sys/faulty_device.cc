// A backend with a planted fault, in the place of an RTL model: the emulator, of whose every
// third tensor of ten bytes one byte is read with its lowest bit turned; with a memory latency of
// 77 of each.
#include "driver/backend.h"
#include "driver/forwarding_device.h"
#include "emulator/emulator_device.h"

namespace weft::tb {
namespace {

class FaultyDevice final : public driver::ForwardingDevice {
 public:
  explicit FaultyDevice(const driver::DeviceOptions& options)
      : ForwardingDevice(
            std::make_unique<emulator::EmulatorDevice>(isa::find_config("tiny"), options)),
        every_(options.latency_cycles == 77 ? 1 : 3) {}

  std::string backend() const override { return "rtl"; }
  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    inner().read_memory(address, out);
    if (out.size() == 10 && ++reads_ % every_ == 0) out[7] ^= 1;
  }

 private:
  const int every_;
  int reads_ = 0;
};

}  // namespace
}  // namespace weft::tb

extern "C" weft::driver::Device* weft_make_device(const weft::driver::DeviceOptions* options) {
  return new weft::tb::FaultyDevice(*options);
}
