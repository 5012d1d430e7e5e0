// The command that repeats a verification: reports hold it, and waves find a failure by it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/devices.h"

namespace weft::tools {

// What the result of `weft verify` depends on.
struct VerifyArguments {
  std::string model, layer = "all", config = "base", backend = "rtl", inputs = "auto";
  int images = 1, batch = 1;
  uint64_t seed = 0;
  std::vector<std::string> files;
  std::string data, expected;
  double tolerance = 0;
  runtime::DeviceOptions device;
};

// `make TARGET`, or, where make has no word for what the run depended on, the command itself.
std::string repeat_command(const VerifyArguments& a, const std::string& default_model,
                           const std::string& target = "sim");

// Shows the first wrong write of the run that repeat_command() repeats.
std::string waves_command(const VerifyArguments& a, const std::string& default_model);

}  // namespace weft::tools
