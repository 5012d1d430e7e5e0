// Waves of a run: what is in the files, which cycles, and the way from a FAIL to the cycle of it.
#include <fmt/format.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/error.h"
#include "driver/backend.h"
#include "runtime/waves.h"
#include "tb/catch_compat.h"
#include "tb/sys/command.h"
#include "tb/sys/fst_file.h"
#include "tb/temporary_directory.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;
using runtime::WrongByte;
using runtime::WrongWrite;
using tb::contents;
using tb::Result;

constexpr uint64_t kCycle = driver::kWaveCycle;
constexpr uint64_t kMiddle = kCycle / 2;  // all of the cycle has settled
const std::string kTop = "weft.weft_top.";

// `weft verify` of a layer on tiny, one input of the project's own, in `directory`; the report goes to r/.
Result verify(const tb::TemporaryDirectory& directory, const std::string& arguments,
              const std::string& binary = WEFT_BUILD_DIR "/bin/weft") {
  return tb::run(directory.path(), tb::weft_command(WEFT_SOURCE_DIR "/data", binary) +
                                       " verify -c tiny --reports r " + arguments);
}

// The signals a save file names.
std::set<std::string> rows(const std::filesystem::path& save) {
  std::set<std::string> names;
  std::istringstream in(contents(save));
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("+{", 0) == 0) names.insert(line.substr(line.find("} ") + 2));
  }
  return names;
}

void names_only_what_is_there(const std::filesystem::path& save, const tb::FstFile& waves) {
  const std::set<std::string> names = rows(save);
  CHECK(names.size() > 100);
  for (const std::string& name : names) {
    INFO(name);
    CHECK(waves.signals().count(name) == 1);
  }
}

TEST_CASE("waves of a whole run, and a save file that names what is in them") {
  const tb::TemporaryDirectory directory;
  const Result r = verify(directory, "-l conv1 --waves w/conv1.fst");
  CHECK(r.status == 0);
  CHECK(r.err == "");
  CHECK_THAT(r.out, ContainsSubstring("w/conv1.fst; open with: gtkwave w/conv1.gtkw\n"));

  const tb::FstFile waves(directory / "w/conv1.fst");
  names_only_what_is_there(directory / "w/conv1.gtkw", waves);
  for (const auto& [name, handle] : waves.signals())
    CHECK(name.find("u_array.g_row") == std::string::npos);
  const uint64_t cycles =
      json::parse(contents(directory / "r/mnist_convnet-conv1-tiny-rtl.json"))["cycles"];
  CHECK(waves.first_time() == kMiddle);
  CHECK(waves.last_time() > cycles * kCycle);

  // In the middle of the run, in words.
  const uint64_t middle = cycles / 2 * kCycle + kMiddle;
  const std::string view = kTop + "u_core.u_ctl.u_view.";
  const uint64_t layer = waves.value(view + "oldest_layer[15:0]", middle);
  CHECK_THAT("\n" + contents(directory / "w/conv1.layer.txt"),
             ContainsSubstring(fmt::format("\n{} ?", layer)));
  CHECK_THAT(contents(directory / "w/conv1.layer.txt"), ContainsSubstring("?conv1\n"));
  const uint64_t index = waves.value(view + "oldest[31:0]", middle);
  CHECK(index < 1000);
  std::istringstream table(contents(directory / "w/conv1.desc.txt"));
  std::string line;
  for (uint64_t i = 0; i <= index; ++i) std::getline(table, line);
  CHECK_THAT(line, ContainsSubstring(fmt::format("{} ?", index)));
  CHECK_THAT(line, ContainsSubstring(fmt::format("?{} ", index)) && ContainsSubstring(" conv1 "));
  // Before the job and after it: none.
  CHECK(waves.value(view + "oldest[31:0]", kMiddle) == 0xffffffff);
  CHECK(waves.value(view + "oldest[31:0]", waves.last_time()) == 0xffffffff);
}

TEST_CASE("waves of a window of cycles, with the inside of the array") {
  const tb::TemporaryDirectory directory;
  const Result r = verify(directory, "-l conv1 --waves conv1.fst --cycles 1000:1200 --waves-pes");
  CHECK(r.status == 0);
  CHECK(r.err == "");
  const tb::FstFile waves(directory / "conv1.fst");
  CHECK(waves.first_time() == 1000 * kCycle);
  CHECK(waves.last_time() == 1200 * kCycle + kMiddle);
  names_only_what_is_there(directory / "conv1.gtkw", waves);
  CHECK(rows(directory / "conv1.gtkw")
            .count(kTop + "u_core.u_array_engine.u_array.g_row[3].u_row.act_i[7:0]") == 1);
  // A window that ends behind the run is cut short.
  CHECK(verify(directory, "-l conv1 --waves end.fst --cycles 17000:99999999").status == 0);
  const tb::FstFile end(directory / "end.fst");
  CHECK(end.first_time() == 17000 * kCycle);
  CHECK(end.last_time() < 30000 * kCycle);
}

