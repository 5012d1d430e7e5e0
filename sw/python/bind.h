// The parts of the module.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>

#include "driver/infer_queue.h"
#include "program/program.h"
#include "python/machine.h"

namespace weft::python {

namespace py = pybind11;

void bind_program(py::module_& m);
void bind_device(py::module_& m);
void bind_session(py::module_& m);
void bind_queue(py::module_& m);

// Program in Python.
struct SharedProgram {
  std::shared_ptr<const program::Program> program;
  const program::Program* operator->() const { return program.get(); }
};

// The program of a weft.Program; Error(invalid_argument) where it is none.
std::shared_ptr<const program::Program> program_of(const py::object& given);

// Device in Python.
struct DeviceHandle {
  std::shared_ptr<Machine> machine;
  std::string backend, config;
};

// The machine of a weft.Device; Error(invalid_argument) where it is none.
std::shared_ptr<Machine> machine_of(const py::object& given);

// InferEvent in Python.
struct EventView {
  driver::InferEvent event;
  std::string layer;  // empty: of none
};

// Session in Python: `number` of the machine's sessions, as long as that one is open.
class SessionHandle {
 public:
  SessionHandle(std::shared_ptr<Machine> on, uint64_t number_of)
      : machine(std::move(on)), number(number_of) {}
  ~SessionHandle();
  SessionHandle(const SessionHandle&) = delete;
  SessionHandle& operator=(const SessionHandle&) = delete;

  bool open() const;
  // Error(invalid_argument) where it is not; under a lease.
  driver::Session& session() const;
  void close();

  const std::shared_ptr<Machine> machine;
  const uint64_t number;
  uint64_t timeout_cycles = driver::Session::kTimeoutCycles;
};

// By their names.
py::dict counters_of(const driver::Counters& counters);

// Where the cycles of the last run went, as dicts and lists. Error(invalid_argument) where it was not
// recorded, Error(unsupported) on a backend without time.
py::dict profile(const driver::Session& session, const program::Program& program);

}  // namespace weft::python
