// What the importer makes of good models: the shipped network, small ones, and others' where
// they are present.
#include "model/tflite.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "tb/catch_compat.h"
#include "tflite_builder.h"

namespace weft::model {
namespace {

using tb::ModelSpec;
using Shape = std::vector<int>;

Graph import(const ModelSpec& spec) { return import_tflite(tb::write(spec), "small"); }

const Tensor& output_of(const Graph& graph, size_t op) {
  return graph.tensor(graph.ops.at(op).outputs.at(0));
}

// What an operator of the shipped network must have; multipliers computed apart from this code.
struct Expected {
  const char* name;
  const char* source;
  Shape shape;
  int64_t macs;
  size_t channels;
  Rescale first, last;
  int64_t multiplier_sum, shift_sum;
};

const Expected kShipped[] = {
    {"conv1",
     "operator 0 (CONV_2D)",
     {1, 26, 26, 32},
     194688,
     32,
     {1355740955, -8},
     {2072114102, -8},
     50270829935,
     -273},
    {"pool1", "operator 1 (MAX_POOL_2D)", {1, 13, 13, 32}, 0, 0, {}, {}, 0, 0},
    {"conv2",
     "operator 2 (CONV_2D)",
     {1, 11, 11, 64},
     2230272,
     64,
     {1555577224, -10},
     {1143031851, -9},
     93999626255,
     -594},
    {"pool2", "operator 3 (MAX_POOL_2D)", {1, 5, 5, 64}, 0, 0, {}, {}, 0, 0},
    {"reshape1", "operator 4 (RESHAPE)", {1, 1600}, 0, 0, {}, {}, 0, 0},
    {"dense1",
     "operator 5 (FULLY_CONNECTED)",
     {1, 64},
     102400,
     64,
     {1224167893, -9},
     {2018195528, -10},
     95318757234,
     -661},
    {"dense2",
     "operator 6 (FULLY_CONNECTED)",
     {1, 10},
     640,
     10,
     {1451052076, -9},
     {1225884066, -9},
     15327971142,
     -91},
};

const std::vector<Rescale>* rescale_of(const Op& op) {
  if (const auto* conv = std::get_if<Conv2d>(&op.attributes)) return &conv->rescale;
  if (const auto* dense = std::get_if<FullyConnected>(&op.attributes)) return &dense->rescale;
  return nullptr;
}

TEST_CASE("The shipped network imports with the expected layers") {
  const Graph graph =
      import_tflite(std::filesystem::path(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite"));
  CHECK(graph.name == "mnist_convnet");
  REQUIRE(graph.inputs.size() == 1);
  CHECK(graph.tensor(graph.inputs[0]).name == "image");
  CHECK(graph.tensor(graph.inputs[0]).shape == Shape{1, 28, 28, 1});
  REQUIRE(graph.outputs.size() == 1);
  CHECK(graph.tensor(graph.outputs[0]).name == "Identity");
  REQUIRE(graph.ops.size() == std::size(kShipped));
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const Expected& expected = kShipped[i];
    INFO("operator " << i);
    CHECK(op.name == expected.name);
    CHECK(op.source == expected.source);
    CHECK(output_of(graph, i).shape == expected.shape);
    CHECK(macs(graph, op) == expected.macs);
    const std::vector<Rescale>* rescale = rescale_of(op);
    REQUIRE((rescale ? rescale->size() : 0) == expected.channels);
    if (!rescale) continue;
    CHECK(rescale->front().multiplier == expected.first.multiplier);
    CHECK(rescale->front().shift == expected.first.shift);
    CHECK(rescale->back().multiplier == expected.last.multiplier);
    CHECK(rescale->back().shift == expected.last.shift);
    int64_t multipliers = 0, shifts = 0;
    for (const Rescale& r : *rescale) multipliers += r.multiplier, shifts += r.shift;
    CHECK(multipliers == expected.multiplier_sum);
    CHECK(shifts == expected.shift_sum);
  }
  const auto& conv = std::get<Conv2d>(graph.ops[0].attributes);
  CHECK(conv.input_zero_point == -128);
  CHECK(conv.output_zero_point == -128);
  CHECK(conv.groups == 1);
  CHECK(conv.clamp.min == -128);
  CHECK(conv.clamp.max == 127);
  CHECK(std::get<FullyConnected>(graph.ops[6].attributes).output_zero_point == 10);
}

TEST_CASE("A small network's attributes follow from its scales") {
  const Graph graph = import(tb::small_model());
  CHECK(graph.name == "small");
  REQUIRE(graph.ops.size() == 4);
  const auto& conv = std::get<Conv2d>(graph.ops[0].attributes);
  // 0.5 * 0.25 / 0.75 = 1/6 and half of that.
  CHECK(conv.rescale[0].multiplier == 1431655765);
  CHECK(conv.rescale[0].shift == -2);
  CHECK(conv.rescale[1].multiplier == 1431655765);
  CHECK(conv.rescale[1].shift == -3);
  CHECK(conv.input_zero_point == -3);
  CHECK(conv.output_zero_point == 7);
  CHECK(graph.ops[2].inputs == std::vector<int>{tb::kPool});
  // One scale: the product 0.75F * 0.1F is rounded to float32 (in double it is below 1/4).
  const auto& dense = std::get<FullyConnected>(graph.ops[3].attributes);
  REQUIRE(dense.rescale.size() == 3);
  for (const Rescale& r : dense.rescale) {
    CHECK(r.multiplier == 1 << 30);
    CHECK(r.shift == -1);
  }
  CHECK(graph.ops[3].inputs == std::vector<int>{tb::kFlat, tb::kWeights, -1});
}

TEST_CASE("A dense layer with a scale a channel multiplies scales in double") {
  ModelSpec spec = tb::small_model();
  spec.tensors[tb::kWeights].scales.assign(3, 0.1F);
  spec.tensors[tb::kWeights].zeros.assign(3, 0);
  const Graph graph = import(spec);
  for (const Rescale& r : std::get<FullyConnected>(graph.ops[3].attributes).rescale) {
    CHECK(r.multiplier == 2147483595);
    CHECK(r.shift == -2);
  }
}

TEST_CASE("Fused activations become clamps") {
  struct Case {
    fb::ActivationFunctionType function;
    float scale;
    int zero, min, max;
  };
  using F = fb::ActivationFunctionType;
  // 6 / 0.75 = 8; 6 / 0.3F = 20; 1 / 0.3F = 3.33; 1 / 0.4F = 2.5 (away from zero);
  // quotients past every integer saturate.
  const auto c =
      GENERATE(Case{F::NONE, 0.75F, 7, -128, 127}, Case{F::RELU, 0.75F, 7, 7, 127},
               Case{F::RELU, 0.75F, -128, -128, 127}, Case{F::RELU6, 0.75F, 7, 7, 15},
               Case{F::RELU6, 0.3F, -128, -128, -108}, Case{F::RELU6, 1e-3F, -128, -128, 127},
               Case{F::RELU6, 2e-38F, -128, -128, 127}, Case{F::RELU_N1_TO_1, 0.3F, 0, -3, 3},
               Case{F::RELU_N1_TO_1, 0.4F, 1, -2, 4}, Case{F::RELU_N1_TO_1, 0.4F, -128, -128, -125},
               Case{F::RELU6, 0.75F, 127, 127, 127});
  ModelSpec spec = tb::small_model();
  for (const int t : {tb::kConv, tb::kPool, tb::kFlat}) {
    spec.tensors[static_cast<size_t>(t)].scales = {c.scale};
    spec.tensors[static_cast<size_t>(t)].zeros = {c.zero};
  }
  // The multiplier stays where it was, whatever the output's scale; no bias, whose scale it
  // changes.
  spec.tensors[tb::kImage].scales = {c.scale};
  spec.ops[0].inputs = {tb::kImage, tb::kFilter};
  for (const size_t op : {0, 1}) spec.ops[op].options.activation = c.function;
  const Graph graph = import(spec);
  INFO("function " << static_cast<int>(c.function) << ", scale " << c.scale << ", zero point "
                   << c.zero);
  CHECK(std::get<Conv2d>(graph.ops[0].attributes).clamp.min == c.min);
  CHECK(std::get<Conv2d>(graph.ops[0].attributes).clamp.max == c.max);
  CHECK(std::get<MaxPool2d>(graph.ops[1].attributes).clamp.min == c.min);
  CHECK(std::get<MaxPool2d>(graph.ops[1].attributes).clamp.max == c.max);
}

TEST_CASE("SAME padding puts the odd row and column behind") {
  struct Case {
    int in, kernel, stride, dilation, out, before, after;
  };
  const auto c =
      GENERATE(Case{4, 3, 1, 1, 4, 1, 1}, Case{4, 3, 2, 1, 2, 0, 1}, Case{5, 3, 2, 1, 3, 1, 1},
               Case{5, 2, 1, 1, 5, 0, 1}, Case{7, 1, 3, 1, 3, 0, 0}, Case{4, 3, 1, 2, 4, 2, 2},
               Case{1, 5, 1, 1, 1, 2, 2}, Case{9, 4, 5, 1, 2, 0, 0});
  ModelSpec spec = tb::small_model();
  spec.tensors[tb::kImage].shape = {2, c.in, 3, 1};
  spec.tensors[tb::kFilter].shape = {2, c.kernel, 1, 1};
  spec.tensors[tb::kFilter].data.assign(static_cast<size_t>(2 * c.kernel), 1);
  spec.tensors[tb::kConv].shape = {2, c.out, 3, 2};
  spec.ops.resize(1);
  spec.ops[0].options.padding = fb::Padding::SAME;
  spec.ops[0].options.stride_h = c.stride;
  spec.ops[0].options.dilation_h = c.dilation;
  spec.outputs = {tb::kConv};
  const Graph graph = import(spec);
  const Padding p = std::get<Conv2d>(graph.ops[0].attributes).padding;
  INFO("input " << c.in << ", kernel " << c.kernel << ", stride " << c.stride << ", dilation "
                << c.dilation);
  CHECK(p.top == c.before);
  CHECK(p.bottom == c.after);
  CHECK(p.left == 0);
  CHECK(p.right == 0);
}

TEST_CASE("Groups, kept dimensions, old operator codes and names are understood") {
  ModelSpec spec = tb::small_model();
  SECTION("groups") {
    spec.tensors[tb::kImage].shape = {1, 4, 4, 2};
    CHECK(std::get<Conv2d>(import(spec).ops[0].attributes).groups == 2);
  }
  SECTION("kept dimensions") {
    spec.tensors[tb::kShape].shape = {3};
    spec.tensors[tb::kShape].data = tb::int32_bytes({1, 1, 2});
    spec.tensors[tb::kFlat].shape = {1, 1, 2};
    spec.tensors[tb::kDense].shape = {1, 1, 3};
    spec.ops[3].options.keep_num_dims = true;
    CHECK(output_of(import(spec), 3).shape == Shape{1, 1, 3});
  }
  SECTION("several vectors") {
    spec.tensors[tb::kWeights].shape = {6, 1};
    spec.tensors[tb::kDense].shape = {2, 6};
    CHECK(output_of(import(spec), 3).shape == Shape{2, 6});
  }
  SECTION("codes in the old field, in the new one or in both") {
    for (tb::CodeSpec& code : spec.codes) code.builtin = fb::BuiltinOperator::ADD;
    spec.codes[0] = {0, fb::BuiltinOperator::CONV_2D};
    spec.codes[1] = {17, fb::BuiltinOperator::MAX_POOL_2D};
    CHECK(import(spec).ops[3].name == "dense1");
  }
  SECTION("shape from the options") {
    spec.ops[2].inputs = {tb::kPool};
    CHECK(import(spec).ops[2].name == "reshape1");
  }
  SECTION("missing, repeated and unprintable names") {
    spec.tensors[tb::kConv].name = "";
    spec.tensors[tb::kPool].name = "image";
    spec.tensors[tb::kFlat].name = "a\x1b[2J\xff";
    spec.tensors[tb::kDense].name = "d\xc3\xa9nse";
    const Graph graph = import(spec);
    CHECK(graph.tensors[tb::kConv].name == "tensor3");
    CHECK(graph.tensors[tb::kPool].name == "image#tensor4");
    CHECK(graph.tensors[tb::kFlat].name == "a?[2J?");
    CHECK(graph.tensors[tb::kDense].name == "d\xc3\xa9nse");
  }
  SECTION("constants that share a buffer") {
    spec.tensors[tb::kWeights].shape = {9, 2};
    spec.tensors[tb::kWeights].data.clear();
    spec.tensors[tb::kWeights].buffer = 1;  // the filter's
    spec.tensors[tb::kDense].shape = {1, 9};
    CHECK(import(spec).tensors[tb::kWeights].data == spec.tensors[tb::kFilter].data);
  }
}

TEST_CASE("Bytes may begin at any address") {
  const std::vector<uint8_t> file = tb::write(tb::small_model());
  for (size_t shift = 0; shift < 4; ++shift) {
    std::vector<uint8_t> moved(shift);
    moved.insert(moved.end(), file.begin(), file.end());
    CHECK(import_tflite(std::span(moved).subspan(shift), "moved").ops.size() == 4);
  }
}

// Networks of the MLPerf Tiny suite and a larger one.
TEST_CASE("Models from elsewhere are imported") {
  struct Case {
    const char* file;
    size_t ops;
    int64_t macs;
    const char* last;
  };
  const auto c = GENERATE(
      Case{"mlperf_tiny/models/ad01_int8.tflite", 10, 264192, "dense10"},
      Case{"mlperf_tiny/models/kws_ref_model.tflite", 13, 2656768, "softmax1"},
      Case{"mlperf_tiny/models/vww_96_int8.tflite", 31, 7489664, "softmax1"},
      Case{"mlperf_tiny/models/pretrainedResnet_quant.tflite", 16, 12501632, "softmax1"},
      Case{"mlperf_tiny/models/pretrainedResnet_large_int8.tflite", 16, 76473920, "softmax1"},
      Case{"tflite/mobilenet_v2_quantized_1x3x224x224.tflite", 84, 300774272, "dense1"});
  const std::filesystem::path path =
      std::filesystem::path(WEFT_SOURCE_DIR "/../shared/data") / c.file;
  if (!std::filesystem::exists(path)) {
    WARN("skipped: " << c.file << " is not present");
    return;
  }
  INFO(c.file);
  const Graph graph = import_tflite(path);
  CHECK(graph.ops.size() == c.ops);
  CHECK(graph.ops.back().name == c.last);
  int64_t sum = 0;
  for (const Op& op : graph.ops) sum += macs(graph, op);
  CHECK(sum == c.macs);
}

}  // namespace
}  // namespace weft::model
