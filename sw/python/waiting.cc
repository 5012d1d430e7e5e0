#include "python/waiting.h"

#include <cmath>

#include "base/error.h"
#include "python/arguments.h"

namespace weft::python {

std::optional<std::chrono::nanoseconds> timeout_of(const py::handle& seconds) {
  if (seconds.is_none()) return {};
  const double given = real_number(seconds, "timeout");
  if (std::isnan(given) || given < 0) {
    fail(ErrorKind::kInvalidArgument, "timeout takes seconds, 0 or more, or None; given was {}",
         given);
  }
  constexpr double kForever = 1e9;  // seconds: that many nanoseconds are counted
  if (given >= kForever) return {};
  return std::chrono::nanoseconds(static_cast<int64_t>(given * 1e9));
}

}  // namespace weft::python
