// Tensors of programs as NumPy arrays. NumPy is used as Python does, by its names: so any version of
// it goes with any of pybind11's.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "program/program.h"

namespace weft::python {

namespace py = pybind11;

py::object dtype_of(program::ElementType type);
py::tuple shape_of(const std::vector<int>& shape);

// "a list", "an array of float32 and shape 1x28x28x1": for messages.
std::string describe(const py::handle& value);

// The array that holds `value` as the tensor has it: `value` itself, or, where only its layout
// differs, a contiguous copy. Error(invalid_argument) names the tensor, what it takes and what was
// given: nothing is converted.
py::object as_input(const py::handle& value, const program::Tensor& tensor);

// A fresh array of the tensor's type and shape.
py::object make_output(const program::Tensor& tensor);

}  // namespace weft::python
