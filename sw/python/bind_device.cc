// weft.Device: a simulated device, and what there is of them.
#include <pybind11/stl.h>

#include <fmt/format.h>

#include <tuple>

#include "base/error.h"
#include "python/arguments.h"
#include "python/bind.h"
#include "python/queue.h"
#include "python/tensors.h"
#include "runtime/devices.h"
#include "runtime/host_ops.h"
#include "weft_gen/configs.h"

namespace weft::python {
namespace {

DeviceHandle open(const py::object& backend_name, const py::object& config_name,
                  const py::object& memory_bytes, const py::object& latency,
                  const py::object& bandwidth, const py::object& stall, const py::object& seed) {
  const std::string backend = text(backend_name, "backend"), config = text(config_name, "config");
  runtime::DeviceOptions options;
  options.memory_bytes = whole_number<uint64_t>(memory_bytes, "memory_bytes");
  options.latency_cycles = whole_number<uint32_t>(latency, "latency");
  std::tie(options.bandwidth_num, options.bandwidth_den) = bandwidth_of(bandwidth);
  options.stall_probability = real_number(stall, "stall");
  options.seed = whole_number<uint64_t>(seed, "seed");
  const py::gil_scoped_release unlocked;
  isa::find_config(config);
  try {
    return {std::make_shared<Machine>(runtime::make_device(backend, config, options)), backend,
            config};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    if (backend == "systemc" || backend == "systemc_lt") {
      fail(ErrorKind::kNotFound,
           "{}; installed packages do not have them, the build tree's (PYTHONPATH=build/python) "
           "does",
           error.what());
    }
    if (backend != "rtl") throw;
    fail(ErrorKind::kNotFound,
         "{}; into an installed package WEFT_PYTHON_CONFIGS='base;{}' pip install . brings it",
         error.what(), config);
  }
}

std::unique_ptr<SessionHandle> load(const DeviceHandle& self, const py::object& given,
                                    bool record) {
  const auto program = program_of(given);
  Machine& machine = *self.machine;
  const Lease lease(machine);
  refuse_loaded(machine);
  ++machine.sessions;
  machine.session = std::make_unique<driver::Session>(
      *machine.device, *program,
      [&machine](const program::HostOp& op, const std::vector<std::vector<int8_t>>& inputs) {
        if (machine.progress != nullptr) machine.progress->tell();
        std::vector<int8_t> result = runtime::run_host_op(op, inputs);
        if (machine.progress != nullptr) machine.progress->host_ends(op);
        return result;
      });
  machine.session->record_jobs(record);
  machine.program = program;
  return std::make_unique<SessionHandle>(self.machine, machine.sessions);
}

void close(const DeviceHandle& self) {
  if (!self.machine->device) return;
  if (const auto queue = self.machine->queue.lock()) {
    const py::gil_scoped_release unlocked;
    queue->close();
  }
  const Lease lease(*self.machine);
  self.machine->session.reset();
  self.machine->program.reset();
  self.machine->device.reset();
}

std::vector<std::string> config_names() {
  std::vector<std::string> names;
  for (const isa::HardwareConfig& config : isa::kConfigs) names.emplace_back(config.name);
  return names;
}

}  // namespace

std::shared_ptr<Machine> machine_of(const py::object& given) {
  if (!py::isinstance<DeviceHandle>(given)) {
    fail(ErrorKind::kInvalidArgument, "a weft.Device is needed to run on; given was {}",
         describe(given));
  }
  return py::cast<DeviceHandle>(given).machine;
}

void bind_device(py::module_& m) {
  py::class_<DeviceHandle>(m, "Device")
      .def(py::init(&open), py::arg("backend") = "rtl", py::arg("config") = "base", py::kw_only(),
           py::arg("memory_bytes") = uint64_t{64} << 20, py::arg("latency") = 100,
           py::arg("bandwidth") = std::pair<uint32_t, uint32_t>{1, 1}, py::arg("stall") = 0.0,
           py::arg("seed") = 1)
      .def_readonly("backend", &DeviceHandle::backend)
      .def_readonly("config", &DeviceHandle::config)
      .def_property_readonly("closed", [](const DeviceHandle& d) { return !d.machine->device; })
      .def_property_readonly("cycle",
                             [](const DeviceHandle& d) {
                               const Lease lease(*d.machine);
                               return d.machine->device->cycle();
                             })
      .def("load", &load, py::arg("program"), py::kw_only(), py::arg("record") = false)
      .def("close", &close)
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](const DeviceHandle& self, const py::args&) { close(self); })
      .def("__repr__", [](const DeviceHandle& d) {
        return fmt::format("<weft.Device {} {}{}>", d.backend, d.config,
                           d.machine->device ? "" : ", closed");
      });
  m.def("backends", &runtime::backend_names);
  m.def("configs", &config_names);
}

}  // namespace weft::python
