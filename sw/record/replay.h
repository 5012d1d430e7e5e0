// A log's traffic with another device: the same accesses in the same order, and what is read compared.
#pragma once

#include <optional>
#include <string>

#include "record/describe.h"

namespace weft::record {

// The first access that did not end as it was recorded.
struct Divergence {
  uint64_t event = 0;  // its number in the log, from 0
  std::string text;    // what was expected, what came, of which job
};

struct ReplayResult {
  uint64_t events = 0, jobs = 0;
  // Held against the log; `of_time`: reads of registers that say nothing but when.
  uint64_t registers = 0, of_time = 0, bytes = 0, waits = 0;
  uint64_t cycles =
      0;  // of the device, all of them held against the log's where the time is the same
  bool broken_off = false;  // the log has no end; up to there it was replayed
  std::optional<Divergence> divergence;
};

// Replays a log on `device`, which must have just been made, with a memory as large as the recorded
// one's. The whole log is checked before the device sees any of it. `same_time`: as the function of
// this name says; every value and cycle must
// come again; else what depends on time alone is left out (docs/record.md).
// Error(mismatch) where the device is of another configuration or has other memory; Error as of LogReader's.
ReplayResult replay(const std::filesystem::path& path, driver::Device& device, bool same_time);

// Whether a device of that backend and options takes the same cycles as the recorded one.
bool same_time(const Header& header, const std::string& backend,
               const driver::DeviceOptions& options);

}  // namespace weft::record
