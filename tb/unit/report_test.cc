// Reports of verification, and verification itself against a device that computes something else.
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "compiled.h"
#include "runtime/inputs.h"
#include "runtime/verify.h"
#include "tb/catch_compat.h"
#include "tb/temporary_directory.h"

namespace weft::runtime {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;

Report passed() {
  Report r;
  r.model = "net";
  r.layer = "all";
  r.config = "tiny";
  r.backend = "rtl";
  r.input_source = "some digits";
  r.inputs = 4;
  r.bytes_compared = 1234567;
  r.pass = true;
  r.cycles = 4000;
  r.floor_cycles = 500;
  r.macs = 77;
  r.dram_read_bytes = 4096;
  r.dram_write_bytes = 128;
  r.act_peak_words = 1536;
  r.act_words = 2048;
  r.dram_bytes = 65536;
  r.process_peak_bytes = 3 << 19;
  r.host_seconds = 0.5;
  r.repeat = "make sim LAYER=all";
  LayerReport conv, dense;
  conv.name = "conv1";
  conv.shape = {1, 13, 13, 32};
  conv.cycles = 3000;
  conv.floor_cycles = 375;
  conv.bar_cycles = 750;
  conv.macs = 70;
  conv.dram_read_bytes = 1000;
  dense.name = "dense1";
  dense.shape = {1, 10};
  dense.cycles = 1000;
  dense.floor_cycles = 125;
  dense.bar_cycles = 249;
  dense.macs = 7;
  dense.dram_read_bytes = 24;
  dense.dram_write_bytes = 32;
  dense.bytes_compared = 1234567;
  r.layers = {conv, dense};
  return r;
}

Report failed() {
  Report r = passed();
  r.pass = false;
  r.mismatches = r.layers[1].mismatches = 1001;
  r.difference = Difference{"scores", "dense1", 2, {0, 7}, -128, 127, {}};
  return r;
}

TEST_CASE("A report as JSON") {
  const json j = json::parse(to_json(passed()));
  CHECK(j.at("model") == "net");
  CHECK(j.at("layer") == "all");
  CHECK(j.at("config") == "tiny");
  CHECK(j.at("backend") == "rtl");
  CHECK(j.at("inputs") == 4);
  CHECK(j.at("bytes_compared") == 1234567);
  CHECK(j.at("mismatches") == 0);
  CHECK(j.at("pass") == true);
  CHECK(j.at("cycles") == 4000);
  CHECK(j.at("cycles_per_input") == 1000.0);
  CHECK(j.at("floor_cycles") == 500);
  CHECK(j.at("utilisation") == 0.5);
  CHECK(j.at("macs") == 77);
  CHECK(j.at("dram_read_bytes") == 4096);
  CHECK(j.at("dram_write_bytes") == 128);
  CHECK(j.at("act_peak_words") == 1536);
  CHECK(j.at("act_words") == 2048);
  CHECK(j.at("act_peak") == 0.75);
  CHECK(j.at("dram_bytes") == 65536);
  CHECK(j.at("process_peak_bytes") == 1572864);
  CHECK(j.at("host_seconds") == 0.5);
  CHECK(j.at("cycles_per_second") == 8000.0);
  CHECK(j.at("repeat") == "make sim LAYER=all");
  CHECK_FALSE(j.contains("first_difference"));
  REQUIRE(j.at("layers").size() == 2);
  const json& layer = j.at("layers")[1];
  CHECK(layer.at("layer") == "dense1");
  CHECK(layer.at("shape") == json{1, 10});
  CHECK(layer.at("cycles_per_input") == 250.0);
  CHECK(layer.at("utilisation") == 0.5);
  CHECK(layer.at("bytes_compared") == 1234567);
  // Bars are of one input.
  CHECK(layer.at("bar_cycles") == 249);
  CHECK(layer.at("within_bar") == false);
  CHECK(j.at("layers")[0].at("within_bar") == true);
  Report on_host = passed();
  on_host.layers[1].bar_cycles = 0;
  CHECK(json::parse(to_json(on_host)).at("layers")[1].at("within_bar") == nullptr);

  const json bad = json::parse(to_json(failed()));
  CHECK(bad.at("pass") == false);
  CHECK(bad.at("mismatches") == 1001);
  CHECK(bad.at("layers")[1].at("pass") == false);
  CHECK(bad.at("first_difference") == json{{"tensor", "scores"},
                                           {"layer", "dense1"},
                                           {"input", 2},
                                           {"coordinate", {0, 7}},
                                           {"golden", -128},
                                           {"device", 127}});
}

TEST_CASE("A report of nothing divides by nothing") {
  Report r;
  r.layers.resize(1);
  const json j = json::parse(to_json(r));
  for (const char* key : {"cycles_per_input", "utilisation", "cycles_per_second", "act_peak"})
    CHECK(j.at(key) == 0.0);
  CHECK(j.at("layers")[0].at("utilisation") == 0.0);
  CHECK(j.at("pass") == false);
  CHECK_THAT(to_text(r), ContainsSubstring("FAIL  nothing was compared"));
}

TEST_CASE("A report as text") {
  const std::string good = to_text(passed());
  CHECK_THAT(good, ContainsSubstring("PASS  all 1,234,567 bytes"));
  CHECK_THAT(good, !ContainsSubstring("FAIL"));
  CHECK_THAT(good, ContainsSubstring("on chip"));
  CHECK_THAT(good, ContainsSubstring("50.0 %"));
  CHECK_THAT(good, ContainsSubstring("\n77 MACs on the device, 0 on the host\n") &&
                       !ContainsSubstring("on the host:"));
  CHECK_THAT(good, ContainsSubstring("\npeaks: act memory 1,536 of 2,048 words (75.0 %), DRAM "
                                     "65,536 bytes, this process 1.5 MiB\n"));
  Report r = passed();
  r.layers[0].host = r.layers[1].host = "it moves single bytes";
  r.host_macs = 7;
  CHECK_THAT(to_text(r), ContainsSubstring("\n70 MACs on the device, 7 on the host\n"
                                           "on the host: conv1, dense1: it moves single bytes\n"));
  const std::string bad = to_text(failed());
  CHECK_THAT(bad, !ContainsSubstring("PASS"));
  CHECK_THAT(bad,
             ContainsSubstring(
                 "FAIL  1,001 of 1,234,567 bytes differ; first: layer dense1, tensor 'scores', "
                 "input 2, at [0, 7]: golden -128, rtl 127"));
  CHECK_THAT(bad, ContainsSubstring("repeat: make sim LAYER=all"));
}

TEST_CASE("A report's file is there whole or not at all") {
  const tb::TemporaryDirectory directory;
  const auto path = write_json(passed(), directory / "new/reports");
  CHECK(path == directory / "new/reports/net-all-tiny-rtl.json");
  std::ifstream in(path);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == to_json(passed()));
  CHECK(directory.names() ==
        std::vector<std::string>{"new", "new/reports", "new/reports/net-all-tiny-rtl.json"});

