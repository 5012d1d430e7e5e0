#include "sdk/c_api.h"

using weft::sdk::guarded;
using weft::sdk::need;

namespace {

weft_request_state outer(weft::RequestState state) {
  return static_cast<weft_request_state>(state);
}

std::function<void(const weft::InferEvent&)> listener(const weft_queue_options& options) {
  if (options.on_event == nullptr) return {};
  return [call = options.on_event, context = options.context](const weft::InferEvent& event) {
    const weft_event out{static_cast<weft_event_kind>(event.kind), event.request,
                         event.layer.c_str(), outer(event.state)};
    call(context, &out);
  };
}

}  // namespace

extern "C" {

weft_status weft_session_create(weft_device* device, const weft_program* program,
                                weft_session** session) {
  return guarded([&] {
    need(device, "device");
    need(program, "program");
    need(session, "session");
    *session = new weft_session{weft::Session(device->device, program->program)};
  });
}

weft_status weft_session_set_timeout(weft_session* session, uint64_t cycles) {
  return guarded([&] {
    need(session, "session");
    session->session.set_timeout(cycles);
  });
}

weft_status weft_session_run(weft_session* session, const weft_input* inputs, size_t count,
                             weft_result** result) {
  return guarded([&] {
    need(session, "session");
    need(result, "result");
    *result = new weft_result{session->session.run(weft::sdk::inputs_of(inputs, count))};
  });
}

void weft_session_destroy(weft_session* session) { delete session; }

weft_status weft_queue_options_init(weft_queue_options* options) {
  return guarded([&] {
    need(options, "options");
    const weft::InferOptions usual;
    *options = {sizeof(weft_queue_options), usual.slots, usual.max_queued,
                usual.timeout_cycles,       nullptr,     nullptr};
  });
}

weft_status weft_queue_create(weft_device* device, const weft_program* program,
                              const weft_queue_options* options, weft_queue** queue) {
  return guarded([&] {
    need(device, "device");
    need(program, "program");
    need(queue, "queue");
    weft_queue_options given;
    weft_queue_options_init(&given);
    if (options != nullptr) weft::sdk::take(given, *options, "weft_queue_options");
    weft::InferOptions o;
    o.slots = given.slots;
    o.max_queued = given.max_queued;
    o.timeout_cycles = given.timeout_cycles;
    o.on_event = listener(given);
    *queue = new weft_queue{weft::InferQueue(device->device, program->program, std::move(o))};
  });
}

weft_status weft_queue_submit(weft_queue* queue, const weft_input* inputs, size_t count,
                              weft_request** request) {
  return guarded([&] {
    need(queue, "queue");
    need(request, "request");
    *request = new weft_request{queue->queue.submit(weft::sdk::inputs_of(inputs, count))};
  });
}

weft_status weft_queue_wait_all(weft_queue* queue) {
  return guarded([&] {
    need(queue, "queue");
    queue->queue.wait_all();
  });
}

void weft_queue_destroy(weft_queue* queue) { delete queue; }

uint64_t weft_request_id(const weft_request* request) {
  return request == nullptr ? 0 : request->request.id();
}

weft_status weft_request_state_of(const weft_request* request, weft_request_state* state) {
  return guarded([&] {
    need(request, "request");
    need(state, "state");
    *state = outer(request->request.state());
  });
}

weft_status weft_request_wait(const weft_request* request, int64_t milliseconds) {
  return guarded([&] {
    need(request, "request");
    if (milliseconds < 0) {
      request->request.wait();
      return;
    }
    // So long that no clock overflows: 292 years are what nanoseconds hold.
    constexpr int64_t kMost = int64_t{365} * 24 * 3600 * 1000;
    const std::chrono::milliseconds time(std::min(milliseconds, kMost));
    if (request->request.wait_for(time)) return;
    weft::fail(weft::ErrorKind::kTimeout, "inference {} has not ended within {} ms; it goes on",
               request->request.id(), milliseconds);
  });
}

weft_status weft_request_result(const weft_request* request, weft_result** result) {
  return guarded([&] {
    need(request, "request");
    need(result, "result");
    *result = new weft_result{request->request.result()};
  });
}

weft_status weft_request_cancel(const weft_request* request, int* cancelled) {
  return guarded([&] {
    need(request, "request");
    const bool given_up = request->request.cancel();
    if (cancelled != nullptr) *cancelled = given_up ? 1 : 0;
  });
}

void weft_request_destroy(weft_request* request) { delete request; }

}  // extern "C"
