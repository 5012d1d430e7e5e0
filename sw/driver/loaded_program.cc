#include "driver/loaded_program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "weft_gen/registers.h"

namespace weft::driver {
namespace {

// Regions whose bytes are another run's business, too, are shared.
std::vector<bool> changing_regions(const program::Program& program) {
  std::vector<bool> changing;
  for (const program::Region& region : program.regions) changing.push_back(region.writable);
  for (const program::Tensor& t : program.tensors)
    changing.at(static_cast<size_t>(t.region)) = true;
  return changing;
}

std::span<const uint8_t> bytes_of(std::span<const int8_t> data) {
  return {reinterpret_cast<const uint8_t*>(data.data()), data.size()};
}

}  // namespace

void check_host(const program::Program& program, const HostRunner& host) {
  for (const program::Step& step : program.steps) {
    if (step.host && !host) {
      fail(ErrorKind::kInvalidArgument,
           "the program runs layer {} ({}) on the host; the session was given nothing to run it "
           "with",
           program.layers[step.host->layer].name, step.host->kind);
    }
  }
}

void check_inputs(const program::Program& program, InputSpans inputs) {
  size_t next = 0;
  for (const program::Tensor& t : program.tensors) {
    if (t.role != program::TensorRole::kInput) continue;
    if (next >= inputs.size()) {
      fail(ErrorKind::kInvalidArgument, "input '{}' is missing: {} were given", t.name,
           inputs.size());
    }
    const size_t given = inputs[next++].size();
    if (given != t.bytes) {
      fail(ErrorKind::kInvalidArgument, "input '{}' has {} bytes; {} ({}) are needed", t.name,
           given, t.bytes, fmt::join(t.shape, "x"));
    }
  }
  if (next != inputs.size()) {
    fail(ErrorKind::kInvalidArgument, "{} inputs were given; the program takes {}", inputs.size(),
         next);
  }
}

Device& checked(Device& device, const program::Program& program) {
  const uint64_t hash = uint64_t{device.read_register(regs::kConfigHashHiOffset)} << 32 |
                        device.read_register(regs::kConfigHashLoOffset);
  if (hash == program.config_hash) return device;
  // Where there is no device, its configuration is not the matter.
  const uint32_t id = device.read_register(regs::kIdOffset);
  if (id != regs::kIdReset) {
    fail(ErrorKind::kDevice,
         "there is no Weft accelerator here: its id register reads {:#010x}, not {:#010x}", id,
         regs::kIdReset);
  }
  fail(ErrorKind::kMismatch,
       "the program was compiled for configuration {} ({:016x}); this device is {} ({:016x}). "
       "Compile the model for {}, or use a device of configuration {}",
       program.config, program.config_hash, device.config(), hash, device.config(), program.config);
}

uint64_t LoadedProgram::memory_needed(const program::Program& program, size_t slots) {
  const std::vector<bool> changing = changing_regions(program);
  uint64_t bytes = JobQueue::kMemoryBytes;
  for (size_t r = 0; r < program.regions.size(); ++r) {
    bytes += program.regions[r].bytes * (changing[r] ? slots : 1);
  }
  return bytes;
}

LoadedProgram::LoadedProgram(MemoryPool& pool, const program::Program& program, size_t slots)
    : program_(program), slots_(slots) {
  const std::vector<bool> changing = changing_regions(program);
  const auto load = [&](const program::Region& region) {
    Buffer buffer = pool.allocate(region.bytes);
    buffer.write(0, region.image);
    return buffer;
  };
  for (size_t r = 0; r < program.regions.size(); ++r) {
    const program::Region& region = program.regions[r];
    shared_.push_back(changing[r] ? Buffer{} : load(region));
    for (std::vector<Buffer>& slot : slots_) slot.push_back(changing[r] ? load(region) : Buffer{});
  }
}

const Buffer& LoadedProgram::buffer(size_t slot, size_t region) const {
  const Buffer& shared = shared_.at(region);
  return shared.bytes() > 0 ? shared : slots_.at(slot).at(region);
}

void LoadedProgram::write_inputs(size_t slot, InputSpans inputs) {
  size_t next = 0;
  for (const program::Tensor& t : program_.tensors) {
    if (t.role != program::TensorRole::kInput) continue;
    slots_.at(slot)[static_cast<size_t>(t.region)].write(t.offset, bytes_of(inputs[next++]));
  }
}

Job LoadedProgram::job(size_t slot, const program::Step& step) const {
  Job job;
  job.config_hash = program_.config_hash;
  job.descriptor_region = static_cast<uint32_t>(program_.descriptor_region);
  job.descriptor_offset = program_.descriptor_offset + uint64_t{step.first} * isa::kDescriptorBytes;
  job.descriptor_count = step.count;
  for (size_t r = 0; r < program_.regions.size(); ++r) {
    const program::Region& region = program_.regions[r];
    if (region.bytes == 0) continue;
    job.regions.at(r) = {buffer(slot, r).address(), region.bytes, region.readable, region.writable};
  }
  return job;
}

Error LoadedProgram::error_of(size_t slot, const program::Step& step, Completion completion) const {
  completion.index += step.first;
  return {ErrorKind::kDevice, describe(completion, program_, job(slot, step).regions)};
}

Inputs LoadedProgram::host_inputs(size_t slot, const program::HostOp& op) const {
  Inputs inputs;
  for (const program::HostTensor& t : op.inputs) {
    inputs.push_back(t.tensor < 0 ? std::vector<int8_t>{}
                                  : read(slot, program_.tensors[static_cast<size_t>(t.tensor)]));
  }
  return inputs;
}

void LoadedProgram::write_host_result(size_t slot, const program::HostOp& op,
                                      std::span<const int8_t> result) {
  const program::Tensor& target = program_.tensors[static_cast<size_t>(op.output.tensor)];
  if (result.size() != target.bytes) {
    fail(ErrorKind::kInternal, "the host made {} bytes of tensor '{}', which has {}", result.size(),
         target.name, target.bytes);
  }
  slots_.at(slot)[static_cast<size_t>(target.region)].write(target.offset, bytes_of(result));
}

void LoadedProgram::read(size_t slot, const program::Tensor& tensor, std::span<int8_t> out) const {
  const Buffer& region = buffer(slot, static_cast<size_t>(tensor.region));
  if (tensor.lanes == 0) {
    region.read(tensor.offset, {reinterpret_cast<uint8_t*>(out.data()), out.size()});
    return;
  }
  std::vector<uint8_t> stored(tensor.stored_bytes());
  region.read(tensor.offset, stored);
  // The channels of one block lie side by side.
  const auto channels = static_cast<size_t>(tensor.shape.back());
  const auto block = static_cast<size_t>(tensor.lanes);
  for (size_t pixel = 0; pixel < out.size(); pixel += channels) {
    for (size_t c = 0; c < channels; c += block) {
      std::copy_n(&stored[tensor.place_of(pixel + c)], std::min(block, channels - c),
                  &out[pixel + c]);
    }
  }
}

std::vector<int8_t> LoadedProgram::read(size_t slot, const program::Tensor& tensor) const {
  std::vector<int8_t> bytes(tensor.bytes);
  read(slot, tensor, bytes);
  return bytes;
}

uint64_t LoadedProgram::region_address(size_t slot, size_t region) const {
  return buffer(slot, region).address();
}

}  // namespace weft::driver
