// An inference that was asked for: its handle, and what the handle shares with the queue's thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "driver/counters.h"
#include "driver/loaded_program.h"
#include "weft/error.hpp"

namespace weft::driver {

enum class RequestState : uint8_t { kQueued, kRunning, kDone, kFailed, kCancelled };
constexpr bool ended(RequestState state) { return state >= RequestState::kDone; }
const char* to_string(RequestState state);

struct InferResult {
  std::vector<std::vector<int8_t>> outputs;  // of the program's output tensors, in their order
  uint64_t cycles = 0;                       // of its jobs; 0 on a backend without time
  double host_seconds = 0;                   // of the operators that the host ran
  // Sums of its jobs'; only where each of them was alone in the ring when it ended, for the next
  // job clears the counters.
  std::optional<Counters> counters;
};

// Longer than anyone waits, and short enough that no clock overflows.
constexpr std::chrono::nanoseconds kLongestWait = std::chrono::hours(24 * 365);

// What all requests of a queue share; outlives the queue while there are handles.
struct InferShared {
  std::mutex mutex;
  std::condition_variable work;   // for the queue's thread
  std::condition_variable ended;  // for those who wait for a request
  std::thread::id worker;         // the queue's own
};

struct RequestData {
  uint64_t id = 0;
  Inputs inputs;
  uint64_t limit_cycles = 0;
  // Under InferShared::mutex; the result and error are constant once the state is an end.
  RequestState state = RequestState::kQueued;
  bool cancel_asked = false;
  InferResult result;
  std::optional<Error> error;
};

// Copies are handles of the same inference. Every function may be called from any thread.
class InferRequest {
 public:
  InferRequest(std::shared_ptr<InferShared> shared, std::shared_ptr<RequestData> data)
      : shared_(std::move(shared)), data_(std::move(data)) {}

  // Counts from 1 in a queue, in the order of submit().
  uint64_t id() const { return data_->id; }
  RequestState state() const;

  // Until it has ended, in whatever way. Error(invalid_argument) on the queue's own thread (in a
  // callback), which would wait for itself.
  void wait() const;
  // At most so long; true: it has ended. 0 only looks, and may be asked for in a callback, too.
  bool wait_for(std::chrono::nanoseconds time) const;

  // Waits, then gives the result or throws its error; Error(cancelled) where it was given up. Valid as
  // long as a handle of the inference.
  const InferResult& result() const;

  // True: it ends as cancelled, and soon. False: it had ended before.
  bool cancel() const;

 private:
  void refuse_own_thread() const;

  std::shared_ptr<InferShared> shared_;
  std::shared_ptr<RequestData> data_;
};

}  // namespace weft::driver
