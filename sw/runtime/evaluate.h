// Evaluation: a classifier on a device over a labelled data set, on several devices at once,
// resumed where an interrupted run stopped.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/graph.h"
#include "runtime/devices.h"
#include "runtime/inputs.h"
#include "runtime/metrics.h"

namespace weft::runtime {

struct EvaluateOptions {
  std::string backend = "emulator";
  std::string config = "base";
  DeviceOptions device;
  int jobs = 1;                   // devices that work in parallel, one thread each
  bool golden = false;            // hold each output byte against the golden model's
  std::filesystem::path journal;  // results so far; removed when the run is complete
};

struct Evaluation {
  std::string model, config, backend, input_source;
  Confusion confusion{1};
  std::vector<int> predictions;  // by input
  uint64_t resumed = 0;          // inputs whose results came from the journal
  uint64_t cycles = 0;           // device cycles of this run; 0 without time
  double host_seconds = 0;       // of this run, wall clock
  uint64_t wrong_first = 0;      // the first input read wrong; `predictions.size()` if none
  // With `golden`, of this run and the journal's.
  uint64_t bytes_compared = 0, mismatches = 0;
  uint64_t differing_first = 0;  // the first input with a mismatch; `predictions.size()` if none
};

// Runs every input of `set` (with labels) through the network. The class is the index of the largest
// byte of the only output, the lowest of equal ones. A journal of the same program, inputs,
// configuration and backend is continued, any other is begun anew. Error(invalid_argument) for a
// network that is no classifier.
Evaluation evaluate(const model::Graph& graph, const InputSet& set, const EvaluateOptions& options);

// Tables for people, the file for programs, the matrix as a picture (SVG).
std::string to_text(const Evaluation& evaluation);
std::string to_json(const Evaluation& evaluation);
std::string to_svg(const Evaluation& evaluation);

}  // namespace weft::runtime
