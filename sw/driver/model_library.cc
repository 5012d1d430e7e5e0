#include "driver/model_library.h"

#include <dlfcn.h>
#include <link.h>

#include <system_error>

#include "base/error.h"

namespace weft::driver {
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

}  // namespace

std::filesystem::path find_library(const std::string& file) {
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

void* library_symbol(const std::filesystem::path& library, const char* symbol,
                     const std::string& what) {
  // RTLD_LOCAL: each model has Verilated classes of like names.
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    fail(ErrorKind::kIo, "the {} {} cannot be loaded: {}", what, library.string(), dlerror());
  }
  void* function = dlsym(handle, symbol);
  if (function == nullptr) {
    fail(ErrorKind::kIo, "{} is not the {} of this Weft: it has no {}", library.string(), what,
         symbol);
  }
  return function;
}

void* rtl_model_symbol(const std::string& config, const std::string& suffix, const char* symbol) {
  std::error_code error;
  const std::filesystem::path library = find_library("weft_rtl_" + config + suffix + ".so");
  if (!std::filesystem::exists(library, error)) {
    const bool waves = !suffix.empty();
    fail(ErrorKind::kNotFound,
         "the RTL model of configuration {}{} is not built ({}); `make {}{}{}` builds it", config,
         waves ? " with waves" : "", library.string(),
         waves ? "waves CONFIG=" : "sim CONFIG=", config, suffix == "_waves_pes" ? " PES=1" : "");
  }
  return library_symbol(library, symbol, "RTL model");
}

}  // namespace weft::driver
