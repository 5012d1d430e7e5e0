// The save file for GTKWave that goes with a wave file, and the tables of names it reads.
#pragma once

#include <filesystem>
#include <optional>

#include "program/program.h"
#include "runtime/waves.h"

namespace weft::runtime {

struct WaveSave {
  std::filesystem::path waves;  // the .fst; X.gtkw, X.desc.txt ... go beside it
  const program::Program& program;
  WaveWindow window;  // the cycles in the file
  bool pes = false;
  std::optional<WrongWrite> wrong;  // marked, where it lies in the window
};

// Error(io).
void write_wave_save(const WaveSave& save);

}  // namespace weft::runtime
