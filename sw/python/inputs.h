// What a run takes: arrays by the names of the inputs, or the only input's alone.
#pragma once

#include <pybind11/pybind11.h>

#include <vector>

#include "program/program.h"

namespace weft::python {

namespace py = pybind11;

std::vector<const program::Tensor*> tensors_of(const program::Program& program,
                                               program::TensorRole role);

// The arrays in the program's order, as as_input() gives them. An array alone is taken where the program
// has one input and one output. Error(invalid_argument) names the input that is missing, one too
// many, or wrong.
std::vector<py::object> arrays_of(const py::object& given, const program::Program& program);

}  // namespace weft::python
