// What networks take, in cycles of the machine and in time and memory of its simulation: one table,
// and one file that can be held against an earlier one's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "runtime/machine.h"
#include "runtime/suite.h"

namespace weft::runtime {

// What the simulators were made by.
struct BuildTools {
  std::string compiler, flags, verilator;
  bool benchmark = false;  // the build for measurements: no assertions
};

struct Bench {
  Suite suite;  // on one device, one input after the other
  std::map<std::string, uint64_t>
      bars;  // network -> cycles that are thought good, where one said so
  BuildTools tools;
  Machine machine;
  std::string revision;  // of the sources
};

// One line a network, PASS or FAIL.
std::string to_text(const Bench& bench);
std::string to_json(const Bench& bench);

// Two files that to_json() made as ratios, second to first, one line a network that either has; in
// words what else differs. Error(malformed_file) for what is no such file, Error(mismatch) where no
// network was run in both.
std::string compare_benches(const std::filesystem::path& first,
                            const std::filesystem::path& second);

}  // namespace weft::runtime
