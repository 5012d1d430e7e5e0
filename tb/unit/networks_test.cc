// The networks that the project builds: that they are what they are called, and that what goes through
// them is worth comparing.
#include "model/networks.h"

#include <algorithm>
#include <array>
#include <random>

#include "golden/golden.h"
#include "tb/catch_compat.h"

namespace {

using namespace weft;

int64_t macs_of(const model::Graph& graph) {
  int64_t sum = 0;
  for (const model::Op& op : graph.ops) sum += model::macs(graph, op);
  return sum;
}

const std::vector<int>& output_shape(const model::Graph& graph, const std::string& op) {
  return graph.tensor(graph.ops[model::find_op(graph, op)].outputs[0]).shape;
}

TEST_CASE("ResNet-50 is ResNet-50") {
  const model::Graph graph = model::resnet50(1);
  CHECK(macs_of(graph) == 4'089'184'256);
  const auto count = [&](auto kind) {
    return std::count_if(graph.ops.begin(), graph.ops.end(), [&](const model::Op& op) {
      return std::holds_alternative<decltype(kind)>(op.attributes);
    });
  };
  CHECK(count(model::Conv2d{}) == 53);
  CHECK(count(model::Add{}) == 16);
  CHECK(count(model::FullyConnected{}) == 1);
  CHECK(count(model::MaxPool2d{}) == 1);
  CHECK(count(model::Mean{}) == 1);
  int64_t weights = 0;
  for (const model::Tensor& t : graph.tensors) {
    if (t.type == model::DataType::kInt8) weights += static_cast<int64_t>(t.data.size());
  }
  CHECK(weights == 25'502'912);
  CHECK(output_shape(graph, "conv1") == std::vector{1, 112, 112, 64});
  CHECK(output_shape(graph, "pool1") == std::vector{1, 56, 56, 64});
  CHECK(output_shape(graph, "add3") == std::vector{1, 56, 56, 256});
  CHECK(output_shape(graph, "add7") == std::vector{1, 28, 28, 512});
  CHECK(output_shape(graph, "add13") == std::vector{1, 14, 14, 1024});
  CHECK(output_shape(graph, "add16") == std::vector{1, 7, 7, 2048});
  CHECK(output_shape(graph, "dense1") == std::vector{1, 1000});
}

TEST_CASE("a seed gives one network, another seed another") {
  const model::Graph a = model::matmul(16, 1), b = model::matmul(16, 1), c = model::matmul(16, 2);
  const auto weights = [](const model::Graph& g) { return g.tensor(g.ops[0].inputs[1]).data; };
  CHECK(weights(a) == weights(b));
  CHECK(weights(a) != weights(c));
  // Of the first word of the generator that the standard fixes.
  CHECK(static_cast<uint8_t>(std::mt19937_64(1)()) == weights(a)[0]);
  CHECK(macs_of(a) == 16 * 16 * 16);
  CHECK(macs_of(model::open_network("matmul512")) == 512 * 512 * 512);
  CHECK(model::is_built("resnet50"));
  CHECK(!model::is_built("models/mnist_convnet.tflite"));
}

struct Spread {
  int distinct = 0;
  double saturated = 0;  // at an end of the bytes; not a ReLU's zero
};

Spread spread_of(const std::vector<int8_t>& values, int zero) {
  std::array<size_t, 256> count{};
  for (const int8_t v : values) ++count[static_cast<size_t>(v + 128)];
  Spread s;
  s.distinct =
      static_cast<int>(std::count_if(count.begin(), count.end(), [](size_t n) { return n > 0; }));
  const size_t ends = count[255] + (zero == -128 ? 0 : count[0]);
  s.saturated = static_cast<double>(ends) / static_cast<double>(values.size());
  return s;
}

void check_spread(const model::Graph& graph) {
  std::mt19937_64 rng(7);
  std::vector<int8_t> input(static_cast<size_t>(graph.tensor(graph.inputs[0]).elements()));
  for (int8_t& b : input) b = static_cast<int8_t>(rng());
  const golden::Values values = golden::run(graph, {{graph.inputs[0], input}});
  for (const model::Op& op : graph.ops) {
    const int t = op.outputs[0];
    const Spread s = spread_of(values.at(t), graph.tensor(t).quantization.zero_points.at(0));
    INFO(graph.tensor(t).name << ": " << s.distinct << " values, " << 100 * s.saturated
                              << " % saturated");
    CHECK(s.distinct >= 64);
    CHECK(s.saturated < 0.05);
  }
}

TEST_CASE("what goes through the networks neither vanishes nor saturates") {
  check_spread(model::matmul(64, 50));
  check_spread(model::open_network("resnet50"));
  // The check itself.
  CHECK(spread_of({1, 1, 2}, 0).distinct == 2);
  CHECK(spread_of({127, -128, 0, 0}, 0).saturated == 0.5);
  CHECK(spread_of({127, -128, 0, 0}, -128).saturated == 0.25);
}

}  // namespace
