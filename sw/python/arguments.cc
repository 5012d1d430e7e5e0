#include "python/arguments.h"

#include <vector>

#include "base/error.h"

namespace weft::python {
namespace {

std::string shown(const py::handle& given) { return py::cast<std::string>(py::repr(given)); }

py::object index_of(const py::handle& given) {
  if (PyIndex_Check(given.ptr()) == 0) return {};
  auto number = py::reinterpret_steal<py::object>(PyNumber_Index(given.ptr()));
  if (!number) throw py::error_already_set();
  return number;
}

// Nothing: it is none of these.
std::optional<uint64_t> number_in(const py::handle& given, uint64_t least, uint64_t most) {
  const py::object number = index_of(given);
  if (!number) return {};
  const uint64_t value = PyLong_AsUnsignedLongLong(number.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();  // negative, or of more bits
    return {};
  }
  return value >= least && value <= most ? std::optional(value) : std::nullopt;
}

}  // namespace

uint64_t whole_number(const py::handle& given, const char* name, uint64_t least, uint64_t most) {
  if (const auto number = number_in(given, least, most)) return *number;
  fail(ErrorKind::kInvalidArgument, "{} takes a whole number, {} to {}; given was {}", name, least,
       most, shown(given));
}

double real_number(const py::handle& given, const char* name) {
  const double value = PyFloat_AsDouble(given.ptr());
  if (PyErr_Occurred() == nullptr) return value;
  PyErr_Clear();
  fail(ErrorKind::kInvalidArgument, "{} takes a number; given was {}", name, shown(given));
}

std::string text(const py::handle& given, const char* name) {
  if (py::isinstance<py::str>(given)) return py::cast<std::string>(given);
  fail(ErrorKind::kInvalidArgument, "{} takes a name, a string; given was {}", name, shown(given));
}

std::pair<uint32_t, uint32_t> bandwidth_of(const py::handle& given) {
  std::vector<uint32_t> numbers;
  if (py::isinstance<py::sequence>(given)) {
    for (const py::handle part : given) {
      if (const auto number = number_in(part, 0, std::numeric_limits<uint32_t>::max())) {
        numbers.push_back(static_cast<uint32_t>(*number));
      }
    }
  }
  if (numbers.size() != 2 || py::len(given) != 2) {
    fail(ErrorKind::kInvalidArgument,
         "bandwidth takes a pair of whole numbers, beats and cycles, as (1, 2); given was {}",
         shown(given));
  }
  return {numbers[0], numbers[1]};
}

void check_callable(const py::handle& given, const char* name) {
  if (given.is_none() || PyCallable_Check(given.ptr()) != 0) return;
  fail(ErrorKind::kInvalidArgument, "{} takes a function, or None; given was {}", name,
       shown(given));
}

}  // namespace weft::python
