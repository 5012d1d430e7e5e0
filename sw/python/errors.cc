#include "python/errors.h"

#include <pybind11/pybind11.h>

#include "base/error.h"

namespace weft::python {

namespace py = pybind11;

void translate_errors() {
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Error& error) {
      try {
        const py::object type = py::module_::import("weft._error").attr("Error");
        const py::object value = type(error.what(), to_string(error.kind()));
        PyErr_SetObject(type.ptr(), value.ptr());
      } catch (py::error_already_set& other) {
        other.restore();
      }
    }
  });
}

}  // namespace weft::python
