#include "python/tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "python/buffer.h"

namespace weft::python {
namespace {

py::object numpy(const char* name) { return py::module_::import("numpy").attr(name); }

std::string text_of(const py::handle& value) { return py::cast<std::string>(py::str(value)); }

bool is_array(const py::handle& value) { return py::isinstance(value, numpy("ndarray")); }

const char* name_of(program::ElementType type) {
  switch (type) {
    case program::ElementType::kInt8: return "int8";
    case program::ElementType::kUInt8: return "uint8";
    case program::ElementType::kInt32: return "int32";
    case program::ElementType::kFloat32: return "float32";
  }
  fail(ErrorKind::kInternal, "a tensor of type {} is not known", static_cast<int>(type));
}

}  // namespace

py::object dtype_of(program::ElementType type) { return numpy("dtype")(name_of(type)); }

py::tuple shape_of(const std::vector<int>& shape) {
  py::tuple out(shape.size());
  for (size_t d = 0; d < shape.size(); ++d) out[d] = shape[d];
  return out;
}

std::string describe(const py::handle& value) {
  if (value.is_none()) return "None";
  if (!is_array(value)) {
    return fmt::format("an object of type {}", text_of(py::type::of(value).attr("__name__")));
  }
  std::vector<std::string> shape;
  for (const py::handle extent : value.attr("shape")) shape.push_back(text_of(extent));
  return fmt::format("an array of {} and shape {}", text_of(value.attr("dtype")),
                     shape.empty() ? "()" : fmt::format("{}", fmt::join(shape, "x")));
}

py::object as_input(const py::handle& value, const program::Tensor& tensor) {
  py::object array = py::reinterpret_borrow<py::object>(value);
  if (!is_array(value) && has_buffer(value)) array = numpy("asarray")(value);
  const auto has = [&](const char* name, const py::object& wanted) {
    return py::object(array.attr(name)).equal(wanted);
  };
  if (!is_array(array) || !has("dtype", dtype_of(tensor.type)) ||
      !has("shape", shape_of(tensor.shape))) {
    fail(ErrorKind::kInvalidArgument, "input '{}' takes an array of {} and shape {}; given was {}",
         tensor.name, name_of(tensor.type), fmt::join(tensor.shape, "x"), describe(array));
  }
  return numpy("ascontiguousarray")(array);  // the array itself, if it is
}

py::object make_output(const program::Tensor& tensor) {
  return numpy("empty")(shape_of(tensor.shape), dtype_of(tensor.type));
}

}  // namespace weft::python
