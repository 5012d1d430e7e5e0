#include "runtime/lane.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "runtime/host_ops.h"
#include "runtime/wave_save.h"

namespace weft::runtime {
namespace {

DeviceOptions device_options(const VerifyOptions& options, const program::Program& program) {
  DeviceOptions out = options.device;
  out.memory_bytes = driver::Session::memory_needed(program);
  if (options.waves) {
    out.wave_file = options.waves->file.string();
    out.wave_first = options.waves->window.first;
    out.wave_last = options.waves->window.last;
    out.wave_pes = options.waves->pes;
  }
  return out;
}

}  // namespace

Lane::Lane(const Target& target, const std::map<std::string, int>& tensors,
           const VerifyOptions& options, bool trace_writes)
    : target_(target),
      tensors_(tensors),
      waves_(options.waves),
      first_input_(options.first_input),
      device_(
          make_device(options.backend, options.config, device_options(options, target.program))),
      session_(*device_, target.program, run_host_op) {
  device_->trace_writes(trace_writes);
  session_.record_jobs(options.trace);
}

void Lane::run(int input, const golden::Values& golden, Report& report) {
  std::vector<std::vector<int8_t>> inputs;
  for (const program::Tensor& t : target_.program.tensors) {
    if (t.role == program::TensorRole::kInput) inputs.push_back(expected(t, golden));
  }
  const auto start = std::chrono::steady_clock::now();
  try {
    session_.run(inputs);
  } catch (...) {
    try {
      finish_waves(report);  // all the more wanted
    } catch (const Error&) {
      // The run's own error is the one to tell.
    }
    throw;
  }
  report.host_seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const driver::RunStatistics& stats = session_.statistics();
  report.cycles += stats.cycles;
  report.dram_read_bytes += stats.dram_read_bytes;
  report.dram_write_bytes += stats.dram_write_bytes;
  report.host_op_seconds += stats.host_seconds;
  for (size_t i = 0; i < stats.counters.size(); ++i) report.counters[i] += stats.counters[i];
  for (size_t i = 0; i < report.layers.size() && i < stats.layer_cycles.size(); ++i) {
    report.layers[i].cycles += stats.layer_cycles[i];
  }
  if (!session_.jobs().empty() && input == first_input_) {
    RunTrace& trace = report.trace.emplace(RunTrace{stats, session_.jobs(), {}});
    for (size_t r = 0; r < target_.program.regions.size(); ++r)
      trace.regions.push_back(session_.region_address(r));
  }
  std::vector<WrongByte> wrong;
  NetworkOutput& outputs = report.outputs[input];
  for (const program::Tensor& t : target_.program.tensors) {
    if (t.role == program::TensorRole::kInput || t.transient) continue;
    std::vector<int8_t> got = session_.read_tensor(t.name);
    if (!made_by_host(t)) compare(t, got, input, golden, report, wrong);
    if (t.role == program::TensorRole::kOutput) outputs.push_back(std::move(got));
  }
  const std::vector<driver::MemoryWrite> writes = device_->take_writes();
  if (!wrong.empty() && !writes.empty() && !report.difference->write) {
    WrongWrite& write =
        report.difference->write.emplace(first_wrong_write(wrong, writes, device_->cycle()));
    write.first_input = first_input_;
    write.last_input = input;
  }
  ++report.inputs;
}

void Lane::finish_waves(const Report& report) {
  if (!waves_) return;
  device_->close_waves();
  WaveSave save{waves_->file, target_.program, waves_->window, waves_->pes, {}};
  save.window.last = std::min(save.window.last, device_->cycle());
  if (save.window.first > save.window.last) {
    fail(ErrorKind::kInvalidArgument,
         "no waves were written: the run ended in cycle {}, before the window of cycles began with "
         "{}",
         device_->cycle(), save.window.first);
  }
  if (report.difference) save.wrong = report.difference->write;
  write_wave_save(save);
}

const std::vector<int8_t>& Lane::expected(const program::Tensor& t,
                                          const golden::Values& golden) const {
  return golden.at(tensors_.at(t.name));
}

void Lane::compare(const program::Tensor& t, const std::vector<int8_t>& got, int input,
                   const golden::Values& golden, Report& report, std::vector<WrongByte>& wrong) {
  const std::vector<int8_t>& want = expected(t, golden);
  if (got.size() != want.size()) {
    fail(ErrorKind::kInternal, "tensor '{}' has {} bytes on the device and {} in the golden model",
         t.name, got.size(), want.size());
  }
  uint64_t differing = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    if (want[i] == got[i]) continue;
    wrong.push_back({session_.address(t) + t.place_of(i), &t, i});
    if (differing++ == 0 && !(report.difference && report.difference->input <= input)) {
      report.difference =
          Difference{t.name, layer_name(t), input, coordinate_of(i, t.shape), want[i], got[i], {}};
    }
  }
  report.bytes_compared += want.size();
  report.mismatches += differing;
  if (t.layer >= 0) {
    LayerReport& layer = report.layers[static_cast<size_t>(t.layer)];
    layer.bytes_compared += want.size();
    layer.mismatches += differing;
  }
}

// What golden's own kernels made proves nothing.
bool Lane::made_by_host(const program::Tensor& t) const {
  return t.layer >= 0 && !target_.program.layers[static_cast<size_t>(t.layer)].host.empty();
}

std::string Lane::layer_name(const program::Tensor& t) const {
  return t.layer >= 0 ? target_.program.layers[static_cast<size_t>(t.layer)].name : "input";
}

}  // namespace weft::runtime
