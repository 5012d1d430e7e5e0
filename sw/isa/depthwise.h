// How the depthwise engine takes a kernel: in steps of three taps, none across kernel rows.
#pragma once

#include <cstdint>

namespace weft::isa {

constexpr uint64_t depthwise_steps(uint64_t kernel_h, uint64_t kernel_w) {
  constexpr uint64_t kStepTaps = 3;
  return kernel_h * ((kernel_w + kStepTaps - 1) / kStepTaps);
}

// The steps' taps that the engine's buffer holds; a kernel of more is refused.
constexpr uint64_t kMostDepthwiseSteps = 32;

}  // namespace weft::isa
