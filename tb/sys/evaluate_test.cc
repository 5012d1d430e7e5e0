// weft eval: the figures by hand, the journal, and a killed run that goes on where it stopped.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "model/tflite.h"
#include "runtime/evaluate.h"
#include "runtime/journal.h"
#include "tb/catch_compat.h"
#include "tb/temporary_directory.h"

namespace {

using namespace weft;
namespace fs = std::filesystem;

TEST_CASE("precision, recall and F1 of a matrix worked out by hand") {
  runtime::Confusion c(3);
  // label 0: 3 right, 1 read as 1; label 1: 2 right, 2 read as 0; label 2: never read, never right.
  for (int i = 0; i < 3; ++i) c.add(0, 0);
  c.add(0, 1);
  for (int i = 0; i < 2; ++i) c.add(1, 1);
  for (int i = 0; i < 2; ++i) c.add(1, 0);
  c.add(2, 0);
  const runtime::Metrics m = runtime::metrics_of(c);
  CHECK(m.accuracy == Approx(5.0 / 9));
  CHECK(m.classes[0].precision == Approx(3.0 / 6));
  CHECK(m.classes[0].recall == Approx(3.0 / 4));
  CHECK(m.classes[0].f1 == Approx(0.6));
  CHECK(m.classes[1].precision == Approx(2.0 / 3));
  CHECK(m.classes[1].recall == Approx(0.5));
  CHECK(m.classes[2].precision == 0);
  CHECK(m.classes[2].recall == 0);
  CHECK(m.classes[2].f1 == 0);
  CHECK(m.classes[2].support == 1);
  CHECK(m.macro.precision == Approx((0.5 + 2.0 / 3) / 3));
  CHECK(m.macro.support == 9);
  CHECK_THROWS_AS(c.add(3, 0), Error);
  CHECK_THROWS_AS(c.add(0, -1), Error);
}

TEST_CASE("a journal keeps what was written whole, of its own work only") {
  const tb::TemporaryDirectory directory;
  const fs::path path = directory.path() / "a/run.journal";
  {
    runtime::Journal journal(path, "work one");
    CHECK(journal.done().empty());
    journal.add(7, 3);
    journal.add(2, 9);
  }
  std::ofstream(path, std::ios::app) << "5 1";  // a kill in the middle of a line
  {
    runtime::Journal journal(path, "work one");
    CHECK(journal.done() == std::map<uint64_t, int64_t>{{2, 9}, {7, 3}});
    journal.add(5, 8);
  }
  {
    runtime::Journal journal(path, "work one");
    CHECK(journal.done().at(5) == 8);
  }
  {
    runtime::Journal journal(path, "work two");
    CHECK(journal.done().empty());
    journal.finish();
    CHECK_FALSE(fs::exists(path));
  }
  std::ofstream(directory.path() / "file") << "x";
  CHECK_THROWS_AS(runtime::Journal(directory.path() / "file/run.journal", "w"), Error);
}

TEST_CASE("every device in parallel gives the same evaluation") {
  const fs::path root = WEFT_SOURCE_DIR;
  const model::Graph graph = model::import_tflite(root / "models/mnist_convnet.tflite");
  runtime::InputRequest request;
  request.kind = runtime::InputKind::kDigits;
  request.count = 60;
  request.data = (root / "data").string();
  const runtime::InputSet set = runtime::make_inputs(graph, request);
  std::vector<int> first;
  for (const int jobs : {1, 3}) {
    for (const char* backend : {"emulator", "rtl"}) {
      runtime::EvaluateOptions options;
      options.backend = backend;
      options.jobs = jobs;
      options.golden = jobs == 3;
      const runtime::Evaluation e = runtime::evaluate(graph, set, options);
      REQUIRE(e.predictions.size() == 60);
      CHECK(e.confusion.right() >= 58);
      if (first.empty()) first = e.predictions;
      CHECK(e.predictions == first);
      CHECK(e.bytes_compared == (options.golden ? 600 : 0));
      CHECK(e.mismatches == 0);
      const auto json = nlohmann::json::parse(runtime::to_json(e));
      CHECK(json["accuracy"] == Approx(static_cast<double>(e.confusion.right()) / 60));
      CHECK(json["confusion"][3][3] == e.confusion.at(3, 3));
      const std::string svg = runtime::to_svg(e);
      CHECK(svg.find("</svg>") != std::string::npos);
    }
  }
}

// Lines of a file; 0 while it is not there.
size_t lines_of(const fs::path& path) {
  std::ifstream in(path);
  return static_cast<size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
}

pid_t start_eval(const fs::path& reports) {
  const std::string weft = WEFT_BUILD_DIR "/bin/weft";
  const std::string data = WEFT_SOURCE_DIR "/data";
  const pid_t child = fork();
  if (child == 0) {
    if (freopen("/dev/null", "w", stdout) == nullptr ||
        freopen("/dev/null", "w", stderr) == nullptr)
      _exit(126);
    execl(weft.c_str(), weft.c_str(), "eval", "--backend", "rtl", "--config", "tiny", "--images",
          "40", "--data", data.c_str(), "--jobs", "2", "--reports", reports.c_str(), nullptr);
    _exit(127);
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("a killed evaluation goes on where it stopped") {
  const tb::TemporaryDirectory directory;
  const fs::path journal = directory.path() / "mnist_convnet-eval-tiny-rtl.journal";
  const fs::path report = directory.path() / "mnist_convnet-eval-tiny-rtl.json";
  const pid_t child = start_eval(directory.path());
  for (int i = 0; i < 3000 && lines_of(journal) < 6; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill(child, SIGKILL);
  const int status = wait_for(child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE_FALSE(fs::exists(report));
  const size_t before = lines_of(journal) - 1;
  REQUIRE(before >= 5);

  REQUIRE(wait_for(start_eval(directory.path())) == 0);
  CHECK_FALSE(fs::exists(journal));
  std::ifstream in(report);
  const auto json = nlohmann::json::parse(in);
  CHECK(json["resumed"] == before);
  CHECK(json["inputs"] == 40);
  CHECK(json["right"].get<int>() >= 38);
}

}  // namespace
