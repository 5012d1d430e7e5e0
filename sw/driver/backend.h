// How a backend comes to be: the options every simulated device takes, and the function a
// backend in a shared library exports.
#pragma once

#include <cstdint>
#include <string>

#include "driver/device.h"

namespace weft::driver {

struct DeviceOptions {
  uint64_t memory_bytes = uint64_t{64} << 20;  // DRAM, a multiple of 64
  // Addresses right behind the DRAM that answer every access with a slave error (SLVERR);
  // beyond them nothing answers (DECERR). A multiple of 64.
  uint64_t error_window_bytes = 0;

  // For backends with time.
  uint32_t latency_cycles = 100;                  // from a burst to its first beat or response
  uint32_t bandwidth_num = 1, bandwidth_den = 1;  // at most num beats in den cycles a direction
  double stall_probability = 0;                   // a bus channel stands still in a cycle, 0..0.95
  double hold_probability = 0;  // an engine is given no descriptor in a cycle, 0..0.95
  uint32_t queue_limit = 0;     // descriptors an engine's queue takes at most; 0: all it holds
  uint64_t seed = 1;            // of the stalls and holds

  // Waves (FST) of cycles wave_first .. wave_last, counted as Device::cycle() does; empty: none.
  // They need a model that was built with waves.
  std::string wave_file;
  uint64_t wave_first = 0, wave_last = ~uint64_t{0};
  bool wave_pes = false;  // of the inside of the array, too
};

// Time units a cycle takes in a wave file: cycle c begins at c * kWaveCycle, in picoseconds.
inline constexpr uint64_t kWaveCycle = 1000;

}  // namespace weft::driver

// What lib/weft_rtl_<config>.so exports under the name in kMakeDeviceSymbol. May throw weft::Error.
using WeftMakeDevice = weft::driver::Device*(const weft::driver::DeviceOptions* options);

namespace weft::driver {
inline constexpr const char* kMakeDeviceSymbol = "weft_make_device";
}
