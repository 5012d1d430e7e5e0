// Layers of which not even one output pixel's input, or all output channels of one, fit on chip: they are
// cut along channels, too.
#include <string>

#include "compiler/compile.h"
#include "graph_maker.h"
#include "tb/catch_compat.h"
#include "tb/sys/verify_graph.h"

namespace {

using namespace weft;

// Channels by the words of activation memory, so that each configuration has to cut.
class Maker : public tb::GraphMaker {
 public:
  Maker(uint64_t seed, const std::string& config)
      : GraphMaker(seed), config_(isa::find_config(config)) {}

  // `part` of 16 of the memory, as channels of one pixel.
  int channels(int part) const { return config_.act_words / 16 * part * config_.rows; }

  model::Graph dense(int depth, int outputs) {
    const int in = input({2, depth});
    graph_.outputs = {add_dense(in, depth, outputs, {2, outputs})};
    return std::move(graph_);
  }
  model::Graph conv(int size, int kernel, int depth, int outputs, int groups) {
    model::Conv2d a;
    a.groups = groups;
    a.padding = {kernel / 2, kernel / 2, kernel / 2, kernel / 2};
    const int in = input({1, size, size, depth});
    graph_.outputs = {add_conv(in, a, kernel, kernel, outputs)};
    return std::move(graph_);
  }

 private:
  const isa::HardwareConfig& config_;
};

bool cuts_channels(const model::Graph& graph, const std::string& config) {
  const auto compilation = compiler::compile_with_plan(graph, isa::find_config(config));
  return compilation.plan.layers.at(0).in_blocks > 0;
}

void verify(const model::Graph& graph, const std::string& config, const std::string& backend) {
  model::check(graph);
  REQUIRE(cuts_channels(graph, config));
  const runtime::Report report = tb::verify_graph(graph, "all", 0, config, backend);
  INFO(runtime::to_text(report));
  REQUIRE(report.pass);
  REQUIRE(report.host_macs == 0);
  REQUIRE(report.bytes_compared ==
          static_cast<uint64_t>(graph.tensor(graph.outputs[0]).elements()));
}

TEST_CASE("dense layers and convolutions larger than the activation memory") {
  constexpr int kOdd = 3;  // channels beyond whole words
  // So many channels of larger memories would make sums of more than 32 bits.
  for (const std::string config : {"tiny", "small"}) {
    const isa::HardwareConfig& hardware = isa::find_config(config);
    const bool tiny = config == "tiny";
    INFO(config);
    uint64_t seed = 1;
    const Maker sizes(seed, config);
    const auto both = [&](const model::Graph& graph) {
      verify(graph, config, "emulator");
      if (tiny) verify(graph, config, "rtl");
    };
    both(Maker(++seed, config).dense(sizes.channels(20) + kOdd, 10));
    both(Maker(++seed, config).conv(3, 3, sizes.channels(2) + kOdd, 5, 1));
    both(Maker(++seed, config).dense(sizes.channels(18), sizes.channels(1) / 2 + kOdd));
    both(Maker(++seed, config).conv(2, 2, sizes.channels(5), 8, 4));
    both(Maker(++seed, config).dense(2 * hardware.rows + 1, sizes.channels(18) + kOdd));
  }
}

TEST_CASE("a kernel whose pixels do not fit is refused, naming the layer") {
  Maker maker(1, "tiny");
  const model::Graph graph = maker.conv(80, 79, 4, 4, 1);
  model::check(graph);
  try {
    compiler::compile(graph, isa::find_config("tiny"));
    FAIL("it was compiled");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUnsupported);
    CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("conv1") &&
                                 Catch::Matchers::ContainsSubstring("one output pixel"));
  }
}

}  // namespace
