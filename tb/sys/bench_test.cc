// `weft bench` as a user meets it: the table and its file, two such files compared, and the known cycles,
// which are held against the RTL's here.

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "tb/sys/command.h"
#include "tb/temporary_directory.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;
using tb::contents;
using tb::Result;

const std::string kBinary = WEFT_BUILD_DIR "/bin/weft";

Result run(const tb::TemporaryDirectory& directory, const std::string& command) {
  return tb::run(directory.path(), command);
}

Result bench(const tb::TemporaryDirectory& directory, const std::string& arguments,
             const std::string& binary = kBinary) {
  return run(directory, tb::weft_command(directory.path().string(), binary) +
                            " bench --list list.yaml --cycles cycles.yaml --reports r " +
                            arguments);
}

const std::string kList =
    "models:\n"
    "  - {name: mnist, model: models/mnist_convnet.tflite, inputs: random, count: 3, about: x}\n"
    "  - {name: other, model: no/such.tflite, inputs: auto, count: 1, about: nothing}\n";

// A directory with a list and known cycles.
void prepare(const tb::TemporaryDirectory& directory, const std::string& cycles) {
  std::ofstream(directory / "list.yaml") << kList;
  std::ofstream(directory / "cycles.yaml") << cycles;
}

TEST_CASE("a bench measures what is there, and its file says by what") {
  const tb::TemporaryDirectory directory;
  prepare(directory, "cycles:\n  - {network: mnist, config: tiny, cycles: 7, bar: 9}\n");
  const Result r = bench(directory, "-c tiny -b emulator --net mnist --net other");
  CHECK_THAT(r.err, !ContainsSubstring("weft:"));
  CHECK(r.status == 0);
  CHECK_THAT(r.out, ContainsSubstring("absent: no/such.tflite"));
  CHECK_THAT(r.out, ContainsSubstring("PASS  1 networks, all 30 bytes compared") &&
                        ContainsSubstring("; 1 absent"));
  const json j = json::parse(contents(directory / "r/bench-mnist+other-tiny-emulator.json"));
  CHECK(j["pass"] == true);
  CHECK(j["config"] == "tiny");
  CHECK(j["config_hash"].get<std::string>().size() == 16);
  CHECK(j["machine"]["cores"] > 0);
  for (const char* tool : {"compiler", "flags", "verilator"})
    CHECK(j["tools"][tool].get<std::string>() != "");
  CHECK(j["revision"].get<std::string>() != "");
  REQUIRE(j["networks"].size() == 2);
  const json& mnist = j["networks"][0];
  CHECK(mnist["inputs"] == 3);
  CHECK(mnist["macs"] == 2528000);
  CHECK(mnist["bar_cycles"] == 9);
  CHECK(mnist["within_bar"] == nullptr);  // no time
  CHECK(mnist["process_peak_bytes"] > 1 << 20);
  REQUIRE(mnist["layers"].size() == 4);
  CHECK(mnist["layers"][0]["layer"] == "conv1+pool1");
  CHECK(mnist["layers"][0]["within_bar"] == nullptr);
  // floor 64, and more than 0.8 of it the vector engine's or not
  CHECK(mnist["layers"][0]["bar_cycles"] > mnist["layers"][0]["floor_cycles"]);
  CHECK(j["networks"][1]["absent"] == "no/such.tflite");

  const Result none = bench(directory, "-c tiny -b emulator --net other");
  CHECK(none.status == 1);
  CHECK_THAT(none.out, ContainsSubstring("FAIL  nothing was compared; 1 absent"));
}

