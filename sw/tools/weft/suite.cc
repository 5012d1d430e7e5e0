#include "runtime/suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <system_error>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "commands.h"
#include "repeat.h"
#include "tools/weftgen/yaml_map.h"
#include "weft_gen/configs.h"

namespace weft::tools {
namespace {

struct Options {
  std::string list, config = "base", backend = "rtl", reports;
  std::vector<std::string> only;
  int jobs = 0;
};

constexpr int kMostInputs = 1'000'000;

struct Listed {
  runtime::SuiteEntry entry;
  std::string inputs;  // by name
};

Listed read_entry(const std::string& path, const YAML::Node& node) {
  const gen::YamlMap map(path, node, "model", {"name", "model", "inputs", "count", "about"},
                         {"files"});
  Listed listed;
  listed.entry.name = map.name();
  listed.entry.model = map.text("model");
  listed.entry.about = map.text("about");
  listed.entry.count = static_cast<int>(map.integer("count", 0, kMostInputs));
  listed.inputs =
      map.one_of("inputs", {"auto", "digits", "cifar", "files", "random", "full-range"});
  listed.entry.inputs = runtime::input_kind(listed.inputs);
  for (const YAML::Node& file : map.list("files")) {
    if (!file.IsScalar()) map.refuse("files", "a list of file names is expected");
    listed.entry.files.push_back(file.Scalar());
  }
  if ((listed.inputs == "files") == listed.entry.files.empty()) {
    map.refuse("inputs", "files go with inputs: files, and with no other");
  }
  return listed;
}

std::vector<Listed> read_list(const std::string& path, const std::vector<std::string>& only) {
  const gen::YamlMap top(path, gen::load_yaml(path), "list of models", {"models"});
  std::vector<Listed> list;
  std::string names;
  for (const YAML::Node& node : top.list("models")) {
    list.push_back(read_entry(path, node));
    const std::string& name = list.back().entry.name;
    for (size_t i = 0; i + 1 < list.size(); ++i) {
      if (list[i].entry.name == name) top.refuse("models", "two are named {}", name);
    }
    names += (names.empty() ? "" : ", ") + name;
  }
  for (const std::string& name : only) {
    if (std::none_of(list.begin(), list.end(),
                     [&](const Listed& l) { return l.entry.name == name; })) {
      fail(ErrorKind::kNotFound, "{} has no model '{}'; there are {}", path, name, names);
    }
  }
  if (!only.empty()) {
    std::erase_if(list, [&](const Listed& l) {
      return std::find(only.begin(), only.end(), l.entry.name) == only.end();
    });
  }
  return list;
}

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
  const std::vector<Listed> list = read_list(o.list, o.only);
  runtime::SuiteOptions options;
  options.config = o.config;
  options.backend = o.backend;
  options.jobs =
      o.jobs > 0 ? o.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.weft_data = environment.weft_data;
  options.root = environment.root;
  options.places = {environment.root};
  if (!environment.weft_data.empty()) {
    options.places.emplace_back(environment.weft_data);
  } else {
    options.places.push_back(environment.root / "../shared/data");
    options.places.push_back(environment.root / "data");
  }

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
  sub->add_option("-b,--backend", o->backend, "rtl or emulator")->capture_default_str();
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
