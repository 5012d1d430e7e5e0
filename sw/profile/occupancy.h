// What lies where in act memory over a run: from the writing of words to their last reading.
#pragma once

#include <cstdint>
#include <vector>

#include "profile/timeline.h"
#include "program/program.h"

namespace weft::profile {

enum class Holding : uint8_t {
  kInput,   // staged from DRAM for the layer
  kOutput,  // the layer's output, on its way to DRAM
  kTensor,  // the layer's output, which stays for those that read it
};

// Words [first, first + words) hold something of a layer from `begin` to `end`.
struct Held {
  uint32_t first = 0, words = 0;
  uint32_t layer = 0;
  Holding holding{};
  uint64_t begin = 0, end = 0;
};

// To 1/256 of the memory's words; times less than 1/1500 of the run apart are taken as one.
std::vector<Held> act_occupancy(const program::Program& program, const Timeline& timeline);

}  // namespace weft::profile
