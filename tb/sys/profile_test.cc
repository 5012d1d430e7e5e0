// `weft profile`: its files agree with each other and with the hardware's counters; the page works
// in a browser ([page]: chromium, chromium-browser or google-chrome); bad use is refused in words.

#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "compiler/compile.h"
#include "model/tflite.h"
#include "profile/timeline.h"
#include "profile_checks.h"
#include "tb/catch_compat.h"
#include "tb/sys/command.h"
#include "tb/temporary_directory.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;
using tb::Complaints;
using tb::contents;
using tb::Result;

const std::string kModel = WEFT_SOURCE_DIR "/models/mnist_convnet.tflite";

Result run(const std::string& command) {
  return tb::run(".", "WEFT_DATA='" WEFT_SOURCE_DIR "/data' " + command);
}

Result profile(const tb::TemporaryDirectory& directory, const std::string& arguments,
               const std::string& binary = WEFT_BUILD_DIR "/bin/weft") {
  return run("'" + binary + "' profile " + arguments + " -o '" + directory.path().string() + "'");
}

struct Files {
  json numbers, trace;
  std::string page;
};

Files files_of(const tb::TemporaryDirectory& directory, const std::string& name) {
  const std::string path = (directory / name).string();
  return {json::parse(contents(path + ".json")), json::parse(contents(path + ".trace.json")),
          contents(path + ".html")};
}

const Complaints kNone;

TEST_CASE("jobs follow each other on one axis, and an engine's descriptors do not overlap") {
  const program::Program program =
      compiler::compile(model::import_tflite(kModel), isa::find_config("tiny"));
  const auto load = static_cast<uint8_t>(isa::Engine::kLoad);
  const auto idle = static_cast<uint8_t>(isa::Activity::kIdle),
             busy = static_cast<uint8_t>(isa::Activity::kBusy);
  runtime::RunTrace trace;
  trace.regions.assign(program.regions.size(), uint64_t{1} << 36);
  trace.statistics.layer_cycles = {100, 60, 0, 40};
  // The second of two is taken while the first is under way; the job is fetched 5 cycles late.
  const auto job = [&](uint32_t first, uint64_t start) {
    driver::JobTrace t{first, 2, start, 100, {}, {}, {}};
    t.events = {{start + 15, 0, load, false},
                {start + 17, 1, load, false},
                {start + 25, 0, load, true},
                {start + 35, 1, load, true}};
    t.bursts = {{start + 16, start + 18, start + 21, 0, 16, 1, false}};
    t.activity = {{start + 5, load, idle},
                  {start + 15, load, busy},
                  {start + 35, load, idle},
                  {start + 105, load, isa::kNumActivities}};
    return t;
  };
  trace.jobs = {job(0, 1000), job(2, 5000)};
  const profile::Timeline t = profile::make_timeline(program, trace);
  CHECK(t.cycles == 200);
  CHECK(t.job_begins == std::vector<uint64_t>{0, 100});
  REQUIRE(t.slices.size() == 4);
  for (uint32_t i = 0; i < 4; ++i) {
    const profile::Slice& s = t.slices[i];
    const uint64_t begin = i / 2 * 100;
    CHECK(s.index == i);
    CHECK(s.issue == begin + (i % 2 == 0 ? 10 : 12));
    CHECK(s.begin == begin + (i % 2 == 0 ? 10 : 20));
    CHECK(s.end == begin + (i % 2 == 0 ? 20 : 30));
  }
  REQUIRE(t.bursts.size() == 2);
  CHECK(t.bursts[1].first == 113);
  CHECK(t.bursts[1].end == 117);
  // Descriptors 0 to 3 are of the first layer.
  CHECK(t.layers[0].held[load] == 40);
  CHECK(profile::cycles_taken(t.layers[0]) == 100);
  // 20 of 100 cycles of either job: of the first layer's, and of the second's.
  REQUIRE(t.layers.size() == 4);
  CHECK(t.layers[0].activities[load][busy] == 20);
  CHECK(t.layers[1].activities[load][busy] == 20);
  CHECK(t.layers[1].activities[load][idle] == 40);
  CHECK(t.layers[3].activities[load][idle] == 40);

  // A descriptor that never ended is no profile.
  trace.jobs[1].events.pop_back();
  CHECK_THROWS_AS(profile::make_timeline(program, trace), Error);
}

