#include "python/inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "python/tensors.h"

namespace weft::python {
namespace {

std::string names_of(const std::vector<const program::Tensor*>& tensors) {
  std::vector<std::string> names;
  for (const program::Tensor* t : tensors) names.push_back(t->name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<py::object> by_name(const py::dict& given,
                                const std::vector<const program::Tensor*>& wanted) {
  std::vector<py::object> arrays;
  for (const program::Tensor* t : wanted) {
    if (!given.contains(t->name)) {
      fail(ErrorKind::kInvalidArgument, "input '{}' is missing; the program takes {}", t->name,
           names_of(wanted));
    }
    arrays.push_back(as_input(given[t->name.c_str()], *t));
  }
  for (const auto& [key, value] : given) {
    const std::string name = py::cast<std::string>(py::str(key));
    const auto of_name = [&](const program::Tensor* t) { return t->name == name; };
    if (std::none_of(wanted.begin(), wanted.end(), of_name)) {
      fail(ErrorKind::kInvalidArgument, "the program has no input '{}'; it takes {}", name,
           names_of(wanted));
    }
  }
  return arrays;
}

}  // namespace

std::vector<const program::Tensor*> tensors_of(const program::Program& program,
                                               program::TensorRole role) {
  std::vector<const program::Tensor*> found;
  for (const program::Tensor& t : program.tensors) {
    if (t.role == role) found.push_back(&t);
  }
  return found;
}

std::vector<py::object> arrays_of(const py::object& given, const program::Program& program) {
  const auto inputs = tensors_of(program, program::TensorRole::kInput);
  if (py::isinstance<py::dict>(given)) return by_name(given, inputs);
  const auto outputs = tensors_of(program, program::TensorRole::kOutput);
  if (inputs.size() != 1 || outputs.size() != 1) {
    fail(ErrorKind::kInvalidArgument,
         "the program has inputs {} and outputs {}: it takes a dict of arrays by name, not {}",
         names_of(inputs), names_of(outputs), describe(given));
  }
  return {as_input(given, *inputs[0])};
}

}  // namespace weft::python
