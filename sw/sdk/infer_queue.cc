#include "driver/infer_queue.h"

#include "runtime/host_ops.h"
#include "sdk/data.h"

namespace weft {
namespace {

RequestState outer(driver::RequestState state) {
  switch (state) {
    case driver::RequestState::kQueued: return RequestState::kQueued;
    case driver::RequestState::kRunning: return RequestState::kRunning;
    case driver::RequestState::kDone: return RequestState::kDone;
    case driver::RequestState::kFailed: return RequestState::kFailed;
    case driver::RequestState::kCancelled: break;
  }
  return RequestState::kCancelled;
}

InferEvent outer(const driver::InferEvent& event, const program::Program& program) {
  InferEvent out;
  out.request = event.request;
  out.state = outer(event.state);
  switch (event.kind) {
    case driver::InferEvent::Kind::kQueued: out.kind = InferEvent::Kind::kQueued; break;
    case driver::InferEvent::Kind::kStarted: out.kind = InferEvent::Kind::kStarted; break;
    case driver::InferEvent::Kind::kEnded: out.kind = InferEvent::Kind::kEnded; break;
    case driver::InferEvent::Kind::kLayer:
      out.kind = InferEvent::Kind::kLayer;
      out.layer = program.layers[event.layer].name;
      break;
  }
  return out;
}

// `program` outlives the queue.
driver::InferOptions inner(InferOptions options, const program::Program& program) {
  driver::InferOptions out;
  out.slots = options.slots;
  out.max_queued = options.max_queued;
  out.limit_cycles = options.timeout_cycles;
  if (options.on_event) {
    out.on_event = [call = std::move(options.on_event), &program](const driver::InferEvent& event) {
      call(outer(event, program));
    };
  }
  return out;
}

}  // namespace

const char* to_string(RequestState state) {
  return driver::to_string(static_cast<driver::RequestState>(state));
}

sdk::QueueData::QueueData(const Device& device, const Program& p, InferOptions options)
    : program(p.data()),
      lease(device.data()),
      queue(lease.device(), program->program, runtime::run_host_op,
            inner(std::move(options), program->program)) {}

InferQueue::InferQueue(const Device& device, const Program& program, InferOptions options)
    : data_(std::make_unique<sdk::QueueData>(device, program, std::move(options))) {}
InferQueue::~InferQueue() = default;
InferQueue::InferQueue(InferQueue&&) noexcept = default;
InferQueue& InferQueue::operator=(InferQueue&&) noexcept = default;

InferRequest InferQueue::submit(std::span<const Input> inputs,
                                std::optional<uint64_t> timeout_cycles) {
  sdk::QueueData& d = sdk::used(data_, "queue");
  driver::Inputs copies;
  for (const std::span<const int8_t> input : sdk::arrange(*d.program, inputs)) {
    copies.emplace_back(input.begin(), input.end());
  }
  return InferRequest(std::make_shared<const InferRequest::Data>(
      InferRequest::Data{d.program, d.queue.submit(std::move(copies), timeout_cycles)}));
}

InferRequest InferQueue::submit(std::initializer_list<Input> inputs,
                                std::optional<uint64_t> timeout_cycles) {
  return submit(std::span<const Input>(inputs.begin(), inputs.size()), timeout_cycles);
}

size_t InferQueue::unfinished() const { return sdk::used(data_, "queue").queue.unfinished(); }
void InferQueue::wait_all() const { sdk::used(data_, "queue").queue.wait_all(); }

InferRequest::InferRequest(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

uint64_t InferRequest::id() const { return data_->request.id(); }
RequestState InferRequest::state() const { return outer(data_->request.state()); }
void InferRequest::wait() const { data_->request.wait(); }
bool InferRequest::wait_for(std::chrono::nanoseconds time) const {
  return data_->request.wait_for(time);
}
bool InferRequest::cancel() const { return data_->request.cancel(); }

Result InferRequest::result() const {
  const driver::InferResult& from = data_->request.result();
  auto result = std::make_shared<sdk::ResultData>();
  result->program = data_->program;
  result->outputs = from.outputs;
  result->cycles = from.cycles;
  result->host_seconds = from.host_seconds;
  result->counters = from.counters;
  return Result(std::move(result));
}

}  // namespace weft
