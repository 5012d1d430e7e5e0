#include "base/error.h"
#include "runtime/devices.h"
#include "sdk/data.h"

namespace weft {
namespace sdk {

Lease::Lease(std::shared_ptr<DeviceData> device) : device_(std::move(device)) {
  if (device_->busy.exchange(true)) {
    fail(ErrorKind::kBusy,
         "the device ({}, {}) is in use by another session or queue; end that first, or open "
         "another "
         "device",
         device_->backend, device_->config);
  }
}

Lease::~Lease() { device_->busy = false; }

}  // namespace sdk

Device::Device(std::shared_ptr<sdk::DeviceData> data) : data_(std::move(data)) {}

Device Device::open(const std::string& backend, const std::string& config,
                    const DeviceOptions& options) {
  return adopt(runtime::make_device(backend, config, options));
}

Device Device::adopt(std::unique_ptr<driver::Device> device) {
  if (!device) fail(ErrorKind::kInvalidArgument, "a device is to be adopted, and there is none");
  return Device(std::make_shared<sdk::DeviceData>(std::move(device)));
}

std::string Device::backend() const { return data_->backend; }
std::string Device::config() const { return data_->config; }
uint64_t Device::memory_bytes() const { return data_->memory_bytes; }
bool Device::busy() const { return data_->busy; }

}  // namespace weft