  std::ofstream(directory / "file") << "in its place";
  CHECK_THROWS_WITH(write_json(passed(), directory / "file"),
                    ContainsSubstring("cannot write") &&
                        ContainsSubstring((directory / "file/net-all-tiny-rtl.json").string()));
  std::filesystem::create_directories(directory / "d/net-all-tiny-rtl.json");
  CHECK_THROWS_WITH(write_json(passed(), directory / "d"), ContainsSubstring("directory"));
  CHECK(directory.names().size() == 6);  // new, reports, its file; file; d and the directory in it
}

// A run on the emulator, so that a planted fault is the only difference there is.
std::vector<Report> run(const std::vector<Target>& targets, int inputs, int jobs) {
  const model::Graph graph = tb::mnist_graph();
  InputRequest request;
  request.kind = InputKind::kRandom;
  request.count = inputs;
  request.seed = tb::seed();
  VerifyOptions options;
  options.backend = "emulator";
  options.config = "tiny";
  options.jobs = jobs;
  return verify(graph, targets, make_inputs(graph, request).inputs, options);
}

TEST_CASE("verify passes on bytes that were compared") {
  const model::Graph graph = tb::mnist_graph();
  const auto targets = make_targets(graph, "each", isa::find_config("tiny"));
  CHECK(targets.size() == 7);
  for (const int jobs : {1, 3}) {
    const std::vector<Report> reports = run(targets, 3, jobs);
    REQUIRE(reports.size() == targets.size());
    for (const Report& r : reports) {
      INFO(r.layer << ", " << jobs << " jobs");
      CHECK(r.pass);
      CHECK(r.inputs == 3);
      CHECK(r.mismatches == 0);
      CHECK_FALSE(r.difference);
      const program::Program& p = targets[static_cast<size_t>(&r - reports.data())].program;
      CHECK(r.act_peak_words == p.act_peak_words);
      CHECK(r.act_peak_words > 0);
      CHECK(r.act_words == 2048);
      CHECK(r.dram_bytes == p.dram_bytes());
      // At least what the process has now, at most what a test of such a network may take.
      CHECK(r.process_peak_bytes > uint64_t{1} << 20);
      CHECK(r.process_peak_bytes < uint64_t{1} << 32);
      uint64_t outputs = 0;
      for (const program::Tensor& t : p.tensors) {
        if (t.role != program::TensorRole::kInput) outputs += t.bytes;
      }
      CHECK(r.bytes_compared == 3 * outputs);
      CHECK(outputs > 0);
    }
  }
  // No input, no evidence.
  VerifyOptions options;
  options.backend = "emulator";
  options.config = "tiny";
  CHECK_FALSE(verify(graph, targets, {}, options)[0].pass);
  CHECK_THROWS_WITH(
      make_targets(graph, "nosuch", isa::find_config("tiny")),
      ContainsSubstring("conv1") && ContainsSubstring("dense2") && ContainsSubstring("each"));
  CHECK_THROWS_WITH(make_targets(graph, "reshape1", isa::find_config("tiny")),
                    ContainsSubstring("reshape1"));
}

