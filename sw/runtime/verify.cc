#include "runtime/verify.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "base/error.h"
#include "compiler/compile.h"
#include "driver/session.h"
#include "golden/golden.h"
#include "runtime/progress.h"
#include "runtime/traffic.h"

namespace weft::runtime {
namespace {

bool computes(const model::Op& op) { return !std::holds_alternative<model::Reshape>(op.attributes); }

std::map<std::string, int> tensors_by_name(const model::Graph& graph) {
  std::map<std::string, int> index;
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    index.emplace(graph.tensors[t].name, static_cast<int>(t));
  }
  return index;
}

std::vector<int> coordinate_of(size_t element, const std::vector<int>& shape) {
  std::vector<int> at(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    at[d] = static_cast<int>(element % static_cast<size_t>(shape[d]));
    element /= static_cast<size_t>(shape[d]);
  }
  return at;
}

// A device with one target's program on it, its report under construction.
class Lane {
 public:
  Lane(const Target& target, const std::map<std::string, int>& tensors, const VerifyOptions& options)
      : target_(target),
        tensors_(tensors),
        device_(make_device(options.backend, options.config, sized(options.device, target.program))),
        session_(*device_, target.program) {}

  // `golden`: every tensor of the whole network for this input.
  void run(int input, const golden::Values& golden, Report& report) {
    std::vector<std::vector<int8_t>> inputs;
    for (const program::Tensor& t : target_.program.tensors) {
      if (t.role == program::TensorRole::kInput) inputs.push_back(expected(t, golden));
    }
    const auto start = std::chrono::steady_clock::now();
    session_.run(inputs);
    report.host_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const driver::RunStatistics& stats = session_.statistics();
    report.cycles += stats.cycles;
    report.dram_read_bytes += stats.dram_read_bytes;
    report.dram_write_bytes += stats.dram_write_bytes;
    for (size_t i = 0; i < report.layers.size() && i < stats.layer_cycles.size(); ++i) {
      report.layers[i].cycles += stats.layer_cycles[i];
    }
    for (const program::Tensor& t : target_.program.tensors) {
      if (t.role != program::TensorRole::kInput) compare(t, input, golden, report);
    }
    ++report.inputs;
  }

 private:
  static DeviceOptions sized(DeviceOptions options, const program::Program& program) {
    options.memory_bytes = driver::Session::memory_needed(program);
    return options;
  }

  const std::vector<int8_t>& expected(const program::Tensor& t, const golden::Values& golden) const {
    return golden.at(tensors_.at(t.name));
  }

