// What the tests of asynchronous inference share: programs from the files that make_programs wrote, a
// device that is late, and the bytes that must come.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "driver/infer_queue.h"
#include "driver/session.h"
#include "emulator/emulator_device.h"
#include "late_device.h"
#include "program/program.h"

namespace weft::tb {

// `name`: "mnist" (the device alone) or "mixed" (steps of device and host).
inline const program::Program& infer_program(const std::string& name) {
  static std::map<std::string, program::Program> programs;
  const auto found = programs.find(name);
  if (found != programs.end()) return found->second;
  return programs.emplace(name, program::load(std::string(WEFT_PROGRAMS) + "/" + name + ".weft"))
      .first->second;
}

// Stands for the operators of the host: any function of the bytes will do.
inline std::vector<int8_t> run_on_host(const program::HostOp& op, const driver::Inputs& inputs) {
  size_t elements = 1;
  for (const int extent : op.output.shape) elements *= static_cast<size_t>(extent);
  std::vector<int8_t> out(elements);
  for (size_t i = 0; i < elements; ++i)
    out[i] = static_cast<int8_t>(inputs[0][(i * 7 + 3) % inputs[0].size()] + static_cast<int>(i));
  return out;
}

inline driver::Inputs infer_inputs(const program::Program& program, uint64_t seed) {
  driver::Inputs inputs;
  for (const program::Tensor& t : program.tensors) {
    if (t.role != program::TensorRole::kInput) continue;
    std::vector<int8_t>& bytes = inputs.emplace_back(t.bytes);
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<int8_t>((i * 31 + 7) * (seed + 1) + (i >> 3));
  }
  return inputs;
}

inline std::unique_ptr<driver::Device> infer_emulator() {
  driver::DeviceOptions options;
  options.memory_bytes = 8 << 20;
  return std::make_unique<emulator::EmulatorDevice>(isa::find_config("tiny"), options);
}

// What a session of its own gives: run one by one, nothing else in flight.
inline const driver::Inputs& expected_outputs(const program::Program& program, uint64_t seed) {
  static std::map<std::pair<std::string, uint64_t>, driver::Inputs> known;
  driver::Inputs& outputs = known[{program.model, seed}];
  if (!outputs.empty()) return outputs;
  const auto device = infer_emulator();
  driver::Session session(*device, program, run_on_host);
  session.run(infer_inputs(program, seed));
  for (const program::Tensor& t : program.tensors) {
    if (t.role == program::TensorRole::kOutput) outputs.push_back(session.read_tensor(t.name));
  }
  return outputs;
}

struct InferBench {
  explicit InferBench(const std::string& name = "mnist", driver::InferOptions options = {},
                      driver::HostRunner host = run_on_host)
      : program(infer_program(name)),
        device(infer_emulator()),
        queue(std::in_place, device, program, std::move(host), std::move(options)) {}

  driver::InferRequest submit(uint64_t seed, std::optional<uint64_t> limit = {}) {
    return queue->submit(infer_inputs(program, seed), limit);
  }
  bool exact(const driver::InferRequest& request, uint64_t seed) const {
    return request.result().outputs == expected_outputs(program, seed);
  }
  // Until so many jobs wait on the device.
  void wait_for_jobs(uint64_t jobs) const {
    while (device.most_waiting < jobs) std::this_thread::yield();
  }

  const program::Program& program;
  LateDevice device;
  std::optional<driver::InferQueue> queue;
};

// The error of an inference: its kind and sentence; "" where there is none.
inline std::string error_of(const driver::InferRequest& request) {
  try {
    request.result();
    return "";
  } catch (const Error& error) {
    return std::string(to_string(error.kind())) + ": " + error.what();
  }
}

}  // namespace weft::tb
