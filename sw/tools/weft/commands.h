// The subcommands of `weft`: each adds itself to the command line; what it does runs
// when the line has been parsed. A command that did not do what was asked throws or
// returns a status other than 0.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>

namespace weft::tools {

// What the environment gives; read once, in main.
struct Environment {
  std::filesystem::path root;  // of the repository or installation: models/, data/
  std::string weft_data;       // $WEFT_DATA
};

using Action = std::function<int()>;

// Each sets `action` when its subcommand was chosen.
void add_compile(CLI::App& app, const Environment& environment, Action& action);
void add_estimate(CLI::App& app, const Environment& environment, Action& action);
void add_run(CLI::App& app, const Environment& environment, Action& action);
void add_replay(CLI::App& app, const Environment& environment, Action& action);
void add_verify(CLI::App& app, const Environment& environment, Action& action);
void add_profile(CLI::App& app, const Environment& environment, Action& action);
void add_suite(CLI::App& app, const Environment& environment, Action& action);
void add_bench(CLI::App& app, const Environment& environment, Action& action);
void add_eval(CLI::App& app, const Environment& environment, Action& action);
void add_host_speed(CLI::App& app, const Environment& environment, Action& action);
void add_info(CLI::App& app, const Environment& environment, Action& action);
void add_disasm(CLI::App& app, const Environment& environment, Action& action);

}  // namespace weft::tools
