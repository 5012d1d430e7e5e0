// The graph's own functions, on graphs made by hand.
#include "model/graph.h"

#include <cstring>
#include <functional>

#include "base/error.h"
#include "tb/catch_compat.h"

namespace weft::model {
namespace {

int add(Graph& graph, const std::string& name, std::vector<int> shape,
        DataType type = DataType::kInt8, size_t data = 0) {
  Tensor tensor;
  tensor.name = name;
  tensor.type = type;
  tensor.shape = std::move(shape);
  tensor.quantization = {{0.05F}, {0}, 0};
  tensor.data.assign(data, 1);
  graph.tensors.push_back(std::move(tensor));
  return static_cast<int>(graph.tensors.size()) - 1;
}

Op make(const std::string& name, Attributes attributes, std::vector<int> inputs, int output) {
  return {name, "operator", std::move(attributes), std::move(inputs), {output}};
}

enum : int { kImage, kFilter, kBias, kConv, kPool, kFlat, kWeights, kDense };

// 2 pictures 5x6x4 -> grouped conv 3x3, stride 2, padded -> pool 2x2 -> flat -> dense 7.
Graph network() {
  Graph g;
  g.name = "net";
  add(g, "image", {2, 5, 6, 4});
  add(g, "filter", {6, 3, 3, 2}, DataType::kInt8, 108);
  add(g, "bias", {6}, DataType::kInt32, 24);
  add(g, "features", {2, 3, 3, 6});
  add(g, "maxima", {2, 2, 2, 6});
  add(g, "flat", {2, 24});
  add(g, "weights", {7, 24}, DataType::kInt8, 168);
  add(g, "logits", {2, 7});
  Conv2d conv;
  conv.stride_h = conv.stride_w = 2;
  conv.groups = 2;
  conv.padding = {1, 1, 0, 1};
  conv.rescale.assign(6, {1 << 30, -5});
  MaxPool2d pool;
  pool.filter_h = pool.filter_w = 2;
  FullyConnected dense;
  dense.rescale.assign(7, {0x7fffffff, -9});
  g.ops = {make("conv1", conv, {kImage, kFilter, kBias}, kConv),
           make("pool1", pool, {kConv}, kPool), make("reshape1", Reshape{}, {kPool}, kFlat),
           make("dense1", dense, {kFlat, kWeights, -1}, kDense)};
  g.inputs = {kImage};
  g.outputs = {kDense};
  return g;
}

template <class T>
T& attributes(Graph& graph, size_t op) {
  return std::get<T>(graph.ops[op].attributes);
}

TEST_CASE("Multiply-accumulates are counted with padded taps") {
  const Graph g = network();
  CHECK(macs(g, g.ops[0]) == 2 * 3 * 3 * 6 * 3 * 3 * 2);
  CHECK(macs(g, g.ops[1]) == 0);
  CHECK(macs(g, g.ops[2]) == 0);
  CHECK(macs(g, g.ops[3]) == 2 * 7 * 24);
}

TEST_CASE("Operators are found by their name and by their output's") {
  Graph g = network();
  CHECK(find_op(g, "conv1") == 0);
  CHECK(find_op(g, "dense1") == 3);
  CHECK(find_op(g, "maxima") == 1);
  g.tensors[kConv].name = "pool1";  // an operator's own name comes first
  CHECK(find_op(g, "pool1") == 1);
  CHECK_THROWS_WITH(find_op(g, "conv9"),
                    Catch::Matchers::ContainsSubstring("'net'") &&
                        Catch::Matchers::ContainsSubstring("'conv9'") &&
                        Catch::Matchers::ContainsSubstring("conv1, pool1, reshape1, dense1"));
  try {
    find_op(g, "");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kNotFound);
  }
}

TEST_CASE("One operator makes a graph of its own") {
  const Graph g = network();
  check(g);
  for (size_t i = 0; i < g.ops.size(); ++i) {
    const Graph single = single_op_graph(g, i);
    INFO(g.ops[i].name);
    CHECK_NOTHROW(check(single));
    REQUIRE(single.ops.size() == 1);
    CHECK(single.ops[0].name == g.ops[i].name);
    CHECK(macs(single, single.ops[0]) == macs(g, g.ops[i]));
    REQUIRE(single.inputs.size() == 1);
    CHECK(single.tensor(single.inputs[0]).name == g.tensor(g.ops[i].inputs[0]).name);
    REQUIRE(single.outputs.size() == 1);
    CHECK(single.tensor(single.outputs[0]).name == g.tensor(g.ops[i].outputs[0]).name);
  }
  const Graph dense = single_op_graph(g, 3);
  CHECK(dense.tensors.size() == 3);
  CHECK(dense.ops[0].inputs[2] == -1);
  CHECK(dense.tensor(dense.ops[0].inputs[1]).data == g.tensors[kWeights].data);
}

struct Broken {
  const char* what;
  std::function<void(Graph&)> change;
  std::vector<std::string> message;
};

const std::vector<Broken> kBroken = {
    {"no operators", [](Graph& g) { g.ops.clear(); }, {"'net'"}},
    {"index", [](Graph& g) { g.ops[1].inputs = {8}; }, {"'pool1'", "index 8"}},
    {"second absent input", [](Graph& g) { g.ops[3].inputs[1] = -1; }, {"'dense1'", "index -1"}},
    {"no inputs", [](Graph& g) { g.ops[1].inputs.clear(); }, {"'pool1'", "0 inputs"}},
    {"no weights", [](Graph& g) { g.ops[0].inputs.resize(1); }, {"'conv1'", "1 inputs"}},
    {"end", [](Graph& g) { g.outputs = {-3}; }, {"output", "index -3"}},
    {"extent", [](Graph& g) { g.tensors[kFlat].shape[1] = 0; }, {"'flat'", "dimension of 0"}},
    {"huge extent",
     [](Graph& g) {
       g.tensors[kFlat].shape = {(1 << 30) + 1, 1};
     },
     {"'flat'", "1073741825"}},
    {"product",
     [](Graph& g) {
       g.tensors[kFlat].shape = {65536, 65536};
     },
     {"'flat'", "2 GiB"}},
    {"data", [](Graph& g) { g.tensors[kFilter].data.pop_back(); }, {"'filter'", "107 bytes"}},
    {"scale",
     [](Graph& g) { g.tensors[kConv].quantization.scales = {0}; },
     {"'features'", "scale 0"}},
    {"groups",
     [](Graph& g) { attributes<Conv2d>(g, 0).groups = 4; },
     {"'conv1'", "'filter'", "4 groups"}},
    {"no groups", [](Graph& g) { attributes<Conv2d>(g, 0).groups = 0; }, {"'conv1'", "0 groups"}},
    {"stride", [](Graph& g) { attributes<Conv2d>(g, 0).stride_w = 0; }, {"'conv1'", "stride 0"}},
    {"shape",
     [](Graph& g) { attributes<Conv2d>(g, 0).stride_w = 1; },
     {"'conv1'", "2x3x3x6", "2x3x5x6"}},
    {"padding",
     [](Graph& g) { attributes<Conv2d>(g, 0).padding.top = 3; },
     {"'conv1'", "padding 3 and 1"}},
    {"negative padding",
     [](Graph& g) { attributes<MaxPool2d>(g, 1).padding.left = -1; },
     {"'pool1'", "padding -1"}},
    {"kernel",
     [](Graph& g) { attributes<MaxPool2d>(g, 1).filter_h = 4; },
     {"'pool1'", "reach of 4"}},
    {"zero point",
     [](Graph& g) { attributes<FullyConnected>(g, 3).output_zero_point = 128; },
     {"'dense1'", "128"}},
    {"clamp",
     [](Graph& g) {
       attributes<MaxPool2d>(g, 1).clamp = {5, 4};
     },
     {"'pool1'", "5..4"}},
    {"clamp range",
     [](Graph& g) {
       attributes<MaxPool2d>(g, 1).clamp = {-129, 4};
     },
     {"'pool1'", "-129"}},
    {"rescales",
     [](Graph& g) { attributes<Conv2d>(g, 0).rescale.pop_back(); },
     {"'conv1'", "5 rescales for 6"}},
    {"multiplier",
     [](Graph& g) { attributes<Conv2d>(g, 0).rescale[2].multiplier = 5; },
     {"'conv1'", "channel 2"}},
    {"shift",
     [](Graph& g) { attributes<FullyConnected>(g, 3).rescale[6].shift = -32; },
     {"'dense1'", "channel 6"}},
    {"left shift",
     [](Graph& g) { attributes<FullyConnected>(g, 3).rescale[6].shift = 19; },
     {"'dense1'", "channel 6", "left by 19"}},
    {"bias",
     [](Graph& g) {
       g.tensors[kBias].shape = {1, 6};
     },
     {"'conv1'", "'bias'"}},
    {"bias type",
     [](Graph& g) { g.tensors[kBias].type = DataType::kFloat32; },
     {"'conv1'", "'bias'"}},
    {"weights type",
     [](Graph& g) { g.tensors[kWeights].type = DataType::kUInt8; },
     {"'dense1'", "'weights'"}},
    {"input type",
     [](Graph& g) { g.tensors[kPool].type = DataType::kInt16; },
     {"'pool1'", "'maxima'"}},
    {"dense",
     [](Graph& g) {
       g.tensors[kDense].shape = {7, 2};
     },
     {"'dense1'", "'logits'"}},
    {"reshape",
     [](Graph& g) {
       g.tensors[kFlat].shape = {2, 23};
     },
     {"'reshape1'", "48 elements"}},
    {"computed weights",
     [](Graph& g) { g.tensors[kWeights].data.clear(); },
     {"'dense1'", "'weights'", "no data"}},
    {"order",
     [](Graph& g) { std::swap(g.ops[1], g.ops[2]); },
     {"'reshape1'", "'maxima'", "before"}},
    {"writers", [](Graph& g) { g.ops.push_back(g.ops[3]); }, {"'dense1'", "'logits'", "already"}},
    {"own output",
     [](Graph& g) { g.ops[2].outputs = {kPool}; },
     {"'reshape1'", "'maxima'", "already"}},
};

TEST_CASE("Broken graphs are refused in words that name the place") {
  REQUIRE_NOTHROW(check(network()));
  for (const Broken& b : kBroken) {
    Graph g = network();
    b.change(g);
    std::string message = "no error";
    try {
      check(g);
    } catch (const Error& error) {
      message = error.what();
    }
    INFO(b.what);
    for (const std::string& part : b.message) {
      CHECK_THAT(message, Catch::Matchers::ContainsSubstring(part));
    }
  }
}

// Graphs that no importer makes: attributes that do not suit their tensors.
struct BrokenOp {
  const char* what;
  Attributes attributes;
  std::vector<std::vector<int>> inputs;
  std::vector<int> output;
  std::vector<std::string> message;
};

Add sound_add() {
  Add add;
  add.input_rescale = {Rescale{1 << 30, 0}, Rescale{1 << 30, 0}};
  add.output_rescale = {1 << 30, -18};
  return add;
}

template <class T>
T changed(T value, const std::function<void(T&)>& change) {
  change(value);
  return value;
}

const std::vector<BrokenOp> kBrokenOps = {
    {"add's rescale",
     changed<Add>(sound_add(), [](Add& a) { a.output_rescale.shift = 1; }),
     {{4}, {4}},
     {4},
     {"'op1'", "addition needs them below 1"}},
    {"add's input",
     changed<Add>(sound_add(), [](Add& a) { a.input_rescale[1].shift = 1; }),
     {{4}, {4}},
     {4},
     {"'op1'", "addition needs them below 1"}},
    {"add's multiplier",
     changed<Add>(sound_add(), [](Add& a) { a.input_rescale[1].multiplier = 7; }),
     {{4}, {4}},
     {4},
     {"'op1'", "input 1", "out of range"}},
    {"add's left shift",
     changed<Add>(sound_add(), [](Add& a) { a.left_shift = 21; }),
     {{4}, {4}},
     {4},
     {"'op1'", "left shift 21"}},
    {"add's zero point",
     changed<Add>(sound_add(), [](Add& a) { a.input_zero_points[1] = 128; }),
     {{4}, {4}},
     {4},
     {"'op1'", "input zero point 128"}},
    {"one operand", sound_add(), {{4}}, {4}, {"'op1'", "1 inputs"}},
    {"three operands", sound_add(), {{4}, {4}, {4}}, {4}, {"'op1'", "3 inputs"}},
    {"mul's shift", Mul{.rescale = {1 << 30, 16}}, {{4}, {4}}, {4}, {"'op1'", "left by 16"}},
    {"mean's order", Mean{.axes = {1, 0}}, {{4, 4}}, {1, 1}, {"'op1'", "1, 0"}},
    {"mean's axis", Mean{.axes = {2}}, {{4, 4}}, {4, 4}, {"'op1'", "2 dimensions"}},
    {"mean's elements", Mean{.axes = {0}}, {{4, 4}}, {1, 1}, {"'op1'", "4 elements"}},
    {"softmax's shift", Softmax{1 << 30, 24, -200}, {{1, 4}}, {1, 4}, {"'op1'", "-200"}},
    {"softmax's sign", Softmax{1 << 30, 24, 1}, {{1, 4}}, {1, 4}, {"'op1'", "out of range"}},
    {"softmax of a number", Softmax{1 << 30, 24, -124}, {{}}, {}, {"'op1'", "rows"}},
    {"requantisation's clamp",
     Requantize{.rescale = {1 << 30, 1}, .clamp = {0, 255}},
     {{4}},
     {4},
     {"'op1'", "clamp 255"}},
    {"requantisation's shift",
     Requantize{.rescale = {1 << 30, 24}},
     {{4}},
     {4},
     {"'op1'", "left by 24"}},
    {"quantisation of int8", Quantize{0.5F, 0}, {{4}}, {4}, {"'op1'", "not of type float32"}},
    {"dequantisation to int8", Dequantize{0.5F, 0}, {{4}}, {4}, {"'op1'", "not of type float32"}},
    {"padding's length", Pad{{1}, {1, 1}, 0}, {{4, 4}}, {6, 6}, {"'op1'", "padding for 1"}},
    {"padding's sign", Pad{{1, -1}, {1, 1}, 0}, {{4, 4}}, {6, 4}, {"'op1'", "-1 and 1"}},
    {"concatenation's axis", Concat{2}, {{4, 4}, {4, 4}}, {4, 8}, {"'op1'", "axis 2"}},
    {"transposition's order", Transpose{{0, 0}}, {{4, 4}}, {4, 4}, {"'op1'", "0, 0"}},
    {"slice's end", StridedSlice{{1}, {2}, {3}}, {{5}}, {3}, {"'op1'", "dimension 0 of 5"}},
    {"slice's begin", StridedSlice{{-1}, {1}, {3}}, {{5}}, {3}, {"'op1'", "from -1"}},
    {"slice's stride", StridedSlice{{0}, {0}, {3}}, {{5}}, {3}, {"'op1'", "by 0"}},
    {"slice's far end", StridedSlice{{0}, {1 << 30}, {5}}, {{5}}, {5}, {"'op1'", "not inside"}},
    {"slice's elements", StridedSlice{{0}, {1}, {3}}, {{5}}, {2}, {"'op1'", "3 elements"}},
    {"product's clamp", BatchMatMul{.clamp = {3, 2}}, {{2, 2}, {2, 2}}, {2, 2}, {"'op1'", "3..2"}},
    {"no weights", DepthwiseConv2d{}, {{1, 4, 4, 2}}, {1, 4, 4, 2}, {"'op1'", "1 inputs"}},
    {"computed weights",
     TransposeConv{},
     {{1, 4, 4, 2}, {1, 2, 2, 2}},
     {1, 5, 5, 1},
     {"'op1'", "weights", "no data"}},
};

TEST_CASE("Attributes that do not suit their tensors are refused by name") {
  for (const BrokenOp& b : kBrokenOps) {
    Graph g;
    for (size_t i = 0; i < b.inputs.size(); ++i) {
      g.inputs.push_back(add(g, "input" + std::to_string(i), b.inputs[i]));
    }
    g.outputs = {add(g, "output", b.output)};
    g.ops = {make("op1", b.attributes, g.inputs, g.outputs[0])};
    std::string message = "no error";
    try {
      check(g);
    } catch (const Error& error) {
      message = error.what();
    }
    INFO(b.what);
    for (const std::string& part : b.message) {
      CHECK_THAT(message, Catch::Matchers::ContainsSubstring(part));
    }
  }
}

TEST_CASE("A left shift is allowed where the shifted sum fits") {
  Graph g = network();
  auto& dense = attributes<FullyConnected>(g, 3);
  dense.rescale.assign(7, {1 << 30, 18});  // 24 * 255 * 2^18 < 2^31
  CHECK_NOTHROW(check(g));
  dense.weights_zero_point = -1;  // |w - z| doubles
  CHECK_THROWS_AS(check(g), Error);
}

TEST_CASE("The bound of a depthwise sum is that of its own channel's weights") {
  Graph g;
  g.inputs = {add(g, "image", {1, 1, 2, 2})};
  add(g, "filter", {1, 1, 2, 2}, DataType::kInt8, 4);
  g.tensors[1].data = {127, 0, 127, 0};  // channel 0: 254 * 255
  add(g, "bias", {2}, DataType::kInt32, 8);
  g.outputs = {add(g, "output", {1, 1, 1, 2})};
  DepthwiseConv2d conv;
  conv.rescale.assign(2, {1 << 30, 0});
  g.ops = {make("dw1", conv, {0, 1, 2}, 3)};
  const int32_t room = 0x7fffffff - 254 * 255;
  const auto set_bias = [&](size_t channel, int32_t value) {
    std::memcpy(&g.tensors[2].data[4 * channel], &value, 4);
  };
  set_bias(0, room);
  set_bias(1, 0x7fffffff);
  CHECK_NOTHROW(check(g));
  set_bias(0, -room - 1);
  CHECK_THROWS_WITH(check(g), Catch::Matchers::ContainsSubstring("channel 0"));
}

}  // namespace
}  // namespace weft::model
