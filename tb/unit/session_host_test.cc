// A session whose program has operators for the host.
#include "base/error.h"
#include "compiler/compile.h"
#include "driver/session.h"
#include "golden/golden.h"
#include "mixed_graph.h"
#include "runtime/devices.h"
#include "runtime/host_ops.h"
#include "tb/catch_compat.h"

namespace weft::driver {
namespace {

using Catch::Matchers::ContainsSubstring;

std::unique_ptr<Device> emulator(const program::Program& p) {
  DeviceOptions options;
  options.memory_bytes = Session::memory_needed(p);
  return runtime::make_device("emulator", "tiny", options);
}

program::Program compiled(const model::Graph& graph) {
  return compiler::compile(graph, isa::find_config("tiny"));
}

std::vector<int8_t> some_input(const model::Graph& graph) {
  std::vector<int8_t> input(static_cast<size_t>(graph.tensor(graph.inputs[0]).elements()));
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<int8_t>(53 * i);
  return input;
}

TEST_CASE("a program with operators for the host needs someone to run them") {
  const program::Program p = compiled(tb::mixed_graph());
  const auto device = emulator(p);
  try {
    Session session(*device, p);
    FAIL("opened");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kInvalidArgument);
    CHECK_THAT(error.what(), ContainsSubstring("transpose1") && ContainsSubstring("on the host"));
  }
}

TEST_CASE("device and host together give golden's bytes, run after run") {
  const model::Graph graph = tb::mixed_graph();
  model::check(graph);
  const program::Program p = compiled(graph);
  const auto device = emulator(p);
  Session session(*device, p, runtime::run_host_op);
  std::vector<int8_t> input = some_input(graph);
  for (int i = 0; i < 3; ++i) {
    session.run({input});
    const golden::Values values = golden::run(graph, {{graph.inputs[0], input}});
    size_t compared = 0;
    for (const program::Tensor& t : p.tensors) {
      for (size_t k = 0; k < graph.tensors.size(); ++k) {
        if (graph.tensors[k].name != t.name) continue;
        CHECK(session.read_tensor(t.name) == values.at(static_cast<int>(k)));
        ++compared;
      }
    }
    CHECK(compared == p.tensors.size());
    CHECK(session.statistics().host_seconds > 0);
    for (int8_t& b : input) b = static_cast<int8_t>(b + 7);
  }
}

TEST_CASE("a program of nothing but the host's operators runs without a job") {
  const model::Graph graph =
      tb::one_op_graph("softmax1", model::Softmax{1 << 30, 22, -248}, {2, 7}, {2, 7});
  const program::Program p = compiled(graph);
  CHECK(p.descriptor_count == 0);
  const auto device = emulator(p);
  Session session(*device, p, runtime::run_host_op);
  const std::vector<int8_t> input = some_input(graph);
  session.run({input});
  CHECK(session.read_tensor("output") == golden::run(graph, {{0, input}}).at(1));
  CHECK(session.statistics().cycles == 0);
}

TEST_CASE("what the host's runner does wrong is told") {
  const model::Graph graph = tb::mixed_graph();
  const program::Program p = compiled(graph);
  const auto device = emulator(p);
  bool fails = true;
  Session session(*device, p,
                  [&](const program::HostOp& op, const std::vector<std::vector<int8_t>>& inputs) {
                    std::vector<int8_t> made = runtime::run_host_op(op, inputs);
                    if (fails) made.pop_back();
                    return made;
                  });
  CHECK_THROWS_WITH(session.run({some_input(graph)}),
                    ContainsSubstring("'transpose1_output'") && ContainsSubstring("119 bytes"));
  fails = false;
  CHECK_NOTHROW(session.run({some_input(graph)}));
}

}  // namespace
}  // namespace weft::driver
