// weft.InferQueue and what it shares with other threads.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>

#include "driver/infer_queue.h"
#include "python/machine.h"

namespace weft::python {

namespace py = pybind11;

// What is called for each event; on the queue's thread, with the interpreter's lock.
struct EventListener {
  py::object function;  // empty: nothing is called any more; under the interpreter's lock

  // What the function throws goes to sys.unraisablehook.
  void tell(const driver::InferEvent& event, const program::Program& program) const;
};

// A queue and what it stands on. It holds nothing of Python's, so that any thread may destroy it.
class OpenQueue {
 public:
  // Under a lease of `on`.
  OpenQueue(std::shared_ptr<Machine> on, std::shared_ptr<const program::Program> of,
            driver::InferOptions options);

  // Waits for its thread, which may wait for the interpreter's lock: called without that.
  // Error(invalid_argument) in a callback.
  void close();
  bool closed() const { return closed_; }

  const std::shared_ptr<Machine> machine;
  const std::shared_ptr<const program::Program> program;
  driver::InferQueue queue;

 private:
  std::atomic<bool> closed_ = false;
};

// InferQueue in Python. Made, used and destroyed with the interpreter's lock.
class QueueHandle {
 public:
  // `listener`: what the queue's events call, or null.
  QueueHandle(std::shared_ptr<OpenQueue> open, std::shared_ptr<EventListener> listener);
  // Closes it; the last reference may go in a callback.
  ~QueueHandle();
  QueueHandle(const QueueHandle&) = delete;
  QueueHandle& operator=(const QueueHandle&) = delete;

  void close();
  // The function of its events, for the garbage collector; null: there is none.
  PyObject* callback() const;
  void drop_callback();

  std::shared_ptr<OpenQueue> open;  // never null while Python has it

 private:
  void forget_exit();

  std::shared_ptr<EventListener> listener_;
  py::object at_exit_;  // closes the queue before the interpreter ends
};

// Lets the garbage collector see an InferQueue's callback, which often holds the queue.
py::custom_type_setup collectable_queue();

}  // namespace weft::python
