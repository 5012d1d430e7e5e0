#include "memory_options.h"

#include "base/error.h"

namespace weft::tools {

void MemoryOptions::add_to(CLI::App& command) {
  command.add_option("--latency", latency, "DRAM latency in cycles")->capture_default_str();
  command.add_option("--bandwidth", bandwidth, "bus beats in cycles each way, as a/b; at most 1")
      ->capture_default_str();
}

cost::MemoryTiming MemoryOptions::timing() const {
  cost::MemoryTiming timing;
  timing.latency = latency;
  const auto number = [&](const std::string& text) -> uint32_t {
    const bool digits = !text.empty() && text.size() <= 9 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) {
      fail(ErrorKind::kInvalidArgument,
           "--bandwidth {} is no number of beats in a number of cycles; write it as 1/2",
           bandwidth);
    }
    return static_cast<uint32_t>(std::stoul(text));
  };
  const size_t slash = bandwidth.find('/');
  timing.bandwidth_num = number(bandwidth.substr(0, slash));
  timing.bandwidth_den = slash == std::string::npos ? 1 : number(bandwidth.substr(slash + 1));
  return timing;
}

}  // namespace weft::tools
