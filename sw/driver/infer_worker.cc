#include "driver/infer_worker.h"

#include <algorithm>

#include "driver/caught.h"
#include "weft_gen/isa.h"

namespace weft::driver {
namespace {

std::vector<uint32_t> count_descriptors(const program::Program& program) {
  std::vector<uint32_t> counts(program.layers.size());
  for (uint32_t i = 0; i < program.descriptor_count; ++i) {
    const auto header = isa::decode_fields<isa::Header>(program.descriptor(i));
    if (header.layer < counts.size()) ++counts[header.layer];
  }
  return counts;
}

}  // namespace

InferWorker::InferWorker(Device& device, const program::Program& program, HostRunner host,
                         const InferOptions& options, InferShared& shared, InferInbox& inbox)
    : device_(checked(device, program)),
      program_(program),
      runner_(std::move(host)),
      options_(options),
      shared_(shared),
      inbox_(inbox),
      pool_(device),
      queue_(std::in_place, device, pool_),
      loaded_(pool_, program, options.slots),
      layer_descriptors_(count_descriptors(program)) {
  check_host(program, runner_);
  for (size_t slot = options.slots; slot-- > 0;) free_slots_.push_back(slot);
  device_.enable_trace(options.on_event != nullptr);
  for (const program::Step& step : program.steps) {
    if (step.host && !host_) host_.emplace(runner_, shared_);
  }
}

void InferWorker::loop() {
  while (take_work()) {
    drop_cancelled();
    collect_host();
    start_runs();
    advance();
    if (ring_.empty()) continue;
    const std::optional<Error> error = error_of([&] { step_device(); });
    if (!error) continue;
    // The oldest job's, as far as can be said; the others are tried again.
    if (!ring_.empty()) end(*ring_.front(), RequestState::kFailed, error);
    empty_ring(true);
  }
  for (const auto& data : queued_) end(*data, RequestState::kCancelled, {}, {});
  while (!runs_.empty()) end(runs_.front(), RequestState::kCancelled, {});
  // A device that does not obey is left as it is: there is nobody to tell, and none of its jobs is
  // looked at any more.
  error_of([&] {
    take_over();
    if (queue_->in_flight() > 0) queue_->abandon();
  });
  queue_.reset();
}

bool InferWorker::has_work() const {
  const auto asked = [](const RequestData& data) { return data.cancel_asked; };
  return inbox_.stop || !ring_.empty() || !inbox_.submitted.empty() ||
         (host_ && host_->any_ended()) || (!queued_.empty() && !free_slots_.empty()) ||
         std::any_of(queued_.begin(), queued_.end(), [&](const auto& d) { return asked(*d); }) ||
         std::any_of(runs_.begin(), runs_.end(),
                     [&](const Run& r) { return r.at == At::kReady || asked(*r.data); });
}

// Waits where there is nothing to do. False: stop.
bool InferWorker::take_work() {
  std::deque<std::shared_ptr<RequestData>> fresh;
  {
    std::unique_lock lock(shared_.mutex);
    shared_.work.wait(lock, [&] { return has_work(); });
    fresh.swap(inbox_.submitted);
    queued_.insert(queued_.end(), fresh.begin(), fresh.end());
    if (inbox_.stop) return false;
  }
  for (const auto& data : fresh) emit({InferEvent::Kind::kQueued, data->id, 0, {}});
  return true;
}

void InferWorker::drop_cancelled() {
  std::vector<std::shared_ptr<RequestData>> queued;
  std::vector<Run*> runs;
  {
    const std::lock_guard lock(shared_.mutex);
    for (const auto& data : queued_) {
      if (data->cancel_asked) queued.push_back(data);
    }
    std::erase_if(queued_, [](const auto& data) { return data->cancel_asked; });
    inbox_.queued -= queued.size();
    for (Run& run : runs_) {
      if (run.data->cancel_asked) runs.push_back(&run);
    }
  }
  for (const auto& data : queued) end(*data, RequestState::kCancelled, {}, {});
  // Nothing can be taken out of the ring, so it is emptied, and the others' jobs put in again.
  const bool in_ring =
      std::any_of(runs.begin(), runs.end(), [](const Run* run) { return run->at == At::kRing; });
  for (Run* run : runs) end(*run, RequestState::kCancelled, {});
  if (in_ring) empty_ring(false);
}

void InferWorker::start_runs() {
  while (!queued_.empty() && !free_slots_.empty()) {
    Run& run = runs_.emplace_back();
    run.data = queued_.front();
    queued_.pop_front();
    run.slot = free_slots_.back();
    free_slots_.pop_back();
    {
      const std::lock_guard lock(shared_.mutex);
      run.data->state = RequestState::kRunning;
      --inbox_.queued;
    }
    start(run);
  }
}

void InferWorker::take_over() {
  if (!queue_) queue_.emplace(device_, pool_);
}

// From its first step, with its inputs anew: what it did before may have overwritten them.
void InferWorker::start(Run& run) {
  run.step = 0;
  run.at = At::kReady;
  run.waited = 0;
  run.layer_left = layer_descriptors_;
  run.result = {};
  run.result.counters.emplace();
  const auto error = error_of([&] {
    take_over();
    loaded_.write_inputs(run.slot, spans_of(run.data->inputs));
  });
  if (error) {
    end(run, RequestState::kFailed, error);
  } else {
    emit({InferEvent::Kind::kStarted, run.data->id, 0, {}});
  }
}

void InferWorker::collect_host() {
  if (!host_) return;
  for (const HostWorker::Task& task : host_->take_ended()) {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const Run& run) {
      return run.at == At::kHost && run.data->id == task.request;
    });
    if (found == runs_.end()) continue;  // cancelled meanwhile
    std::optional<Error> error = task.error;
    if (!error)
      error = error_of([&] { loaded_.write_host_result(found->slot, *task.op, task.result); });
    if (error) {
      end(*found, RequestState::kFailed, error);
      continue;
    }
    found->result.host_seconds += task.seconds;
    found->at = At::kReady;
    ++found->step;
    emit({InferEvent::Kind::kLayer, task.request, task.op->layer, {}});
  }
}

