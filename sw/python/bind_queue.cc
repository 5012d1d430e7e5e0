// weft.InferQueue, InferRequest and InferEvent: inferences asked for and waited for apart.
#include <pybind11/stl.h>

#include <fmt/format.h>

#include "base/error.h"
#include "python/arguments.h"
#include "python/bind.h"
#include "python/buffer.h"
#include "python/inputs.h"
#include "python/queue.h"
#include "python/tensors.h"
#include "python/waiting.h"

namespace weft::python {
namespace {

struct RequestHandle {
  driver::InferRequest request;
  std::shared_ptr<const program::Program> program;
  bool named;  // the inputs were, and so are the outputs

  bool wait(std::optional<std::chrono::nanoseconds> timeout) const {
    return wait_in_pieces([&](auto piece) { return request.wait_for(piece); }, timeout);
  }
  // Of one that has ended well.
  const driver::InferResult& cost() const {
    if (!driver::ended(request.state())) {
      fail(ErrorKind::kBusy, "inference {} has not ended; wait for it", request.id());
    }
    return request.result();
  }
};

std::unique_ptr<QueueHandle> open(const py::object& device, const py::object& given,
                                  const py::object& slots, const py::object& max_queued,
                                  const py::object& timeout_cycles, const py::object& on_event) {
  const std::shared_ptr<Machine> machine = machine_of(device);
  const std::shared_ptr<const program::Program> program = program_of(given);
  driver::InferOptions options;
  options.slots = whole_number<size_t>(slots, "slots");
  options.max_queued = whole_number<size_t>(max_queued, "max_queued");
  options.limit_cycles = whole_number<uint64_t>(timeout_cycles, "timeout_cycles");
  check_callable(on_event, "on_event");
  std::shared_ptr<EventListener> listener;
  if (!on_event.is_none()) {
    listener = std::make_shared<EventListener>(EventListener{on_event});
    options.on_event = [listener, program](const driver::InferEvent& event) {
      listener->tell(event, *program);
    };
  }
  const Lease lease(*machine);
  refuse_loaded(*machine);
  const auto queue = std::make_shared<OpenQueue>(machine, program, std::move(options));
  machine->queue = queue;
  return std::make_unique<QueueHandle>(queue, std::move(listener));
}

RequestHandle submit(const QueueHandle& self, const py::object& given,
                     const py::object& timeout_cycles) {
  std::optional<uint64_t> limit;
  if (!timeout_cycles.is_none()) limit = whole_number<uint64_t>(timeout_cycles, "timeout_cycles");
  const program::Program& program = *self.open->program;
  driver::Inputs inputs;
  for (const py::object& array : arrays_of(given, program)) {
    const Buffer buffer(array);
    inputs.emplace_back(buffer.elements().begin(), buffer.elements().end());
  }
  return {self.open->queue.submit(std::move(inputs), limit), self.open->program,
          py::isinstance<py::dict>(given)};
}

py::object result(const RequestHandle& self) {
  self.wait({});
  const driver::Inputs& outputs = self.request.result().outputs;
  const auto tensors = tensors_of(*self.program, program::TensorRole::kOutput);
  py::dict results;
  for (size_t t = 0; t < tensors.size(); ++t) {
    const py::object array = make_output(*tensors[t]);
    std::ranges::copy(outputs[t], Buffer(array, Buffer::Access::kWrite).elements().begin());
    if (!self.named) return array;
    results[tensors[t]->name.c_str()] = array;
  }
  return results;
}

std::string kind_of(const driver::InferEvent& event) {
  using Kind = driver::InferEvent::Kind;
  switch (event.kind) {
    case Kind::kQueued: return "queued";
    case Kind::kStarted: return "started";
    case Kind::kLayer: return "layer";
    case Kind::kEnded: break;
  }
  return "ended";
}

py::object state_of(const driver::InferEvent& event) {
  if (event.kind != driver::InferEvent::Kind::kEnded) return py::none();
  return py::str(driver::to_string(event.state));
}

void bind_event(py::module_& m) {
  py::class_<EventView>(m, "InferEvent")
      .def_property_readonly("kind", [](const EventView& e) { return kind_of(e.event); })
      .def_property_readonly("request", [](const EventView& e) { return e.event.request; })
      .def_property_readonly("layer",
                             [](const EventView& e) {
                               return e.layer.empty() ? py::object(py::none()) : py::str(e.layer);
                             })
      .def_property_readonly("state", [](const EventView& e) { return state_of(e.event); })
      .def("__repr__", [](const EventView& e) {
        const py::object state = state_of(e.event);
        return fmt::format("<weft.InferEvent {} of inference {}{}{}{}>", kind_of(e.event),
                           e.event.request, e.layer.empty() ? "" : ": ", e.layer,
                           state.is_none() ? "" : ": " + py::cast<std::string>(state));
      });
}

void bind_request(py::module_& m) {
  py::class_<RequestHandle>(m, "InferRequest")
      .def_property_readonly("id", [](const RequestHandle& r) { return r.request.id(); })
      .def_property_readonly(
          "state", [](const RequestHandle& r) { return driver::to_string(r.request.state()); })
      .def_property_readonly(
          "done", [](const RequestHandle& r) { return driver::ended(r.request.state()); })
      .def(
          "wait",
          [](const RequestHandle& r, const py::object& timeout) {
            return r.wait(timeout_of(timeout));
          },
          py::arg("timeout") = py::none())
      .def("result", &result)
      .def("cancel", [](const RequestHandle& r) { return r.request.cancel(); })
      .def_property_readonly("cycles", [](const RequestHandle& r) { return r.cost().cycles; })
      .def_property_readonly("host_seconds",
                             [](const RequestHandle& r) { return r.cost().host_seconds; })
      .def_property_readonly("counters",
                             [](const RequestHandle& r) -> py::object {
                               const auto& counters = r.cost().counters;
                               return counters ? counters_of(*counters) : py::object(py::none());
                             })
      .def("__repr__", [](const RequestHandle& r) {
        return fmt::format("<weft.InferRequest {}, {}>", r.request.id(),
                           driver::to_string(r.request.state()));
      });
}

}  // namespace

void bind_queue(py::module_& m) {
  bind_event(m);
  bind_request(m);
  const driver::InferOptions defaults;
  py::class_<QueueHandle>(m, "InferQueue", collectable_queue())
      .def(py::init(&open), py::arg("device"), py::arg("program"), py::kw_only(),
           py::arg("slots") = defaults.slots, py::arg("max_queued") = defaults.max_queued,
           py::arg("timeout_cycles") = defaults.limit_cycles, py::arg("on_event") = py::none())
      .def("submit", &submit, py::arg("inputs"), py::kw_only(),
           py::arg("timeout_cycles") = py::none())
      .def_property_readonly("unfinished",
                             [](const QueueHandle& q) { return q.open->queue.unfinished(); })
      .def(
          "wait_all",
          [](const QueueHandle& q, const py::object& timeout) {
            return wait_in_pieces([&](auto piece) { return q.open->queue.wait_all_for(piece); },
                                  timeout_of(timeout));
          },
          py::arg("timeout") = py::none())
      .def_property_readonly("program",
                             [](const QueueHandle& q) { return SharedProgram{q.open->program}; })
      .def_property_readonly("closed", [](const QueueHandle& q) { return q.open->closed(); })
      .def("close", &QueueHandle::close)
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](QueueHandle& self, const py::args&) { self.close(); });
}

}  // namespace weft::python
