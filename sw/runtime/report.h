// What a verification run found: one JSON file, of which the tables are views.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weft_gen/registers.h"

namespace weft::runtime {

// One layer, summed over all inputs. Cycles are 0 where the backend has no time.
struct LayerReport {
  std::string name;
  std::vector<int> shape;           // of its output
  uint64_t cycles = 0;
  uint64_t floor_cycles = 0;        // of one input
  uint64_t macs = 0;                // of one input
  uint64_t dram_read_bytes = 0;     // of one input: what its descriptors move
  uint64_t dram_write_bytes = 0;
  uint64_t bytes_compared = 0;      // 0: its output stays on chip
  uint64_t mismatches = 0;
};

// The first byte that differs from the golden model's.
struct Difference {
  std::string tensor;
  std::string layer;
  int input = 0;                    // which input of the run
  std::vector<int> coordinate;      // in the tensor's shape
  int golden = 0, device = 0;
};

struct Report {
  std::string model, layer, config, backend;
  std::string input_source;         // where the inputs came from, for people
  uint64_t inputs = 0;
  uint64_t bytes_compared = 0;
  uint64_t mismatches = 0;
  bool pass = false;                // bytes were compared and none differs
  uint64_t cycles = 0;              // of all inputs
  uint64_t floor_cycles = 0;        // of one input
  uint64_t macs = 0;                // of one input
  uint64_t dram_read_bytes = 0;     // of all inputs, measured on the bus where there is one
  uint64_t dram_write_bytes = 0;
  std::array<uint64_t, regs::kNumCounters> counters{};  // of all inputs; regs::Counter
  double host_seconds = 0;          // device runs only, without compilation and golden model
  std::vector<LayerReport> layers;
  std::optional<Difference> difference;
  std::string repeat;               // the command that repeats the run

  double cycles_per_input() const;
  // floor_cycles / cycles_per_input: 1 is the roofline; 0 without time.
  double utilisation() const;
  double cycles_per_second() const;
};

// The report as build/reports holds it.
std::string to_json(const Report& report);
// DIR/MODEL-LAYER-CONFIG-BACKEND.json, written through a temporary file.
std::filesystem::path write_json(const Report& report, const std::filesystem::path& directory);
// The table, the totals, and PASS or FAIL with the first difference.
std::string to_text(const Report& report);

}  // namespace weft::runtime
