#include "driver/infer_queue.h"

#include <algorithm>

#include "base/error.h"
#include "driver/infer_worker.h"

namespace weft::driver {
namespace {

void check_slots(size_t slots) {
  if (slots < 1 || slots > JobQueue::kEntries) {
    fail(ErrorKind::kInvalidArgument, "{} inferences at a time; 1 to {} are possible", slots,
         JobQueue::kEntries);
  }
}

InferOptions checked(InferOptions options) {
  check_slots(options.slots);
  if (options.max_queued < 1) {
    fail(ErrorKind::kInvalidArgument, "a queue for no inference; at least 1 must be let wait");
  }
  return options;
}

}  // namespace

struct InferQueue::Parts {
  Parts(Device& device, const program::Program& p, HostRunner host, InferOptions o)
      : program(p),
        options(checked(std::move(o))),
        worker(device, program, std::move(host), options, *shared, inbox),
        thread([this] {
          {
            const std::lock_guard lock(shared->mutex);
            shared->worker = std::this_thread::get_id();
          }
          worker.loop();
        }) {}

  const program::Program& program;
  const InferOptions options;
  std::shared_ptr<InferShared> shared = std::make_shared<InferShared>();
  InferInbox inbox;
  InferWorker worker;
  std::mutex closing;  // of who joins the thread
  std::thread thread;
};

uint64_t InferQueue::memory_needed(const program::Program& program, size_t slots) {
  check_slots(slots);
  return LoadedProgram::memory_needed(program, slots);
}

InferQueue::InferQueue(Device& device, const program::Program& program, HostRunner host,
                       InferOptions options)
    : parts_(std::make_unique<Parts>(device, program, std::move(host), std::move(options))) {}

InferQueue::~InferQueue() { close(); }

void InferQueue::close() {
  {
    const std::lock_guard lock(parts_->shared->mutex);
    if (std::this_thread::get_id() == parts_->shared->worker) {
      fail(ErrorKind::kInvalidArgument,
           "the queue is closed on its own thread, in a callback, and would wait for itself");
    }
    parts_->inbox.stop = true;
    parts_->shared->work.notify_all();
  }
  const std::lock_guard lock(parts_->closing);
  if (parts_->thread.joinable()) parts_->thread.join();
}

InferRequest InferQueue::submit(Inputs inputs, std::optional<uint64_t> limit_cycles) {
  check_inputs(parts_->program, spans_of(inputs));
  auto data = std::make_shared<RequestData>();
  data->inputs = std::move(inputs);
  data->limit_cycles = limit_cycles.value_or(parts_->options.limit_cycles);
  const std::lock_guard lock(parts_->shared->mutex);
  InferInbox& inbox = parts_->inbox;
  if (inbox.stop) {
    fail(ErrorKind::kCancelled, "the queue was closed and takes no more inferences");
  }
  if (inbox.queued >= parts_->options.max_queued) {
    fail(ErrorKind::kBusy, "{} inferences wait already; wait for one, or allow for more of them",
         inbox.queued);
  }
  data->id = inbox.next_id++;
  inbox.submitted.push_back(data);
  ++inbox.queued;
  ++inbox.unfinished;
  parts_->shared->work.notify_all();
  return {parts_->shared, std::move(data)};
}

size_t InferQueue::unfinished() const {
  const std::lock_guard lock(parts_->shared->mutex);
  return parts_->inbox.unfinished;
}

void InferQueue::refuse_own_thread() const {
  if (std::this_thread::get_id() != parts_->shared->worker) return;
  fail(ErrorKind::kInvalidArgument,
       "all inferences are waited for on the thread that runs them, in a callback, and would "
       "never end");
}

void InferQueue::wait_all() const {
  std::unique_lock lock(parts_->shared->mutex);
  refuse_own_thread();
  parts_->shared->ended.wait(lock, [&] { return parts_->inbox.unfinished == 0; });
}

bool InferQueue::wait_all_for(std::chrono::nanoseconds time) const {
  std::unique_lock lock(parts_->shared->mutex);
  refuse_own_thread();
  return parts_->shared->ended.wait_for(lock, std::min(time, kLongestWait),
                                        [&] { return parts_->inbox.unfinished == 0; });
}

}  // namespace weft::driver