TEST_CASE("a bench refuses what it cannot do") {
  const tb::TemporaryDirectory directory;
  prepare(directory, "cycles:\n  - {network: mnist, config: tiny, cycles: 7}\n");
  const auto refused = [&](const std::string& arguments, const std::string& part) {
    INFO(arguments);
    const Result r = bench(directory, arguments);
    CHECK(r.status == 1);
    CHECK_THAT(r.err, ContainsSubstring("weft: ") && ContainsSubstring(part));
    CHECK_THAT(r.err, !ContainsSubstring("internal error"));
  };
  refused("--net nosuch", "there are mnist, other, resnet50, matmul512");
  refused("-c nosuch", "nosuch");
  refused("-c small --check", "no cycles of configuration small");
  refused("-c tiny -b emulator --check", "has no time");
  const auto malformed = [&](const std::string& cycles, const std::string& part) {
    INFO(cycles);
    prepare(directory, cycles);
    refused("-c tiny --check", part);
  };
  malformed("cycles: x\n", "cycles.yaml:1");
  malformed("{cycles: [{network: mnist, config: tiny, cycles: 7}]}\n", "begins with a line");
  malformed("cycles:\n  - {network: mnist, config: tiny}\n", "cycles.yaml:2: cycles: key missing");
  malformed("cycles:\n  - {network: mnist, config: tiny, cycles: 0}\n", "cycles.yaml:2");
  malformed(
      "cycles:\n  - {network: mnist, config: tiny, cycles: 7}\n"
      "  - {network: mnist, config: tiny, cycles: 8}\n",
      "two lines are of mnist in tiny");
}

// The file of a bench of networks with these cycles, each at `rate` cycles a second.
void write_bench(const std::filesystem::path& path,
                 const std::vector<std::pair<std::string, int>>& networks, double rate,
                 const std::string& revision) {
  json j{{"config", "base"},
         {"config_hash", "0123456789abcdef"},
         {"backend", "rtl"},
         {"revision", revision},
         {"machine", {{"cpu", "some"}, {"cores", 2}, {"system", "Linux"}}},
         {"tools",
          {{"compiler", "Clang"}, {"flags", "-O3"}, {"verilator", "5"}, {"benchmark_build", true}}},
         {"networks", json::array()}};
  for (const auto& [name, cycles] : networks) {
    j["networks"].push_back({{"network", name},
                             {"cycles", cycles},
                             {"cycles_per_second", rate},
                             {"macs_per_second", 10 * rate},
                             {"process_peak_bytes", 1 << 20}});
  }
  j["networks"].push_back({{"network", "gone"}, {"absent", "gone.tflite"}});
  std::ofstream(path) << j;
}

TEST_CASE("two benches are compared as ratios, a row a network") {
  const tb::TemporaryDirectory directory;
  write_bench(directory / "a.json", {{"one", 1000}, {"two", 500}, {"three", 9}}, 200, "abc");
  write_bench(directory / "b.json", {{"one", 900}, {"two", 1000}, {"four", 7}}, 300, "def");
  const Result r = run(directory, "'" + kBinary + "' bench --compare a.json b.json");
  CHECK(r.err == "");
  CHECK(r.status == 0);
  CHECK(
      r.out ==
      "A: a.json\n"
      "B: b.json\n"
      "revision: A abc; B def\n"
      "\n"
      "network  cycles A  cycles B  cycles B/A  cycles/s B/A  MAC/s B/A  memory B/A  remark\n"
      "one         1,000       900       0.900         1.500      1.500       1.000\n"
      "two           500     1,000       2.000         1.500      1.500       1.000\n"
      "three           9                                                             only in A\n"
      "four                      7                                                   only in B\n");
  // The script is the same.
  std::filesystem::create_directories(directory / "build/bin");
  std::filesystem::create_directories(directory / "scripts");
  std::filesystem::create_symlink(kBinary, directory / "build/bin/weft");
  std::filesystem::copy_file(WEFT_SOURCE_DIR "/scripts/bench_compare",
                             directory / "scripts/bench_compare");
  CHECK(run(directory, "scripts/bench_compare a.json b.json").out == r.out);
  CHECK(run(directory, "scripts/bench_compare a.json").status == 2);

  const auto refused = [&](const std::string& second, const std::string& part) {
    const Result bad = run(directory, "'" + kBinary + "' bench --compare a.json " + second);
    CHECK(bad.status == 1);
    CHECK_THAT(bad.err, ContainsSubstring("weft: ") && ContainsSubstring(part));
    CHECK_THAT(bad.err, !ContainsSubstring("internal error"));
  };
  write_bench(directory / "c.json", {{"four", 7}}, 1, "abc");
  refused("c.json", "no network in common");
  refused("nosuch.json", "nosuch.json");
  for (const char* text : {"", "{}", "[]", "{\"networks\": 3}", "\xff"}) {
    std::ofstream(directory / "bad.json") << text;
    refused("bad.json", "bad.json: this is no file of `weft bench`");
  }
}

// The RTL of configuration `config`, which may not be part of this build.
bool is_built(const std::string& config) {
  return std::filesystem::exists(WEFT_BUILD_DIR "/lib/weft_rtl_" + config + ".so");
}

