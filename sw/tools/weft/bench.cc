#include "runtime/bench.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "commands.h"
#include "cycles_file.h"
#include "model/networks.h"
#include "suite_list.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options {
  std::vector<std::string> networks, compare;
  std::string config = "base", backend = "rtl", list, cycles, reports;
  bool check = false, update = false, fast = false;
};

// Of the sources: their commit, marked where they are not as it has them.
std::string revision_of(const std::filesystem::path& root) {
  const std::string command = "git -C '" + root.string() +
                              "' describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  char line[128] = "";
  if (!pipe || !std::fgets(line, sizeof line, pipe.get())) return "not known";
  const std::string text = line;
  return text.substr(0, text.find('\n'));
}

// The networks of the list, and behind them those that the project builds.
std::vector<Listed> all_networks(const std::string& list) {
  std::vector<Listed> all = read_suite_list(list);
  for (const model::BuiltNetwork& built : model::built_networks()) {
    Listed listed;
    listed.inputs = "random";
    listed.entry.inputs = runtime::InputKind::kRandom;
    listed.entry.name = listed.entry.model = std::string(built.name);
    listed.entry.about = std::string(built.about);
    all.push_back(std::move(listed));
  }
  return all;
}

// The networks with a line in the file, for --check.
std::vector<std::string> known_networks(const CyclesFile& known, const Options& o) {
  std::vector<std::string> names;
  for (const KnownCycles& k : known.all()) {
    if (k.config == o.config && !(o.fast && k.slow)) names.push_back(k.network);
  }
  if (names.empty()) {
    fail(ErrorKind::kNotFound, "{} has no cycles of configuration {} to check; --update adds them",
         known.path(), o.config);
  }
  return names;
}

// What is not as the file has it, in words, with the lines that would make it so; or, with --update,
// changes the file.
std::string hold_against(CyclesFile& known, const runtime::Suite& suite, const Options& o) {
  std::string changes, lines;
  size_t equal = 0;
  for (const runtime::SuiteRow& row : suite.rows) {
    if (!row.report || !row.report->ok()) continue;
    const std::string& name = row.entry.name;
    const auto cycles = static_cast<uint64_t>(std::llround(row.report->cycles_per_input()));
    const KnownCycles* before = known.find(name, o.config);
    if (before && before->cycles == cycles) {
      ++equal;
      continue;
    }
    changes += before ? fmt::format("{} takes {} cycles in {}, once {}\n", name, cycles, o.config,
                                    before->cycles)
                      : fmt::format("{} takes {} cycles in {}\n", name, cycles, o.config);
    known.set(name, o.config, cycles);
    lines += known.find(name, o.config)->line();
  }
  const std::string file = std::filesystem::proximate(known.path()).string();
  if (changes.empty()) {
    fmt::print("PASS  the cycles of {} networks are those of {}\n", equal, file);
    return "";
  }
  if (o.update) {
    known.write();
    fmt::print("{}{} has the new cycles\n", changes, file);
    return "";
  }
  return fmt::format(
      "FAIL  {}is that meant? Then {} should have\n{}(`weft bench --config {} --update` writes "
      "it)\n",
      changes, file, lines, o.config);
}

int bench(const Options& o, const Environment& environment) {
  if (!o.compare.empty()) {
    fmt::print("{}", runtime::compare_benches(o.compare[0], o.compare[1]));
    return 0;
  }
  isa::find_config(o.config);
  if (o.backend != "rtl" && (o.check || o.update)) {
    fail(ErrorKind::kInvalidArgument, "cycles are checked on the backend rtl; {} has no time",
         o.backend);
  }
  CyclesFile known(o.cycles);
  std::vector<std::string> names = o.networks;
  if (o.check && names.empty()) names = known_networks(known, o);
  const std::vector<Listed> list = choose(all_networks(o.list), names, o.list);

  const runtime::SuiteOptions options = suite_options(environment, o.config, o.backend);
  runtime::Bench result;
  result.suite = {o.config, o.backend, {}};
  result.tools = {WEFT_COMPILER, WEFT_FLAGS, WEFT_VERILATOR, WEFT_IS_BENCH != 0};
  result.machine = runtime::this_machine();
  result.revision = revision_of(environment.root);
  for (const Listed& listed : list) {
    runtime::SuiteEntry entry = listed.entry;
    if (o.check) entry.count = 1;  // cycles do not depend on the input
    if (const KnownCycles* k = known.find(entry.name, o.config); k && k->bar > 0)
      result.bars[entry.name] = k->bar;
    runtime::reset_process_peak();
    result.suite.rows.push_back(runtime::run_entry(entry, options));
  }
  fmt::print("{}", runtime::to_text(result));
  const std::filesystem::path path =
      std::filesystem::path(o.reports) /
      fmt::format("bench-{}-{}-{}.json",
                  !o.networks.empty() ? fmt::format("{}", fmt::join(o.networks, "+"))
                  : o.check           ? "known"
                                      : "all",
                  o.config, o.backend);
  std::error_code ignored;  // write_file says what is wrong
  std::filesystem::create_directories(o.reports, ignored);
  write_file(path, runtime::to_json(result));
  fmt::print("      {}\n", std::filesystem::proximate(path).string());
  const std::string changes =
      o.check || o.update ? hold_against(known, result.suite, o) : std::string();
  fmt::print("{}", changes);
  return result.suite.pass() && changes.empty() ? 0 : 1;
}

}  // namespace

void add_bench(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  o->reports = WEFT_REPORTS;
  o->list = (environment.root / "configs/suites.yaml").string();
  o->cycles = (environment.root / "configs/cycles.yaml").string();
  CLI::App* sub = app.add_subcommand(
      "bench", "Measure networks: cycles, and the simulation's speed and memory, in one table");
  sub->add_option("--net", o->networks,
                  "only these: of the suite, resnet50, matmul512 (default: all)");
  sub->add_option("-c,--config", o->config, "hardware configuration")->capture_default_str();
  sub->add_option("-b,--backend", o->backend, "rtl, emulator, systemc or systemc_lt")
      ->capture_default_str();
  sub->add_flag(
      "--check", o->check,
      "fail where cycles are not the known ones; of one input of each network that has some");
  sub->add_flag("--fast", o->fast, "with --check: without networks that are marked slow");
  sub->add_flag("--update", o->update, "make the measured cycles the known ones");
  sub->add_option("--compare", o->compare, "run nothing: two files of earlier runs, as ratios")
      ->expected(2);
  sub->add_option("-l,--list", o->list, "the list of the suite")->capture_default_str();
  sub->add_option("--cycles", o->cycles, "the known cycles, and bars")->capture_default_str();
  sub->add_option("--reports", o->reports, "directory of the JSON files")->capture_default_str();
  sub->footer("\nExample: weft bench --net resnet50\n");
  sub->callback([o, &environment, &action] {
    action = [o, &environment] { return bench(*o, environment); };
  });
}

}  // namespace weft::tools
