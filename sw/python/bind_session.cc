// weft.Session: a program on a device.
#include <pybind11/stl.h>

#include <deque>

#include "base/error.h"
#include "python/arguments.h"
#include "python/bind.h"
#include "python/buffer.h"
#include "python/inputs.h"
#include "python/progress.h"
#include "python/tensors.h"

namespace weft::python {
namespace {

// Runs without the interpreter's lock; what stops the run comes out as it was thrown.
void run_unlocked(Machine& machine, const std::vector<py::object>& arrays, Listener& listener) {
  std::deque<Buffer> buffers;
  std::vector<std::span<const int8_t>> inputs;
  for (const py::object& array : arrays) inputs.push_back(buffers.emplace_back(array).elements());
  const py::gil_scoped_release unlocked;
  RunProgress progress(*machine.program, listener);
  machine.progress = &progress;
  machine.device->watch(&progress);
  const auto unwatch = [&] {
    machine.progress = nullptr;
    machine.device->watch(nullptr);
  };
  try {
    machine.session->run(inputs);
    progress.run_ends();
    progress.tell();
  } catch (...) {
    const std::exception_ptr stop = machine.device->take_stop();
    unwatch();
    if (stop) std::rethrow_exception(stop);
    throw;
  }
  unwatch();
}

py::object read(const driver::Session& session, const program::Tensor& tensor) {
  py::object array = make_output(tensor);
  session.read_tensor(tensor.name, Buffer(array, Buffer::Access::kWrite).elements());
  return array;
}

py::object run(const SessionHandle& self, const py::object& given, const py::object& progress) {
  const Lease lease(*self.machine);
  const driver::Session& session = self.session();
  const program::Program& program = *self.machine->program;
  const auto outputs = tensors_of(program, program::TensorRole::kOutput);
  Listener listener(progress);
  run_unlocked(*self.machine, arrays_of(given, program), listener);
  const bool named = py::isinstance<py::dict>(given);
  if (!named) return read(session, *outputs[0]);
  py::dict results;
  for (const program::Tensor* t : outputs) results[t->name.c_str()] = read(session, *t);
  return results;
}

py::object read_by_name(const SessionHandle& self, const py::object& tensor) {
  const std::string name = text(tensor, "tensor");
  const Lease lease(*self.machine);
  const driver::Session& session = self.session();
  for (const program::Tensor& t : self.machine->program->tensors) {
    if (t.name == name) return read(session, t);
  }
  session.read_tensor(name);  // says which there are
  return py::none();
}

py::dict summary(const driver::RunStatistics& statistics) {
  py::dict out;
  out["cycles"] = statistics.cycles;
  out["dram_read_bytes"] = statistics.dram_read_bytes;
  out["dram_write_bytes"] = statistics.dram_write_bytes;
  out["host_seconds"] = statistics.host_seconds;
  return out;
}

// A property that looks at the session under a lease.
template <class Look>
auto looking(Look look) {
  return [look](const SessionHandle& self) {
    const Lease lease(*self.machine);
    return look(self.session(), *self.machine);
  };
}

}  // namespace

py::dict counters_of(const driver::Counters& counters) {
  py::dict out;
  for (size_t c = 0; c < counters.size(); ++c) {
    const std::string_view name = regs::kCounters[c].name;
    out[py::str(name.data(), name.size())] = counters[c];
  }
  return out;
}

SessionHandle::~SessionHandle() {
  try {
    close();
  } catch (const Error&) {
    // The device is at work, so for another session: this one is closed.
  }
}

bool SessionHandle::open() const { return machine->sessions == number && machine->session; }

driver::Session& SessionHandle::session() const {
  if (!open()) {
    fail(ErrorKind::kInvalidArgument,
         "the session was closed; load the program on the device again");
  }
  return *machine->session;
}

void SessionHandle::close() {
  if (!open()) return;
  const Lease lease(*machine);
  machine->session.reset();
  machine->program.reset();
}

void bind_session(py::module_& m) {
  using driver::Session;
  py::class_<SessionHandle>(m, "Session")
      .def("run", &run, py::arg("inputs"), py::kw_only(), py::arg("progress") = py::none())
      .def("read", &read_by_name, py::arg("tensor"))
      .def_property_readonly("counters", looking([](const Session& session, const Machine&) {
                               return counters_of(session.statistics().counters);
                             }))
      .def_property_readonly("statistics", looking([](const Session& session, const Machine&) {
                               return summary(session.statistics());
                             }))
      .def_property_readonly("layer_cycles", looking([](const Session& session, const Machine&) {
                               return session.statistics().layer_cycles;
                             }))
      .def("profile", looking([](const Session& session, const Machine& machine) {
             return profile(session, *machine.program);
           }))
      .def_property(
          "timeout_cycles", [](const SessionHandle& self) { return self.timeout_cycles; },
          [](SessionHandle& self, const py::object& given) {
            const auto cycles = whole_number<uint64_t>(given, "timeout_cycles");
            const Lease lease(*self.machine);
            self.session().set_timeout(cycles);
            self.timeout_cycles = cycles;
          })
      .def_property_readonly("program", looking([](const Session&, const Machine& machine) {
                               return SharedProgram{machine.program};
                             }))
      .def_property_readonly("closed", [](const SessionHandle& self) { return !self.open(); })
      .def("close", &SessionHandle::close)
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](SessionHandle& self, const py::args&) { self.close(); });
}

}  // namespace weft::python
