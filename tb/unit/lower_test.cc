// What the device cannot run, the compiler refuses by layer and operator.
#include "base/error.h"
#include "compiler/layer.h"
#include "one_op_graph.h"
#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

using model::Graph;

TEST_CASE("An operator that the device cannot run is refused by name") {
  struct Case {
    const char* name;
    model::Attributes attributes;
  };
  const auto c = GENERATE(
      Case{"dw1", model::DepthwiseConv2d{}}, Case{"tconv1", model::TransposeConv{}},
      Case{"matmul1", model::BatchMatMul{}}, Case{"add1", model::Add{}},
      Case{"mul1", model::Mul{}}, Case{"maximum1", model::MaxMin{}},
      Case{"avgpool1", model::AveragePool2d{}}, Case{"mean1", model::Mean{}},
      Case{"softmax1", model::Softmax{}}, Case{"tanh1", model::Lookup{}},
      Case{"relu1", model::Requantize{}}, Case{"quantize1", model::Quantize{}},
      Case{"dequantize1", model::Dequantize{}}, Case{"pad1", model::Pad{}},
      Case{"concat1", model::Concat{}}, Case{"transpose1", model::Transpose{}},
      Case{"slice1", model::StridedSlice{}});
  const Graph graph = tb::one_op_graph(c.name, c.attributes, {1, 2, 2, 1}, {1, 2, 2, 1});
  try {
    lower(graph);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUnsupported);
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring(std::string("layer ") + c.name) &&
                                 Catch::Matchers::ContainsSubstring("the test's operator"));
  }
}

}  // namespace
}  // namespace weft::compiler
