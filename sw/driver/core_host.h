// The bridge from a Device to the C core, which the driver stands on.
#pragma once

#include <weft/core.h>

#include <exception>

#include <weft/device.hpp>

namespace weft::driver {

// A Device as the C core's host functions see it. An exception of the device is kept while the core
// returns, and thrown again by check().
class CoreHost {
 public:
  explicit CoreHost(Device& device);
  CoreHost(const CoreHost&) = delete;
  CoreHost& operator=(const CoreHost&) = delete;

  const weft_core_host* get() const { return &host_; }
  // `result` where it is 0 or more; else throws what the device threw, or the Error that stands for
  // the core's.
  int check(int result);

 private:
  template <class Access>
  static int guarded(void* context, const Access& access);

  Device& device_;
  std::exception_ptr thrown_;
  weft_core_host host_;
};

}  // namespace weft::driver
