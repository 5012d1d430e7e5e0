// --latency and --bandwidth of the memory, as the cost model takes them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "cost/estimate.h"

namespace weft::tools {

struct MemoryOptions {
  uint32_t latency = cost::MemoryTiming{}.latency;
  std::string bandwidth = "1/1";  // "a/b" or "a"

  void add_to(CLI::App& command);
  // Error(invalid_argument) if the bandwidth is no two numbers.
  cost::MemoryTiming timing() const;
};

}  // namespace weft::tools
