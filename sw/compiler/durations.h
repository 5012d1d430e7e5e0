// How long descriptors take, roughly: enough to order them by.
#pragma once

#include <cstdint>

#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::compiler {

struct Duration {
  int64_t busy = 1;     // cycles until the engine can begin the next
  int64_t latency = 0;  // and from then until the effects are there
};

Duration duration_of(const isa::TransferDesc& desc, const isa::HardwareConfig& config);
Duration duration_of(const isa::ArrayDesc& desc, const isa::HardwareConfig& config);
Duration duration_of(const isa::DepthwiseDesc& desc, const isa::HardwareConfig& config);
Duration duration_of(const isa::VectorDesc& desc, const isa::HardwareConfig& config);

}  // namespace weft::compiler
