// A thread for the operators that the host runs, so that the device goes on meanwhile.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "driver/infer_request.h"

namespace weft::driver {

class HostWorker {
 public:
  struct Task {
    uint64_t request = 0;
    const program::HostOp* op = nullptr;
    Inputs inputs;
    // When it has ended.
    std::vector<int8_t> result;
    std::optional<Error> error;
    double seconds = 0;
  };

  // Notifies `shared.work` when a task has ended; both must outlive the worker.
  HostWorker(const HostRunner& host, InferShared& shared);
  // Waits for the operator that runs; those that have not begun are dropped.
  ~HostWorker();

  void begin(Task task);
  // Forgets the request's, unless it runs already.
  void drop(uint64_t request);
  // Those that have ended since the last call.
  std::vector<Task> take_ended();
  // The same without the lock, for who holds InferShared::mutex.
  bool any_ended() const { return !ended_.empty(); }

 private:
  void loop();

  const HostRunner& host_;
  InferShared& shared_;  // its mutex guards all of this
  std::condition_variable work_;
  std::deque<Task> waiting_;
  std::vector<Task> ended_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace weft::driver
