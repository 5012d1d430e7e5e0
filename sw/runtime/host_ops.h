// Operators that the device does not run, on the host: by the golden model's own kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "program/program.h"

namespace weft::runtime {

// A driver::HostRunner. Throws Error(malformed_file) where the operator of a program file is not
// one: attributes, shapes and types are checked before anything runs; Error(invalid_argument) where
// bytes are missing.
std::vector<int8_t> run_host_op(const program::HostOp& op,
                                const std::vector<std::vector<int8_t>>& inputs);

}  // namespace weft::runtime