TEST_CASE("waves that cannot be had end in a sentence, and leave nothing behind") {
  const tb::TemporaryDirectory directory;
  std::ofstream(directory / "file") << "";
  std::filesystem::create_directory(directory / "taken.fst");
  const auto fails = [&](const std::string& arguments, const std::string& part) {
    INFO(arguments);
    const auto before = directory.names();
    const Result r = verify(directory, arguments);
    CHECK(r.status == 1);
    CHECK_THAT(r.err, Catch::Matchers::StartsWith("weft: ") && ContainsSubstring(part));
    CHECK_THAT(r.err, !ContainsSubstring("internal error"));
    CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
    CHECK(directory.names() == before);
  };
  for (const char* cycles : {"5", "a:b", "1:2:3", "-1:5", "1:", ":2", "1 : 2",
                             "18446744073709551616:18446744073709551617"}) {
    fails(fmt::format("-l conv1 --waves w.fst --cycles '{}'", cycles), "is no window of cycles");
  }
  fails("-l conv1 --waves w.fst --cycles 1200:1000", "ends before it begins");
  fails("-l conv1 --waves w.fst --cycles 90000000:90000001", "the run ended in cycle");
  fails("-l conv1 --waves file/w.fst", "cannot write the waves to file/w.fst");
  fails("-l conv1 --waves taken.fst", "cannot write the waves to taken.fst");
  fails("-l conv1 --waves w.vcd", "w.vcd.fst");
  fails("-l each --waves w.fst", "name one layer");
  fails("-l conv1 --cycles 1:2", "--waves FILE");
  fails("-l conv1 -b emulator --waves w.fst", "the backend emulator makes no waves");
}

// Where and when the machine wrote, told from the pins alone: AW and W in their order, ID 1 (store) only.
struct Beat {
  uint64_t cycle, address;
};
std::vector<Beat> stores(const tb::FstFile& waves) {
  const auto pin = [&](const char* name, uint64_t time) {
    return waves.value(kTop + "m_axi_" + name, time);
  };
  struct Burst {
    uint64_t address, beats, id;
  };
  std::deque<Burst> bursts;
  std::vector<uint64_t> data;
  std::vector<Beat> beats;
  const auto settle = [&] {
    while (!data.empty() && !bursts.empty()) {
      Burst& burst = bursts.front();
      if (burst.id == 1) beats.push_back({data.front(), burst.address});
      data.erase(data.begin());
      burst.address += 4;  // the bus of tiny
      if (--burst.beats == 0) bursts.pop_front();
    }
  };
  for (uint64_t cycle = 0; cycle * kCycle + kMiddle <= waves.last_time(); ++cycle) {
    const uint64_t time = cycle * kCycle + kMiddle;
    if (pin("awvalid_o", time) != 0 && pin("awready_i", time) != 0) {
      bursts.push_back(
          {pin("awaddr_o[63:0]", time), pin("awlen_o[7:0]", time) + 1, pin("awid_o[1:0]", time)});
    }
    if (pin("wvalid_o", time) != 0 && pin("wready_i", time) != 0) data.push_back(cycle);
    settle();
  }
  return beats;
}

// `weft` with the device of a planted fault in the place of tiny's models.
class FaultyWeft {
 public:
  FaultyWeft() {
    std::filesystem::create_directory(place_ / "bin");
    std::filesystem::create_directory(place_ / "lib");
    std::filesystem::copy_file(WEFT_BUILD_DIR "/bin/weft", binary());
    for (const char* name : {"lib/weft_rtl_tiny.so", "lib/weft_rtl_tiny_waves.so"}) {
      std::filesystem::copy_file(WEFT_BUILD_DIR "/test/faulty_rtl_device.so", place_ / name);
    }
  }
  std::string binary() const { return (place_ / "bin/weft").string(); }

 private:
  tb::TemporaryDirectory place_;
};

TEST_CASE("a run that breaks down leaves the waves up to there") {
  const FaultyWeft faulty;
  const tb::TemporaryDirectory directory;
  const Result r = verify(directory, "-l conv1 --latency 77 --waves w.fst", faulty.binary());
  CHECK(r.status == 1);
  CHECK_THAT(r.err, ContainsSubstring("a planted breakdown"));
  const tb::FstFile waves(directory / "w.fst");
  CHECK(waves.last_time() > 1000 * kCycle);
  CHECK(waves.last_time() < 1200 * kCycle);
  names_only_what_is_there(directory / "w.gtkw", waves);
}

