// Inferences asked for and waited for apart, several of them on the device at a time: while one's
// job runs the next ones' are in the ring, and operators of the host run beside the device.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "driver/infer_request.h"

namespace weft::driver {

struct InferEvent {
  enum class Kind : uint8_t {
    kQueued,   // the queue's thread has taken it
    kStarted,  // its inputs are in device memory; again where another one's end made it start anew
    kLayer,    // a layer has ended, as far as the backend shows it
    kEnded,    // its result, or error, can be had
  };
  Kind kind = Kind::kQueued;
  uint64_t request = 0;
  uint32_t layer = 0;                          // of kLayer
  RequestState state = RequestState::kQueued;  // of kEnded
};

struct InferOptions {
  size_t slots = 4;         // inferences on the way at a time, 1..JobQueue::kEntries
  size_t max_queued = 256;  // that wait for a slot
  // Device cycles that an inference's job may take, from when it is the oldest on the device.
  uint64_t limit_cycles = 1'000'000'000;
  // Called on the queue's thread, no lock held. It must not destroy the queue; what it throws is
  // dropped.
  std::function<void(const InferEvent&)> on_event;
};

// Owns the use of the device from its making to its end: nobody else touches it meanwhile. Every
// other function may be called from any thread.
class InferQueue {
 public:
  // Device memory that `program` and the driver need for so many slots, 1..JobQueue::kEntries;
  // else Error(invalid_argument).
  static uint64_t memory_needed(const program::Program& program, size_t slots);

  // Loads the program. Error(mismatch), Error(out_of_memory), Error(invalid_argument) as Session.
  // `host` is called on a thread of its own. `program` and `device` must outlive the queue.
  InferQueue(Device& device, const program::Program& program, HostRunner host = {},
             InferOptions options = {});
  // Inferences that have not ended end as cancelled; none is waited for but an operator of the host
  // that runs.
  ~InferQueue();
  InferQueue(const InferQueue&) = delete;
  InferQueue& operator=(const InferQueue&) = delete;

  // `inputs`: int8 NHWC, one for each input tensor; `limit_cycles` instead of the options'. Error(invalid_argument)
  // names an input of the wrong size; Error(busy): max_queued are waiting;
  // Error(cancelled): the queue was closed, or is being destroyed and its listener asks for more.
  InferRequest submit(Inputs inputs, std::optional<uint64_t> limit_cycles = {});

  // Inferences that have not ended.
  size_t unfinished() const;
  // Until there is none.
  void wait_all() const;
  // At most so long; true: there is none.
  bool wait_all_for(std::chrono::nanoseconds time) const;

  // Ends everything as the destructor does; from then on the queue leaves the device alone, and
  // submit() is refused (Error(invalid_argument)). More than once does nothing. Error(invalid_argument) in a callback.
  void close();

 private:
  void refuse_own_thread() const;

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace weft::driver
