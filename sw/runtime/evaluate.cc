#include "runtime/evaluate.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/error.h"
#include "base/hash.h"
#include "compiler/compile.h"
#include "driver/session.h"
#include "golden/golden.h"
#include "runtime/host_ops.h"
#include "runtime/journal.h"
#include "runtime/progress.h"

namespace weft::runtime {
namespace {

// What results depend on: the program to the byte, the inputs, the backend.
std::string identity_of(const program::Program& program, const InputSet& set,
                        const EvaluateOptions& options) {
  uint64_t hash = fnv1a(program::serialize(program));
  for (const NetworkInput& input : set.inputs) {
    for (const auto& bytes : input) {
      hash = fnv1a({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, hash);
    }
  }
  return fmt::format("{} {} {} {}{} {:016x}", program.model, options.config, options.backend,
                     set.inputs.size(), options.golden ? " golden" : "", hash);
}

// What came of an input, in the journal as one number.
struct Verdict {
  int predicted = 0;
  uint32_t differing = 0;  // output bytes that are not the golden model's

  int64_t packed() const { return int64_t{differing} << 32 | static_cast<uint32_t>(predicted); }
  static Verdict unpacked(int64_t value) {
    return {static_cast<int>(value & 0xffffffff), static_cast<uint32_t>(value >> 32)};
  }
};

// One device and its thread's share of the inputs.
class Worker {
 public:
  Worker(const model::Graph& graph, const program::Program& program, const EvaluateOptions& options)
      : device_(make_device(options.backend, options.config, sized(options.device, program))),
        session_(*device_, program, run_host_op),
        graph_(graph),
        golden_(options.golden) {}

  Verdict judge(const NetworkInput& input) {
    session_.run(input);
    const int index = graph_.outputs[0];
    const model::Tensor& output = graph_.tensor(index);
    const std::vector<int8_t> got = session_.read_tensor(output.name);
    Verdict verdict{class_of(output, got), 0};
    if (!golden_) return verdict;
    golden::Values given;
    for (size_t i = 0; i < graph_.inputs.size(); ++i) given[graph_.inputs[i]] = input.at(i);
    const golden::Values values = golden::run(graph_, given);
    const std::vector<int8_t>& want = values.at(index);
    if (got.size() != want.size()) {
      fail(ErrorKind::kInternal,
           "output '{}' has {} bytes on the device and {} in the golden model", output.name,
           got.size(), want.size());
    }
    for (size_t i = 0; i < want.size(); ++i) verdict.differing += got[i] != want[i] ? 1 : 0;
    return verdict;
  }
  uint64_t cycles() const { return session_.statistics().cycles; }

 private:
  static DeviceOptions sized(DeviceOptions options, const program::Program& program) {
    options.memory_bytes = driver::Session::memory_needed(program);
    return options;
  }

  std::unique_ptr<driver::Device> device_;
  driver::Session session_;
  const model::Graph& graph_;
  const bool golden_;
};

}  // namespace

Evaluation evaluate(const model::Graph& graph, const InputSet& set,
                    const EvaluateOptions& options) {
  if (graph.outputs.size() != 1 || set.labels.size() != set.inputs.size() || set.inputs.empty()) {
    fail(ErrorKind::kInvalidArgument,
         "model '{}' is not evaluated: that needs one output of class scores and labelled inputs",
         graph.name);
  }
  const model::Tensor& output = graph.tensor(graph.outputs[0]);
  const program::Program program =
      compiler::compile(graph, isa::find_config(options.config), compiler::Scratch::kReused);
  Journal journal(options.journal, identity_of(program, set, options));

  Evaluation result;
  result.model = graph.name;
  result.config = options.config;
  result.backend = options.backend;
  result.input_source = set.source;
  result.resumed = journal.done().size();
  std::vector<size_t> left;
  for (size_t i = 0; i < set.inputs.size(); ++i) {
    if (!journal.done().contains(i)) left.push_back(i);
  }

  Progress progress(fmt::format("{} {} {}", graph.name, options.config, options.backend), "inputs",
                    left.size());
  std::mutex mutex;
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      Worker worker(graph, program, options);
      for (size_t i = next++; i < left.size(); i = next++) {
        const Verdict verdict = worker.judge(set.inputs[left[i]]);
        const std::lock_guard lock(mutex);
        result.cycles += worker.cycles();
        journal.add(left[i], verdict.packed());
        progress.advance();
      }
    } catch (...) {
      next = left.size();
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  const auto start = std::chrono::steady_clock::now();
  const int jobs = std::clamp(options.jobs, 1, std::max(1, static_cast<int>(left.size())));
  std::vector<std::thread> threads;
  for (int j = 1; j < jobs; ++j) threads.emplace_back(work);
  work();
  for (std::thread& t : threads) t.join();
  result.host_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (failure) std::rethrow_exception(failure);

  result.confusion = Confusion(static_cast<int>(output.elements()));
  result.wrong_first = set.inputs.size();
  result.differing_first = set.inputs.size();
  for (const auto& [input, value] : journal.done()) {
    if (input >= set.inputs.size()) continue;
    const Verdict verdict = Verdict::unpacked(value);
    const int label = set.labels[input];
    result.confusion.add(label, verdict.predicted);
    result.predictions.push_back(verdict.predicted);
    if (verdict.predicted != label) result.wrong_first = std::min(result.wrong_first, input);
    if (options.golden) result.bytes_compared += static_cast<uint64_t>(output.bytes());
    result.mismatches += verdict.differing;
    if (verdict.differing > 0) result.differing_first = std::min(result.differing_first, input);
  }
  journal.finish();
  return result;
}

}  // namespace weft::runtime
