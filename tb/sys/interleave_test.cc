// A compiled program gives the same bytes in whatever order its semaphores allow: engines
// that run ahead or lag behind at random, with queues of depth 1 and 8. The machine without
// time executes the descriptors; a missing semaphore shows as a wrong byte in some order.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <span>

#include "base/error.h"
#include "compiler/compile.h"
#include "emulator/machine.h"
#include "model/tflite.h"
#include "random_graph.h"
#include "random_network.h"
#include "runtime/host_ops.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"

namespace {

using namespace weft;

// A program's DRAM and the machine on it.
class Bench : private emulator::Dram {
 public:
  Bench(const program::Program& program, const isa::HardwareConfig& config)
      : program_(program), machine_(config, *this) {
    for (size_t r = 0; r < program.regions.size(); ++r) {
      const program::Region& region = program.regions[r];
      regions_[r] = {memory_.size(), memory_.size() + region.bytes, region.readable,
                     region.writable};
      memory_.insert(memory_.end(), region.image.begin(), region.image.end());
      memory_.resize(regions_[r].limit);
    }
    std::mt19937 bytes(7);
    for (const program::Tensor& t : program.tensors) {
      if (t.role != program::TensorRole::kInput) continue;
      for (uint8_t& b : bytes_of(t)) b = static_cast<uint8_t>(bytes());
    }
  }

  // Executes everything, each job in an order drawn from `rng`; false: stuck.
  bool run(std::mt19937_64& rng, size_t queue_depth) {
    for (const program::Step& step : program_.steps) {
      if (step.host) {
        run_on_host(*step.host);
      } else if (!run_job(step, rng, queue_depth)) {
        return false;
      }
    }
    return true;
  }

  std::vector<uint8_t> outputs() {
    std::vector<uint8_t> bytes;
    for (const program::Tensor& t : program_.tensors) {
      if (t.role == program::TensorRole::kInput) continue;
      const std::span<uint8_t> these = bytes_of(t);
      bytes.insert(bytes.end(), these.begin(), these.end());
    }
    return bytes;
  }

 private:
  emulator::DramAnswer read(uint64_t address, uint64_t bytes) override {
    if (address + bytes <= memory_.size()) return {memory_.data() + address, 0};
    return {nullptr, 3};
  }
  uint32_t write(uint64_t address, std::span<const uint8_t> data) override {
    if (address + data.size() > memory_.size()) return 3;
    std::copy(data.begin(), data.end(), memory_.begin() + static_cast<ptrdiff_t>(address));
    return 0;
  }

  bool run_job(const program::Step& step, std::mt19937_64& rng, size_t queue_depth) {
    machine_.begin_job(regions_);
    std::array<std::deque<uint32_t>, isa::kNumEngines> queues;
    uint32_t next = step.first;
    uint32_t left = step.count;
    // One engine is favoured for a while, so that engines really run far ahead.
    size_t favourite = 0;
    while (left > 0) {
      while (next < step.first + step.count) {
        auto& queue = queues[engine_of(next)];
        if (queue.size() >= queue_depth) break;
        queue.push_back(next++);
      }
      if (rng() % 8 == 0) favourite = rng() % queues.size();
      bool progress = false;
      for (size_t i = 0; i < queues.size() && !progress; ++i) {
        auto& queue = queues[(favourite + i) % queues.size()];
        if (queue.empty()) continue;
        const emulator::Fault fault = machine_.execute(program_.descriptor(queue.front()));
        if (fault.code == isa::ErrorCode::kDeadlock) continue;  // not its turn yet
        REQUIRE(fault.code == isa::ErrorCode::kNone);
        queue.pop_front();
        --left;
        progress = true;
      }
      if (!progress) return false;
    }
    return true;
  }

  void run_on_host(const program::HostOp& op) {
    std::vector<std::vector<int8_t>> inputs;
    for (const program::HostTensor& t : op.inputs) {
      std::vector<int8_t>& bytes = inputs.emplace_back();
      if (t.tensor < 0) continue;
      const std::span<uint8_t> from = bytes_of(program_.tensors[static_cast<size_t>(t.tensor)]);
      bytes.assign(from.begin(), from.end());
    }
    const std::vector<int8_t> made = runtime::run_host_op(op, inputs);
    const std::span<uint8_t> to = bytes_of(program_.tensors[static_cast<size_t>(op.output.tensor)]);
    REQUIRE(made.size() == to.size());
    std::copy(made.begin(), made.end(), to.begin());
  }

