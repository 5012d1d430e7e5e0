// Batches: golden makes of image i of a batch what it makes of image i alone; inputs and outputs are
// joined and parted in that order; what mixes images is refused by name.
#include "model/batch.h"

#include <random>

#include "base/error.h"
#include "golden/golden.h"
#include "model/tflite.h"
#include "one_op_graph.h"
#include "runtime/inputs.h"
#include "tb/catch_compat.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("a batch gives what its images give") {
  const model::Graph graph = model::import_tflite(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite");
  constexpr int kBatch = 3, kImages = 6;
  const model::Graph batch = model::batched(graph, kBatch);
  std::mt19937 rng(1);
  std::vector<runtime::NetworkInput> images(kImages);
  std::vector<std::vector<int8_t>> alone;
  for (runtime::NetworkInput& image : images) {
    image.resize(1);
    for (int i = 0; i < 28 * 28; ++i) image[0].push_back(static_cast<int8_t>(rng() >> 24));
    alone.push_back(golden::run(graph, {{graph.inputs[0], image[0]}}).at(graph.outputs[0]));
  }
  std::map<int, runtime::NetworkOutput> outputs;
  const std::vector<runtime::NetworkInput> joined = runtime::batches_of(images, kBatch);
  REQUIRE(joined.size() == kImages / kBatch);
  for (size_t b = 0; b < joined.size(); ++b) {
    const auto values = golden::run(batch, {{batch.inputs[0], joined[b][0]}});
    outputs[static_cast<int>(b)] = {values.at(batch.outputs[0])};
  }
  const auto parted = runtime::images_of(outputs, kBatch);
  REQUIRE(parted.size() == kImages);
  for (int i = 0; i < kImages; ++i) CHECK(parted.at(i)[0] == alone[static_cast<size_t>(i)]);
}

void check_refused(const model::Graph& graph, const std::string& why) {
  try {
    model::batched(graph, 2);
    FAIL("not refused: " << why);
  } catch (const Error& error) {
    CHECK_THAT(error.what(), ContainsSubstring(graph.ops.at(0).name) && ContainsSubstring(why));
  }
}

model::Graph one_op(model::Attributes attributes, std::vector<int> in, std::vector<int> out) {
  model::Graph graph;
  graph.tensors = {tb::activation("in", std::move(in)), tb::activation("out", std::move(out))};
  graph.ops = {{"op1", "operator 0", std::move(attributes), {0}, {1}}};
  graph.inputs = {0};
  graph.outputs = {1};
  return graph;
}

TEST_CASE("what does not leave images as they are is refused") {
  check_refused(one_op(model::Transpose{{1, 0}}, {1, 4}, {4, 1}), "another dimension");
  check_refused(one_op(model::Concat{0}, {1, 4}, {1, 4}), "joins images");
  check_refused(one_op(model::Pad{{1, 0}, {0, 0}, 0}, {1, 4}, {2, 4}), "pads images");
  check_refused(one_op(model::StridedSlice{{0, 1}, {1, 1}, {2, 2}}, {2, 4}, {2, 2}), "slices");
  check_refused(one_op(model::Reshape{}, {1, 4}, {4}), "'out' has no first extent of 1");
  CHECK_THROWS_AS(model::batched(one_op(model::Reshape{}, {1, 4}, {1, 4}), 0), Error);
  const model::Graph sliced =
      model::batched(one_op(model::StridedSlice{{0, 1}, {1, 1}, {1, 2}}, {1, 4}, {1, 2}), 5);
  CHECK(sliced.tensors[1].shape == std::vector<int>{5, 2});
}

TEST_CASE("images that are left over are refused") {
  const std::vector<runtime::NetworkInput> images(3);
  CHECK_THROWS_AS(runtime::batches_of(images, 2), Error);
  CHECK_THROWS_AS(runtime::batches_of(images, 0), Error);
}

}  // namespace
}  // namespace weft
