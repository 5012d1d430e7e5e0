#include "runtime/devices.h"
#include "weft/weft.hpp"
#include "weft_gen/configs.h"

namespace weft {

std::string version() { return WEFT_VERSION; }

std::vector<std::string> backends() { return runtime::backend_names(); }

std::vector<std::string> configs() {
  std::vector<std::string> names;
  for (const isa::HardwareConfig& config : isa::kConfigs) names.emplace_back(config.name);
  return names;
}

}  // namespace weft
