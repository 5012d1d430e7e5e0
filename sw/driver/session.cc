#include "driver/session.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace weft::driver {
namespace {

constexpr uint64_t kRingRoom = 4096;

// Before anything is allocated: the device must be the one the program was compiled for.
Device& checked(Device& device, const program::Program& program) {
  const uint64_t hash = uint64_t{device.read_register(regs::kConfigHashHiOffset)} << 32 |
                        device.read_register(regs::kConfigHashLoOffset);
  if (hash != program.config_hash) {
    fail(ErrorKind::kMismatch,
         "the program was compiled for configuration {} ({:016x}); this device is {} ({:016x}). Compile the "
         "model for {}, or use a device of configuration {}",
         program.config, program.config_hash, device.config(), hash, device.config(), program.config);
  }
  return device;
}

}  // namespace

uint64_t Session::memory_needed(const program::Program& program) {
  uint64_t bytes = kRingRoom;
  for (const program::Region& r : program.regions) bytes += r.bytes;
  return bytes;
}

Session::Session(Device& device, const program::Program& program)
    : device_(checked(device, program)), program_(program), pool_(device), queue_(device, pool_) {
  job_.config_hash = program.config_hash;
  job_.descriptor_region = static_cast<uint32_t>(program.descriptor_region);
  job_.descriptor_offset = program.descriptor_offset;
  job_.descriptor_count = program.descriptor_count;
  for (size_t r = 0; r < program.regions.size(); ++r) {
    const program::Region& region = program.regions[r];
    Buffer buffer = pool_.allocate(region.bytes);
    buffer.write(0, region.image);
    if (region.bytes > 0) {
      job_.regions.at(r) = {buffer.address(), region.bytes, region.readable, region.writable};
    }
    regions_.push_back(std::move(buffer));
  }
  // Where layers end is only known from their descriptors' events.
  device_.enable_trace(program.layers.size() > 1);
}

void Session::run(const std::vector<std::vector<int8_t>>& inputs) {
  size_t next = 0;
  for (const program::Tensor& t : program_.tensors) {
    if (t.role != program::TensorRole::kInput) continue;
    if (next >= inputs.size()) {
      fail(ErrorKind::kInvalidArgument, "input '{}' is missing: {} were given", t.name, inputs.size());
    }
    const std::vector<int8_t>& input = inputs[next++];
    if (input.size() != t.bytes) {
      fail(ErrorKind::kInvalidArgument, "input '{}' has {} bytes; {} ({}) are needed", t.name, input.size(), t.bytes,
           fmt::join(t.shape, "x"));
    }
    regions_[static_cast<size_t>(t.region)].write(
        t.offset, {reinterpret_cast<const uint8_t*>(input.data()), input.size()});
  }
  if (next != inputs.size()) {
    fail(ErrorKind::kInvalidArgument, "{} inputs were given; the program takes {}", inputs.size(), next);
  }
  device_.take_trace();
  const uint64_t start = device_.cycle();
  const Completion completion = queue_.run(job_, timeout_cycles_);
  read_statistics(start, completion);
  if (completion.code != isa::ErrorCode::kNone) {
    throw Error(ErrorKind::kDevice, describe(completion, program_, job_.regions));
  }
}

std::vector<int8_t> Session::read_tensor(const std::string& name) const {
  std::vector<std::string> names;
  for (const program::Tensor& t : program_.tensors) {
    if (t.name != name) {
      names.push_back(t.name);
      continue;
    }
    std::vector<int8_t> bytes(t.bytes);
    regions_[static_cast<size_t>(t.region)].read(t.offset,
                                                 {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
  }
  fail(ErrorKind::kNotFound, "the program keeps no tensor '{}' in memory; there are {}", name,
       fmt::join(names, ", "));
}

uint64_t Session::address(const program::Tensor& tensor) const {
  return regions_.at(static_cast<size_t>(tensor.region)).address() + tensor.offset;
}

void Session::read_statistics(uint64_t start_cycle, const Completion& completion) {
  statistics_ = {};
  for (size_t c = 0; c < statistics_.counters.size(); ++c) {
    const uint32_t offset = regs::counter_offset(static_cast<regs::Counter>(c));
    const uint32_t low = device_.read_register(offset);  // latches the high half
    statistics_.counters[c] = uint64_t{device_.read_register(offset + 4)} << 32 | low;
  }
  const auto beat = static_cast<uint64_t>(isa::find_config(program_.config).bus_bytes());
  const auto counter = [&](regs::Counter c) { return statistics_.counters[static_cast<size_t>(c)]; };
  statistics_.cycles = counter(regs::Counter::kCycles);
  statistics_.dram_read_bytes = counter(regs::Counter::kReadBeats) * beat;
  statistics_.dram_write_bytes = counter(regs::Counter::kWriteBeats) * beat;
  if (completion.code == isa::ErrorCode::kNone) {
    statistics_.layer_cycles = layer_cycles(start_cycle, statistics_.cycles);
  }
}

std::vector<uint64_t> Session::layer_cycles(uint64_t start_cycle, uint64_t cycles) {
  const size_t layers = program_.layers.size();
  if (layers == 1) return {cycles};
  std::vector<uint64_t> ends(layers, 0);
  for (const TraceEvent& event : device_.take_trace()) {
    if (!event.done || event.engine != static_cast<uint8_t>(isa::Engine::kVector)) continue;
    const auto header = isa::decode_fields<isa::Header>(program_.descriptor(event.index));
    if (header.layer < layers) ends[header.layer] = std::max(ends[header.layer], event.cycle - start_cycle);
  }
  std::vector<uint64_t> out(layers, 0);
  uint64_t before = 0;
  for (size_t l = 0; l < layers; ++l) {
    const uint64_t end = l + 1 == layers ? cycles : std::min(ends[l], cycles);
    out[l] = end > before ? end - before : 0;
    before = std::max(before, end);
  }
  return out;
}

}  // namespace weft::driver
