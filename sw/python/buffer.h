// The bytes of a Python object, by the buffer protocol.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <span>

namespace weft::python {

namespace py = pybind11;

// Contiguous, and kept where they are for as long as this lives. Made and destroyed with the
// interpreter's lock; the bytes may be used without.
class Buffer {
 public:
  enum class Access { kRead, kWrite };

  // BufferError where the object has no such bytes.
  explicit Buffer(const py::handle& object, Access access = Access::kRead) {
    const int flags =
        access == Access::kWrite ? PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE : PyBUF_C_CONTIGUOUS;
    if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) throw py::error_already_set();
  }
  ~Buffer() { PyBuffer_Release(&view_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::span<uint8_t> bytes() const {
    return {static_cast<uint8_t*>(view_.buf), static_cast<size_t>(view_.len)};
  }
  std::span<int8_t> elements() const {
    return {static_cast<int8_t*>(view_.buf), static_cast<size_t>(view_.len)};
  }

 private:
  Py_buffer view_{};
};

inline bool has_buffer(const py::handle& object) { return PyObject_CheckBuffer(object.ptr()) != 0; }

}  // namespace weft::python
