#include "runtime/verify.h"

#include <algorithm>
#include <atomic>
#include <bit>
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
#include "golden/golden.h"
#include "runtime/lane.h"
#include "runtime/machine.h"
#include "runtime/progress.h"
#include "runtime/traffic.h"

namespace weft::runtime {
namespace {

bool computes(const model::Op& op) {
  return !std::holds_alternative<model::Reshape>(op.attributes);
}

std::map<std::string, int> tensors_by_name(const model::Graph& graph) {
  std::map<std::string, int> index;
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    index.emplace(graph.tensors[t].name, static_cast<int>(t));
  }
  return index;
}

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
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = std::bit_cast<float>(load_le32(raw + 4 * i));
  return numbers;
}

// What a layer may take: a twentieth more than its floor, where the vector engine is nearly as busy as
// the array a tenth, and a start.
uint64_t bar_of(const program::Layer& layer, uint64_t floor) {
  if (!layer.host.empty()) return 0;
  const bool both = 10 * layer.floor_vector > 8 * layer.floor_array;
  return floor + floor / (both ? 10 : 20) + 64;
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
  report.host_macs = program.host_macs();
  report.act_peak_words = program.act_peak_words;
  report.act_words = static_cast<uint64_t>(isa::find_config(program.config).act_words);
  report.dram_bytes = program.dram_bytes();
  const std::vector<Traffic> traffic = layer_traffic(program);
  const bool alone = program.layers.size() == 1;
  for (size_t i = 0; i < program.layers.size(); ++i) {
    const program::Layer& l = program.layers[i];
    LayerReport layer;
    layer.name = l.name;
    layer.shape = l.shape;
    layer.floor_cycles = alone ? l.floor_alone() : l.floor();
    layer.bar_cycles = bar_of(l, layer.floor_cycles);
    layer.macs = l.macs;
    layer.host = l.host;
    layer.dram_read_bytes = traffic[i].read_bytes;
    layer.dram_write_bytes = traffic[i].write_bytes;
    report.layers.push_back(std::move(layer));
  }
  return report;
}

void merge(Report& into, const Report& from) {
  into.inputs += from.inputs;
  if (from.trace) into.trace = from.trace;
  into.outputs.insert(from.outputs.begin(), from.outputs.end());
  into.bytes_compared += from.bytes_compared;
  into.mismatches += from.mismatches;
  into.cycles += from.cycles;
  into.dram_read_bytes += from.dram_read_bytes;
  into.dram_write_bytes += from.dram_write_bytes;
  for (size_t i = 0; i < into.counters.size(); ++i) into.counters[i] += from.counters[i];
  into.host_seconds += from.host_seconds;
  into.host_op_seconds += from.host_op_seconds;
  for (size_t i = 0; i < into.layers.size(); ++i) {
    into.layers[i].cycles += from.layers[i].cycles;
    into.layers[i].bytes_compared += from.layers[i].bytes_compared;
    into.layers[i].mismatches += from.layers[i].mismatches;
  }
  if (from.difference && (!into.difference || from.difference->input < into.difference->input)) {
    into.difference = from.difference;
  }
}

// Runs the input with the report's difference again, on a fresh device; if it is right there, then
// after all the inputs before it. Without success the report says nothing of the cycle.
void find_wrong_write(const model::Graph& graph, const Target& target,
                      const std::vector<NetworkInput>& inputs,
                      const std::map<std::string, int>& tensors, VerifyOptions options,
                      Report& report) {
  const int first = options.first_input;
  const int last = report.difference->input;
  for (const int from : last > first ? std::vector{last, first} : std::vector{first}) {
    options.first_input = from;
    try {
      Lane lane(target, tensors, options, true);
      Report again = empty_report(graph, target, options);
      for (int i = from; i <= last; ++i) {
        lane.run(i, run_golden(graph, inputs[static_cast<size_t>(i - first)]), again);
      }
      if (!again.difference || !again.difference->write) continue;
      report.difference->write = again.difference->write;
      return;
    } catch (const Error&) {
      // What the first run found is what counts.
    }
  }
}

}  // namespace

int class_of(const model::Tensor& tensor, const std::vector<int8_t>& bytes) {
  const std::vector<float> scores = numbers_of(tensor, bytes);
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

int predicted_class(const model::Graph& graph, const NetworkInput& input) {
  return class_of(graph.tensor(graph.outputs.at(0)), run_golden(graph, input).at(graph.outputs[0]));
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
    targets.push_back(
        {graph.ops[i].name, compiler::compile(model::single_op_graph(graph, i), config)});
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
      fail(ErrorKind::kInvalidArgument,
           "layer {} only renames bytes, there is nothing to run; choose one of: {}", op.name,
           fmt::join(layer_names(graph), ", "));
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

  if (options.waves) {
    if (targets.size() != 1) {
      fail(ErrorKind::kInvalidArgument,
           "waves are of one run; name one layer, or all, instead of each");
    }
    prepare_wave_file(options.waves->file);
  }

  Progress progress(options.title, "inputs", inputs.size());
  std::mutex mutex;
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  auto work = [&] {
    try {
      std::vector<std::unique_ptr<Lane>> lanes;
      std::vector<Report> mine;
      for (const Target& t : targets) {
        lanes.push_back(std::make_unique<Lane>(t, tensors, options, options.waves.has_value()));
        mine.push_back(empty_report(graph, t, options));
      }
      for (size_t i = next++; i < inputs.size(); i = next++) {
        const golden::Values values = run_golden(graph, inputs[i]);
        for (size_t t = 0; t < targets.size(); ++t) {
          lanes[t]->run(options.first_input + static_cast<int>(i), values, mine[t]);
        }
        const std::lock_guard lock(mutex);
        progress.advance();
      }
      for (size_t t = 0; t < targets.size(); ++t) lanes[t]->finish_waves(mine[t]);
      const std::lock_guard lock(mutex);
      for (size_t t = 0; t < targets.size(); ++t) merge(reports[t], mine[t]);
    } catch (...) {
      next = inputs.size();  // the others stop after the input they are at
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  const int jobs =
      options.waves ? 1 : std::clamp(options.jobs, 1, std::max(1, static_cast<int>(inputs.size())));
  std::vector<std::thread> threads;
  for (int j = 1; j < jobs; ++j) threads.emplace_back(work);
  work();
  for (std::thread& t : threads) t.join();
  if (failure) std::rethrow_exception(failure);
  for (size_t t = 0; t < targets.size(); ++t) {
    Report& r = reports[t];
    if (r.difference && !options.waves && r.cycles > 0) {
      find_wrong_write(graph, targets[t], inputs, tensors, options, r);
    }
    r.process_peak_bytes = process_peak_bytes();
    r.pass = r.bytes_compared > 0 && r.mismatches == 0 && r.inputs == inputs.size();
  }
  return reports;
}

}  // namespace weft::runtime