  std::span<uint8_t> bytes_of(const program::Tensor& t) {
    return {memory_.data() + regions_[static_cast<size_t>(t.region)].base + t.offset, t.bytes};
  }

  size_t engine_of(uint32_t index) const {
    return static_cast<size_t>(
        isa::engine_of(static_cast<isa::Opcode>(program_.descriptor(index)[0])));
  }

  const program::Program& program_;
  std::vector<uint8_t> memory_;
  emulator::RegionTable regions_{};
  emulator::Machine machine_;
};

// Bytes compared over `orders` random orders.
size_t check_orders(const program::Program& program, const isa::HardwareConfig& config,
                    int orders) {
  std::mt19937_64 rng(11);
  Bench straight(program, config);
  REQUIRE(straight.run(rng, 1));
  const std::vector<uint8_t> want = straight.outputs();
  size_t compared = 0;
  for (int i = 0; i < orders; ++i) {
    Bench bench(program, config);
    REQUIRE(bench.run(rng, i % 4 == 0 ? 1 : 8));
    REQUIRE(bench.outputs() == want);
    compared += want.size();
  }
  return compared;
}

TEST_CASE("random layers give the same bytes in any order their semaphores allow") {
  size_t compared = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    for (const char* name : {"tiny", "small", "base", "wide"}) {
      INFO("seed " << seed << ", configuration " << name);
      const isa::HardwareConfig& config = isa::find_config(name);
      compared += check_orders(compiler::compile(tb::random_graph(seed), config), config, 8);
    }
  }
  CHECK(compared > 100000);
}

TEST_CASE("random networks give the same bytes in any order their semaphores allow", "[config]") {
  constexpr uint64_t kNetworks = 400;
  for (const std::string& name : tb::test_configs()) {
    size_t compared = 0;
    const isa::HardwareConfig& config = isa::find_config(name);
    for (uint64_t seed = 1; seed <= kNetworks; ++seed) {
      INFO("seed " << seed << ", configuration " << name);
      const model::Graph graph = tb::random_network(seed);
      program::Program program;
      try {
        program = compiler::compile(graph, config);
      } catch (const Error& error) {
        REQUIRE(error.kind() == ErrorKind::kUnsupported);  // too large
        continue;
      }
      compared += check_orders(program, config, 8);
    }
    CHECK(compared > 1'000'000);
  }
}

TEST_CASE("the MNIST network gives the same bytes in any order its semaphores allow") {
  const model::Graph graph = model::import_tflite(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite");
  for (const char* name : {"tiny", "small", "base", "wide"}) {
    INFO("configuration " << name);
    const isa::HardwareConfig& config = isa::find_config(name);
    check_orders(compiler::compile(graph, config), config, 8);
  }
}

// The check itself: with its semaphores removed a program must go wrong in some order.
TEST_CASE("a program without semaphores is found out") {
  const model::Graph graph = model::import_tflite(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite");
  const isa::HardwareConfig& config = isa::find_config("tiny");
  program::Program program = compiler::compile(graph, config);
  std::mt19937_64 rng(3);
  Bench straight(program, config);
  REQUIRE(straight.run(rng, 1));
  const std::vector<uint8_t> want = straight.outputs();
  std::vector<uint8_t>& image =
      program.regions[static_cast<size_t>(program.descriptor_region)].image;
  for (uint32_t i = 0; i < program.descriptor_count; ++i) {
    std::memset(image.data() + program.descriptor_offset + i * isa::kDescriptorBytes + 4, 0, 8);
  }
  bool wrong = false;
  for (int i = 0; i < 20 && !wrong; ++i) {
    Bench bench(program, config);
    REQUIRE(bench.run(rng, 8));
    wrong = bench.outputs() != want;
  }
  CHECK(wrong);
}

}  // namespace
