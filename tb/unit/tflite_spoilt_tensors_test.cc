// The importer against files whose tensors or tables have one thing wrong in them.
#include <limits>

#include "tflite_spoilt.h"

namespace weft::model {
namespace {

using tb::kBias, tb::kConv, tb::kDense, tb::kFilter, tb::kFlat, tb::kImage, tb::kPool, tb::kWeights;
using tb::ModelSpec, tb::Spoilt, tb::deepen, tb::expect_refused;

const float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

const std::vector<Spoilt> kSpoilt = {
    {"version", [](ModelSpec& m) { m.version = 2; }, {"schema version 2"}},
    {"subgraphs", [](ModelSpec& m) { m.subgraphs = 2; }, {"2 subgraphs"}},
    {"no subgraph", [](ModelSpec& m) { m.subgraphs = 0; }, {"0 subgraphs"}},
    {"no operators", [](ModelSpec& m) { m.ops.clear(); }, {"no operators"}},
    {"no tensors", [](ModelSpec& m) { m.tensors.clear(); }, {"no tensors"}},
    {"no inputs", [](ModelSpec& m) { m.inputs.clear(); }, {"no inputs"}},
    {"operator code",
     [](ModelSpec& m) { m.ops[1].code = 4; },
     {"operator 1", "operator code 4", "out of range"}},
    {"input index",
     [](ModelSpec& m) { m.ops[1].inputs = {9}; },
     {"operator 1 (MAX_POOL_2D), inputs", "index 9"}},
    {"negative index",
     [](ModelSpec& m) { m.ops[3].outputs = {-1}; },
     {"operator 3 (FULLY_CONNECTED), outputs", "index -1"}},
    {"graph input", [](ModelSpec& m) { m.inputs = {77}; }, {"inputs", "index 77"}},
    {"graph output", [](ModelSpec& m) { m.outputs = {-1}; }, {"outputs", "index -1"}},
    {"buffer index",
     [](ModelSpec& m) { m.tensors[kFilter].buffer = 99; },
     {"'filter'", "buffer 99"}},
    {"external data",
     [](ModelSpec& m) { m.buffer_offset = 4096; },
     {"tensor 1 'filter'", "behind the FlatBuffer"}},
    {"absent input",
     [](ModelSpec& m) { m.ops[0].inputs[1] = -1; },
     {"operator 0 (CONV_2D), output 'conv'", "input 1 is absent"}},
    {"too few inputs",
     [](ModelSpec& m) { m.ops[0].inputs.resize(1); },
     {"operator 0 (CONV_2D), output 'conv'", "1 inputs"}},
    {"too many inputs",
     [](ModelSpec& m) {
       m.ops[1].inputs = {kConv, kConv};
     },
     {"operator 1 (MAX_POOL_2D)", "2 inputs"}},
    {"two outputs",
     [](ModelSpec& m) {
       m.ops[1].outputs = {kPool, kFlat};
     },
     {"operator 1 (MAX_POOL_2D)", "2 outputs"}},
    {"options",
     [](ModelSpec& m) { m.ops[0].options.kind = fb::BuiltinOptions::Pool2DOptions; },
     {"operator 0 (CONV_2D)", "options are missing"}},

    {"zero dimension",
     [](ModelSpec& m) { m.tensors[kConv].shape[1] = 0; },
     {"tensor 3 'conv'", "dimension 1 is 0"}},
    {"negative dimension",
     [](ModelSpec& m) { m.tensors[kImage].shape[0] = -1; },
     {"tensor 0 'image'", "dimension 0 is -1"}},
    {"size overflow",
     [](ModelSpec& m) { m.tensors[kFilter].shape.assign(4, 65536); },
     {"'filter'", "larger than 2 GiB"}},
    {"size just too large",
     [](ModelSpec& m) { m.tensors[kBias].shape = {1 << 29}; },
     {"'bias'", "larger than 2 GiB"}},
    {"rank", [](ModelSpec& m) { m.tensors[kPool].shape.assign(9, 1); }, {"'pool'", "9 dimensions"}},
    {"missing buffer",
     [](ModelSpec& m) { m.tensors[kFilter].data.clear(); },
     {"operator 0 (CONV_2D), weights 'filter'", "has no data"}},
    {"short buffer",
     [](ModelSpec& m) { m.tensors[kFilter].data.resize(17); },
     {"'filter'", "17 bytes", "take 18"}},
    {"image with data",
     [](ModelSpec& m) { m.tensors[kImage].data.assign(16, 0); },
     {"operator 0 (CONV_2D), input 'image'", "constant"}},
    {"variable", [](ModelSpec& m) { m.tensors[kPool].variable = true; }, {"'pool'", "variable"}},

    {"type",
     [](ModelSpec& m) {
       m.tensors[kConv].type = fb::TensorType::FLOAT32;
       m.tensors[kConv].zeros = {0};
     },
     {"operator 0 (CONV_2D), output 'conv'", "INT8"}},
    {"exotic type",
     [](ModelSpec& m) { m.tensors[kFilter].type = fb::TensorType::INT4; },
     {"'filter'", "INT4"}},
    {"unknown type",
     [](ModelSpec& m) { m.tensors[kFilter].type = static_cast<fb::TensorType>(99); },
     {"'filter'", "(99)"}},
    {"weights type",
     [](ModelSpec& m) { m.tensors[kFilter].type = fb::TensorType::UINT8; },
     {"weights 'filter'", "INT8"}},
    {"bias type",
     [](ModelSpec& m) { m.tensors[kBias].type = fb::TensorType::FLOAT32; },
     {"bias 'bias'", "INT32"}},
    {"no quantisation",
     [](ModelSpec& m) { m.tensors[kConv].scales.clear(); },
     {"output 'conv'", "no quantisation"}},
    {"weights without",
     [](ModelSpec& m) { m.tensors[kWeights].scales.clear(); },
     {"operator 3 (FULLY_CONNECTED), weights 'weights'", "no quantisation"}},
    {"scale 0", [](ModelSpec& m) { m.tensors[kImage].scales = {0}; }, {"'image'", "scale 0 is 0"}},
    {"scale inf",
     [](ModelSpec& m) { m.tensors[kConv].scales = {kInf}; },
     {"'conv'", "scale 0 is inf"}},
    {"scale nan",
     [](ModelSpec& m) { m.tensors[kFilter].scales[1] = kNan; },
     {"'filter'", "scale 1 is nan"}},
    {"scale negative",
     [](ModelSpec& m) { m.tensors[kDense].scales = {-0.5F}; },
     {"'dense'", "scale 0 is -0.5"}},
    {"scale subnormal",
     [](ModelSpec& m) { m.tensors[kDense].scales = {1e-39F}; },
     {"'dense'", "normal number"}},
    {"scales of an activation",
     [](ModelSpec& m) {
       m.tensors[kConv].scales = {1, 1};
       m.tensors[kConv].zeros = {0, 0};
       m.tensors[kConv].dimension = 3;
     },
     {"output 'conv'", "2 scales"}},
    {"number of scales",
     [](ModelSpec& m) {
       m.tensors[kWeights].scales = {1, 1};
       m.tensors[kWeights].zeros = {0, 0};
     },
     {"'weights'", "2 scales for the 3 slices"}},
    {"number of zero points",
     [](ModelSpec& m) { m.tensors[kFilter].zeros = {0}; },
     {"'filter'", "2 scales but 1 zero points"}},
    {"quantised dimension",
     [](ModelSpec& m) {
       deepen(m, 2, 1);
       m.tensors[kFilter].dimension = 3;
     },
     {"operator 0 (CONV_2D), weights 'filter'", "dimension 3"}},
    {"quantised nowhere",
     [](ModelSpec& m) { m.tensors[kFilter].dimension = 4; },
     {"'filter'", "dimension 4"}},
    {"quantised before",
     [](ModelSpec& m) { m.tensors[kFilter].dimension = -1; },
     {"'filter'", "dimension -1"}},
    {"zero point",
     [](ModelSpec& m) { m.tensors[kConv].zeros = {128}; },
     {"'conv'", "zero point 0 is 128"}},
    {"huge zero point",
     [](ModelSpec& m) { m.tensors[kBias].zeros[1] = int64_t{1} << 32; },
     {"'bias'", "zero point 1 is 4294967296"}},
    {"weights' zero point",
     [](ModelSpec& m) { m.tensors[kFilter].zeros[1] = 1; },
     {"weights 'filter'", "zero point 1 is 1"}},
    {"bias' zero point",
     [](ModelSpec& m) { m.tensors[kBias].zeros[0] = 1; },
     {"bias 'bias'", "zero point 0 is 1"}},
    {"bias scale",
     [](ModelSpec& m) { m.tensors[kBias].scales[1] *= 1.0001F; },
     {"operator 0 (CONV_2D), bias 'bias'", "scale 1"}},
    {"bias length",
     [](ModelSpec& m) {
       m.tensors[kBias] = {"bias", {1}, fb::TensorType::INT32, {0.125F},
                           {0},    0,   tb::int32_bytes({1})};
     },
     {"bias 'bias'", "2 elements"}},
    {"multiplier",
     [](ModelSpec& m) {
       m.tensors[kImage].scales = {1e30F};
       m.ops[0].inputs[2] = -1;
     },
     {"operator 0 (CONV_2D), output 'conv'", "too large"}},
    {"multiplier without end",
     [](ModelSpec& m) {
       m.tensors[kWeights].scales = {3e38F};
       m.tensors[kFlat].scales = m.tensors[kPool].scales = m.tensors[kConv].scales = {10};
     },
     {"operator 3 (FULLY_CONNECTED), output 'dense'", "inf"}},
    {"left shift",
     [](ModelSpec& m) { m.tensors[kDense].scales = {1e-9F}; },
     {"operator 3 (FULLY_CONNECTED)", "weights 'weights'", "shifted left"}},
    {"pool's scales",
     [](ModelSpec& m) { m.tensors[kPool].scales = {0.5F}; },
     {"operator 1 (MAX_POOL_2D), output 'pool'", "differ"}},
    {"reshape's zero points",
     [](ModelSpec& m) { m.tensors[kFlat].zeros = {6}; },
     {"operator 2 (RESHAPE), output 'flat'", "differ"}},
};

TEST_CASE("A bad index, tensor, type or quantisation is refused by name") {
  expect_refused(kSpoilt);
}

}  // namespace
}  // namespace weft::model
