// Devices by the names of their backend and configuration.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "driver/backend.h"

namespace weft::runtime {

using driver::DeviceOptions;

// The names that make_device() takes.
std::vector<std::string> backend_names();

// `backend`: "emulator"; "rtl", the Verilated model, weft_rtl_<config>.so; "systemc", the same as a
// SystemC module, or "systemc_lt", loosely timed, both of libweft_systemc.so. Libraries are looked for
// beside the program or shared library that holds this function, in weft/ there (installed), and in
// ../lib from there. Throws
// Error(not_found) that lists the names there are, or says how to build what is missing.
std::unique_ptr<driver::Device> make_device(const std::string& backend, const std::string& config,
                                            const DeviceOptions& options);

}  // namespace weft::runtime
