// Which cycles of a run are written as waves, and what a failed run leaves on record for that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "program/program.h"
#include "runtime/report.h"
#include "weft/device.hpp"

namespace weft::runtime {

// Cycles as Device::cycle() counts them, both included.
struct WaveWindow {
  uint64_t first = 0;
  uint64_t last = ~uint64_t{0};
};

struct WaveRequest {
  std::filesystem::path file;  // .fst; the save file (.gtkw) and its tables of names go beside it
  WaveWindow window;
  bool pes = false;  // the inside of the array, too
};

// "all", or "a:b" with a <= b. Error(invalid_argument).
WaveWindow parse_window(const std::string& text);

// Cycles round a write of interest: enough before it to see the bytes computed.
WaveWindow window_round(uint64_t cycle);

// The failure a run recorded in the report at `path`, where `repeat` names that very run and the
// cycle of its first wrong write is known; nothing where there is none. Error(malformed_file).
std::optional<WrongWrite> recorded_failure(const std::filesystem::path& path,
                                           const std::string& repeat);

// A byte of a tensor that differs from the golden model's.
struct WrongByte {
  uint64_t address = 0;  // in the device's memory
  const program::Tensor* tensor = nullptr;
  size_t element = 0;
};

// Of the bytes as they stand (the last write counts), the one written first; `end` is the
// cycle in which the run ended. `bytes` is not empty.
WrongWrite first_wrong_write(const std::vector<WrongByte>& bytes,
                             const std::vector<driver::MemoryWrite>& writes, uint64_t end);

// Of an element in row-major order.
std::vector<int> coordinate_of(size_t element, const std::vector<int>& shape);

// Makes the directory of a wave file, removes what an earlier run left under its name, and sees
// that it can be written. Error(invalid_argument) unless it ends with .fst; Error(io).
void prepare_wave_file(const std::filesystem::path& file);

}  // namespace weft::runtime
