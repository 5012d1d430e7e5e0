// Verification: the golden model against a backend, byte by byte, on a whole network as
// compiled or on single operators fed with the network's own activations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/graph.h"
#include "program/program.h"
#include "runtime/devices.h"
#include "runtime/report.h"
#include "runtime/waves.h"

namespace weft::runtime {

// The network's inputs for one inference: the bytes of each graph input, NHWC.
using NetworkInput = std::vector<std::vector<int8_t>>;

// What to run: the network, or one operator of it compiled alone and unfused.
struct Target {
  std::string label;  // "all" or the operator's name
  program::Program program;
};

// Targets for LAYER=`layer`: "all", "each" (every operator that computes, then all), an
// operator's name or the name of its output tensor. Throws Error(not_found) listing the valid ones.
std::vector<Target> make_targets(const model::Graph& graph, const std::string& layer,
                                 const isa::HardwareConfig& config);

// The names LAYER= takes, in execution order.
std::vector<std::string> layer_names(const model::Graph& graph);

// The index of a tensor's largest element, the lowest of equal ones.
int class_of(const model::Tensor& tensor, const std::vector<int8_t>& bytes);
// The class of the first output that the golden model gives an input.
int predicted_class(const model::Graph& graph, const NetworkInput& input);

struct VerifyOptions {
  std::string backend = "rtl";
  std::string config = "base";
  DeviceOptions device;
  int jobs = 1;  // devices that work in parallel, one thread each
  std::string title = "verify";
  int first_input = 0;  // what reports call the first of the inputs
  bool trace = false;   // reports hold what was seen of the first input's run
  // Waves of all that is run, on one device: of one target only.
  std::optional<WaveRequest> waves;
};

// Runs every input on every target; one report a target. Where one differs, and the backend has
// time, the input is run again to find the cycle of the first wrong write. What the reports say of where inputs
// come from and how to repeat the run is the caller's to fill in.
std::vector<Report> verify(const model::Graph& graph, const std::vector<Target>& targets,
                           const std::vector<NetworkInput>& inputs, const VerifyOptions& options);

}  // namespace weft::runtime