TEST_CASE("a profile's files agree with each other and with the counters") {
  const auto [arguments, name] =
      GENERATE(std::pair{"--config tiny", "mnist_convnet-all-tiny"},
               std::pair{"--config tiny --layer conv1 --stalls 0.2 --latency 40",
                         "mnist_convnet-conv1-tiny"});
  INFO(arguments);
  const tb::TemporaryDirectory directory;
  const Result r = profile(directory, arguments);
  INFO(r.err);  // on a busy machine progress is told there
  REQUIRE(r.status == 0);
  CHECK_THAT(r.out, ContainsSubstring("PASS"));
  CHECK_THAT(r.out, ContainsSubstring("bound by"));
  CHECK_THAT(r.out, ContainsSubstring("whole run"));
  const Files f = files_of(directory, name);
  CHECK(tb::check_slices(f.numbers) == kNone);
  CHECK(tb::check_sums(f.numbers) == kNone);
  CHECK(tb::check_bursts(f.numbers) == kNone);
  CHECK(tb::check_trace(f.trace, f.numbers) == kNone);
  // Nothing of it is fetched from anywhere.
  for (const char* outside : {"src=", "href=", "@import", "fetch(", "url("})
    CHECK_THAT(f.page, !ContainsSubstring(outside));
  // What act memory holds lies in it, and the network's tensors that stay are among it.
  const json& held = f.numbers["timeline"]["held"];
  CHECK(!held.empty());
  for (const json& h : held) {
    CHECK(h[0].get<int>() + h[1].get<int>() <= f.numbers["machine"]["act_words"].get<int>());
    CHECK(h[4] < h[5]);
  }
}

TEST_CASE("the checks of a profile's files find planted faults") {
  const tb::TemporaryDirectory directory;
  REQUIRE(profile(directory, "--config tiny").status == 0);
  Files f = files_of(directory, "mnist_convnet-all-tiny");
  json& slices = f.numbers["timeline"]["slices"];
  SECTION("a descriptor twice, and so another not at all") {
    slices[3][0] = slices[4][0];
    CHECK(tb::check_slices(f.numbers).size() >= 2);
  }
  SECTION("two descriptors of an engine at once") {
    slices[3][6] = slices[4][6].get<uint64_t>() - 1;
    CHECK(tb::check_slices(f.numbers).size() == 1);
  }
  SECTION("a cycle of an engine that the counters do not have") {
    json& cycles = f.numbers["layers"][1]["activities"][1][0];
    cycles = cycles.get<uint64_t>() + 1;
    CHECK(tb::check_sums(f.numbers).size() == 1);
  }
  SECTION("a burst that is missing") {
    json& bursts = f.numbers["timeline"]["bursts"];
    bursts.erase(bursts.size() / 2);
    bursts.erase(bursts.size() / 2);
    bursts.erase(bursts.size() / 2);
    bursts.erase(bursts.size() / 2);
    bursts.erase(bursts.size() / 2);
    CHECK(!tb::check_bursts(f.numbers).empty());
  }
  SECTION("a descriptor that the trace lacks, one that is too long, an arrow into the past") {
    json& events = f.trace["traceEvents"];
    const auto first = [&](const char* key, const char* value) -> json& {
      return *std::find_if(events.begin(), events.end(),
                           [&](const json& e) { return e.contains(key) && e[key] == value; });
    };
    first("cat", "descriptor")["dur"] = 1000;
    first("ph", "f")["ts"] = 0;
    const Complaints found = tb::check_trace(f.trace, f.numbers);
    CHECK(found.size() >= 3);  // it overlaps others, too
    first("cat", "descriptor")["cat"] = "other";
    CHECK(tb::check_trace(f.trace, f.numbers).size() >= 2);
  }
}

// The page's document in the end; what the browser had to say goes to `log`.
std::string document_of(const std::filesystem::path& page, std::string& log) {
  const tb::TemporaryDirectory user;
  const std::string browser =
      "$(command -v chromium || command -v chromium-browser || command -v google-chrome)";
  // The page is our own: it needs no sandbox, which some machines that run tests cannot make.
  const Result r =
      run("timeout 120 " + browser +
          " --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir='" +
          user.path().string() +
          "' --virtual-time-budget=10000 --enable-logging=stderr --v=0 --dump-dom 'file://" +
          page.string() + "'");
  log = r.err;
  return r.status == 0 ? r.out : "";
}

