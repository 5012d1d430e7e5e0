// What the queue's thread does with the device: jobs into the ring, and their ends out of it.
#include <algorithm>

#include "driver/caught.h"
#include "driver/infer_worker.h"
#include "weft_gen/isa.h"

namespace weft::driver {
namespace {

// How long the device is left alone at a time: so long may a cancelled job go on, or a new one wait.
constexpr uint64_t kSliceCycles = 10'000;

}  // namespace

void InferWorker::next_step(Run& run) {
  if (run.step == program_.steps.size()) {
    for (const program::Tensor& t : program_.tensors) {
      if (t.role == program::TensorRole::kOutput)
        run.result.outputs.push_back(loaded_.read(run.slot, t));
    }
    end(run, RequestState::kDone, {});
    return;
  }
  const program::Step& step = program_.steps[run.step];
  if (step.host) {
    HostWorker::Task task;
    task.request = run.data->id;
    task.op = &*step.host;
    task.inputs = loaded_.host_inputs(run.slot, *step.host);
    run.at = At::kHost;
    host_->begin(std::move(task));
    return;
  }
  take_over();
  if (!queue_->full()) submit_job(run, step);
}

void InferWorker::submit_job(Run& run, const program::Step& step) {
  run.job = queue_->submit(loaded_.job(run.slot, step));
  run.at = At::kRing;
  run.waited = 0;
  run.events_left = step.count;
  ring_.push_back(&run);
}

void InferWorker::step_device() {
  Run& oldest = *ring_.front();
  const uint64_t limit = oldest.data->limit_cycles;
  const uint64_t slice = std::min(limit - oldest.waited, kSliceCycles);
  const std::vector<JobQueue::Ended> ended = queue_->wait(slice);
  take_events();
  for (const JobQueue::Ended& job : ended) {
    end_job(job, ended.size() == 1 && queue_->in_flight() == 0);
  }
  if (!ended.empty()) return;
  oldest.waited += slice;
  if (oldest.waited < limit) return;
  end(oldest, RequestState::kFailed,
      Error(ErrorKind::kTimeout,
            fmt::format("the job did not end within {} cycles and was abandoned", limit)));
  empty_ring(false);
}

// Events have no job, but come job after job, and of each as many as it has descriptors.
void InferWorker::take_events() {
  if (!options_.on_event) return;
  auto at = ring_.begin();
  for (const TraceEvent& event : device_.take_trace()) {
    if (!event.done) continue;
    while (at != ring_.end() && (*at)->events_left == 0) ++at;
    if (at == ring_.end()) return;
    Run& run = **at;
    --run.events_left;
    const program::Step& step = program_.steps[run.step];
    if (event.index >= step.count) continue;
    const auto header =
        isa::decode_fields<isa::Header>(program_.descriptor(step.first + event.index));
    if (header.layer >= run.layer_left.size() || --run.layer_left[header.layer] > 0) continue;
    emit({InferEvent::Kind::kLayer, run.data->id, header.layer, {}});
  }
}

void InferWorker::end_job(const JobQueue::Ended& ended, bool alone) {
  const auto place = std::find_if(ring_.begin(), ring_.end(),
                                  [&](const Run* run) { return run->job == ended.id; });
  if (place == ring_.end()) return;  // given up meanwhile
  Run& run = **place;
  run.result.cycles += ended.completion.cycles;
  if (!alone) run.result.counters.reset();
  if (run.result.counters) {
    const Counters counters = read_counters(device_);
    for (size_t c = 0; c < counters.size(); ++c) (*run.result.counters)[c] += counters[c];
  }
  if (ended.completion.code != isa::ErrorCode::kNone) {
    end(run, RequestState::kFailed,
        loaded_.error_of(run.slot, program_.steps[run.step], ended.completion));
    return;
  }
  ring_.erase(place);
  run.at = At::kReady;
  ++run.step;
}

// The runs that have jobs in the ring, and have not ended, start again. In doubt: nothing is asked of
// the device now; it is taken over as if new.
void InferWorker::empty_ring(bool device_in_doubt) {
  const auto abandon = [&] {
    queue_->abandon();
    for (const JobQueue::Ended& job : queue_->poll()) end_job(job, false);
  };
  if (device_in_doubt || error_of(abandon)) queue_.reset();
  if (options_.on_event) error_of([&] { device_.take_trace(); });
  std::deque<Run*> again;
  again.swap(ring_);
  for (Run* run : again) start(*run);
}

}  // namespace weft::driver
