// Inferences on the way together: every one gets its own result, whoever asks and waits.
#include <set>
#include <thread>

#include "infer_bench.h"
#include "tb/catch_compat.h"

namespace weft::tb {
namespace {

using Catch::Matchers::ContainsSubstring;
using driver::InferEvent;
using driver::InferOptions;
using driver::InferRequest;
using driver::RequestState;

TEST_CASE("results are exact for any number of slots, in whatever order they are taken") {
  for (const char* name : {"mnist", "mixed"}) {
    for (const size_t slots : {1, 2, 5, 16}) {
      INFO(name << ", " << slots << " slots");
      InferOptions options;
      options.slots = slots;
      InferBench bench(name, options);
      std::vector<InferRequest> requests;
      for (uint64_t i = 0; i < 20; ++i) requests.push_back(bench.submit(i % 7));
      for (uint64_t i = 20; i-- > 0;) {
        CHECK(requests[i].id() == i + 1);
        CHECK(bench.exact(requests[i], i % 7));
        CHECK(requests[i].state() == RequestState::kDone);
      }
      CHECK(bench.queue->unfinished() == 0);
    }
  }
}

TEST_CASE("several jobs are on the device at a time") {
  InferBench bench;
  bench.device.held = true;
  std::vector<InferRequest> requests;
  for (uint64_t i = 0; i < 6; ++i) requests.push_back(bench.submit(i));
  bench.wait_for_jobs(4);  // as many as there are slots
  CHECK(requests[0].state() == RequestState::kRunning);
  CHECK(requests[5].state() == RequestState::kQueued);
  CHECK_FALSE(requests[0].wait_for(std::chrono::milliseconds(5)));
  CHECK_FALSE(requests[5].wait_for(std::chrono::nanoseconds(0)));
  CHECK(bench.queue->unfinished() == 6);
  bench.device.held = false;
  for (uint64_t i = 0; i < 6; ++i) CHECK(bench.exact(requests[i], i));
  CHECK(requests[0].wait_for(std::chrono::nanoseconds::max()));
  // Others were in the ring with it: its counters are not known.
  CHECK_FALSE(requests[0].result().counters);
}

TEST_CASE("an inference alone on the device has its counters") {
  for (const char* name : {"mnist", "mixed"}) {
    InferBench bench(name);
    const InferRequest request = bench.submit(3);
    REQUIRE(request.result().counters);
    const auto descriptors = static_cast<size_t>(regs::Counter::kDescriptors);
    CHECK((*request.result().counters)[descriptors] == bench.program.descriptor_count);
  }
}

TEST_CASE("threads submit, wait and cancel at once") {
  for (const char* name : {"mnist", "mixed"}) {
    InferBench bench(name);
    for (uint64_t seed = 0; seed < 5; ++seed) expected_outputs(bench.program, seed);
    std::atomic<int> exact = 0, cancelled = 0;
    std::vector<std::thread> threads;
    constexpr int kThreads = 4, kEach = 12;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const auto seed = static_cast<uint64_t>((t + i) % 5);
          const InferRequest request = bench.submit(seed);
          if (i % 4 == 3 && request.cancel()) {
            request.wait();
            cancelled += request.state() == RequestState::kCancelled ? 1 : 0;
          } else {
            while (i % 2 == 0 && !driver::ended(request.state())) std::this_thread::yield();
            while (!request.wait_for(std::chrono::microseconds(50))) bench.queue->unfinished();
            exact += bench.exact(request, seed) ? 1 : 0;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(exact + cancelled == kThreads * kEach);
    CHECK(exact >= kThreads * kEach * 3 / 4);
  }
}

TEST_CASE("a closed queue leaves the device alone, and says so") {
  InferBench bench;
  const InferRequest done = bench.submit(1);
  CHECK(bench.queue->wait_all_for(std::chrono::nanoseconds::max()));
  bench.device.held = true;
  const InferRequest running = bench.submit(0), waiting = bench.submit(1);
  bench.wait_for_jobs(1);
  CHECK_FALSE(bench.queue->wait_all_for(std::chrono::milliseconds(5)));
  std::thread other([&] { bench.queue->wait_all(); });
  bench.queue->close();
  bench.queue->close();
  other.join();
  CHECK(bench.queue->unfinished() == 0);
  CHECK(running.state() == RequestState::kCancelled);
  CHECK(waiting.state() == RequestState::kCancelled);
  CHECK(bench.exact(done, 1));
  CHECK_THROWS_WITH(bench.submit(0), ContainsSubstring("closed"));
  bench.device.held = false;
  driver::Session session(bench.device, bench.program, run_on_host);
  session.run(infer_inputs(bench.program, 2));
}

TEST_CASE("events come in order, on one thread, and their listener may ask for more") {
  std::vector<InferEvent> events;
  std::set<std::thread::id> threads;
  InferBench* self = nullptr;
  std::optional<InferRequest> second;
  std::string refusal, closing;
  InferOptions options;
  std::atomic<int> ends = 0;
  options.on_event = [&](const InferEvent& event) {
    events.push_back(event);
    threads.insert(std::this_thread::get_id());
    if (event.kind == InferEvent::Kind::kEnded && event.request == 1) {
      second = self->submit(2);
      try {
        second->wait();
      } catch (const Error& error) {
        refusal = error.what();
      }
      try {
        self->queue->close();
      } catch (const Error& error) {
        closing = error.what();
      }
    }
    if (event.kind == InferEvent::Kind::kEnded) ++ends;
    throw std::runtime_error("a listener's own trouble");
  };
  {
    InferBench bench("mixed", options);
    self = &bench;
    bench.device.held = true;
    const InferRequest first = bench.submit(1);
    bench.device.held = false;
    CHECK(bench.exact(first, 1));
    while (ends < 2) std::this_thread::yield();
    CHECK(bench.exact(*second, 2));
  }
  CHECK_THAT(refusal, ContainsSubstring("inference 2") && ContainsSubstring("callback"));
  CHECK_THAT(closing, ContainsSubstring("own thread"));
  CHECK(threads.size() == 1);
  CHECK(threads.count(std::this_thread::get_id()) == 0);
  for (const uint64_t id : {1, 2}) {
    std::vector<InferEvent> own;
    for (const InferEvent& e : events) {
      if (e.request == id) own.push_back(e);
    }
    REQUIRE(own.size() >= 4);  // of layers, those of the host at least
    CHECK(own[0].kind == InferEvent::Kind::kQueued);
    CHECK(own[1].kind == InferEvent::Kind::kStarted);
    for (size_t i = 2; i + 1 < own.size(); ++i) CHECK(own[i].kind == InferEvent::Kind::kLayer);
    CHECK(own.back().kind == InferEvent::Kind::kEnded);
    CHECK(own.back().state == RequestState::kDone);
  }
}

TEST_CASE("the host's operators of one inference run beside the device") {
  // The first inference's operator ends only when the second inference has been on the device.
  std::atomic<bool> free = false;
  const auto host = [&](const program::HostOp& op, const driver::Inputs& inputs) {
    while (!free) std::this_thread::yield();
    return run_on_host(op, inputs);
  };
  InferBench bench("mixed", {}, host);
  const InferRequest first = bench.submit(1), second = bench.submit(2);
  while (bench.device.begun < 2) std::this_thread::yield();
  CHECK(first.state() == RequestState::kRunning);
  free = true;
  CHECK(bench.exact(first, 1));
  CHECK(bench.exact(second, 2));
  CHECK(first.result().host_seconds > 0);
}

TEST_CASE("what is asked for wrongly is refused, and the queue goes on") {
  InferOptions options;
  options.max_queued = 2;
  options.slots = 1;
  InferBench bench("mnist", options);
  CHECK_THROWS_WITH(bench.queue->submit({}), ContainsSubstring("input 'image' is missing"));
  CHECK_THROWS_WITH(bench.queue->submit({std::vector<int8_t>(3)}),
                    ContainsSubstring("has 3 bytes; 784"));
  bench.device.held = true;
  std::vector<InferRequest> requests{bench.submit(0)};
  bench.wait_for_jobs(1);
  requests.push_back(bench.submit(1));
  requests.push_back(bench.submit(2));
  try {
    bench.submit(3);
    FAIL("taken");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kBusy);
    CHECK_THAT(error.what(), ContainsSubstring("2 inferences wait already"));
  }
  bench.device.held = false;
  bench.queue->wait_all();
  for (uint64_t i = 0; i < 3; ++i) CHECK(bench.exact(requests[i], i));

  const auto device = infer_emulator();
  const auto refusal = [&](const char* name, InferOptions o, driver::HostRunner host) {
    try {
      driver::InferQueue queue(*device, infer_program(name), std::move(host), std::move(o));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("made");
  };
  options.slots = 0;
  CHECK_THAT(refusal("mnist", options, {}), ContainsSubstring("1 to 16"));
  options.slots = 17;
  CHECK_THAT(refusal("mnist", options, {}), ContainsSubstring("1 to 16"));
  options.slots = 1;
  options.max_queued = 0;
  CHECK_THAT(refusal("mnist", options, {}), ContainsSubstring("at least 1"));
  CHECK_THAT(refusal("mixed", {}, {}), ContainsSubstring("on the host"));
  CHECK(refusal("mnist", {}, {}) == "made");
  for (const size_t slots : {size_t{0}, size_t{17}, ~size_t{0} / 2}) {
    CHECK_THROWS_WITH(driver::InferQueue::memory_needed(bench.program, slots),
                      ContainsSubstring("1 to 16"));
  }
  CHECK(driver::InferQueue::memory_needed(bench.program, 1) ==
        driver::Session::memory_needed(bench.program));
}

}  // namespace
}  // namespace weft::tb
