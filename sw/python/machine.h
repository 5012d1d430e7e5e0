// What a Python Device and the Session on it share: the device, and who may touch it.
#pragma once

#include <atomic>
#include <memory>

#include "driver/session.h"
#include "program/program.h"
#include "python/watched_device.h"

namespace weft::python {

class OpenQueue;

struct Machine {
  explicit Machine(std::unique_ptr<driver::Device> opened);

  std::unique_ptr<WatchedDevice> device;  // null: closed
  std::shared_ptr<const program::Program> program;
  std::unique_ptr<driver::Session> session;  // of that program; null: none is open
  uint64_t sessions = 0;                     // opened so far: the number of the one that is open
  std::weak_ptr<OpenQueue> queue;            // the last that was opened
  RunProgress* progress = nullptr;           // of the run that goes on
  std::atomic_flag busy;
};

// The machine for as long as it lives. Error(busy) where another thread, or a callback of a run that is
// going on, finds it taken, or a queue has it; Error(invalid_argument) where the device is closed.
class Lease {
 public:
  explicit Lease(Machine& machine);
  ~Lease() { machine_.busy.clear(); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

 private:
  Machine& machine_;
};

// Error(busy) where a session is open; under a lease.
void refuse_loaded(const Machine& machine);

}  // namespace weft::python
