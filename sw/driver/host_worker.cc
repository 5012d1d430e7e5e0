#include "driver/host_worker.h"

#include <exception>
#include <new>
#include <utility>

#include "base/error.h"

namespace weft::driver {

HostWorker::HostWorker(const HostRunner& host, InferShared& shared)
    : host_(host), shared_(shared), thread_([this] { loop(); }) {}

HostWorker::~HostWorker() {
  {
    const std::lock_guard lock(shared_.mutex);
    stop_ = true;
    work_.notify_all();
  }
  thread_.join();
}

void HostWorker::begin(Task task) {
  const std::lock_guard lock(shared_.mutex);
  waiting_.push_back(std::move(task));
  work_.notify_all();
}

void HostWorker::drop(uint64_t request) {
  const std::lock_guard lock(shared_.mutex);
  std::erase_if(waiting_, [&](const Task& task) { return task.request == request; });
}

std::vector<HostWorker::Task> HostWorker::take_ended() {
  const std::lock_guard lock(shared_.mutex);
  return std::exchange(ended_, {});
}

void HostWorker::loop() {
  std::unique_lock lock(shared_.mutex);
  for (;;) {
    work_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
    if (stop_) return;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const auto start = std::chrono::steady_clock::now();
    try {
      task.result = host_(*task.op, task.inputs);
    } catch (const Error& error) {
      task.error = error;
    } catch (const std::bad_alloc&) {
      task.error = Error(ErrorKind::kOutOfMemory,
                         fmt::format("the host's memory does not hold its {}", task.op->kind));
    } catch (const std::exception& error) {
      task.error = Error(ErrorKind::kInternal,
                         fmt::format("the host's {} failed: {}", task.op->kind, error.what()));
    } catch (...) {
      task.error = Error(ErrorKind::kInternal, fmt::format("the host's {} failed", task.op->kind));
    }
    task.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    lock.lock();
    ended_.push_back(std::move(task));
    shared_.work.notify_all();
  }
}

}  // namespace weft::driver
