// Inferences that are cancelled, take too long or fail, on devices that are not well: only those it is
// about end so, the others exactly, and nothing hangs.
#include "infer_bench.h"
#include "tb/catch_compat.h"

namespace weft::tb {
namespace {

using Catch::Matchers::ContainsSubstring;
using driver::InferOptions;
using driver::InferRequest;
using driver::RequestState;

// Of each of them, ids from 0.
std::vector<InferRequest> submit_all(InferBench& bench, uint64_t count) {
  std::vector<InferRequest> requests;
  for (uint64_t i = 0; i < count; ++i) requests.push_back(bench.submit(i));
  return requests;
}

TEST_CASE("a cancelled inference ends so wherever it stands, and the others exactly") {
  for (const size_t victim : {0, 2, 3, 5}) {  // the oldest and others in the ring, a waiting one
    INFO("inference " << victim);
    InferBench bench;
    bench.device.held = true;
    const std::vector<InferRequest> requests = submit_all(bench, 6);
    bench.wait_for_jobs(4);
    CHECK(requests[victim].cancel());
    CHECK(requests[victim].cancel());  // not yet, or just: either is no harm
    requests[victim].wait();
    CHECK(requests[victim].state() == RequestState::kCancelled);
    CHECK(error_of(requests[victim]) ==
          "cancelled: inference " + std::to_string(victim + 1) + " was cancelled before it ended");
    bench.device.held = false;
    for (size_t i = 0; i < requests.size(); ++i) {
      if (i != victim) CHECK(bench.exact(requests[i], i));
    }
    CHECK(bench.device.resets == (victim < 4 ? 2 : 1));  // one when the queue took the device over
    CHECK_FALSE(requests[0].cancel());                   // it has ended
  }
}

TEST_CASE("an inference whose operator the host runs can be cancelled") {
  std::atomic<bool> free = false, begun = false;
  const auto host = [&](const program::HostOp& op, const driver::Inputs& inputs) {
    begun = true;
    while (!free) std::this_thread::yield();
    return run_on_host(op, inputs);
  };
  InferBench bench("mixed", {}, host);
  const InferRequest first = bench.submit(1), second = bench.submit(2);
  while (!begun) std::this_thread::yield();
  CHECK(first.cancel());
  first.wait();  // though the operator still runs
  CHECK(first.state() == RequestState::kCancelled);
  free = true;
  CHECK(bench.exact(second, 2));
  CHECK(bench.exact(bench.submit(3), 3));
}

TEST_CASE("an inference that takes too long ends so, and the others exactly") {
  for (const int hanging : {0, 2}) {
    InferBench bench;
    bench.device.hang_at = hanging;
    bench.device.held = true;
    const auto late = static_cast<size_t>(hanging);
    std::vector<InferRequest> requests;
    for (uint64_t i = 0; i < 5; ++i) {
      requests.push_back(
          bench.submit(i, i == late ? std::optional<uint64_t>(25'000) : std::nullopt));
    }
    bench.wait_for_jobs(4);
    bench.device.held = false;
    requests[late].wait();
    CHECK(error_of(requests[late]) ==
          "timeout: the job did not end within 25000 cycles and was abandoned");
    bench.device.hang_at = -1;
    for (size_t i = 0; i < requests.size(); ++i) {
      if (i != late) CHECK(bench.exact(requests[i], i));
    }
    CHECK(bench.exact(bench.submit(9), 9));
  }
}

TEST_CASE("a limit of no cycles is too short for a job that does not end at once") {
  InferBench bench;
  bench.device.held = true;
  CHECK_THAT(error_of(bench.submit(1, 0)), ContainsSubstring("within 0 cycles"));
  bench.device.held = false;
  CHECK(bench.exact(bench.submit(2), 2));
}

TEST_CASE("a job that fails is its own inference's failure") {
  for (const int spoilt : {0, 2}) {
    InferBench bench;
    bench.device.spoil_at = spoilt;
    bench.device.held = true;
    const std::vector<InferRequest> requests = submit_all(bench, 5);
    bench.wait_for_jobs(4);
    bench.device.held = false;
    for (size_t i = 0; i < requests.size(); ++i) {
      if (i != static_cast<size_t>(spoilt)) {
        CHECK(bench.exact(requests[i], i));
        continue;
      }
      CHECK_THAT(error_of(requests[i]), ContainsSubstring("device: the device ended the job") &&
                                            ContainsSubstring("config_mismatch"));
      CHECK(requests[i].state() == RequestState::kFailed);
    }
    CHECK(bench.device.resets == 1);  // nobody had to start again
  }
}

TEST_CASE("what the host's operator throws is its own inference's failure") {
  std::atomic<int> calls = 0;
  const auto host = [&](const program::HostOp& op, const driver::Inputs& inputs) {
    const int call = calls++;
    if (call == 0) throw std::runtime_error("no more paper");
    if (call == 1) fail(ErrorKind::kUnsupported, "not on a Sunday");
    std::vector<int8_t> made = run_on_host(op, inputs);
    if (call == 2) made.pop_back();
    return made;
  };
  InferBench bench("mixed", {}, host);
  CHECK_THAT(error_of(bench.submit(1)),
             ContainsSubstring("internal: ") && ContainsSubstring("no more paper"));
  CHECK(error_of(bench.submit(1)) == "unsupported: not on a Sunday");
  CHECK_THAT(error_of(bench.submit(1)), ContainsSubstring("119 bytes"));
  CHECK(bench.exact(bench.submit(1), 1));
}

TEST_CASE("a device that dies fails what is on it, and can be used when it is back") {
  struct Fault {
    const char* what;
    std::atomic<bool> LateDevice::*member;
    bool well;
    const char* sentence;
  };
  const Fault faults[] = {
      {"all ones", &LateDevice::dead, false, ""},
      {"refuses", &LateDevice::refuses, false, "the card was pulled out"},
  };
  for (const Fault& fault : faults) {
    INFO(fault.what);
    InferBench bench;
    CHECK(bench.exact(bench.submit(1), 1));
    bench.device.held = true;
    std::vector<InferRequest> requests;
    for (uint64_t i = 0; i < 6; ++i) requests.push_back(bench.submit(i));
    bench.wait_for_jobs(4);
    bench.device.*fault.member = !fault.well;
    for (const InferRequest& request : requests) {
      CHECK_THAT(error_of(request), ContainsSubstring(fault.sentence));
      CHECK(request.state() == RequestState::kFailed);
    }
    bench.device.*fault.member = fault.well;
    bench.device.held = false;
    CHECK(bench.exact(bench.submit(2), 2));
  }
}

TEST_CASE("a session whose device dies in a run can be used when it is back") {
  const program::Program& program = infer_program("mnist");
  LateDevice device(infer_emulator());
  driver::Session session(device, program);
  const auto exact = [&](uint64_t seed) {
    session.run(infer_inputs(program, seed));
    return session.read_tensor("Identity") == expected_outputs(program, seed)[0];
  };
  CHECK(exact(1));
  for (std::atomic<bool>* fault : {&device.dead, &device.refuses}) {
    *fault = true;
    for (int i = 0; i < 2; ++i) CHECK_THROWS_AS(exact(2), Error);
    *fault = false;
    CHECK(exact(3));
  }
}

TEST_CASE("a soft reset that does not end fails what is on the device, and is tried again") {
  InferBench bench;
  bench.device.held = true;
  std::vector<InferRequest> requests = submit_all(bench, 5);
  bench.wait_for_jobs(4);
  bench.device.resets_end = false;
  CHECK(requests[1].cancel());
  for (const InferRequest& request : requests) {
    request.wait();
    if (request.state() != RequestState::kCancelled)
      CHECK_THAT(error_of(request), ContainsSubstring("soft reset"));
  }
  bench.device.resets_end = true;
  bench.device.held = false;
  CHECK(bench.exact(bench.submit(2), 2));
}

TEST_CASE("a queue goes with inferences on the way; their handles stay good") {
  for (const bool sick : {false, true}) {
    std::optional<InferBench> bench(std::in_place);
    bench->device.held = true;
    const std::vector<InferRequest> requests = submit_all(*bench, 8);
    bench->wait_for_jobs(4);
    bench->device.resets_end = !sick;
    bench->queue.reset();
    for (const InferRequest& request : requests) {
      CHECK(request.state() == RequestState::kCancelled);
      CHECK_FALSE(request.cancel());
      CHECK_THAT(error_of(request), ContainsSubstring("cancelled: "));
    }
    if (sick) continue;
    bench->device.held = false;
    // The device is free for the next one.
    driver::InferQueue next(bench->device, bench->program);
    CHECK(bench->exact(next.submit(infer_inputs(bench->program, 4)), 4));
  }
}

}  // namespace
}  // namespace weft::tb