TEST_CASE("a browser shows the page without an error, and its numbers are the profile's",
          "[.][page]") {
  const tb::TemporaryDirectory directory;
  REQUIRE(profile(directory, "--config tiny").status == 0);
  const std::string name = "mnist_convnet-all-tiny";
  const Files f = files_of(directory, name);
  const std::filesystem::path page = directory / (name + ".html");
  std::string log;
  CHECK(tb::check_page(document_of(page, log), f.numbers) == kNone);
  CHECK_THAT(log, !ContainsSubstring("CONSOLE"));

  // The check finds what it is there for.
  const auto planted = [&](const std::string& before, const std::string& after) {
    std::string text = f.page;
    const size_t at = text.rfind(before);
    REQUIRE(at != std::string::npos);
    text.replace(at, before.size(), after);
    std::ofstream(directory / "planted.html") << text;
    return tb::check_page(document_of(directory / "planted.html", log), f.numbers);
  };
  SECTION("a script that breaks down") {
    const Complaints found = planted("drawTraffic();", "drawNothing();");
    CHECK(found.size() >= 2);
    CHECK_THAT(log, ContainsSubstring("CONSOLE"));
    CHECK_THAT(log, ContainsSubstring("drawNothing is not defined"));
  }
  SECTION("a number that is not the profile's") {
    const Complaints found =
        planted("Math.round(value).toLocaleString", "Math.round(value + 1).toLocaleString");
    CHECK(found.size() > 10);
  }
  SECTION("the mouse over everything, at several zooms") {
    const std::string end = "if (document.documentElement.dataset.state";
    const std::string mouse = R"js(
      let tips = 0;
      const canvas = document.getElementById('timeline'), box = canvas.getBoundingClientRect();
      for (let zoom = 0; zoom < 6; ++zoom) {
        for (let y = 2; y < box.height; y += 7) {
          for (let x = 2; x < box.width; x += 23) {
            const where = { clientX: box.left + x, clientY: box.top + y, bubbles: true };
            canvas.dispatchEvent(new PointerEvent('pointermove', where));
            if (!tip.hidden && tip.textContent.length > 5 && !/undefined|NaN|null/.test(tip.textContent)) ++tips;
          }
        }
        const middle = { clientX: box.left + box.width / 2, clientY: box.top + 40, ctrlKey: true, deltaY: -200, cancelable: true };
        canvas.dispatchEvent(new WheelEvent('wheel', middle));
        canvas.dispatchEvent(new MouseEvent('dblclick', middle));
        canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', cancelable: true }));
      }
      if (view.last - view.first > timeline.cycles / 10) throw new Error('it does not zoom');
      document.querySelector('[data-zoom=all]').click();
      if (view.last - view.first !== timeline.cycles) throw new Error('it does not show all');
      document.getElementById('theme').click();
      for (const bar of document.querySelectorAll('.bar, .point')) {
        bar.dispatchEvent(new MouseEvent('mousemove', { clientX: 300, clientY: 300 }));
        if (tip.hidden || /undefined|NaN/.test(tip.textContent)) throw new Error('no tip: ' + tip.textContent);
      }
      document.body.dataset.tips = tips;
      )js";
    CHECK(planted(end, mouse + end) == kNone);
    CHECK_THAT(log, !ContainsSubstring("CONSOLE"));
    std::string dom = document_of(directory / "planted.html", log);
    const size_t tips = dom.find("data-tips=\"");
    REQUIRE(tips != std::string::npos);
    CHECK(std::stoi(dom.substr(tips + 11)) > 1000);
  }
  SECTION("a page without its profile") {
    CHECK(planted("type=\"application/json\"", "hidden").size() >= 2);
  }
}

TEST_CASE("a compiled program is profiled against its model, and no other") {
  const tb::TemporaryDirectory directory;
  const std::string program = (directory / "conv1.weft").string();
  const std::string weft = "'" WEFT_BUILD_DIR "/bin/weft' ";
  REQUIRE(run(weft + "compile " + kModel + " -l conv1 -c tiny -o " + program).status == 0);
  const tb::TemporaryDirectory out;
  const Result r = profile(out, program + " --model " + kModel);
  CHECK(r.status == 0);
  CHECK(std::filesystem::exists(out / "mnist_convnet-conv1-tiny.html"));

  const auto refused = [&](const std::string& arguments, const std::string& words) {
    INFO(arguments);
    const tb::TemporaryDirectory empty;
    const Result bad = profile(empty, arguments);
    CHECK(bad.status == 1);
    CHECK_THAT(bad.err, ContainsSubstring(words));
    CHECK(empty.names().empty());
  };
  refused(program, "--model");
  refused(program + " --model " + kModel + " -c base", "was compiled for configuration tiny");
  refused("--layer each -c tiny", "name one layer");
  refused("--layer nosuch -c tiny", "has no layer 'nosuch'");
  refused(kModel + " --model other.tflite -c tiny", "is a model");
  refused("--stalls 2 -c tiny", "stall probability");
  refused(program + " --layer conv1 --model " + kModel, "goes with a model");
}

TEST_CASE("a run that is not exact, or has no time, is no profile") {
  const tb::TemporaryDirectory place;
  std::filesystem::create_directory(place / "bin");
  std::filesystem::create_directory(place / "lib");
  const std::string copy = (place / "bin/weft").string();
  std::filesystem::copy_file(WEFT_BUILD_DIR "/bin/weft", copy);
  std::filesystem::copy_file(WEFT_BUILD_DIR "/test/faulty_device.so",
                             place / "lib/weft_rtl_tiny.so");
  const tb::TemporaryDirectory directory;
  const Result wrong = profile(directory, "-c tiny --latency 77", copy);
  CHECK(wrong.status == 1);
  CHECK_THAT(wrong.out, ContainsSubstring("FAIL  1 of 10 bytes differ"));
  CHECK_THAT(wrong.err, ContainsSubstring("not exact"));
  const Result timeless = profile(directory, "-c tiny", copy);
  CHECK(timeless.status == 1);
  CHECK_THAT(timeless.err, ContainsSubstring("has no time"));
  CHECK(directory.names().empty());
}

}  // namespace
}  // namespace weft
