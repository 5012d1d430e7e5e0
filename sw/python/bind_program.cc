// weft.Program, compile and load.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>

#include "base/error.h"
#include "compiler/compile.h"
#include "driver/session.h"
#include "model/batch.h"
#include "model/tflite.h"
#include "python/arguments.h"
#include "python/bind.h"
#include "python/buffer.h"
#include "python/progress.h"
#include "python/tensors.h"

namespace weft::python {
namespace {

using Bandwidth = std::pair<uint32_t, uint32_t>;

std::filesystem::path path_of(const py::object& source, const char* what) {
  try {
    return py::cast<std::filesystem::path>(source);
  } catch (const py::cast_error&) {
    fail(ErrorKind::kInvalidArgument, "{} is given by a path or by its bytes, not by {}", what,
         describe(source));
  }
}

SharedProgram share(program::Program program) {
  return {std::make_shared<const program::Program>(std::move(program))};
}

SharedProgram compile(const py::object& model, const py::object& config, const py::object& images,
                      bool keep_spills, const py::object& first_beat, const py::object& beats,
                      const py::object& progress) {
  const isa::HardwareConfig& hardware = isa::find_config(text(config, "config"));
  const auto batch = static_cast<int>(
      whole_number(images, "batch", 1, static_cast<uint64_t>(std::numeric_limits<int>::max())));
  const auto latency = whole_number<uint32_t>(first_beat, "latency");
  const Bandwidth bandwidth = bandwidth_of(beats);
  if (bandwidth.first == 0 || bandwidth.second == 0 || bandwidth.first > bandwidth.second) {
    fail(ErrorKind::kInvalidArgument,
         "a bandwidth of {} beats in {} cycles; (1, 1) is the most there is, (1, 2) half of it",
         bandwidth.first, bandwidth.second);
  }
  Listener listener(progress);
  const auto from_graph = [&](const model::Graph& graph) {
    return share(compiler::compile(
        batch == 1 ? graph : model::batched(graph, batch), hardware,
        keep_spills ? compiler::Scratch::kKept : compiler::Scratch::kReused,
        {latency, bandwidth.first, bandwidth.second},
        [&](const std::string& layer, double fraction) { listener.tell(layer, fraction); }));
  };
  if (has_buffer(model)) {
    const Buffer view(model);
    const py::gil_scoped_release unlocked;
    return from_graph(model::import_tflite(view.bytes(), "model"));
  }
  const std::filesystem::path path = path_of(model, "a model");
  const py::gil_scoped_release unlocked;
  return from_graph(model::import_tflite(path));
}

SharedProgram from_bytes(std::span<const uint8_t> bytes) {
  program::Program program = program::deserialize(bytes, "program");
  program::verify(program, isa::find_config(program.config));
  return share(std::move(program));
}

SharedProgram load(const py::object& source) {
  if (has_buffer(source)) {
    const Buffer view(source);
    const py::gil_scoped_release unlocked;
    return from_bytes(view.bytes());
  }
  const std::filesystem::path path = path_of(source, "a program");
  const py::gil_scoped_release unlocked;
  return share(program::load(path));
}

py::bytes to_bytes(const SharedProgram& self) {
  const std::vector<uint8_t> bytes = program::serialize(*self.program);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<program::Tensor> tensors_of(const program::Program& program, program::TensorRole role) {
  std::vector<program::Tensor> found;
  for (const program::Tensor& t : program.tensors) {
    if (t.role == role) found.push_back(t);
  }
  return found;
}

void bind_parts(py::module_& m) {
  using program::Layer, program::Tensor;
  py::class_<Tensor>(m, "Tensor")
      .def_readonly("name", &Tensor::name)
      .def_property_readonly("shape", [](const Tensor& t) { return shape_of(t.shape); })
      .def_property_readonly("dtype", [](const Tensor& t) { return dtype_of(t.type); })
      .def_readonly("scale", &Tensor::scale)
      .def_readonly("zero_point", &Tensor::zero_point)
      .def("__repr__", [](const Tensor& t) {
        return fmt::format("<weft.Tensor '{}' {} {}, scale {}, zero point {}>", t.name,
                           py::cast<std::string>(py::str(dtype_of(t.type))),
                           fmt::join(t.shape, "x"), t.scale, t.zero_point);
      });
  py::class_<Layer>(m, "Layer")
      .def_readonly("name", &Layer::name)
      .def_readonly("kind", &Layer::kind)
      .def_readonly("output", &Layer::output)
      .def_property_readonly("shape", [](const Layer& l) { return shape_of(l.shape); })
      .def_readonly("macs", &Layer::macs)
      .def_property_readonly("floor_cycles", &Layer::floor)
      .def_property_readonly(
          "host",
          [](const Layer& l) { return l.host.empty() ? py::object(py::none()) : py::str(l.host); })
      .def("__repr__", [](const Layer& l) {
        return fmt::format("<weft.Layer {} ({}) {} on the {}>", l.name, l.kind,
                           fmt::join(l.shape, "x"), l.where());
      });
}

}  // namespace

std::shared_ptr<const program::Program> program_of(const py::object& given) {
  if (!py::isinstance<SharedProgram>(given)) {
    fail(ErrorKind::kInvalidArgument,
         "a device loads a weft.Program, of weft.compile or weft.load; given was {}",
         describe(given));
  }
  return py::cast<SharedProgram>(given).program;
}

void bind_program(py::module_& m) {
  bind_parts(m);
  py::class_<SharedProgram>(m, "Program")
      .def_property_readonly("model", [](const SharedProgram& p) { return p->model; })
      .def_property_readonly("config", [](const SharedProgram& p) { return p->config; })
      .def_property_readonly("inputs",
                             [](const SharedProgram& p) {
                               return tensors_of(*p.program, program::TensorRole::kInput);
                             })
      .def_property_readonly("outputs",
                             [](const SharedProgram& p) {
                               return tensors_of(*p.program, program::TensorRole::kOutput);
                             })
      .def_property_readonly("layers", [](const SharedProgram& p) { return p->layers; })
      .def_property_readonly("macs", [](const SharedProgram& p) { return p->macs(); })
      .def_property_readonly("floor_cycles",
                             [](const SharedProgram& p) { return p->floor_cycles(); })
      .def_property_readonly(
          "memory_bytes",
          [](const SharedProgram& p) { return driver::Session::memory_needed(*p.program); })
      .def(
          "save",
          [](const SharedProgram& p, const py::object& path) {
            program::save(*p.program, path_of(path, "the file of a program"));
          },
          py::arg("path"))
      .def("to_bytes", &to_bytes)
      .def(py::pickle(
          &to_bytes,
          [](const py::bytes& bytes) {
            const std::string_view view = bytes;
            return from_bytes({reinterpret_cast<const uint8_t*>(view.data()), view.size()});
          }))
      .def("__repr__", [](const SharedProgram& p) {
        return fmt::format("<weft.Program {} for {}, {} layers>", p->model, p->config,
                           p->layers.size());
      });
  m.def("compile", &compile, py::arg("model"), py::kw_only(), py::arg("config") = "base",
        py::arg("batch") = 1, py::arg("keep_spills") = false, py::arg("latency") = 100,
        py::arg("bandwidth") = Bandwidth{1, 1}, py::arg("progress") = py::none());
  m.def("load", &load, py::arg("program"));
}

}  // namespace weft::python