TEST_CASE("cycles that are not the known ones fail, until they are meant") {
  const std::string config = tb::test_configs().front();
  if (!is_built(config)) {
    WARN("skipped: this build has no RTL model");
    return;
  }
  const tb::TemporaryDirectory directory;
  const std::string head = "# What stands here stays.\n";
  const std::string other = "  - {network: kws, config: wide, cycles: 5, slow: true}\n";
  prepare(directory, head + "cycles:\n  - {network: mnist, config: " + config +
                         ", cycles: 7, bar: 9}\n" + other);
  const Result wrong = bench(directory, "--check -c " + config);
  CHECK_THAT(wrong.err, !ContainsSubstring("weft:"));  // but progress, on a slow machine
  CHECK(wrong.status == 1);
  CHECK_THAT(wrong.out, ContainsSubstring("FAIL  mnist takes ") &&
                            ContainsSubstring(" cycles in " + config + ", once 7\n") &&
                            ContainsSubstring("over its bar") && ContainsSubstring("--update"));
  const json j = json::parse(contents(directory / ("r/bench-known-" + config + "-rtl.json")));
  CHECK(j["networks"][0]["within_bar"] == false);
  CHECK(j["networks"][0]["layers"][0]["within_bar"].is_boolean());
  const std::string line = "  - {network: mnist, config: " + config +
                           ", cycles: " + std::to_string(j["networks"][0]["cycles"].get<int>()) +
                           ", bar: 9}\n";
  CHECK_THAT(wrong.out, ContainsSubstring(line));

  const Result updated = bench(directory, "--update --net mnist -c " + config);
  CHECK(updated.status == 0);
  CHECK(contents(directory / "cycles.yaml") == head + "cycles:\n" + line + other);
  const Result right = bench(directory, "--check -c " + config);
  CHECK(right.status == 0);
  CHECK_THAT(right.out, ContainsSubstring("PASS  the cycles of 1 networks are those of"));

  // Of what was not known a line is added.
  prepare(directory, head + "cycles:\n" + other);
  CHECK(bench(directory, "--check --net mnist -c " + config).status == 1);
  CHECK(bench(directory, "--update --net mnist -c " + config).status == 0);
  CHECK_THAT(contents(directory / "cycles.yaml"), ContainsSubstring(other + "  - {network: mnist"));
}

// A copy of the command finds its RTL models beside itself: here one with a fault.
TEST_CASE("a bench of wrong bytes fails, whatever its cycles") {
  const tb::TemporaryDirectory directory, place;
  std::filesystem::create_directory(place / "bin");
  std::filesystem::create_directory(place / "lib");
  std::filesystem::copy_file(kBinary, place / "bin/weft");
  std::filesystem::copy_file(WEFT_BUILD_DIR "/test/faulty_device.so",
                             place / "lib/weft_rtl_tiny.so");
  prepare(directory, "cycles:\n  - {network: mnist, config: tiny, cycles: 7}\n");
  const Result r = bench(directory, "--update --net mnist -c tiny", (place / "bin/weft").string());
  CHECK(r.status == 1);
  CHECK_THAT(r.out, ContainsSubstring("FAIL: 1 of 30 bytes differ") &&
                        ContainsSubstring("FAIL  1 networks"));
  CHECK_THAT(contents(directory / "cycles.yaml"), ContainsSubstring("cycles: 7}"));
}

TEST_CASE("networks take the cycles that they are known to take", "[config]") {
  const bool all = std::getenv("WEFT_LONG") != nullptr;
  for (const std::string& config : tb::test_configs()) {
    if (!is_built(config)) {
      WARN("skipped: this build has no RTL model of configuration " << config);
      continue;
    }
    const tb::TemporaryDirectory directory;
    const Result r = run(directory, "'" + kBinary + "' bench --check --reports r -c " + config +
                                        (all ? "" : " --fast"));
    INFO(r.out << r.err);
    CHECK(r.status == 0);
    for (const auto& entry : std::filesystem::directory_iterator(directory / "r")) {
      for (const json& network : json::parse(contents(entry.path()))["networks"]) {
        if (network["absent"].is_string())
          WARN("skipped: " << network["network"] << ": " << network["absent"] << " is not present");
      }
    }
  }
}

}  // namespace
}  // namespace weft
