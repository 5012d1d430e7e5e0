// A virtual platform: a host, two accelerators and a memory on one bus. The host reads digits with one
// accelerator, and then with both, and says how long that took in simulated time.
//
//   virtual_platform MODEL.tflite DIGITS-DIRECTORY accurate|lt CONFIG DIGITS
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>

#include "base/error.h"
#include "bus.h"
#include "compiler/compile.h"
#include "host.h"
#include "model/idx.h"
#include "model/tflite.h"
#include "sim/systemc/accelerator.h"
#include "sim/systemc/memory.h"

namespace {

using namespace weft;
using sc_core::sc_time;

// The platform's addresses.
constexpr uint64_t kRegisters = 0x4000'0000, kRegistersStep = 0x1'0000;
constexpr uint64_t kMemory = 0x8000'0000, kMemoryEach = 16 << 20;
constexpr size_t kAccelerators = 2;
constexpr unsigned kLatency = 100;

// An accelerator, and the host's way to it.
struct Node {
  Node(size_t i, systemc::Body body, const std::string& config, Bus& bus)
      : interrupt(name("interrupt", i)),
        accelerator(systemc::make_accelerator(name("accelerator", i), body, config, options())),
        device(name("device", i), device_options(i, config)) {
    bus.window(1 + i).bind(accelerator->registers);
    accelerator->memory.bind(bus.port(3 * i));
    device.registers.bind(bus.port(3 * i + 1));
    device.memory.bind(bus.port(3 * i + 2));
    accelerator->interrupt.bind(interrupt);
    device.interrupt.bind(interrupt);
  }

  static const char* name(const char* stem, size_t i) {
    return sc_core::sc_gen_unique_name((stem + std::to_string(i)).c_str());
  }

  static systemc::AcceleratorOptions options() {
    systemc::AcceleratorOptions of_accelerator;
    of_accelerator.timing.latency = kLatency;
    return of_accelerator;
  }

  static systemc::SocketDeviceOptions device_options(size_t i, const std::string& config) {
    systemc::SocketDeviceOptions of_device;
    of_device.config = config;
    of_device.registers_base = kRegisters + i * kRegistersStep;
    of_device.memory_base = kMemory + i * kMemoryEach;
    of_device.memory_bytes = kMemoryEach;
    return of_device;
  }

  sc_core::sc_signal<bool> interrupt;
  std::unique_ptr<systemc::Accelerator> accelerator;
  systemc::SocketDevice device;
};

int run(const std::string& model, const std::string& digits_directory, const std::string& body_name,
        const std::string& config, size_t count) {
  if (body_name != "accurate" && body_name != "lt") {
    fail(ErrorKind::kInvalidArgument, "body '{}' is not known; there are accurate, lt", body_name);
  }
  const auto body =
      body_name == "accurate" ? systemc::Body::kAccurate : systemc::Body::kLooselyTimed;
  const model::Graph graph = model::import_tflite(std::filesystem::path(model));
  const program::Program program = compiler::compile(graph, isa::find_config(config));
  const model::Digits digits = model::find_digits(digits_directory, "", "");
  const size_t size = static_cast<size_t>(digits.rows) * static_cast<size_t>(digits.cols);
  count = std::min(count, digits.labels.size());
  Host::Inputs inputs;
  for (size_t i = 0; i < count; ++i) {
    inputs.push_back(model::quantize_pixels({digits.pixels.data() + i * size, size},
                                            graph.tensor(graph.inputs[0])));
  }

  systemc::MemoryOptions of_memory;
  of_memory.timing.read_latency = of_memory.timing.write_latency = kLatency;
  const auto bus_bytes = static_cast<unsigned>(isa::find_config(config).bus_bytes());
  of_memory.timing.bus_bytes = bus_bytes;
  systemc::Memory memory("memory", of_memory);
  memory.add_range(0, kAccelerators * kMemoryEach);
  std::vector<Bus::Range> windows{
      {kMemory, kAccelerators * kMemoryEach, of_memory.period / bus_bytes}};
  for (size_t i = 0; i < kAccelerators; ++i) {
    windows.push_back({kRegisters + i * kRegistersStep, kRegistersStep, sc_core::SC_ZERO_TIME});
  }
  Bus bus("bus", 3 * kAccelerators, windows);
  bus.window(0).bind(memory.socket);
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<systemc::SocketDevice*> devices;
  for (size_t i = 0; i < kAccelerators; ++i) {
    nodes.push_back(std::make_unique<Node>(i, body, config, bus));
    devices.push_back(&nodes.back()->device);
  }
  Host host("host", program, inputs, devices);
  sc_core::sc_start();

  if (host.failure) std::rethrow_exception(host.failure);
  size_t right = 0;
  for (size_t i = 0; i < count; ++i) right += host.together.classes[i] == digits.labels[i] ? 1 : 0;
  std::printf("%zu digits, %zu read as their labels say\n", count, right);
  std::printf("one accelerator:  %s\n", host.alone.time.to_string().c_str());
  std::printf("two accelerators: %s, %.2f times as fast\n", host.together.time.to_string().c_str(),
              host.alone.time / host.together.time);
  const bool same = host.alone.classes == host.together.classes;
  if (!same) std::printf("two accelerators read what one does not\n");
  return same && count > 0 && host.together.time < host.alone.time ? 0 : 1;
}

}  // namespace

int sc_main(int argc, char* argv[]) {
  if (argc != 6) {
    std::fprintf(
        stderr,
        "usage: virtual_platform MODEL.tflite DIGITS-DIRECTORY accurate|lt CONFIG DIGITS\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], argv[3], argv[4], std::strtoul(argv[5], nullptr, 10));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "virtual_platform: %s\n", error.what());
    return 1;
  }
}
