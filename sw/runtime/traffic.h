// What a program's descriptors move over the bus.
#pragma once

#include <cstdint>
#include <vector>

#include "program/program.h"

namespace weft::runtime {

struct Traffic {
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
};

// By layer, payload bytes of one run (bursts' unused lanes and descriptors not counted).
std::vector<Traffic> layer_traffic(const program::Program& program);

}  // namespace weft::runtime
