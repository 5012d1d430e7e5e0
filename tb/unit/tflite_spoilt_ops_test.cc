// The importer against files whose operators do not fit their tensors or each other.
#include "tflite_spoilt.h"

namespace weft::model {
namespace {

using tb::kBias, tb::kConv, tb::kDense, tb::kFilter, tb::kFlat, tb::kImage, tb::kPool, tb::kShape,
    tb::kWeights;
using tb::ModelSpec, tb::Spoilt, tb::deepen, tb::expect_refused;

const std::vector<Spoilt> kSpoilt = {
    {"conv shape",
     [](ModelSpec& m) { m.tensors[kConv].shape[1] = 3; },
     {"operator 0 (CONV_2D)", "output 'conv'", "1x3x2x2", "1x2x2x2"}},
    {"channels",
     [](ModelSpec& m) { m.tensors[kConv].shape[3] = 3; },
     {"operator 0 (CONV_2D)", "output 'conv'", "1x2x2x3"}},
    {"groups",
     [](ModelSpec& m) {
       deepen(m, 2, 1);
       m.tensors[kImage].shape[3] = 3;
     },
     {"operator 0 (CONV_2D), weights 'filter'", "2 channels of an input of 3"}},
    {"uneven groups",
     [](ModelSpec& m) { m.tensors[kImage].shape[3] = 3; },
     {"operator 0 (CONV_2D)", "weights 'filter'", "3 groups"}},
    {"conv rank",
     [](ModelSpec& m) {
       m.tensors[kImage].shape = {4, 4, 1};
     },
     {"operator 0 (CONV_2D), input 'image'", "3 dimensions"}},
    {"kernel too large",
     [](ModelSpec& m) {
       m.tensors[kImage].shape = {1, 2, 4, 1};
     },
     {"operator 0 (CONV_2D)", "output 'conv'", "reach of 3"}},
    {"pool shape",
     [](ModelSpec& m) {
       m.tensors[kPool].shape = {1, 2, 1, 1};
     },
     {"operator 1 (MAX_POOL_2D)", "output 'pool'"}},
    {"reshape size",
     [](ModelSpec& m) {
       m.tensors[kFlat].shape = {1, 3};
       m.ops[2].inputs = {kPool};
       m.ops[2].options.new_shape = {1, 3};
       m.ops.resize(3);
       m.outputs = {kFlat};
     },
     {"operator 2 (RESHAPE)", "output 'flat'", "2 elements"}},
    {"reshape's wish",
     [](ModelSpec& m) {
       m.tensors[kShape].data = tb::int32_bytes({2, 1});
     },
     {"operator 2 (RESHAPE), output 'flat'", "2x1"}},
    {"reshape's options",
     [](ModelSpec& m) {
       m.ops[2].inputs = {kPool};
       m.ops[2].options.new_shape = {2};
     },
     {"operator 2 (RESHAPE), output 'flat'"}},
    {"computed shape",
     [](ModelSpec& m) { m.tensors[kShape].data.clear(); },
     {"operator 2 (RESHAPE), shape 'shape'", "constant"}},
    {"dense depth",
     [](ModelSpec& m) {
       m.tensors[kWeights].shape = {2, 3};
     },
     {"operator 3 (FULLY_CONNECTED), input 'flat'", "vectors of 3"}},
    {"dense shape",
     [](ModelSpec& m) { m.tensors[kDense].shape = {3}; },
     {"operator 3 (FULLY_CONNECTED), output 'dense'", "1x3"}},
    {"stride",
     [](ModelSpec& m) { m.ops[0].options.stride_w = 0; },
     {"operator 0 (CONV_2D), output 'conv'", "stride_w is 0"}},
    {"dilation",
     [](ModelSpec& m) { m.ops[0].options.dilation_h = -2; },
     {"operator 0 (CONV_2D)", "dilation_h is -2"}},
    {"reach",
     [](ModelSpec& m) { m.ops[0].options.dilation_h = 60000; },
     {"operator 0 (CONV_2D), output 'conv'", "120001"}},
    {"huge stride",
     [](ModelSpec& m) { m.ops[1].options.stride_h = 1 << 30; },
     {"operator 1 (MAX_POOL_2D)", "stride_h"}},
    {"pool window",
     [](ModelSpec& m) { m.ops[1].options.filter_w = 0; },
     {"operator 1 (MAX_POOL_2D)", "filter_w is 0"}},
    {"padding",
     [](ModelSpec& m) { m.ops[0].options.padding = static_cast<fb::Padding>(2); },
     {"operator 0 (CONV_2D)", "unknown padding 2"}},
    {"activation",
     [](ModelSpec& m) { m.ops[0].options.activation = fb::ActivationFunctionType::TANH; },
     {"operator 0 (CONV_2D), output 'conv'", "TANH"}},
    {"shuffled weights",
     [](ModelSpec& m) { m.ops[3].options.format = fb::WeightsFormat::SHUFFLED4x16INT8; },
     {"operator 3 (FULLY_CONNECTED), weights 'weights'", "shuffled"}},

    {"unsupported",
     [](ModelSpec& m) {
       m.codes[2] = {23, fb::BuiltinOperator::RESIZE_BILINEAR};
     },
     {"operator 2 (RESIZE_BILINEAR), output 'flat': not supported"}},
    {"new operator",
     [](ModelSpec& m) {
       m.codes[1] = {127, fb::BuiltinOperator::GELU};
     },
     {"operator 1 (GELU), output 'pool'"}},
    {"operator of the future",
     [](ModelSpec& m) {
       m.codes[1] = {127, static_cast<fb::BuiltinOperator>(5000)};
     },
     {"operator 1 (code 5000), output 'pool'"}},
    {"custom operator",
     [](ModelSpec& m) {
       m.codes[3] = {32, fb::BuiltinOperator::CUSTOM, "Fo\no"};
     },
     {"operator 3 (CUSTOM Fo?o), output 'dense'"}},
    {"unsupported before a bad tensor",
     [](ModelSpec& m) {
       m.codes[3] = {23};
       m.tensors[kFilter].scales[0] = 0;
     },
     {"operator 3 (RESIZE_BILINEAR)"}},

    {"cycle",
     [](ModelSpec& m) { m.ops[1].inputs = {kPool}; },
     {"operator 1 (MAX_POOL_2D)", "input 'pool'", "before any operator writes it"}},
    {"order",
     [](ModelSpec& m) { std::swap(m.ops[0], m.ops[1]); },
     {"operator 0 (MAX_POOL_2D)", "input 'conv'", "before any operator writes it"}},
    {"two writers",
     [](ModelSpec& m) { m.ops.push_back(m.ops[1]); },
     {"operator 4 (MAX_POOL_2D)", "output 'pool'", "written already"}},
    {"written input",
     [](ModelSpec& m) {
       m.inputs = {kImage, kPool};
     },
     {"operator 1 (MAX_POOL_2D)", "output 'pool'", "written already"}},
    {"written constant",
     [](ModelSpec& m) { m.tensors[kPool].data.assign(2, 0); },
     {"operator 1 (MAX_POOL_2D)", "output 'pool'", "constant"}},
    {"input twice",
     [](ModelSpec& m) {
       m.inputs = {kImage, kImage};
     },
     {"'image'", "twice"}},
    {"output twice",
     [](ModelSpec& m) {
       m.outputs = {kDense, kDense};
     },
     {"'dense'", "twice"}},
    {"output nobody writes",
     [](ModelSpec& m) { m.outputs = {kImage}; },
     {"'image'", "not written"}},
    {"constant output", [](ModelSpec& m) { m.outputs = {kFilter}; }, {"'filter'"}},
    {"accumulator",
     [](ModelSpec& m) { deepen(m, 7312, 0x80); },
     {"operator 0 (CONV_2D)", "weights 'filter'", "channel 0", "32 bits"}},
    {"accumulator by bias",
     [](ModelSpec& m) {
       m.tensors[kBias].data = tb::int32_bytes({0, -2147483647 - 1});
     },
     {"operator 0 (CONV_2D)", "weights 'filter'", "channel 1", "32 bits"}},
    {"shared beyond measure",
     [](ModelSpec& m) {
       deepen(m, 200, 1);
       for (int i = 0; i < 40; ++i) {
         m.tensors.push_back({"copy", {2, 3, 3, 200}, fb::TensorType::INT8, {}, {}, 0, {}, 1});
       }
     },
     {"times the file"}},
    {"used beyond measure",
     [](ModelSpec& m) {
       deepen(m, 2000, 1);
       for (int i = 0; i < 40; ++i) m.ops.push_back(m.ops[0]);
     },
     {"operator ", "constants more than"}},
};

TEST_CASE("A bad operator, shape or order is refused by name") { expect_refused(kSpoilt); }

// The bound is exact: 7311 channels of nine times -128 and a bias reach just below 2^31.
TEST_CASE("The accumulator's bound is neither loose nor tight") {
  ModelSpec spec = tb::small_model();
  deepen(spec, 7310, 0x80);
  const int64_t weights = int64_t{9} * 7310 * 128 * 255;
  const auto room = static_cast<int32_t>((int64_t{1} << 31) - 1 - weights);
  spec.tensors[kBias].data = tb::int32_bytes({room, -room});
  CHECK_NOTHROW(import_tflite(tb::write(spec), "bound"));
  spec.tensors[kBias].data = tb::int32_bytes({room, -room - 1});
  CHECK_THROWS_WITH(import_tflite(tb::write(spec), "bound"),
                    Catch::Matchers::ContainsSubstring("channel 1"));
}

}  // namespace
}  // namespace weft::model
