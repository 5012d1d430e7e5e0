#include <cstring>

#include "runtime/devices.h"
#include "sdk/c_api.h"

namespace weft::sdk {
namespace {

// A device of C functions.
class CDevice final : public driver::Device {
 public:
  explicit CDevice(const weft_device_functions& f)
      : functions_(f), backend_(f.backend), config_(f.config) {}
  ~CDevice() override {
    if (functions_.close != nullptr) functions_.close(functions_.context);
  }

  std::string backend() const override { return backend_; }
  std::string config() const override { return config_; }
  uint32_t read_register(uint32_t offset) override {
    uint32_t value = 0;
    check(functions_.read_register(functions_.context, offset, &value), "read register", offset);
    return value;
  }
  void write_register(uint32_t offset, uint32_t value) override {
    check(functions_.write_register(functions_.context, offset, value), "write register", offset);
  }
  uint64_t memory_base() const override { return functions_.memory_base; }
  uint64_t memory_bytes() const override { return functions_.memory_bytes; }
  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    check(functions_.read_memory(functions_.context, address, out.data(), out.size()),
          "read memory at", address);
  }
  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    check(functions_.write_memory(functions_.context, address, data.data(), data.size()),
          "write memory at", address);
  }
  bool wait_interrupt(uint64_t max_cycles) override {
    int interrupt = 0;
    check(functions_.wait_interrupt(functions_.context, max_cycles, &interrupt),
          "wait for the interrupt, cycles", max_cycles);
    return interrupt != 0;
  }
  uint64_t cycle() const override { return 0; }

 private:
  void check(weft_status status, const char* what, uint64_t where) const {
    if (status == WEFT_OK) return;
    fail(kind_of(status), "the device '{}' could not {} {:#x}: {}", backend_, what, where,
         weft_status_text(status));
  }

  const weft_device_functions functions_;
  const std::string backend_, config_;
};

void need_all(const weft_device_functions& f) {
  const auto function = [](auto* pointer, const char* name) {
    if (pointer == nullptr) fail(ErrorKind::kInvalidArgument, "functions->{} is NULL", name);
  };
  function(f.backend, "backend");
  function(f.config, "config");
  function(f.read_register, "read_register");
  function(f.write_register, "write_register");
  function(f.read_memory, "read_memory");
  function(f.write_memory, "write_memory");
  function(f.wait_interrupt, "wait_interrupt");
}

// Names that live as long as the library.
template <class Names>
const char* name_at(const Names& names, size_t index) {
  return index < names.size() ? names[index].c_str() : nullptr;
}

}  // namespace
}  // namespace weft::sdk

using weft::sdk::guarded;
using weft::sdk::need;

extern "C" {

const char* weft_backend_name(size_t index) {
  static const std::vector<std::string> names = weft::backends();
  return weft::sdk::name_at(names, index);
}

const char* weft_config_name(size_t index) {
  static const std::vector<std::string> names = weft::configs();
  return weft::sdk::name_at(names, index);
}

weft_status weft_device_options_init(weft_device_options* options) {
  return guarded([&] {
    need(options, "options");
    const weft::DeviceOptions usual;
    *options = {sizeof(weft_device_options),
                usual.memory_bytes,
                usual.latency_cycles,
                usual.bandwidth_num,
                usual.bandwidth_den,
                usual.stall_probability,
                usual.seed};
  });
}

weft_status weft_device_open(const char* backend, const char* config,
                             const weft_device_options* options, weft_device** device) {
  return guarded([&] {
    need(backend, "backend");
    need(config, "config");
    need(device, "device");
    weft_device_options given;
    weft_device_options_init(&given);
    if (options != nullptr) weft::sdk::take(given, *options, "weft_device_options");
    weft::DeviceOptions o;
    o.memory_bytes = given.memory_bytes;
    o.latency_cycles = given.latency_cycles;
    o.bandwidth_num = given.bandwidth_num;
    o.bandwidth_den = given.bandwidth_den;
    o.stall_probability = given.stall_probability;
    o.seed = given.seed;
    *device = new weft_device{weft::Device::open(backend, config, o)};
  });
}

weft_status weft_device_adopt(const weft_device_functions* functions, weft_device** device) {
  return guarded([&] {
    need(functions, "functions");
    need(device, "device");
    weft_device_functions given{};
    weft::sdk::take(given, *functions, "weft_device_functions");
    weft::sdk::need_all(given);
    *device = new weft_device{weft::Device::adopt(std::make_unique<weft::sdk::CDevice>(given))};
  });
}

void weft_device_destroy(weft_device* device) { delete device; }

}  // extern "C"
