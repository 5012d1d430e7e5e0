// The machine that simulations run on, and what this process takes of it.
#pragma once

#include <cstdint>
#include <string>

namespace weft::runtime {

struct Machine {
  std::string cpu;     // its model's name
  unsigned cores = 0;  // that the system shows
  std::string system;  // kernel and architecture
  double load = 0;     // mean of the last minute: above 0, others were at work, too
};

// What is not known says so.
Machine this_machine();

// The largest resident set since reset_process_peak(), or since the start where the system does not
// let it be reset. 0: not known.
uint64_t process_peak_bytes();
void reset_process_peak();

}  // namespace weft::runtime
