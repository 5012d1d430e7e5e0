#include "driver/core_host.h"

#include <utility>

#include "base/error.h"
#include "weft_gen/isa.h"
#include "weft_gen/registers.h"

namespace weft::driver {
namespace {

constexpr int kRefused = -1;

ErrorKind kind_of(int code) {
  switch (code) {
    case WEFT_CORE_ARGUMENT:
    case WEFT_CORE_FULL:
    case WEFT_CORE_STOPPED: return ErrorKind::kInvalidArgument;
    case WEFT_CORE_VERSION:
    case WEFT_CORE_CONFIG: return ErrorKind::kMismatch;
    case WEFT_CORE_RESET:
    case WEFT_CORE_TIMEOUT: return ErrorKind::kTimeout;
    case WEFT_CORE_MEMORY: return ErrorKind::kOutOfMemory;
    default: return ErrorKind::kDevice;
  }
}

}  // namespace

// C code lies between the device and whoever catches: nothing may fly through it.
template <class Access>
int CoreHost::guarded(void* context, const Access& access) {
  auto& self = *static_cast<CoreHost*>(context);
  try {
    return access(self.device_);
  } catch (...) {
    self.thrown_ = std::current_exception();
    return kRefused;
  }
}

CoreHost::CoreHost(Device& device) : device_(device), host_{} {
  host_.context = this;
  host_.read_register = [](void* context, uint32_t offset, uint32_t* value) {
    return guarded(context, [&](Device& d) {
      *value = d.read_register(offset);
      return 0;
    });
  };
  host_.write_register = [](void* context, uint32_t offset, uint32_t value) {
    return guarded(context, [&](Device& d) {
      d.write_register(offset, value);
      return 0;
    });
  };
  host_.read_memory = [](void* context, uint64_t address, void* out, size_t bytes) {
    return guarded(context, [&](Device& d) {
      d.read_memory(address, {static_cast<uint8_t*>(out), bytes});
      return 0;
    });
  };
  host_.write_memory = [](void* context, uint64_t address, const void* data, size_t bytes) {
    return guarded(context, [&](Device& d) {
      d.write_memory(address, {static_cast<const uint8_t*>(data), bytes});
      return 0;
    });
  };
  host_.wait_interrupt = [](void* context, uint64_t max_cycles) {
    return guarded(context, [&](Device& d) { return d.wait_interrupt(max_cycles) ? 1 : 0; });
  };
  host_.now = [](void* context) {
    // A limit is then held for each wait alone; what is wrong with the device its registers tell.
    try {
      return static_cast<CoreHost*>(context)->device_.cycle();
    } catch (...) {
      return uint64_t{0};
    }
  };
}

int CoreHost::check(int result) {
  if (result >= 0) return result;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (result == WEFT_CORE_NO_DEVICE) {
    fail(ErrorKind::kDevice,
         "there is no Weft accelerator here: its id register reads {:#010x}, not {:#010x}",
         device_.read_register(regs::kIdOffset), regs::kIdReset);
  }
  if (result == WEFT_CORE_VERSION) {
    fail(ErrorKind::kMismatch, "the device has instruction set version {}, this driver speaks {}",
         device_.read_register(regs::kVersionOffset), isa::kIsaVersion);
  }
  throw Error(kind_of(result), weft_core_error_text(result));
}

}  // namespace weft::driver
