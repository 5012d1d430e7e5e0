#include "driver/infer_request.h"

#include <algorithm>

#include "base/error.h"

namespace weft::driver {

const char* to_string(RequestState state) {
  switch (state) {
    case RequestState::kQueued: return "queued";
    case RequestState::kRunning: return "running";
    case RequestState::kDone: return "done";
    case RequestState::kFailed: return "failed";
    case RequestState::kCancelled: return "cancelled";
  }
  return "unknown";
}

RequestState InferRequest::state() const {
  const std::lock_guard lock(shared_->mutex);
  return data_->state;
}

void InferRequest::refuse_own_thread() const {
  if (std::this_thread::get_id() != shared_->worker) return;
  fail(ErrorKind::kInvalidArgument,
       "inference {} is waited for on the thread that runs it, in a callback, and would never end",
       data_->id);
}

void InferRequest::wait() const {
  std::unique_lock lock(shared_->mutex);
  if (ended(data_->state)) return;
  refuse_own_thread();
  shared_->ended.wait(lock, [&] { return ended(data_->state); });
}

bool InferRequest::wait_for(std::chrono::nanoseconds time) const {
  std::unique_lock lock(shared_->mutex);
  if (ended(data_->state)) return true;
  if (time <= time.zero()) return false;
  refuse_own_thread();
  return shared_->ended.wait_for(lock, std::min(time, kLongestWait),
                                 [&] { return ended(data_->state); });
}

const InferResult& InferRequest::result() const {
  wait();
  if (data_->error) throw *data_->error;
  return data_->result;
}

bool InferRequest::cancel() const {
  const std::lock_guard lock(shared_->mutex);
  if (ended(data_->state)) return false;
  data_->cancel_asked = true;
  shared_->work.notify_all();
  return true;
}

}  // namespace weft::driver
