#include "python/queue.h"

#include <thread>
#include <utility>

#include "base/error.h"
#include "python/bind.h"
#include "runtime/host_ops.h"

namespace weft::python {

void EventListener::tell(const driver::InferEvent& event, const program::Program& program) const {
  const py::gil_scoped_acquire lock;
  if (!function) return;
  const py::object called = function;  // which it may drop
  try {
    called(EventView{event, event.kind == driver::InferEvent::Kind::kLayer
                                ? program.layers.at(event.layer).name
                                : std::string()});
  } catch (py::error_already_set& error) {
    error.discard_as_unraisable(called);
  }
}

OpenQueue::OpenQueue(std::shared_ptr<Machine> on, std::shared_ptr<const program::Program> of,
                     driver::InferOptions options)
    : machine(std::move(on)),
      program(std::move(of)),
      queue(*machine->device, *program, runtime::run_host_op, std::move(options)) {}

void OpenQueue::close() {
  queue.close();
  closed_ = true;
}

QueueHandle::QueueHandle(std::shared_ptr<OpenQueue> queue, std::shared_ptr<EventListener> listener)
    : open(std::move(queue)),
      listener_(std::move(listener)),
      at_exit_(py::cpp_function([weak = std::weak_ptr(open)] {
        const std::shared_ptr<OpenQueue> left = weak.lock();
        if (!left) return;
        const py::gil_scoped_release unlocked;
        left->close();
      })) {
  py::module_::import("atexit").attr("register")(at_exit_);
}

QueueHandle::~QueueHandle() {
  const py::error_scope kept;  // the error that may have led here
  drop_callback();
  try {
    forget_exit();
  } catch (py::error_already_set&) {
    // The interpreter is about to end, and has called what was registered.
  }
  const py::gil_scoped_release unlocked;
  try {
    open->close();
  } catch (const Error&) {
    // On the queue's own thread, which cannot wait for itself.
    std::thread([left = open] { left->close(); }).detach();
  }
  open.reset();
}

void QueueHandle::close() {
  {
    const py::gil_scoped_release unlocked;
    open->close();
  }
  drop_callback();
  forget_exit();
}

void QueueHandle::forget_exit() {
  if (const py::object registered = std::exchange(at_exit_, {})) {
    py::module_::import("atexit").attr("unregister")(registered);
  }
}

PyObject* QueueHandle::callback() const { return listener_ ? listener_->function.ptr() : nullptr; }

void QueueHandle::drop_callback() {
  if (!listener_) return;
  const py::object dropped = std::exchange(listener_->function, {});
}

namespace {

// Null while it is being made.
QueueHandle* handle_of(PyObject* self) {
  const auto held = reinterpret_cast<py::detail::instance*>(self)->get_value_and_holder();
  return held.value_ptr() != nullptr && held.holder_constructed()
             ? static_cast<QueueHandle*>(held.value_ptr())
             : nullptr;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (const QueueHandle* handle = handle_of(self)) Py_VISIT(handle->callback());
  return 0;
}

int clear(PyObject* self) {
  if (QueueHandle* handle = handle_of(self)) handle->drop_callback();
  return 0;
}

}  // namespace

py::custom_type_setup collectable_queue() {
  return py::custom_type_setup([](PyHeapTypeObject* heap_type) {
    PyTypeObject& type = heap_type->ht_type;
    type.tp_flags |= Py_TPFLAGS_HAVE_GC;
    type.tp_traverse = traverse;
    type.tp_clear = clear;
  });
}

}  // namespace weft::python