TEST_CASE("verify finds a device that computes something else, however many work on it") {
  const model::Graph graph = tb::mnist_graph();
  std::vector<Target> targets = make_targets(graph, "conv1", isa::find_config("tiny"));
  REQUIRE(targets.size() == 1);
  // A bit of the first weight of all.
  auto& constants = targets[0].program.regions.at(1).image;
  const uint32_t load =
      tb::find_descriptor(targets[0].program, isa::Opcode::kLoad, [](isa::ByteSpan bytes) {
        return isa::decode_transfer(bytes).mem == static_cast<uint8_t>(isa::Memory::kWgt);
      });
  constants[isa::decode_transfer(targets[0].program.descriptor(load)).dram_offset] ^= 0x40;
  std::optional<Difference> first;
  for (const int jobs : {1, 3}) {
    const Report r = run(targets, 5, jobs)[0];
    CHECK_FALSE(r.pass);
    CHECK(r.inputs == 5);
    CHECK(r.mismatches > 0);
    CHECK(r.mismatches < r.bytes_compared);
    CHECK(r.layers[0].mismatches == r.mismatches);
    REQUIRE(r.difference);
    CHECK(r.difference->layer == "conv1");
    CHECK(r.difference->input == 0);
    // The weights of the first block of channels, so of the first channel of all.
    REQUIRE(r.difference->coordinate.size() == 4);
    CHECK(r.difference->coordinate[3] == 0);
    CHECK(r.difference->golden != r.difference->device);
    CHECK_THAT(to_text(r), ContainsSubstring("FAIL"));
    CHECK(json::parse(to_json(r)).at("pass") == false);
    if (first) {
      CHECK(first->coordinate == r.difference->coordinate);
      CHECK(first->golden == r.difference->golden);
      CHECK(first->device == r.difference->device);
    }
    first = r.difference;
  }
}

TEST_CASE("one differing byte is one mismatch with its coordinate and both values") {
  const model::Graph graph = tb::mnist_graph();
  std::vector<Target> targets = make_targets(graph, "all", isa::find_config("tiny"));
  // Scores lie in DRAM; a store one byte shorter leaves the last one as it was: zero.
  program::Program& p = targets[0].program;
  uint32_t store = p.descriptor_count;
  for (uint32_t i = 0; i < p.descriptor_count; ++i) {
    if (p.descriptor(i)[0] == static_cast<uint8_t>(isa::Opcode::kStore)) store = i;
  }
  REQUIRE(store < p.descriptor_count);
  tb::edit<isa::TransferDesc>(p, store, [](isa::TransferDesc& d) {
    REQUIRE((d.chip_count1 == 1 && d.chip_count2 == 1 && d.dram_count1 == 1 && d.dram_count2 == 1));
    d.chip_run -= 1;
    d.dram_run -= 1;
  });
  const Report r = run(targets, 1, 1)[0];
  CHECK_FALSE(r.pass);
  CHECK(r.mismatches == 1);
  REQUIRE(r.difference);
  CHECK(r.difference->tensor == "Identity");
  CHECK(r.difference->coordinate == std::vector<int>{0, 9});
  CHECK(r.difference->device == 0);
}

TEST_CASE("a device error during verify is an Error, not a report") {
  const model::Graph graph = tb::mnist_graph();
  std::vector<Target> targets = make_targets(graph, "conv1", isa::find_config("tiny"));
  tb::raw_descriptor(targets[0].program, 2)[0] = 0xff;
  for (const int jobs : {1, 3}) {
    CHECK_THROWS_WITH(run(targets, 4, jobs),
                      ContainsSubstring("bad_opcode") && ContainsSubstring("descriptor 2"));
  }
}

}  // namespace
}  // namespace weft::runtime
