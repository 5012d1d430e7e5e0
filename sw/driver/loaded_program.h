// A program in a device's memory: constants and descriptors once, and as many copies of what changes
// from run to run (inputs, outputs, intermediates) as inferences are to be on the way at a time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "driver/job_queue.h"
#include "program/program.h"

namespace weft::driver {

// Runs an operator that the device does not: `inputs` are the bytes of its operands (constants and
// absent ones are empty), the result those of its output.
using HostRunner = std::function<std::vector<int8_t>(
    const program::HostOp& op, const std::vector<std::vector<int8_t>>& inputs)>;

using Inputs = std::vector<std::vector<int8_t>>;
using InputSpans = std::span<const std::span<const int8_t>>;
inline std::vector<std::span<const int8_t>> spans_of(const Inputs& inputs) {
  return {inputs.begin(), inputs.end()};
}

// Error(invalid_argument) where there are operators for the host and no `host`.
void check_host(const program::Program& program, const HostRunner& host);

// Error(invalid_argument) names an input that is missing or of the wrong size.
void check_inputs(const program::Program& program, InputSpans inputs);

// The sentence for a job that failed: which layer, descriptor, address, and what it means.
std::string describe(const Completion& completion, const program::Program& program,
                     const std::array<RegionGrant, isa::kNumRegions>& regions);

// The device, before anything is allocated on it. Error(device) where it is no Weft that answers,
// Error(mismatch) where it is of another configuration than the program's.
Device& checked(Device& device, const program::Program& program);

class LoadedProgram {
 public:
  // Device memory for `program` with so many slots, the driver's own included.
  static uint64_t memory_needed(const program::Program& program, size_t slots);

  // Loads it; Error(out_of_memory). `program` and `pool` must outlive it.
  LoadedProgram(MemoryPool& pool, const program::Program& program, size_t slots);

  size_t slots() const { return slots_.size(); }
  const program::Program& program() const { return program_; }

  // Inputs that check_inputs() has passed.
  void write_inputs(size_t slot, InputSpans inputs);

  // The job of a step that has no host operator.
  Job job(size_t slot, const program::Step& step) const;
  // Error(device) of a job that failed.
  Error error_of(size_t slot, const program::Step& step, Completion completion) const;

  // What a host operator takes, and where its result goes. Error(internal) where the result is of
  // another size.
  Inputs host_inputs(size_t slot, const program::HostOp& op) const;
  void write_host_result(size_t slot, const program::HostOp& op, std::span<const int8_t> result);

  // A tensor's bytes, int8 NHWC; `out` has as many.
  void read(size_t slot, const program::Tensor& tensor, std::span<int8_t> out) const;
  std::vector<int8_t> read(size_t slot, const program::Tensor& tensor) const;
  // Where a region lies in the device's memory.
  uint64_t region_address(size_t slot, size_t region) const;

 private:
  const Buffer& buffer(size_t slot, size_t region) const;

  const program::Program& program_;
  std::vector<Buffer> shared_;              // by region; empty: it is of a slot
  std::vector<std::vector<Buffer>> slots_;  // of each slot, by region
};

}  // namespace weft::driver
