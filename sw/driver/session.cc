#include "driver/session.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace weft::driver {
namespace {

constexpr uint64_t kRingRoom = 8192;

// Before anything is allocated: the device must be the one the program was compiled for.
Device& checked(Device& device, const program::Program& program) {
  const uint64_t hash = uint64_t{device.read_register(regs::kConfigHashHiOffset)} << 32 |
                        device.read_register(regs::kConfigHashLoOffset);
  if (hash != program.config_hash) {
    fail(ErrorKind::kMismatch,
         "the program was compiled for configuration {} ({:016x}); this device is {} ({:016x}). "
         "Compile the "
         "model for {}, or use a device of configuration {}",
         program.config, program.config_hash, device.config(), hash, device.config(),
         program.config);
  }
  return device;
}

}  // namespace

uint64_t Session::memory_needed(const program::Program& program) {
  uint64_t bytes = kRingRoom;
  for (const program::Region& r : program.regions) bytes += r.bytes;
  return bytes;
}

Session::Session(Device& device, const program::Program& program, HostRunner host)
    : device_(checked(device, program)),
      program_(program),
      pool_(device),
      queue_(device, pool_),
      host_(std::move(host)) {
  for (const program::Step& step : program.steps) {
    if (step.host && !host_) {
      fail(ErrorKind::kInvalidArgument,
           "the program runs layer {} ({}) on the host; the session was given nothing to run it "
           "with",
           program.layers[step.host->layer].name, step.host->kind);
    }
  }
  job_.config_hash = program.config_hash;
  job_.descriptor_region = static_cast<uint32_t>(program.descriptor_region);
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

void Session::record_jobs(bool record) {
  recording_ = record;
  device_.enable_trace(record || program_.layers.size() > 1);
  device_.trace_bus(record);
  device_.trace_activity(record);
}

void Session::run(const std::vector<std::vector<int8_t>>& inputs) {
  size_t next = 0;
  for (const program::Tensor& t : program_.tensors) {
    if (t.role != program::TensorRole::kInput) continue;
    if (next >= inputs.size()) {
      fail(ErrorKind::kInvalidArgument, "input '{}' is missing: {} were given", t.name,
           inputs.size());
    }
    const std::vector<int8_t>& input = inputs[next++];
    if (input.size() != t.bytes) {
      fail(ErrorKind::kInvalidArgument, "input '{}' has {} bytes; {} ({}) are needed", t.name,
           input.size(), t.bytes, fmt::join(t.shape, "x"));
    }
    regions_[static_cast<size_t>(t.region)].write(
        t.offset, {reinterpret_cast<const uint8_t*>(input.data()), input.size()});
  }
  if (next != inputs.size()) {
    fail(ErrorKind::kInvalidArgument, "{} inputs were given; the program takes {}", inputs.size(),
         next);
  }
  statistics_ = {};
  jobs_.clear();
  layer_ends_.assign(program_.layers.size(), 0);
  for (const program::Step& step : program_.steps) {
    if (step.host) {
      run_on_host(*step.host);
    } else {
      run_job(step);
    }
  }
  statistics_.layer_cycles.assign(layer_ends_.size(), 0);
  uint64_t before = 0;
  for (size_t l = 0; l < layer_ends_.size(); ++l) {
    const bool last = l + 1 == layer_ends_.size();
    const uint64_t end = last ? statistics_.cycles : std::min(layer_ends_[l], statistics_.cycles);
    statistics_.layer_cycles[l] = end > before ? end - before : 0;
    before = std::max(before, end);
  }
}

void Session::run_job(const program::Step& step) {
  job_.descriptor_offset =
      program_.descriptor_offset + uint64_t{step.first} * isa::kDescriptorBytes;
  job_.descriptor_count = step.count;
  device_.take_trace();
  device_.take_bursts();
  device_.take_activity();
  const uint64_t start = device_.cycle();
  Completion completion = queue_.run(job_, timeout_cycles_);
  add_statistics(step, start);
  if (completion.code != isa::ErrorCode::kNone) {
    completion.index += step.first;
    throw Error(ErrorKind::kDevice, describe(completion, program_, job_.regions));
  }
}

void Session::run_on_host(const program::HostOp& op) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::vector<int8_t>> inputs;
  for (const program::HostTensor& t : op.inputs) {
    inputs.push_back(t.tensor < 0 ? std::vector<int8_t>{}
                                  : bytes_of(program_.tensors[static_cast<size_t>(t.tensor)]));
  }
  const std::vector<int8_t> result = host_(op, inputs);
  const program::Tensor& target = program_.tensors[static_cast<size_t>(op.output.tensor)];
  if (result.size() != target.bytes) {
    fail(ErrorKind::kInternal, "the host made {} bytes of tensor '{}', which has {}", result.size(),
         target.name, target.bytes);
  }
  regions_[static_cast<size_t>(target.region)].write(
      target.offset, {reinterpret_cast<const uint8_t*>(result.data()), result.size()});
  statistics_.host_seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<int8_t> Session::bytes_of(const program::Tensor& tensor) const {
  std::vector<int8_t> stored(tensor.stored_bytes());
  regions_[static_cast<size_t>(tensor.region)].read(
      tensor.offset, {reinterpret_cast<uint8_t*>(stored.data()), stored.size()});
  if (tensor.lanes == 0) return stored;
  std::vector<int8_t> bytes(tensor.bytes);
  // The channels of one block lie side by side.
  const auto channels = static_cast<size_t>(tensor.shape.back());
  const auto block = static_cast<size_t>(tensor.lanes);
  for (size_t pixel = 0; pixel < bytes.size(); pixel += channels) {
    for (size_t c = 0; c < channels; c += block) {
      std::copy_n(&stored[tensor.place_of(pixel + c)], std::min(block, channels - c),
                  &bytes[pixel + c]);
    }
  }
  return bytes;
}

std::vector<int8_t> Session::read_tensor(const std::string& name) const {
  std::vector<std::string> names;
  for (const program::Tensor& t : program_.tensors) {
    if (t.name != name) {
      names.push_back(t.name);
      continue;
    }
    if (t.transient) {
      fail(ErrorKind::kNotFound,
           "tensor '{}' is gone: later ones lie in its memory; compile the network with "
           "--keep-spills",
           name);
    }
    return bytes_of(t);
  }
  fail(ErrorKind::kNotFound, "the program keeps no tensor '{}' in memory; there are {}", name,
       fmt::join(names, ", "));
}

uint64_t Session::address(const program::Tensor& tensor) const {
  return regions_.at(static_cast<size_t>(tensor.region)).address() + tensor.offset;
}

void Session::add_statistics(const program::Step& step, uint64_t start_cycle) {
  for (size_t c = 0; c < statistics_.counters.size(); ++c) {
    const uint32_t offset = regs::counter_offset(static_cast<regs::Counter>(c));
    const uint32_t low = device_.read_register(offset);  // latches the high half
    statistics_.counters[c] += uint64_t{device_.read_register(offset + 4)} << 32 | low;
  }
  const auto beat = static_cast<uint64_t>(isa::find_config(program_.config).bus_bytes());
  const auto counter = [&](regs::Counter c) {
    return statistics_.counters[static_cast<size_t>(c)];
  };
  const uint64_t before = statistics_.cycles;
  statistics_.cycles = counter(regs::Counter::kCycles);
  statistics_.dram_read_bytes = counter(regs::Counter::kReadBeats) * beat;
  statistics_.dram_write_bytes = counter(regs::Counter::kWriteBeats) * beat;
  std::vector<TraceEvent> events = device_.take_trace();
  for (const TraceEvent& event : events) {
    if (!event.done || event.engine != static_cast<uint8_t>(isa::Engine::kVector) ||
        event.index >= step.count)
      continue;
    const auto header =
        isa::decode_fields<isa::Header>(program_.descriptor(step.first + event.index));
    if (header.layer >= layer_ends_.size()) continue;
    uint64_t& end = layer_ends_[header.layer];
    end = std::max(end, before + event.cycle - start_cycle);
  }
  if (recording_) {
    jobs_.push_back({step.first, step.count, start_cycle, statistics_.cycles - before,
                     std::move(events), device_.take_bursts(), device_.take_activity()});
  }
}

}  // namespace weft::driver
