#include "runtime/host_speed.h"

#include <ctime>
#include <map>

#include "base/error.h"
#include "driver/session.h"
#include "emulator/emulator_device.h"
#include "golden/golden.h"
#include "runtime/host_ops.h"
#include "weft_gen/configs.h"

namespace weft::runtime {
namespace {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Run>
HostSpeed measure(std::string what, double seconds, Run run) {
  run();
  HostSpeed speed{std::move(what), 0, 0};
  const double start = thread_seconds();
  double spent = 0;
  do {
    run();
    ++speed.runs;
    spent = thread_seconds() - start;
  } while (spent < seconds);
  speed.seconds = spent / static_cast<double>(speed.runs);
  return speed;
}

}  // namespace

std::vector<HostSpeed> measure_host_speed(const model::Graph& graph,
                                          const program::Program& program,
                                          const NetworkInput& input, double seconds) {
  golden::Values given;
  for (size_t i = 0; i < graph.inputs.size(); ++i) given[graph.inputs[i]] = input.at(i);
  golden::Values golden;
  std::vector<HostSpeed> speeds;
  speeds.push_back(measure("golden", seconds, [&] { golden = golden::run(graph, given); }));

  driver::DeviceOptions options;
  options.memory_bytes = driver::Session::memory_needed(program);
  const isa::HardwareConfig& config = isa::find_config(program.config);
  for (const emulator::Kernels& kernels : emulator::kernels_of(config.rows)) {
    emulator::EmulatorDevice device(config, options, &kernels);
    driver::Session session(device, program, run_host_op);
    speeds.push_back(
        measure(std::string("emulator, ") + kernels.name, seconds, [&] { session.run(input); }));
    for (const int output : graph.outputs) {
      const std::string& name = graph.tensor(output).name;
      if (session.read_tensor(name) == golden.at(output)) continue;
      fail(ErrorKind::kMismatch,
           "{}: its tensor '{}' is not the golden model's; `weft verify` says where",
           speeds.back().what, name);
    }
  }
  return speeds;
}

}  // namespace weft::runtime