TEST_CASE("from a planted fault to the cycle in which the first wrong byte was written") {
  const FaultyWeft place;
  const std::string faulty = place.binary();

  // No waves yet: the run says where the fault is, and how to see it.
  const tb::TemporaryDirectory directory;
  Result r = verify(directory, "-l conv1 -n 2", faulty);
  CHECK(r.status == 1);
  const std::string report = contents(directory / "r/mnist_convnet-conv1-tiny-rtl.json");
  const json write = json::parse(report)["first_difference"]["write"];
  const uint64_t cycle = write["cycle"];
  CHECK(write["written"] == true);
  CHECK(write["coordinate"] == json{0, 0, 15, 20});
  CHECK(write["first_input"] == 0);
  CHECK(write["last_input"] == 0);
  CHECK_THAT(r.out, ContainsSubstring(fmt::format(
                        "the first wrong byte was written in cycle {}: make waves LAYER=conv1 "
                        "CONFIG=tiny BACKEND=rtl IMAGES=2\n",
                        cycle)));

  // It is the cycle the pins show it in.
  const tb::TemporaryDirectory sound;
  CHECK(verify(sound, "-l conv1 --waves whole.fst").status == 0);
  const std::vector<Beat> beats = stores(tb::FstFile(sound / "whole.fst"));
  REQUIRE(beats.size() >= 21632 / 4);
  uint64_t base = beats[0].address;
  for (const Beat& b : beats) base = std::min(base, b.address);
  int found = 0;
  for (const Beat& b : beats) {
    if (b.address != base + 500) continue;
    CHECK(b.cycle == cycle);
    ++found;
  }
  CHECK(found == 1);

  // The same arguments with waves lead there, and leave the report as it was.
  r = verify(directory, "-l conv1 -n 2 --waves w.fst --cycles auto", faulty);
  CHECK(r.status == 1);
  CHECK_THAT(r.out, ContainsSubstring(
                        fmt::format("to its first wrong write, input 0, cycle {}\n", cycle)));
  {
    const tb::FstFile waves(directory / "w.fst");
    CHECK(waves.first_time() == (cycle < 2000 ? kMiddle : (cycle - 2000) * kCycle));
    CHECK(waves.last_time() == (cycle + 500) * kCycle + kMiddle);
    CHECK(waves.value(kTop + "m_axi_wvalid_o", cycle * kCycle + kMiddle) == 1);
    CHECK(waves.value(kTop + "m_axi_wready_i", cycle * kCycle + kMiddle) == 1);
  }
  CHECK_THAT(contents(directory / "w.gtkw"),
             ContainsSubstring("[markername] Afirst wrong write\n") &&
                 ContainsSubstring(fmt::format(" {} ", cycle * kCycle)));
  CHECK(contents(directory / "r/mnist_convnet-conv1-tiny-rtl.json") == report);

  // Other arguments do not, nor does a run that has passed since.
  CHECK(verify(directory, "-l conv1 --seed 3 --waves w.fst --cycles auto", faulty).status == 1);
  CHECK(tb::FstFile(directory / "w.fst").first_time() == kMiddle);
  CHECK(verify(directory, "-l conv1 -n 2").status == 0);
  CHECK(verify(directory, "-l conv1 -n 2 --waves w.fst --cycles auto").status == 0);
  CHECK(tb::FstFile(directory / "w.fst").first_time() == kMiddle);

  std::ofstream(directory / "r/mnist_convnet-conv1-tiny-rtl.json") << "{";
  r = verify(directory, "-l conv1 -n 2 --waves w.fst --cycles auto");
  CHECK(r.status == 1);
  CHECK_THAT(r.err, ContainsSubstring("is not a report of weft verify"));
}

TEST_CASE("of bytes that differ the one whose last write came first counts") {
  program::Tensor tensor;
  tensor.name = "t";
  tensor.shape = {1, 2, 3};
  const std::vector<WrongByte> bytes{{50, &tensor, 1}, {100, &tensor, 5}, {200, &tensor, 0}};
  // 50 is written, then written again; 200 never is.
  WrongWrite first =
      runtime::first_wrong_write(bytes, {{10, 48, 0b100}, {20, 96, 0b10000}, {30, 50, 1}}, 99);
  CHECK(first.cycle == 20);
  CHECK(first.written);
  CHECK(first.tensor == "t");
  CHECK(first.coordinate == std::vector{0, 1, 2});
  // Neighbours of a byte do not count.
  first = runtime::first_wrong_write({bytes[2]}, {{10, 199, 0b101}}, 99);
  CHECK(first.cycle == 99);
  CHECK(!first.written);
  CHECK(first.coordinate == std::vector{0, 0, 0});
}

}  // namespace
}  // namespace weft
