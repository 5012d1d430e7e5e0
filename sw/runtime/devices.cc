#include "runtime/devices.h"

#include <fmt/ranges.h>

#include <filesystem>
#include <new>
#include <system_error>

#include "base/error.h"
#include "driver/model_library.h"
#include "emulator/emulator_device.h"
#include "weft_gen/configs.h"

namespace weft::runtime {
namespace {

std::unique_ptr<driver::Device> make_rtl(const std::string& config, const DeviceOptions& options) {
  const std::string waves = options.wave_file.empty() ? ""
                            : options.wave_pes        ? "_waves_pes"
                                                      : "_waves";
  auto* make = reinterpret_cast<WeftMakeDevice*>(
      driver::rtl_model_symbol(config, waves, driver::kMakeDeviceSymbol));
  return std::unique_ptr<driver::Device>(make(&options));
}

std::unique_ptr<driver::Device> make_systemc(const std::string& backend, const std::string& config,
                                             const DeviceOptions& options) {
  const std::filesystem::path library = driver::find_library("libweft_systemc.so");
  std::error_code error;
  if (!std::filesystem::exists(library, error)) {
    fail(ErrorKind::kNotFound,
         "the SystemC models are not built ({}); `make sim BACKEND={}` builds them",
         library.string(), backend);
  }
  auto* make = reinterpret_cast<WeftMakeSystemcDevice*>(driver::library_symbol(
      library, driver::kMakeSystemcDeviceSymbol, "library of SystemC models"));
  return std::unique_ptr<driver::Device>(make(backend.c_str(), config.c_str(), &options));
}

std::unique_ptr<driver::Device> make_backend(const std::string& backend,
                                             const isa::HardwareConfig& hardware,
                                             const DeviceOptions& options) {
  const std::string config(hardware.name);
  if (backend == "emulator") return std::make_unique<emulator::EmulatorDevice>(hardware, options);
  if (backend == "rtl") return make_rtl(config, options);
  if (backend == "systemc" || backend == "systemc_lt")
    return make_systemc(backend, config, options);
  fail(ErrorKind::kNotFound, "backend '{}' is not known; there are {}", backend,
       fmt::join(backend_names(), ", "));
}

}  // namespace

std::vector<std::string> backend_names() { return {"rtl", "emulator", "systemc", "systemc_lt"}; }

std::unique_ptr<driver::Device> make_device(const std::string& backend, const std::string& config,
                                            const DeviceOptions& options) {
  const isa::HardwareConfig& hardware = isa::find_config(config);
  constexpr uint64_t kLine = 64;
  constexpr uint64_t kMost = uint64_t{1} << 40;  // more was not meant, and addresses would wrap
  if (options.memory_bytes == 0 || options.memory_bytes % kLine != 0 ||
      options.error_window_bytes % kLine != 0 || options.memory_bytes > kMost ||
      options.error_window_bytes > kMost) {
    fail(ErrorKind::kInvalidArgument,
         "a device memory of {} bytes and {} that answer with errors; multiples of {} up to 2^40 "
         "are needed",
         options.memory_bytes, options.error_window_bytes, kLine);
  }
  const bool systemc = backend == "systemc" || backend == "systemc_lt";
  if ((backend == "emulator" || systemc) && !options.wave_file.empty()) {
    fail(ErrorKind::kUnsupported, "the backend {} makes no waves; choose the backend rtl", backend);
  }
  try {
    return make_backend(backend, hardware, options);
  } catch (const std::bad_alloc&) {
    fail(ErrorKind::kOutOfMemory,
         "the host has no memory for a device with {} bytes of its own; give it less",
         options.memory_bytes);
  }
}

}  // namespace weft::runtime
