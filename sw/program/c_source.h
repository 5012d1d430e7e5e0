// A program as C source, for hosts of the C core (<weft/core_program.h>).
#pragma once

#include <string>

#include "program/program.h"

namespace weft::program {

struct CSource {
  std::string header, source;
};

// `name`: the C identifier of the program; the source includes "<name>.h". Error(invalid_argument)
// where it is none; Error(unsupported) names the first layer that the host has to run: C source
// has jobs of the device only.
CSource to_c(const Program& program, const std::string& name);

}  // namespace weft::program
