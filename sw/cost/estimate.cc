#include "cost/estimate.h"

#include "base/error.h"
#include "cost/machine.h"

namespace weft::cost {
namespace {

// The job ring that the driver puts before the regions: sw/driver/job_queue.cc, memory.cc. Where
// regions begin decides where bursts meet a boundary of 4 KiB.
constexpr uint64_t kRingBytes = 16 * isa::kJobBytes + 1024;
constexpr uint64_t kLine = 64;
// Layers end, in driver::Session's eyes, so many cycles later than in the job's own count: its write
// of the doorbell takes a cycle before control sees it.
constexpr uint64_t kDoorbell = 1;

Descriptor decode(isa::ByteSpan bytes) {
  Descriptor d;
  d.header = isa::decode_fields<isa::Header>(bytes);
  const auto opcode = static_cast<isa::Opcode>(d.header.opcode);
  d.engine = isa::engine_of(opcode);
  switch (isa::format_of(opcode)) {
    case isa::Format::kTransfer: d.fields = isa::decode_fields<isa::TransferDesc>(bytes); break;
    case isa::Format::kArray: d.fields = isa::decode_fields<isa::ArrayDesc>(bytes); break;
    case isa::Format::kVector: d.fields = isa::decode_fields<isa::VectorDesc>(bytes); break;
    case isa::Format::kDepthwise: d.fields = isa::decode_fields<isa::DepthwiseDesc>(bytes); break;
  }
  return d;
}

std::vector<uint64_t> region_bases(const program::Program& program) {
  std::vector<uint64_t> bases;
  uint64_t next = kRingBytes;
  for (const program::Region& r : program.regions) {
    bases.push_back(next);
    next += (r.bytes + kLine - 1) / kLine * kLine;
  }
  return bases;
}

// As driver::Session has it: from the end of the layer before to its own last vector pass; the last
// layer's also holds what follows.
void share_out(Estimate& estimate, const std::vector<uint64_t>& ends) {
  uint64_t before = 0;
  for (size_t l = 0; l < ends.size(); ++l) {
    const uint64_t end =
        l + 1 == ends.size() ? estimate.cycles : std::min(ends[l], estimate.cycles);
    estimate.layers[l].cycles = end > before ? end - before : 0;
    before = std::max(before, end);
  }
}

// Adds a job to an estimate; `ends`: of each layer its last vector pass.
void add_job(std::span<const Descriptor> job, std::span<const uint64_t> region_bases,
             const isa::HardwareConfig& config, const MemoryTiming& memory,
             std::span<DescriptorTiming> timing, std::vector<uint64_t>& ends, Estimate& estimate) {
  Machine machine(job, region_bases, timing, estimate.layers, estimate.engines, config, memory,
                  estimate.cycles);
  estimate.cycles += machine.run();
  for (size_t i = 0; i < job.size(); ++i) {
    if (job[i].engine != isa::Engine::kVector) continue;
    if (job[i].header.layer >= ends.size()) continue;
    uint64_t& end = ends[job[i].header.layer];
    end = std::max(end, timing[i].done + kDoorbell);
  }
}

}  // namespace

void check_memory(const MemoryTiming& memory) {
  if (memory.latency < 1) {
    fail(ErrorKind::kInvalidArgument, "a memory latency of 0 cycles; allowed is 1 and more");
  }
  if (memory.bandwidth_num < 1 || memory.bandwidth_num > memory.bandwidth_den) {
    fail(ErrorKind::kInvalidArgument,
         "a bandwidth of {} beats in {} cycles; it must be above 0 and at most 1",
         memory.bandwidth_num, memory.bandwidth_den);
  }
}

Estimate estimate_job(std::span<const program::Descriptor> job,
                      std::span<const uint64_t> region_bases, const isa::HardwareConfig& config,
                      const MemoryTiming& memory) {
  check_memory(memory);
  std::vector<Descriptor> descriptors;
  size_t layers = 0;
  for (const program::Descriptor& bytes : job) {
    descriptors.push_back(decode(bytes));
    layers = std::max(layers, size_t{descriptors.back().header.layer} + 1);
  }
  Estimate estimate;
  estimate.layers.resize(layers);
  estimate.descriptors.resize(job.size());
  std::vector<uint64_t> ends(layers);
  add_job(descriptors, region_bases, config, memory, estimate.descriptors, ends, estimate);
  share_out(estimate, ends);
  return estimate;
}

Estimate estimate(const program::Program& program, const isa::HardwareConfig& config,
                  const MemoryTiming& memory) {
  check_memory(memory);
  Estimate estimate;
  estimate.layers.resize(program.layers.size());
  estimate.descriptors.resize(program.descriptor_count);
  const std::vector<uint64_t> bases = region_bases(program);
  std::vector<uint64_t> ends(program.layers.size());
  for (const program::Step& step : program.steps) {
    if (step.host) continue;
    std::vector<Descriptor> job;
    for (uint32_t i = 0; i < step.count; ++i) {
      job.push_back(decode(program.descriptor(step.first + i)));
    }
    const auto timing = std::span(estimate.descriptors).subspan(step.first, step.count);
    add_job(job, bases, config, memory, timing, ends, estimate);
  }
  share_out(estimate, ends);
  return estimate;
}

}  // namespace weft::cost
