#include "python/machine.h"

#include "base/error.h"
#include "python/queue.h"

namespace weft::python {

Machine::Machine(std::unique_ptr<driver::Device> opened)
    : device(std::make_unique<WatchedDevice>(std::move(opened))) {}

Lease::Lease(Machine& machine) : machine_(machine) {
  if (machine.busy.test_and_set()) {
    fail(ErrorKind::kBusy,
         "the device is busy: a run on it has not ended. Devices belong to one thread at a time; "
         "open a second one to run in parallel");
  }
  if (!machine.device) {
    machine.busy.clear();
    fail(ErrorKind::kInvalidArgument, "the device was closed; open another one");
  }
  const std::shared_ptr<OpenQueue> queue = machine.queue.lock();
  if (queue && !queue->closed()) {
    machine.busy.clear();
    fail(ErrorKind::kBusy,
         "the device is busy: an InferQueue of program '{}' has it. Close that queue, or open "
         "another device",
         queue->program->model);
  }
}

void refuse_loaded(const Machine& machine) {
  if (!machine.session) return;
  fail(ErrorKind::kBusy,
       "the device is busy: program '{}' is loaded on it. Close that session, or open another "
       "device",
       machine.program->model);
}

}  // namespace weft::python
