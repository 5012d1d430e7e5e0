// Telling Python how far work is, and hearing from it whether to go on.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <string>
#include <vector>

#include <weft/device.hpp>
#include "program/program.h"

namespace weft::python {

namespace py = pybind11;

// Often enough for who presses Ctrl-C, seldom enough for other threads of the interpreter.
constexpr std::chrono::milliseconds kBreath{50};

// Work that goes on without the interpreter's lock. tell() and breathe() take it, and throw what the
// callback threw, or what a signal made of it (KeyboardInterrupt).
class Listener {
 public:
  // `callback`: None, or called with a name and a fraction. Error(invalid_argument) where it cannot be called.
  explicit Listener(const py::object& callback);

  void tell(const std::string& name, double fraction);
  // Looks for signals, now and then.
  void breathe();

 private:
  using Clock = std::chrono::steady_clock;

  const py::object& callback_;
  const bool listens_;
  Clock::time_point next_;
};

// How far a run is: a layer has ended when all its descriptors have, or the host has run it.
class RunProgress {
 public:
  RunProgress(const program::Program& program, Listener& listener);

  // What happened; nothing is told yet.
  void job_begins();
  void descriptors_end(const std::vector<driver::TraceEvent>& events);
  void host_ends(const program::HostOp& op);
  void run_ends();

  // Tells of all layers that have ended since.
  void tell();

 private:
  void end_step();
  void count(uint32_t layer, uint32_t descriptors);
  uint32_t layer_of(uint32_t descriptor) const;

  const program::Program& program_;
  Listener& listener_;
  std::vector<uint32_t> open_;  // descriptors of a layer that have not ended; the host's has one
  std::vector<uint32_t> ended_;
  size_t told_ = 0;  // of those
  std::vector<const program::Step*> jobs_;
  size_t begun_ = 0;        // jobs
  std::vector<bool> done_;  // descriptors
};

}  // namespace weft::python
