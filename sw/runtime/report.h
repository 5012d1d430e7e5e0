// What a verification run found: one JSON file, of which the tables are views.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "driver/session.h"
#include "runtime/expected.h"
#include "weft_gen/registers.h"

namespace weft::runtime {

// One layer, summed over all inputs. Cycles are 0 where the backend has no time.
struct LayerReport {
  std::string name;
  std::vector<int> shape;  // of its output
  uint64_t cycles = 0;
  uint64_t floor_cycles = 0;     // of one input
  uint64_t bar_cycles = 0;       // of one input: what is thought good; 0: of the host's
  uint64_t macs = 0;             // of one input
  uint64_t dram_read_bytes = 0;  // of one input: what its descriptors move
  uint64_t dram_write_bytes = 0;
  uint64_t bytes_compared = 0;  // 0: its output stays on chip
  uint64_t mismatches = 0;
  std::string host;  // why the host ran it; empty: the device did

  bool within_bar(uint64_t inputs) const { return cycles <= bar_cycles * inputs; }
};

// Of all bytes that differ, the one that was written first.
struct WrongWrite {
  uint64_t cycle = 0;
  bool written = true;  // false: none was ever written, and the run ended in `cycle`
  std::string tensor;
  std::vector<int> coordinate;
  // The inputs that lead there, one after the other on a device that starts with them.
  int first_input = 0, last_input = 0;
};

// The first byte that differs from the golden model's.
struct Difference {
  std::string tensor;
  std::string layer;
  int input = 0;                // which input of the run
  std::vector<int> coordinate;  // in the tensor's shape
  int golden = 0, device = 0;
  std::optional<WrongWrite> write;  // where the backend has time
};

// What a backend with time showed of one input's run.
struct RunTrace {
  driver::RunStatistics statistics;
  std::vector<driver::JobTrace> jobs;
  std::vector<uint64_t> regions;  // of the program: where each lies in the device's memory
};

struct Report {
  std::string model, layer, config, backend;
  std::string input_source;  // where the inputs came from, for people
  uint64_t inputs = 0;
  int batch = 1;  // images in an input
  uint64_t bytes_compared = 0;
  uint64_t mismatches = 0;
  bool pass = false;             // bytes were compared and none differs
  uint64_t cycles = 0;           // of all inputs
  uint64_t floor_cycles = 0;     // of one input
  uint64_t macs = 0;             // of one input
  uint64_t host_macs = 0;        // of these, the host's
  uint64_t dram_read_bytes = 0;  // of all inputs, measured on the bus where there is one
  uint64_t dram_write_bytes = 0;
  uint64_t act_peak_words = 0;      // most words of act memory that the plan has in use at a time
  uint64_t act_words = 0;           // of those there are
  uint64_t dram_bytes = 0;          // the program's regions
  uint64_t process_peak_bytes = 0;  // this process's memory at its largest so far; 0: not known
  std::array<uint64_t, regs::kNumCounters> counters{};  // of all inputs; regs::Counter
  double host_seconds = 0;     // device runs only, without compilation and golden model
  double host_op_seconds = 0;  // of these, in operators that the host ran
  std::vector<LayerReport> layers;
  std::optional<Difference> difference;
  std::map<int, NetworkOutput> outputs;  // the device's, by input; not in the file
  std::optional<RunTrace> trace;         // of the first input, where asked for; not in the file
  std::vector<ExpectedReport> expected;  // where there was a file to hold them against
  std::string repeat;                    // the command that repeats the run
  std::string waves;                     // the command that shows the first wrong write

  // Equal to the golden model's, and to what was expected but for the tolerance.
  bool ok() const;
  double cycles_per_input() const;
  // floor_cycles / cycles_per_input: 1 is the roofline; 0 without time.
  double utilisation() const;
  double cycles_per_second() const;
};

// The report as build/reports holds it.
std::string to_json(const Report& report);
// As the report has it, below first_difference.write.
WrongWrite wrong_write_from_json(const nlohmann::json& json);
// DIR/MODEL-LAYER-CONFIG-BACKEND.json
std::filesystem::path report_path(const Report& report, const std::filesystem::path& directory);
// To report_path, through a temporary file.
std::filesystem::path write_json(const Report& report, const std::filesystem::path& directory);
// The table, the totals, and PASS or FAIL with the first difference.
std::string to_text(const Report& report);

}  // namespace weft::runtime
