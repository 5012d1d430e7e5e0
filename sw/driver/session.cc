#include "driver/session.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace weft::driver {

uint64_t Session::memory_needed(const program::Program& program) {
  return LoadedProgram::memory_needed(program, 1);
}

Session::Session(Device& device, const program::Program& program, HostRunner host)
    : device_(checked(device, program)),
      program_(program),
      pool_(device),
      queue_(std::in_place, device, pool_),
      loaded_(pool_, program, 1),
      host_(std::move(host)) {
  check_host(program, host_);
  // Where layers end is only known from their descriptors' events.
  device_.enable_trace(program.layers.size() > 1);
}

void Session::record_jobs(bool record) {
  recording_ = record;
  device_.enable_trace(record || program_.layers.size() > 1);
  device_.trace_bus(record);
  device_.trace_activity(record);
}

void Session::run(InputSpans inputs) {
  check_inputs(program_, inputs);
  // Before anything is put into its memory: a job that runs on writes there, too.
  if (in_doubt_) queue_.emplace(device_, pool_);
  in_doubt_ = false;
  loaded_.write_inputs(0, inputs);
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
  device_.take_trace();
  device_.take_bursts();
  device_.take_activity();
  const uint64_t start = device_.cycle();
  in_doubt_ = true;
  const Completion completion = queue_->run(loaded_.job(0, step), timeout_cycles_);
  in_doubt_ = false;
  add_statistics(step, start);
  if (completion.code != isa::ErrorCode::kNone) throw loaded_.error_of(0, step, completion);
}

void Session::run_on_host(const program::HostOp& op) {
  const auto start = std::chrono::steady_clock::now();
  loaded_.write_host_result(0, op, host_(op, loaded_.host_inputs(0, op)));
  statistics_.host_seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

const program::Tensor& Session::find(const std::string& name) const {
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
    return t;
  }
  fail(ErrorKind::kNotFound, "the program keeps no tensor '{}' in memory; there are {}", name,
       fmt::join(names, ", "));
}

std::vector<int8_t> Session::read_tensor(const std::string& name) const {
  return loaded_.read(0, find(name));
}

void Session::read_tensor(const std::string& name, std::span<int8_t> out) const {
  const program::Tensor& tensor = find(name);
  if (out.size() != tensor.bytes) {
    fail(ErrorKind::kInvalidArgument, "tensor '{}' has {} bytes; room for {} was given", name,
         tensor.bytes, out.size());
  }
  loaded_.read(0, tensor, out);
}

uint64_t Session::address(const program::Tensor& tensor) const {
  return region_address(static_cast<size_t>(tensor.region)) + tensor.offset;
}

void Session::add_statistics(const program::Step& step, uint64_t start_cycle) {
  const Counters counters = read_counters(device_);
  for (size_t c = 0; c < counters.size(); ++c) statistics_.counters[c] += counters[c];
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
