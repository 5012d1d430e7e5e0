// Devices of which it is not known what they still do: nothing is put into their memory before a soft
// reset has stopped them. And queues that go while they are used.
#include "infer_bench.h"
#include "tb/catch_compat.h"

namespace weft::tb {
namespace {

using Catch::Matchers::ContainsSubstring;
using driver::InferEvent;
using driver::InferOptions;
using driver::InferRequest;
using driver::RequestState;

// A program that may overwrite its own inputs.
program::Program with_writable_inputs() {
  program::Program program = infer_program("mnist");
  for (const program::Tensor& t : program.tensors) {
    if (t.role == program::TensorRole::kInput)
      program.regions[static_cast<size_t>(t.region)].writable = true;
  }
  return program;
}

TEST_CASE("a job that runs on when its wait was refused spoils no other inference") {
  const program::Program program = with_writable_inputs();
  for (const size_t slots : {1, 2}) {
    InferOptions options;
    options.slots = slots;
    LateDevice device(infer_emulator());
    driver::InferQueue queue(device, program, {}, options);
    device.held = true;
    std::vector<InferRequest> requests;
    for (uint64_t i = 0; i < 4; ++i) requests.push_back(queue.submit(infer_inputs(program, i)));
    while (device.most_waiting < slots) std::this_thread::yield();
    device.hiccup = true;
    device.held = false;
    CHECK(error_of(requests[0]) == "io: a hiccup of the bus");
    for (uint64_t i = 1; i < 4; ++i)
      CHECK(requests[i].result().outputs == expected_outputs(program, i));
  }
}

TEST_CASE("a queue stops what runs on its device before it loads its program") {
  InferBench bench("mixed");
  bench.device.hiccup = true;
  CHECK(error_of(bench.submit(1)) == "io: a hiccup of the bus");
  bench.queue.reset();
  const program::Program& program = infer_program("mnist");
  driver::InferQueue next(bench.device, program);
  CHECK(next.submit(infer_inputs(program, 4)).result().outputs == expected_outputs(program, 4));
}

TEST_CASE("a session stops what still runs before it writes the next inputs") {
  const program::Program program = with_writable_inputs();
  LateDevice device(infer_emulator());
  driver::Session session(device, program);
  device.hiccup = true;
  CHECK_THROWS_WITH(session.run(infer_inputs(program, 1)), "a hiccup of the bus");
  session.run(infer_inputs(program, 2));
  CHECK(session.read_tensor("Identity") == expected_outputs(program, 2)[0]);
}

TEST_CASE("a listener that asks for more while the queue goes is refused") {
  driver::InferQueue* queue = nullptr;
  std::vector<InferRequest> requests;
  std::string refusal;
  InferOptions options;
  options.on_event = [&](const InferEvent& event) {
    if (event.kind != InferEvent::Kind::kEnded) return;
    try {
      requests.push_back(queue->submit(infer_inputs(infer_program("mnist"), 1)));
    } catch (const Error& error) {
      refusal = std::string(to_string(error.kind())) + ": " + error.what();
      throw;
    }
  };
  InferBench bench("mnist", options);
  queue = &*bench.queue;
  bench.device.held = true;
  const InferRequest first = bench.submit(0);
  bench.wait_for_jobs(1);
  bench.queue.reset();
  CHECK(first.state() == RequestState::kCancelled);
  for (const InferRequest& request : requests) CHECK(request.state() == RequestState::kCancelled);
  CHECK_THAT(refusal, ContainsSubstring("cancelled: ") && ContainsSubstring("closed"));
}

TEST_CASE("operators of the host that nobody wants any more are not run") {
  std::atomic<bool> free = false;
  std::atomic<int> calls = 0;
  const auto host = [&](const program::HostOp& op, const driver::Inputs& inputs) {
    ++calls;
    while (!free) std::this_thread::yield();
    return run_on_host(op, inputs);
  };
  InferBench bench("mixed", {}, host);
  const InferRequest first = bench.submit(1);
  while (calls == 0) std::this_thread::yield();
  for (int i = 0; i < 20; ++i) {
    const int begun = bench.device.begun;
    const InferRequest request = bench.submit(2);
    while (bench.device.begun == begun) std::this_thread::yield();
    request.cancel();
    request.wait();
  }
  free = true;
  CHECK(bench.exact(first, 1));
  const int host_steps = static_cast<int>(
      std::count_if(bench.program.steps.begin(), bench.program.steps.end(),
                    [](const program::Step& step) { return step.host.has_value(); }));
  CHECK(calls == host_steps);
}

TEST_CASE("a listener may look, but not wait") {
  InferBench* self = nullptr;
  bool looked = true;
  std::atomic<bool> called = false;  // the event comes after the end that it tells
  InferOptions options;
  options.on_event = [&](const InferEvent& event) {
    if (event.kind != InferEvent::Kind::kEnded || event.request != 1) return;
    looked = self->submit(2).wait_for(std::chrono::nanoseconds(0));
    called = true;
  };
  {
    InferBench bench("mnist", options);
    self = &bench;
    CHECK(bench.exact(bench.submit(1), 1));
    while (!called || bench.queue->unfinished() > 0) std::this_thread::yield();
  }
  CHECK_FALSE(looked);
}

}  // namespace
}  // namespace weft::tb
