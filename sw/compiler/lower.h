// One operator as layers of the machine, or as a step of the host.
#pragma once

#include "compiler/layer.h"
#include "weft_gen/configs.h"

namespace weft::compiler {

// The layers of operator `index`: none for a reshape, several where its output is made in parts.
// `storage`: tensor -> the tensor whose bytes it shares.
std::vector<Layer> lower_op(const model::Graph& graph, size_t index,
                            const std::vector<int>& storage, const isa::HardwareConfig& config);

}  // namespace weft::compiler
