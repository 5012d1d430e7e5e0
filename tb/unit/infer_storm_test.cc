// Everything at once: threads that submit, cancel and wait, a listener that asks for more, short limits, a
// device that stumbles again and again. All inferences end, and those that end well are exact.
#include <random>

#include "infer_bench.h"
#include "tb/catch_compat.h"

namespace weft::tb {
namespace {

using driver::InferEvent;
using driver::InferOptions;
using driver::InferRequest;
using driver::RequestState;

constexpr uint64_t kSeeds = 3;

// Asks for inferences and gives some of them up; how many it gave up and did not.
void ask(InferBench& bench, uint64_t seed, std::atomic<int>& well, std::atomic<int>& wrong) {
  std::mt19937_64 random(seed);
  std::vector<std::pair<uint64_t, InferRequest>> requests;
  for (int i = 0; i < 30; ++i) {
    const uint64_t input = random() % kSeeds;
    requests.emplace_back(
        input, bench.submit(input, random() % 5 == 0 ? std::optional<uint64_t>(0) : std::nullopt));
    if (random() % 4 == 0) requests[random() % requests.size()].second.cancel();
    if (random() % 6 == 0) bench.device.hiccup = true;
    if (random() % 3 == 0) requests.back().second.wait_for(std::chrono::microseconds(200));
  }
  for (const auto& [input, request] : requests) {
    request.wait();
    if (request.state() != RequestState::kDone) continue;
    ++(bench.exact(request, input) ? well : wrong);
  }
}

TEST_CASE("in a storm of requests, cancellations and faults nothing hangs or is mixed up") {
  for (const char* name : {"mnist", "mixed"}) {
    INFO(name);
    for (uint64_t seed = 0; seed < kSeeds; ++seed) expected_outputs(infer_program(name), seed);
    std::atomic<driver::InferQueue*> queue = nullptr;
    std::vector<InferRequest> more;
    InferOptions options;
    options.on_event = [&](const InferEvent& event) {
      if (event.kind != InferEvent::Kind::kEnded || event.request % 3 != 0) return;
      more.push_back(queue.load()->submit(infer_inputs(infer_program(name), 1)));
      if (event.request % 2 == 0) more.back().cancel();
    };
    {
      InferBench bench(name, options);
      queue = &*bench.queue;
      std::atomic<int> well = 0, wrong = 0;
      std::vector<std::thread> threads;
      for (uint64_t t = 0; t < 3; ++t)
        threads.emplace_back([&, t] { ask(bench, 10 * t + 1, well, wrong); });
      for (std::thread& thread : threads) thread.join();
      CHECK(wrong == 0);
      CHECK(well > 0);
      bench.device.hiccup = false;
      CHECK(bench.exact(bench.submit(2), 2));
    }
    for (const InferRequest& request : more) CHECK(driver::ended(request.state()));
  }
}

}  // namespace
}  // namespace weft::tb
