// `weft suite` as a user meets it: a list, a table, a file; what is absent, refused or wrong.

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tb/catch_compat.h"
#include "tb/sys/command.h"
#include "tb/temporary_directory.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;
using tb::contents;
using tb::Result;

// `weft suite` in `directory` with `list` as its list, in tiny, with `more` arguments (none: on the
// emulator); WEFT_DATA is `directory` itself.
Result suite(const tb::TemporaryDirectory& directory, const std::string& list,
             const std::string& more = "", const std::string& binary = WEFT_BUILD_DIR "/bin/weft") {
  std::ofstream(directory / "list.yaml") << list;
  return tb::run(directory.path(), tb::weft_command(directory.path().string(), binary) +
                                       " suite --list list.yaml --reports r -c tiny " +
                                       (more.empty() ? "-b emulator" : more));
}

const std::string kMnist =
    "  - {name: mnist, model: models/mnist_convnet.tflite, inputs: random, count: 3, about: "
    "digits}\n";

TEST_CASE("a suite runs what is there and names what is absent") {
  const tb::TemporaryDirectory directory;
  std::ofstream(directory / "two.bin") << std::string(2 * 784, 'x');
  const Result r =
      suite(directory,
            "models:\n" + kMnist +
                "  - {name: other, model: no/such.tflite, inputs: auto, count: 1, about: nothing}\n"
                "  - {name: raw, model: models/mnist_convnet.tflite, inputs: files, files: "
                "[two.bin], count: 0, about: x}\n"
                "  - {name: rawer, model: models/mnist_convnet.tflite, inputs: files, files: "
                "[three.bin], count: 0, about: x}\n");
  CHECK_THAT(r.err, !ContainsSubstring("weft:"));  // but progress, on a slow machine
  CHECK(r.status == 0);
  CHECK_THAT(r.out, ContainsSubstring("\nother          absent: no/such.tflite\n"));
  CHECK_THAT(r.out, ContainsSubstring("\nrawer          absent: three.bin\n"));
  CHECK_THAT(
      r.out,
      ContainsSubstring(
          "\nPASS  2 networks, all 50 bytes compared are equal to the golden model's; 2 absent\n"));
  const json j = json::parse(contents(directory / "r/suite-tiny-emulator.json"));
  CHECK(j["pass"] == true);
  REQUIRE(j["models"].size() == 4);
  CHECK(j["models"][0]["inputs"] == 3);
  CHECK(j["models"][0]["bytes_compared"] == 30);
  CHECK(j["models"][0]["device_macs"] == 2528000);
  CHECK(j["models"][0]["host_macs"] == 0);
  CHECK(j["models"][0]["floor_cycles"] > 0);
  CHECK(j["models"][0]["absent"] == nullptr);
  CHECK(j["models"][1]["absent"] == "no/such.tflite");
  CHECK(j["models"][2]["inputs"] == 2);
  CHECK(j["total"]["bytes_compared"] == 50);
  const Result one = suite(directory, "models:\n" + kMnist, "mnist -b emulator");
  CHECK_THAT(one.out, ContainsSubstring("PASS  1 networks"));
}

TEST_CASE("a suite that compared nothing, or found a fault, fails") {
  const tb::TemporaryDirectory directory;
  const Result none = suite(
      directory,
      "models:\n  - {name: other, model: no/such.tflite, inputs: auto, count: 1, about: x}\n");
  CHECK(none.status == 1);
  CHECK_THAT(none.out, ContainsSubstring("FAIL  nothing was compared; 1 absent"));
  CHECK(json::parse(contents(directory / "r/suite-tiny-emulator.json"))["pass"] == false);

  std::ofstream(directory / "broken.tflite") << "no model";
  std::ofstream(directory / "short.bin") << "x";
  const Result refused = suite(
      directory, "models:\n" + kMnist +
                     "  - {name: broken, model: broken.tflite, inputs: auto, count: 1, about: x}\n"
                     "  - {name: short, model: models/mnist_convnet.tflite, inputs: files, files: "
                     "[short.bin], count: 0, about: x}\n");
  CHECK(refused.status == 1);
  CHECK_THAT(refused.out, ContainsSubstring("\nbroken         FAIL: ") &&
                              ContainsSubstring("short.bin has 1 bytes") &&
                              ContainsSubstring("FAIL  2 of 3 networks"));
  CHECK_THAT(refused.out, !ContainsSubstring("PASS"));

  // A copy of the command finds its RTL models beside itself: here one with a fault.
  const tb::TemporaryDirectory place;
  std::filesystem::create_directory(place / "bin");
  std::filesystem::create_directory(place / "lib");
  std::filesystem::copy_file(WEFT_BUILD_DIR "/bin/weft", place / "bin/weft");
  std::filesystem::copy_file(WEFT_BUILD_DIR "/test/faulty_device.so",
                             place / "lib/weft_rtl_tiny.so");
  const Result wrong =
      suite(directory, "models:\n" + kMnist, "-b rtl -j 1", (place / "bin/weft").string());
  CHECK(wrong.status == 1);
  CHECK_THAT(wrong.out, ContainsSubstring("FAIL  1 of 1 networks") &&
                            ContainsSubstring("FAIL  1 of 30 bytes differ") &&
                            ContainsSubstring("repeat: build/bin/weft verify"));
  CHECK(json::parse(contents(directory / "r/suite-tiny-rtl.json"))["models"][0]["mismatches"] == 1);
}

TEST_CASE("a list that is none is refused with its line") {
  const tb::TemporaryDirectory directory;
  const auto refused = [&](const std::string& list, const std::string& part,
                           const std::string& more = "") {
    INFO(list);
    const Result r = suite(directory, list, more);
    CHECK(r.status == 1);
    CHECK_THAT(r.err, ContainsSubstring("weft: list.yaml") && ContainsSubstring(part));
    CHECK_THAT(r.err, !ContainsSubstring("internal error"));
  };
  refused("", "mapping with models");
  refused("models: [", "not valid YAML");
  refused("models: x\n", "models");
  refused("models:\n  - x\n", "list.yaml:2");
  refused("models:\n" + kMnist + kMnist, "two are named mnist");
  refused("models:\n" + kMnist, "no model 'nosuch'; there are mnist", "nosuch -b emulator");
  refused("models:\n  - {name: a, model: b, inputs: digits, count: 1}\n", "about");
  refused("models:\n  - {name: a, model: b, inputs: nosuch, count: 1, about: x}\n", "nosuch");
  refused("models:\n  - {name: a, model: b, inputs: digits, count: -1, about: x}\n", "count");
  refused("models:\n  - {name: a, model: b, inputs: files, count: 1, about: x}\n", "files go with");
  refused("models:\n  - {name: a, model: b, inputs: digits, files: [c], count: 1, about: x}\n",
          "files go with");
  refused("models:\n  - {name: a, model: b, inputs: files, files: [{}], count: 1, about: x}\n",
          "file names");
}

}  // namespace
}  // namespace weft
