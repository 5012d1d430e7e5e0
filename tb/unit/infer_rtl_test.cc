// Inferences on the way together, on the simulated machine: it goes from one job to the next at once.
#include "compiled.h"
#include "infer_bench.h"
#include "runtime/devices.h"
#include "tb/catch_compat.h"

namespace weft::tb {
namespace {

std::unique_ptr<driver::Device> rtl() {
  driver::DeviceOptions options;
  options.memory_bytes = 4 << 20;
  return runtime::make_device("rtl", "tiny", options);
}

TEST_CASE("the machine runs jobs back to back, each as long as alone, and shows its layers") {
  const program::Program& program = infer_program("mnist");
  uint64_t alone = 0;
  {
    const auto device = rtl();
    driver::Session session(*device, program);
    session.run(infer_inputs(program, 1));
    alone = session.statistics().cycles;
  }
  const auto device = rtl();
  std::vector<driver::InferEvent> layers;
  driver::InferOptions options;
  options.on_event = [&](const driver::InferEvent& event) {
    if (event.kind == driver::InferEvent::Kind::kLayer) layers.push_back(event);
  };
  constexpr uint64_t kInferences = 6;
  uint64_t sum = 0;
  {
    driver::InferQueue queue(*device, program, {}, options);
    std::vector<driver::InferRequest> requests;
    for (uint64_t i = 0; i < kInferences; ++i)
      requests.push_back(queue.submit(infer_inputs(program, i)));
    for (uint64_t i = 0; i < kInferences; ++i) {
      CHECK(requests[i].result().outputs == expected_outputs(program, i));
      const uint64_t cycles = requests[i].result().cycles;
      // Where in a page of 4 KiB a slot's tensors lie moves a few bursts.
      CHECK(cycles > alone - alone / 100);
      CHECK(cycles < alone + alone / 100);
      sum += cycles;
    }
  }
  // Between two jobs: the record's write and the next entry's fetch.
  CHECK(device->cycle() < sum + kInferences * 700);
  REQUIRE(layers.size() == kInferences * program.layers.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    CHECK(layers[i].request == 1 + i / program.layers.size());
  }
}

TEST_CASE("a job that runs is cancelled, or late, and the next ones are exact") {
  const program::Program& program = infer_program("mnist");
  const auto device = rtl();
  driver::InferQueue queue(*device, program);
  const auto submit = [&](uint64_t i, std::optional<uint64_t> limit = {}) {
    return queue.submit(infer_inputs(program, i), limit);
  };
  const driver::InferRequest late = submit(0, 3000), second = submit(1), third = submit(2);
  CHECK(error_of(late) == "timeout: the job did not end within 3000 cycles and was abandoned");
  const bool in_time = second.cancel();
  CHECK(third.result().outputs == expected_outputs(program, 2));
  CHECK(in_time == (second.state() == driver::RequestState::kCancelled));
}

}  // namespace
}  // namespace weft::tb