void InferWorker::advance() {
  for (auto run = runs_.begin(); run != runs_.end();) {
    Run& current = *run++;  // it may end
    if (current.at != At::kReady) continue;
    const auto error = error_of([&] { next_step(current); });
    if (!error) continue;
    end(current, RequestState::kFailed, error);
    empty_ring(true);
    return;  // the others start again in the next round
  }
}

void InferWorker::end(Run& run, RequestState state, std::optional<Error> error) {
  const std::shared_ptr<RequestData> data = run.data;
  InferResult result = std::move(run.result);
  free_slots_.push_back(run.slot);
  if (run.at == At::kHost) host_->drop(data->id);
  std::erase(ring_, &run);
  runs_.remove_if([&](const Run& r) { return &r == &run; });
  end(*data, state, std::move(result), std::move(error));
}

void InferWorker::end(RequestData& data, RequestState state, InferResult result,
                      std::optional<Error> error) {
  {
    const std::lock_guard lock(shared_.mutex);
    // Who was told that it is cancelled finds it so.
    if (data.cancel_asked) state = RequestState::kCancelled;
    if (state == RequestState::kCancelled) {
      error = Error(ErrorKind::kCancelled,
                    fmt::format("inference {} was cancelled before it ended", data.id));
    }
    data.result = error ? InferResult{} : std::move(result);
    data.error = std::move(error);
    data.inputs.clear();
    data.state = state;
    --inbox_.unfinished;
    shared_.ended.notify_all();
  }
  emit({InferEvent::Kind::kEnded, data.id, 0, state});
}

void InferWorker::emit(const InferEvent& event) const {
  if (!options_.on_event) return;
  try {
    options_.on_event(event);
  } catch (...) {
    // As documented: the inference goes on whatever its listener does.
  }
}

}  // namespace weft::driver
