// CMSIS-NN's operator vectors through graph, compiler and device: bytes that nobody here made.
#include <filesystem>

#include "compiler/compile.h"
#include "driver/session.h"
#include "runtime/devices.h"
#include "runtime/host_ops.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "tb/unit/cmsis_vectors.h"

namespace {

using namespace weft;

struct Tally {
  size_t device = 0, host = 0;
  uint64_t bytes = 0;
};

// The vector's output, by the host where that runs all of it.
void run_vector(const tb::CmsisVector& vector, const std::string& config,
                const std::string& backend, Tally& tally) {
  const program::Program program = compiler::compile(vector.graph, isa::find_config(config));
  if (program.descriptor_count == 0) {
    ++tally.host;
    return;
  }
  driver::DeviceOptions options;
  options.memory_bytes = driver::Session::memory_needed(program);
  const auto device = runtime::make_device(backend, config, options);
  driver::Session session(*device, program, runtime::run_host_op);
  session.run(vector.inputs);
  const std::string& name = vector.graph.tensor(vector.graph.outputs.at(0)).name;
  CHECK(session.read_tensor(name) == vector.expected);
  ++tally.device;
  tally.bytes += vector.expected.size();
}

TEST_CASE("the vectors of CMSIS-NN on the device", "[config]") {
  const std::filesystem::path directory = tb::cmsis_directory();
  if (!std::filesystem::is_directory(directory)) {
    WARN("skipped: the CMSIS-NN vectors are not present (" << directory.string() << ")");
    return;
  }
  const tb::CmsisVectors all = tb::read_cmsis_vectors(directory);
  for (const std::string& config : tb::test_configs()) {
    for (const char* backend : {"emulator", "rtl"}) {
      Tally tally;
      for (const tb::CmsisVector& vector : all.vectors) {
        INFO(vector.name << " on " << backend << " " << config);
        run_vector(vector, config, backend, tally);
      }
      WARN(config << " " << backend << ": " << tally.device << " vectors on the device, "
                  << tally.bytes << " bytes equal; " << tally.host << " wholly on the host");
      CHECK(tally.device > 30);
    }
  }
}

}  // namespace
