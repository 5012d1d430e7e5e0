// Random programs, each given by configuration and seed.
#pragma once

#include "program.h"

namespace weft::tb {

Program random_program(const isa::HardwareConfig& config, uint64_t seed);

}  // namespace weft::tb
