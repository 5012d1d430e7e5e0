#include "runtime/devices.h"

#include <dlfcn.h>
#include <fmt/ranges.h>
#include <link.h>

#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "emulator/emulator_device.h"
#include "weft_gen/configs.h"

namespace weft::runtime {
namespace {

// The program or shared library that this code is part of.
std::filesystem::path own_file() {
  std::error_code error;
  Dl_info info{};
  link_map* object = nullptr;
  if (dladdr1(reinterpret_cast<void*>(&own_file), &info, reinterpret_cast<void**>(&object),
              RTLD_DL_LINKMAP) != 0 &&
      object != nullptr && object->l_name != nullptr && object->l_name[0] != '\0') {
    return std::filesystem::absolute(object->l_name, error);
  }
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

// The model's library in the first of the places where one is looked for; not there: in the last.
std::filesystem::path find_model(const std::string& file) {
  const std::filesystem::path here = own_file().parent_path();
  const std::filesystem::path up = here.parent_path();
  std::error_code error;
  // Beside a library, of the build tree or installed; then those of a program.
  for (const std::filesystem::path& place :
       {here / file, here / "weft" / file, up / WEFT_LIBDIR / "weft" / file}) {
    if (std::filesystem::exists(place, error)) return place;
  }
  return up / "lib" / file;
}

// Stays loaded until the program ends: devices made by it may live as long.
WeftMakeDevice* load_rtl(const std::string& config, const DeviceOptions& options) {
  const std::string waves = options.wave_file.empty() ? ""
                            : options.wave_pes        ? "_waves_pes"
                                                      : "_waves";
  std::error_code error;
  const std::filesystem::path library = find_model("weft_rtl_" + config + waves + ".so");
  if (!std::filesystem::exists(library, error)) {
    fail(ErrorKind::kNotFound,
         "the RTL model of configuration {}{} is not built ({}); `make {}{}` builds it", config,
         waves.empty() ? "" : " with waves", library.string(),
         waves.empty() ? "sim CONFIG=" : "waves CONFIG=",
         config + (options.wave_pes && !waves.empty() ? " PES=1" : ""));
  }
  // RTLD_LOCAL: each model has Verilated classes of like names.
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    fail(ErrorKind::kIo, "the RTL model {} cannot be loaded: {}", library.string(), dlerror());
  }
  auto* make = reinterpret_cast<WeftMakeDevice*>(dlsym(handle, driver::kMakeDeviceSymbol));
  if (make == nullptr) {
    fail(ErrorKind::kIo, "{} is not an RTL model of Weft: it has no {}", library.string(),
         driver::kMakeDeviceSymbol);
  }
  return make;
}

}  // namespace

std::vector<std::string> backend_names() { return {"rtl", "emulator"}; }

std::unique_ptr<driver::Device> make_device(const std::string& backend, const std::string& config,
                                            const DeviceOptions& options) {
  const isa::HardwareConfig& hardware = isa::find_config(config);
  constexpr uint64_t kLine = 64;
  if (options.memory_bytes == 0 || options.memory_bytes % kLine != 0 ||
      options.error_window_bytes % kLine != 0) {
    fail(ErrorKind::kInvalidArgument,
         "a device memory of {} bytes and {} that answer with errors; multiples of {} are needed",
         options.memory_bytes, options.error_window_bytes, kLine);
  }
  if (backend == "emulator" && !options.wave_file.empty()) {
    fail(ErrorKind::kUnsupported,
         "the emulator has no signals, and so no waves; choose the backend rtl");
  }
  if (backend == "emulator") return std::make_unique<emulator::EmulatorDevice>(hardware, options);
  if (backend == "rtl") return std::unique_ptr<driver::Device>(load_rtl(config, options)(&options));
  fail(ErrorKind::kNotFound, "backend '{}' is not known; there are {}", backend,
       fmt::join(backend_names(), ", "));
}

}  // namespace weft::runtime
