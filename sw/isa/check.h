// The checks a machine makes of a descriptor before it does anything: what the hardware's
// decode and engines refuse of it taken alone, without memories or regions.
#pragma once

#include "isa/codec.h"
#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::isa {

// kNone; or the error code the machine of `config` ends the job with.
ErrorCode check_descriptor(ByteSpan bytes, const HardwareConfig& config);

}  // namespace weft::isa
