// conv1 of the digits' network on a SocketPlatform, or on any device.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "driver/session.h"
#include "isa/hardware_config.h"
#include "model/tflite.h"
#include "runtime/devices.h"
#include "runtime/verify.h"
#include "systemc_platform.h"

namespace weft::tb {

inline const program::Program& network() {
  static const program::Program program = [] {
    const model::Graph graph = model::import_tflite(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite");
    return runtime::make_targets(graph, "conv1", isa::find_config("tiny"))[0].program;
  }();
  return program;
}

struct Conv1Run {
  uint64_t cycles = 0;
  std::vector<int8_t> output;
  bool operator==(const Conv1Run&) const = default;
};

inline Conv1Run run_on(driver::Device& device) {
  driver::Session session(device, network());
  std::vector<std::vector<int8_t>> inputs;
  std::string output;
  for (const program::Tensor& t : network().tensors) {
    if (t.role == program::TensorRole::kInput) inputs.emplace_back(t.bytes, int8_t{37});
    if (t.role == program::TensorRole::kOutput) output = t.name;
  }
  session.run(inputs);
  return {session.statistics().cycles, session.read_tensor(output)};
}

inline Conv1Run run_on(SocketPlatform& platform) {
  Conv1Run result;
  platform.run([&] { result = run_on(platform.device()); });
  return result;
}

// What the rtl backend makes of it, with a memory of that latency.
inline const Conv1Run& expected(uint32_t latency) {
  static std::map<uint32_t, Conv1Run> known;
  if (!known.contains(latency)) {
    driver::DeviceOptions options;
    options.latency_cycles = latency;
    known[latency] = run_on(*runtime::make_device("rtl", "tiny", options));
  }
  return known[latency];
}

}  // namespace weft::tb
