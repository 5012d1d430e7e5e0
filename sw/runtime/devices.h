// Devices by the names of their backend and configuration.
#pragma once

#include <memory>
#include <string>

#include "driver/backend.h"

namespace weft::runtime {

using driver::DeviceOptions;

// `backend`: "emulator", or "rtl": the Verilated model, from lib/weft_rtl_<config>.so beside the
// program's own directory. Throws Error(not_found) that lists the names there are, or says how
// to build the model that is missing.
std::unique_ptr<driver::Device> make_device(const std::string& backend, const std::string& config,
                                            const DeviceOptions& options);

}  // namespace weft::runtime
