#include "runtime/suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <system_error>
#include <thread>

#include "base/files.h"
#include "commands.h"
#include "repeat.h"
#include "suite_list.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options {
  std::string list, config = "base", backend = "rtl", reports;
  std::vector<std::string> only;
  int jobs = 0;
};

// What `weft verify` is given to do the same.
VerifyArguments arguments_of(const runtime::SuiteRow& row, const std::string& inputs,
                             const Options& o) {
  VerifyArguments a;
  a.model = row.model.string();
  a.config = o.config;
  a.backend = o.backend;
  a.inputs = inputs;
  a.images = row.entry.count;
  for (const auto& file : row.files) a.files.push_back(file.string());
  return a;
}

int suite(const Options& o, const Environment& environment) {
  isa::find_config(o.config);
  const std::vector<Listed> list = choose(read_suite_list(o.list), o.only, o.list);
  runtime::SuiteOptions options = suite_options(environment, o.config, o.backend);
  options.jobs =
      o.jobs > 0 ? o.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));

  runtime::Suite suite{o.config, o.backend, {}};
  std::string failures;
  for (const Listed& listed : list) {
    runtime::SuiteRow row = runtime::run_entry(listed.entry, options);
    if (row.report) {
      const VerifyArguments arguments = arguments_of(row, listed.inputs, o);
      row.report->repeat = repeat_command(arguments, "");
      row.report->waves = waves_command(arguments, "");
      runtime::write_json(*row.report, o.reports);
      if (!row.report->ok()) failures += "\n" + runtime::to_text(*row.report);
    }
    suite.rows.push_back(std::move(row));
  }
  fmt::print("{}", runtime::to_text(suite));
  std::fflush(stdout);
  const std::filesystem::path path =
      std::filesystem::path(o.reports) / fmt::format("suite-{}-{}.json", o.config, o.backend);
  std::error_code ignored;  // write_file says what is wrong
  std::filesystem::create_directories(o.reports, ignored);
  write_file(path, runtime::to_json(suite));
  fmt::print("      {}\n{}", std::filesystem::proximate(path).string(), failures);
  return suite.pass() ? 0 : 1;
}

}  // namespace

void add_suite(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  o->reports = (environment.root / "build/reports").string();
  o->list = (environment.root / "configs/suites.yaml").string();
  CLI::App* sub = app.add_subcommand("suite", "Verify a list of networks and print one table");
  sub->add_option("models", o->only, "only these of the list");
  sub->add_option("-c,--config", o->config, "hardware configuration")->capture_default_str();
  sub->add_option("-b,--backend", o->backend, "rtl, emulator, systemc or systemc_lt")
      ->capture_default_str();
  sub->add_option("-l,--list", o->list, "the list")->capture_default_str();
  sub->add_option("-j,--jobs", o->jobs, "devices in parallel (default: one a core)");
  sub->add_option("--reports", o->reports, "directory of the JSON reports")->capture_default_str();
  sub->footer(
      "\nModels that are absent are named and left out.\nExample: weft suite kws ic --backend "
      "emulator\n");
  sub->callback([o, &environment, &action] {
    action = [o, &environment] { return suite(*o, environment); };
  });
}

}  // namespace weft::tools
