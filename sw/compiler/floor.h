// The floor of a layer: no schedule on this machine takes fewer cycles.
#pragma once

#include <cstdint>

#include "compiler/layer.h"
#include "weft_gen/configs.h"

namespace weft::compiler {

// Cycles each resource needs at least, for the operators as the model has them (a fused
// pool may leave some convolution outputs unread; the machine does not compute those, so
// a fused layer can beat its array floor).
struct Floor {
  uint64_t array = 0;      // ceil(K/R) * ceil(N/C) * max(M, R)
  uint64_t depthwise = 0;  // M * ceil(N/C) * ceil(kh*kw/3)
  uint64_t vector = 0;     // M * ceil(N/C); window reads for an unfused pool; 3 a word of an add
  uint64_t bus = 0;        // weights, parameters and the network's own input and output, once
  uint64_t bus_alone = 0;  // the same with the layer's own input and output
};

// `reads_input`, `writes_output`: the layer's tensors are the network's.
Floor floor_of(const Layer& layer, const isa::HardwareConfig& config, bool reads_input,
               bool writes_output);

}  // namespace weft::compiler
