// Waiting for other threads, without the interpreter's lock, and so that Ctrl-C is heard.
#pragma once

#include <pybind11/pybind11.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "python/progress.h"

namespace weft::python {

// None: as long as it takes. Error(invalid_argument) names `timeout` where it is no time in seconds.
std::optional<std::chrono::nanoseconds> timeout_of(const py::handle& seconds);

// `wait_for(time)` waits at most so long and says whether what is waited for has come; so does this. What
// a signal's handler throws comes out.
template <class WaitFor>
bool wait_in_pieces(const WaitFor& wait_for, std::optional<std::chrono::nanoseconds> timeout) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  for (;;) {
    std::chrono::nanoseconds piece = kBreath;
    if (timeout) piece = std::clamp(*timeout - (Clock::now() - begin), decltype(piece){}, piece);
    {
      const py::gil_scoped_release unlocked;
      if (wait_for(piece)) return true;
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (timeout && Clock::now() - begin >= *timeout) return false;
  }
}

}  // namespace weft::python
