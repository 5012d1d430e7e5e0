// Plain arguments from Python, whose refusals name the argument, what it takes and what was given.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace weft::python {

namespace py = pybind11;

// All throw Error(invalid_argument). Integers of other libraries count as such, floats do not.
uint64_t whole_number(const py::handle& given, const char* name, uint64_t least, uint64_t most);
template <class T>
T whole_number(const py::handle& given, const char* name) {
  return static_cast<T>(whole_number(given, name, 0, std::numeric_limits<T>::max()));
}
double real_number(const py::handle& given, const char* name);
std::string text(const py::handle& given, const char* name);
std::pair<uint32_t, uint32_t> bandwidth_of(const py::handle& given);
// A function, or None.
void check_callable(const py::handle& given, const char* name);

}  // namespace weft::python
