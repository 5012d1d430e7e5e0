// How fast this host computes a network: seconds of its own processor time, so that a machine
// shared with others measures the same.
#pragma once

#include <string>
#include <vector>

#include "driver/backend.h"
#include "model/graph.h"
#include "program/program.h"
#include "runtime/inputs.h"

namespace weft::runtime {

struct HostSpeed {
  std::string what;    // "golden", "emulator, plain", ...
  uint64_t runs = 0;   // inferences timed
  double seconds = 0;  // of one inference, of one core
};

// The golden model, then the emulator with each set of kernels that this processor runs, the
// plain one first: a run to warm up, then runs for `seconds` of processor time. All give the same
// outputs as the golden model, or Error(mismatch). The last emulator is the one that is used.
std::vector<HostSpeed> measure_host_speed(const model::Graph& graph,
                                          const program::Program& program,
                                          const NetworkInput& input, double seconds);

}  // namespace weft::runtime
