// The list of networks that `weft suite` and `weft bench` run (configs/suites.yaml).
#pragma once

#include <string>
#include <vector>

#include "commands.h"
#include "runtime/suite.h"

namespace weft::tools {

struct Listed {
  runtime::SuiteEntry entry;
  std::string inputs;  // by name
};

// Errors name file and line.
std::vector<Listed> read_suite_list(const std::string& path);

// Only those that are named, if any are; Error(not_found) has the names there are, in `where`.
std::vector<Listed> choose(std::vector<Listed> list, const std::vector<std::string>& names,
                           const std::string& where);

// What runs them, with everything but the jobs.
runtime::SuiteOptions suite_options(const Environment& environment, const std::string& config,
                                    const std::string& backend);

}  // namespace weft::tools
