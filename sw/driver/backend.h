// How a backend in a shared library comes to be: the function that it exports.
#pragma once

#include <cstdint>

#include "weft/device.hpp"

namespace weft::driver {

// Time units a cycle takes in a wave file: cycle c begins at c * kWaveCycle, in picoseconds.
inline constexpr uint64_t kWaveCycle = 1000;

}  // namespace weft::driver

// What lib/weft_rtl_<config>.so exports under the name in kMakeDeviceSymbol. May throw weft::Error.
using WeftMakeDevice = weft::driver::Device*(const weft::driver::DeviceOptions* options);

// What lib/libweft_systemc.so exports under that in kMakeSystemcDeviceSymbol; `backend`: "systemc" or
// "systemc_lt".
using WeftMakeSystemcDevice = weft::driver::Device*(const char* backend, const char* config,
                                                    const weft::driver::DeviceOptions* options);

namespace weft::driver {
inline constexpr const char* kMakeDeviceSymbol = "weft_make_device";
inline constexpr const char* kMakeSystemcDeviceSymbol = "weft_make_systemc_device";
}  // namespace weft::driver
