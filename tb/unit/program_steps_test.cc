// The steps of a program, jobs and operators of the host: what is not in order, or not in the program, is refused.
#include <algorithm>
#include <functional>
#include <limits>

#include "base/error.h"
#include "compiler/compile.h"
#include "mixed_graph.h"
#include "tb/catch_compat.h"

namespace weft::program {
namespace {

using Catch::Matchers::ContainsSubstring;

const Program& mixed() {
  static const Program kMixed = compiler::compile(tb::mixed_graph(), isa::find_config("tiny"));
  return kMixed;
}

void refused(const std::vector<std::string>& parts, const std::function<void(Program&)>& change) {
  Program p = mixed();
  REQUIRE_NOTHROW(verify(p, isa::find_config("tiny")));
  change(p);
  std::string message = "(accepted)";
  try {
    verify(p, isa::find_config("tiny"));
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kMalformedFile);
    message = error.what();
  }
  for (const std::string& part : parts) CHECK_THAT(message, ContainsSubstring(part));
  // A file is refused alike.
  CHECK_THROWS_WITH(deserialize(serialize(p), "some.weft"),
                    ContainsSubstring("some.weft: " + message));
}

TEST_CASE("device and host take turns") {
  const Program& p = mixed();
  REQUIRE(p.steps.size() == 4);
  CHECK(!p.steps[0].host);
  CHECK(p.steps[0].first == 0);
  REQUIRE(p.steps[1].host);
  CHECK(p.steps[1].host->kind == "transpose");
  CHECK(p.layers[p.steps[1].host->layer].name == "transpose1");
  CHECK(p.tensors[static_cast<size_t>(p.steps[1].host->output.tensor)].name == "transpose1_output");
  CHECK(!p.steps[2].host);
  CHECK(p.steps[2].first == p.steps[0].count);
  CHECK(p.steps[2].first + p.steps[2].count == p.descriptor_count);
  REQUIRE(p.steps[3].host);
  CHECK(p.steps[3].host->kind == "softmax");
  CHECK(p.layers.back().host != "");
  CHECK(p.host_macs() == 0);
  CHECK(p.macs() > 0);
}

TEST_CASE("steps that skip, repeat or reorder descriptors are refused") {
  const uint32_t count = mixed().descriptor_count;
  refused({"step 2", "is the next"}, [](Program& p) { p.steps[2].first += 1; });
  refused({"step 2", "is the next"}, [](Program& p) { p.steps[2].first -= 1; });
  refused({"step 2", "is the next"}, [](Program& p) { p.steps[2].first = 0; });
  refused({"step 0", "is the next"}, [](Program& p) { p.steps[0].count = 0; });
  refused({"step 2", "of " + std::to_string(count)}, [](Program& p) { p.steps[2].count += 1; });
  refused({"step 2"}, [](Program& p) { p.steps[2].count = ~uint32_t{0}; });
  refused({"step 0"}, [](Program& p) { std::swap(p.steps[0], p.steps[2]); });
  refused({"steps run", "of " + std::to_string(count)}, [](Program& p) { p.steps[2].count -= 1; });
  refused({"steps run"}, [](Program& p) { p.steps.erase(p.steps.begin() + 2); });
  refused({"steps run 0 of"}, [](Program& p) { p.steps.clear(); });
  refused({"step 4"}, [](Program& p) { p.steps.push_back(p.steps[0]); });
}

TEST_CASE("an operator of the host outside the program is refused") {
  const auto with = [](const std::function<void(HostOp&)>& change) {
    return [=](Program& p) { change(*p.steps[1].host); };
  };
  const std::string step = "step 1 (transpose)", input = "an input of " + step,
                    output = "the output of " + step;
  const std::string bytes = std::to_string(5 * 6 * 4);
  refused({step, "layer 4, of 4"}, with([](HostOp& op) { op.layer = 4; }));
  refused({step, "layer 4294967295"}, with([](HostOp& op) { op.layer = ~uint32_t{0}; }));
  for (const int tensor : {static_cast<int>(mixed().tensors.size()), 100, -2,
                           std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
    refused({input, "tensor " + std::to_string(tensor)},
            with([=](HostOp& op) { op.inputs[0].tensor = tensor; }));
    refused({output, "tensor " + std::to_string(tensor)},
            with([=](HostOp& op) { op.output.tensor = tensor; }));
  }
  refused({input, "0 bytes where " + bytes}, with([](HostOp& op) { op.inputs[0].tensor = -1; }));
  refused({output, "0 bytes where " + bytes}, with([](HostOp& op) { op.output.tensor = -1; }));
  refused({output, "is no tensor"}, with([](HostOp& op) {
            op.output.tensor = -1;
            op.output.data.resize(5 * 6 * 4);
          }));
  refused({output, "is no tensor"}, with([](HostOp& op) { op.output = {-1, {}, {}, {}, true}; }));
  refused({input, bytes + " bytes where 150"}, with([](HostOp& op) {
            op.inputs[0].shape = {1, 5, 6, 5};
          }));
  refused({input, bytes + " bytes where 480"},
          with([](HostOp& op) { op.inputs[0].type = ElementType::kFloat32; }));
  refused({output, bytes + " bytes where 480"},
          with([](HostOp& op) { op.output.type = ElementType::kInt32; }));
  refused({input, "unknown type"},
          with([](HostOp& op) { op.inputs[0].type = static_cast<ElementType>(9); }));
  refused({input, "impossible shape"}, with([](HostOp& op) { op.inputs[0].shape = {}; }));
  refused({input, "impossible shape"}, with([](HostOp& op) {
            op.inputs[0].shape = {1, -5, -6, 4};
          }));
  refused({output, "impossible shape"}, with([](HostOp& op) { op.output.shape = {0}; }));
  refused({input, "too large"}, with([](HostOp& op) {
            op.inputs[0].shape = {1 << 30, 1 << 30, 1 << 30};
          }));
  // It may have what only its reader knows to be wrong: tb/unit/host_ops_test.cc.
}

// What a step of the host writes, the program must be able to keep.
TEST_CASE("an operator of the host that writes where nothing may be written is refused") {
  const auto& inputs = mixed().tensors;
  const auto input =
      static_cast<int>(std::find_if(inputs.begin(), inputs.end(),
                                    [](const Tensor& t) { return t.role == TensorRole::kInput; }) -
                       inputs.begin());
  refused({"the output of step 1 (transpose)", "'inputs', which may not be written"},
          [=](Program& p) {
            HostOp& op = *p.steps[1].host;
            op.output.tensor = input;
            op.output.shape = p.tensors[static_cast<size_t>(input)].shape;
          });
}

}  // namespace
}  // namespace weft::program