  void compare(const program::Tensor& t, int input, const golden::Values& golden, Report& report) {
    const std::vector<int8_t>& want = expected(t, golden);
    const std::vector<int8_t> got = session_.read_tensor(t.name);
    if (got.size() != want.size()) {
      fail(ErrorKind::kInternal, "tensor '{}' has {} bytes on the device and {} in the golden model",
           t.name, got.size(), want.size());
    }
    uint64_t differing = 0;
    for (size_t i = 0; i < want.size(); ++i) {
      if (want[i] == got[i]) continue;
      if (differing++ == 0 && !(report.difference && report.difference->input <= input)) {
        report.difference = Difference{t.name, layer_name(t), input, coordinate_of(i, t.shape), want[i], got[i]};
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

  std::string layer_name(const program::Tensor& t) const {
    return t.layer >= 0 ? target_.program.layers[static_cast<size_t>(t.layer)].name : "input";
  }

  const Target& target_;
  const std::map<std::string, int>& tensors_;
  std::unique_ptr<driver::Device> device_;
  driver::Session session_;
};

golden::Values run_golden(const model::Graph& graph, const NetworkInput& input) {
  golden::Values given;
  for (size_t i = 0; i < graph.inputs.size(); ++i) given[graph.inputs[i]] = input.at(i);
  return golden::run(graph, given);
}

// A tensor's elements as they stand in its bytes, without scale and zero point.
std::vector<float> numbers_of(const model::Tensor& tensor, const std::vector<int8_t>& bytes) {
  const auto* raw = reinterpret_cast<const uint8_t*>(bytes.data());
  if (tensor.type == model::DataType::kUInt8) return {raw, raw + bytes.size()};
  if (tensor.type != model::DataType::kFloat32) return {bytes.begin(), bytes.end()};
  std::vector<float> numbers(bytes.size() / 4);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::bit_cast<float>(load_le32(raw + 4 * i));
  return numbers;
}

Report empty_report(const model::Graph& graph, const Target& target, const VerifyOptions& options) {
  const program::Program& program = target.program;
  Report report;
  report.model = graph.name;
  report.layer = target.label;
  report.config = options.config;
  report.backend = options.backend;
  report.floor_cycles = program.floor_cycles();
  report.macs = program.macs();
  const std::vector<Traffic> traffic = layer_traffic(program);
  const bool alone = program.layers.size() == 1;
  for (size_t i = 0; i < program.layers.size(); ++i) {
    const program::Layer& l = program.layers[i];
    LayerReport layer;
    layer.name = l.name;
    layer.shape = l.shape;
    layer.floor_cycles = alone ? l.floor_alone() : l.floor();
    layer.macs = l.macs;
    layer.dram_read_bytes = traffic[i].read_bytes;
    layer.dram_write_bytes = traffic[i].write_bytes;
    report.layers.push_back(std::move(layer));
  }
  return report;
}

void merge(Report& into, const Report& from) {
  into.inputs += from.inputs;
  into.bytes_compared += from.bytes_compared;
  into.mismatches += from.mismatches;
  into.cycles += from.cycles;
  into.dram_read_bytes += from.dram_read_bytes;
  into.dram_write_bytes += from.dram_write_bytes;
  into.host_seconds += from.host_seconds;
  for (size_t i = 0; i < into.layers.size(); ++i) {
    into.layers[i].cycles += from.layers[i].cycles;
    into.layers[i].bytes_compared += from.layers[i].bytes_compared;
    into.layers[i].mismatches += from.layers[i].mismatches;
  }
  if (from.difference && (!into.difference || from.difference->input < into.difference->input)) {
    into.difference = from.difference;
  }
}

}  // namespace

int predicted_class(const model::Graph& graph, const NetworkInput& input) {
  const golden::Values values = run_golden(graph, input);
  const std::vector<float> scores = numbers_of(graph.tensor(graph.outputs.at(0)), values.at(graph.outputs[0]));
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::vector<std::string> layer_names(const model::Graph& graph) {
  std::vector<std::string> names;
  for (const model::Op& op : graph.ops) {
    if (computes(op)) names.push_back(op.name);
  }
  names.emplace_back("all");
  names.emplace_back("each");
  return names;
}

std::vector<Target> make_targets(const model::Graph& graph, const std::string& layer,
                                 const isa::HardwareConfig& config) {
  std::vector<Target> targets;
  auto add_op = [&](size_t i) {
    targets.push_back({graph.ops[i].name, compiler::compile(model::single_op_graph(graph, i), config)});
  };
  if (layer == "each") {
    for (size_t i = 0; i < graph.ops.size(); ++i) {
      if (computes(graph.ops[i])) add_op(i);
    }
  }
  if (layer == "each" || layer == "all") {
    targets.push_back({"all", compiler::compile(graph, config)});
    return targets;
  }
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const model::Op& op = graph.ops[i];
    if (op.name != layer && graph.tensor(op.outputs[0]).name != layer) continue;
    if (!computes(op)) {
      fail(ErrorKind::kInvalidArgument, "layer {} only renames bytes, there is nothing to run; choose one of: {}",
           op.name, fmt::join(layer_names(graph), ", "));
    }
    add_op(i);
    return targets;
  }
  fail(ErrorKind::kNotFound, "model '{}' has no layer '{}'; choose one of: {}", graph.name, layer,
       fmt::join(layer_names(graph), ", "));
}

std::vector<Report> verify(const model::Graph& graph, const std::vector<Target>& targets,
                           const std::vector<NetworkInput>& inputs, const VerifyOptions& options) {
  const std::map<std::string, int> tensors = tensors_by_name(graph);
  std::vector<Report> reports;
  for (const Target& t : targets) reports.push_back(empty_report(graph, t, options));

  Progress progress(options.title, "inputs", inputs.size());
  std::mutex mutex;
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  auto work = [&] {
    try {
      std::vector<std::unique_ptr<Lane>> lanes;
      std::vector<Report> mine;
      for (const Target& t : targets) {
        lanes.push_back(std::make_unique<Lane>(t, tensors, options));
        mine.push_back(empty_report(graph, t, options));
      }
      for (size_t i = next++; i < inputs.size(); i = next++) {
        const golden::Values values = run_golden(graph, inputs[i]);
        for (size_t t = 0; t < targets.size(); ++t) lanes[t]->run(static_cast<int>(i), values, mine[t]);
        const std::lock_guard lock(mutex);
        progress.advance();
      }
      const std::lock_guard lock(mutex);
      for (size_t t = 0; t < targets.size(); ++t) merge(reports[t], mine[t]);
    } catch (...) {
      next = inputs.size();  // the others stop after the input they are at
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  const int jobs = std::clamp(options.jobs, 1, std::max(1, static_cast<int>(inputs.size())));
  std::vector<std::thread> threads;
  for (int j = 1; j < jobs; ++j) threads.emplace_back(work);
  work();
  for (std::thread& t : threads) t.join();
  if (failure) std::rethrow_exception(failure);
  for (Report& r : reports) {
    r.pass = r.bytes_compared > 0 && r.mismatches == 0 && r.inputs == inputs.size();
  }
  return reports;
}

}  // namespace weft::runtime
