// Transposed convolutions on the device: every stride up to 4 and kernel up to 5 each way, SAME and
// VALID, also where the stride is larger than the kernel and leaves outputs that no tap reaches.
#include <string>

#include "compiler/compile.h"
#include "graph_maker.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "tb/sys/verify_graph.h"

namespace {

using namespace weft;

struct Axis {
  int stride, kernel;
};

// A transposed convolution whose output is the network's, or (`inside`) one layer's of several,
// which stays on chip.
class Maker : public tb::GraphMaker {
 public:
  using GraphMaker::GraphMaker;

  model::Graph make(Axis y, Axis x, bool same, bool inside) {
    const int channels = pick({1, 3, 5, 17});
    int in = input({pick({1, 2}), range(1, 4), range(1, 4), channels});
    if (inside) in = add_conv(in, {}, 1, 1, pick({4, 18}));
    model::TransposeConv conv;
    conv.stride_h = y.stride;
    conv.stride_w = x.stride;
    conv.padding_top = same ? std::max(0, y.kernel - y.stride) / 2 : 0;
    conv.padding_left = same ? std::max(0, x.kernel - x.stride) / 2 : 0;
    int out = add_transposed(in, conv, y.kernel, x.kernel, pick({1, 4, 16, 19}));
    if (inside) out = add_conv(out, {}, 1, 1, 4);
    graph_.outputs = {out};
    return std::move(graph_);
  }
};

// All of its operators', but for the taps that reach no output because it ends before them.
uint64_t macs_of(const model::Graph& graph) {
  int64_t sum = 0;
  for (const model::Op& op : graph.ops) {
    int64_t macs = model::macs(graph, op);
    if (const auto* conv = std::get_if<model::TransposeConv>(&op.attributes)) {
      const std::vector<int>& weights = graph.tensor(op.inputs[1]).shape;
      const std::vector<int>& out = graph.tensor(op.outputs[0]).shape;
      const auto reaching = [](int kernel, int stride, int before, int outputs) {
        int taps = 0;
        for (int k = 0; k < kernel; ++k) {
          const int first = ((k - before) % stride + stride) % stride;
          taps += first < outputs ? 1 : 0;
        }
        return taps;
      };
      macs = macs / (weights[1] * weights[2]) *
             reaching(weights[1], conv->stride_h, conv->padding_top, out[1]) *
             reaching(weights[2], conv->stride_w, conv->padding_left, out[2]);
    }
    sum += macs;
  }
  return static_cast<uint64_t>(sum);
}

void verify(const model::Graph& graph, uint64_t seed, const std::string& config,
            const std::string& backend) {
  model::check(graph);
  const runtime::Report report = tb::verify_graph(graph, "all", seed, config, backend);
  INFO(runtime::to_text(report));
  REQUIRE(report.pass);
  REQUIRE(report.host_macs == 0);
  REQUIRE(report.macs == macs_of(graph));
  REQUIRE(report.bytes_compared >=
          static_cast<uint64_t>(graph.tensor(graph.outputs[0]).elements()));
}

// `every`: one in so many of all.
uint64_t sweep(const std::string& config, const std::string& backend, uint64_t every) {
  uint64_t seed = 0, run = 0;
  for (int rows = 0; rows < 20; ++rows) {
    for (int cols = 0; cols < 20; ++cols) {
      const Axis y{rows / 5 + 1, rows % 5 + 1}, x{cols / 5 + 1, cols % 5 + 1};
      for (const bool same : {false, true}) {
        for (const bool inside : {false, true}) {
          if (++seed % every != 0) continue;
          INFO(config << " " << backend << ": strides " << y.stride << " x " << x.stride
                      << ", kernel " << y.kernel << " x " << x.kernel << (same ? ", SAME" : "")
                      << (inside ? ", between two layers" : ""));
          verify(Maker(seed).make(y, x, same, inside), seed, config, backend);
          ++run;
        }
      }
    }
  }
  return run;
}

TEST_CASE("transposed convolutions: golden == emulator", "[config]") {
  for (const std::string& config : tb::test_configs()) CHECK(sweep(config, "emulator", 1) == 1600);
}

TEST_CASE("transposed convolutions: golden == rtl", "[config]") {
  for (const std::string& config : tb::test_configs()) CHECK(sweep(config, "rtl", 13) == 123);
}

TEST_CASE("transposed convolutions of large strides and kernels", "[config]") {
  // As many parts as one may have; few of many; most taps outside; one row of all.
  const Axis edges[][2] = {
      {{16, 16}, {16, 17}}, {{200, 3}, {2, 2}}, {{1, 40}, {3, 41}}, {{9, 1}, {1, 9}}};
  uint64_t seed = 0;
  for (const std::string& config : tb::test_configs()) {
    for (const auto& [y, x] : edges) {
      for (const bool same : {false, true}) {
        INFO(config << ": strides " << y.stride << " x " << x.stride << ", kernel " << y.kernel
                    << " x " << x.kernel);
        ++seed;
        verify(Maker(seed).make(y, x, same, seed % 4 < 2), seed, config, "emulator");
      }
    }
  }
}

}  // namespace
