// Operators of a program file on the host: golden's result, or an Error, whatever the file says.
#include "runtime/host_ops.h"

#include <limits>
#include <random>

#include "base/error.h"
#include "model/attributes.h"
#include "tb/catch_compat.h"

namespace weft::runtime {
namespace {

using Catch::Matchers::ContainsSubstring;
using program::ElementType;
using program::HostOp;
using program::HostTensor;
using Bytes = std::vector<int8_t>;

HostTensor tensor(std::vector<int> shape, int index = 0) {
  return {index, std::move(shape), ElementType::kInt8, {}, false};
}

HostOp op_of(const model::Attributes& a, std::vector<HostTensor> inputs, HostTensor output) {
  return {0, model::kind_of(a), model::to_integers(a), std::move(inputs), std::move(output)};
}

// The error's words; "(ran)" where there was none.
std::string outcome(const HostOp& op, const std::vector<Bytes>& inputs) {
  try {
    const Bytes made = run_host_op(op, inputs);
    size_t elements = 1;
    for (const int extent : op.output.shape) elements *= static_cast<size_t>(extent);
    const bool wide =
        op.output.type == ElementType::kFloat32 || op.output.type == ElementType::kInt32;
    CHECK(made.size() == elements * (wide ? 4 : 1));
    return "(ran)";
  } catch (const Error& error) {
    CHECK(std::string(error.what()).size() > 10);
    return error.what();
  }
}

TEST_CASE("what golden computes") {
  const HostOp transpose = op_of(model::Transpose{{1, 0}}, {tensor({2, 3})}, tensor({3, 2}, 1));
  CHECK(run_host_op(transpose, {{1, 2, 3, 4, 5, 6}}) == Bytes{1, 4, 2, 5, 3, 6});
  // With a constant, whose place among the inputs is empty.
  HostTensor three{-1, {2}, ElementType::kInt8, {3, 253}, false};
  const HostOp larger = op_of(model::MaxMin{}, {tensor({2, 2}), three}, tensor({2, 2}, 1));
  CHECK(run_host_op(larger, {{1, -9, 5, 2}, {}}) == Bytes{3, -3, 5, 2});
  HostTensor wide = tensor({1}, 1);
  wide.type = ElementType::kFloat32;
  CHECK(run_host_op(op_of(model::Dequantize{0.5F, -1}, {tensor({1})}, wide), {{1}}) ==
        Bytes{0, 0, -128, 63});  // 1.0
}

TEST_CASE("operators that are none are refused, in words") {
  const HostOp good = op_of(model::Transpose{{1, 0}}, {tensor({2, 3})}, tensor({3, 2}, 1));
  const Bytes six(6);
  const auto refused = [&](const char* words, auto change, std::vector<Bytes> inputs) {
    HostOp op = good;
    change(op);
    CHECK_THAT(outcome(op, inputs), ContainsSubstring(words));
  };
  CHECK(outcome(good, {six}) == "(ran)");
  refused("no operator is called 'turn'", [](HostOp& op) { op.kind = "turn"; }, {six});
  refused("cut short", [](HostOp& op) { op.attributes.pop_back(); }, {six});
  refused("too many", [](HostOp& op) { op.attributes.push_back(0); }, {six});
  refused("output", [](HostOp& op) { op.output.shape = {2, 3}; }, {six});
  refused("dimension", [](HostOp& op) { op.output.shape = {3, 0}; }, {six});
  refused("dimension", [](HostOp& op) { op.inputs[0].shape = {-2, -3}; }, {six});
  refused("2 inputs", [](HostOp& op) { op.inputs.push_back(op.inputs[0]); }, {six, six});
  refused("'transpose' has no inputs", [](HostOp& op) { op.inputs.clear(); }, {});
  refused("out of range", [](HostOp& op) { op.output.absent = true; }, {six});
  refused("'transpose' has no inputs", [](HostOp& op) { op.inputs[0].absent = true; }, {six});
  refused("is a constant", [](HostOp& op) { op.output.data.resize(6); }, {six});
  refused("unknown type", [](HostOp& op) { op.inputs[0].type = static_cast<ElementType>(77); },
          {six});
  refused("5 bytes", [](HostOp&) {}, {Bytes(5)});
  refused("of 0 operands", [](HostOp&) {}, {});
}

// Attributes, shapes, types and sizes spoilt at random, of every kind.
TEST_CASE("nonsense never does more than throw an Error") {
  std::mt19937_64 rng(5);
  const auto below = [&](size_t n) { return static_cast<size_t>(rng() % n); };
  constexpr int32_t kOdd[] = {-1,
                              0,
                              1,
                              2,
                              3,
                              255,
                              256,
                              -128,
                              1 << 30,
                              65536,
                              std::numeric_limits<int32_t>::max(),
                              std::numeric_limits<int32_t>::min()};
  const auto odd = [&] { return kOdd[below(std::size(kOdd))]; };
  const std::vector<model::Rescale> two = {{1 << 30, -3}, {1 << 30, -2}};
  const std::vector<model::Attributes> kinds = {
      model::Conv2d{1, 1, 1, 1, 1, {}, 0, 0, {}, two},
      model::DepthwiseConv2d{1, 1, 1, 1, 1, {}, 0, 0, {}, two},
      model::TransposeConv{1, 1, 0, 0, 0, 0, {}, two},
      model::FullyConnected{0, 0, 0, {}, two},
      model::BatchMatMul{},
      model::Add{},
      model::Mul{},
      model::MaxMin{},
      model::MaxPool2d{},
      model::AveragePool2d{},
      model::Mean{{1, 2}, 0, 0, two[0]},
      model::Softmax{1 << 30, 22, -248},
      model::Lookup{},
      model::Requantize{0, 0, two[0], {}},
      model::Quantize{},
      model::Dequantize{},
      model::Reshape{},
      model::Pad{{0, 0, 0, 0}, {0, 0, 0, 0}, 0},
      model::Concat{3},
      model::Transpose{{0, 1, 2, 3}},
      model::StridedSlice{{0, 0, 0, 0}, {1, 1, 1, 1}, {1, 2, 2, 2}}};
  size_t ran = 0, refused = 0;
  for (int i = 0; i < 40'000; ++i) {
    INFO("case " << i);
    const model::Attributes& kind = kinds[below(kinds.size())];
    HostOp op = op_of(kind, {}, tensor({1, 2, 2, 2}, 1));
    std::vector<Bytes> inputs;
    const size_t operands = model::operands_of(kind).least;
    for (size_t k = 0; k < operands; ++k) {
      HostTensor& t = op.inputs.emplace_back(tensor(k == 0 || !model::operands_of(kind).weights
                                                        ? std::vector<int>{1, 2, 2, 2}
                                                        : std::vector<int>{2, 1, 1, 2}));
      inputs.emplace_back(8);
      if (k > 0 && model::operands_of(kind).weights) {
        t.tensor = -1;
        t.data.resize(4);
        inputs.back().clear();
      }
    }
    for (size_t changes = below(4); changes > 0; --changes) {
      HostTensor& t =
          below(3) == 0 || op.inputs.empty() ? op.output : op.inputs[below(op.inputs.size())];
      switch (below(7)) {
        case 0:
        case 1:
          if (!op.attributes.empty()) op.attributes[below(op.attributes.size())] = odd();
          break;
        case 2:
          if (!t.shape.empty()) t.shape[below(t.shape.size())] = odd();
          break;
        case 3: t.shape.resize(below(7), 1); break;
        case 4: t.type = static_cast<ElementType>(below(6)); break;
        case 5: t.data.resize(below(10)); break;
        default:
          if (!inputs.empty()) inputs[below(inputs.size())].resize(below(20));
      }
    }
    // Not a tensor of gigabytes, which only a file as large could hold.
    int64_t elements = 1;
    for (const int extent : op.output.shape)
      elements = std::min<int64_t>(elements * std::max(extent, 1), 1 << 20);
    if (elements > 1000) continue;
    (outcome(op, inputs) == "(ran)" ? ran : refused) += 1;
  }
  CHECK(ran > 5'000);
  CHECK(refused > 5'000);
}

}  // namespace
}  // namespace weft::runtime
