// Several networks verified one after the other, and one table of what came of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runtime/devices.h"
#include "runtime/inputs.h"
#include "runtime/report.h"

namespace weft::runtime {

// A network of the list (configs/suites.yaml), or one that the project builds (model/networks.h);
// paths are looked for in SuiteOptions::places.
struct SuiteEntry {
  std::string name, about, model;
  InputKind inputs = InputKind::kAuto;
  std::vector<std::string> files;
  int count = 1;
};

struct SuiteOptions {
  std::string backend = "rtl";
  std::string config = "base";
  DeviceOptions device;
  int jobs = 1;
  std::vector<std::filesystem::path> places;
  std::string weft_data;
  std::filesystem::path root;
};

struct SuiteRow {
  SuiteEntry entry;
  std::filesystem::path model;  // as it was found
  std::vector<std::filesystem::path> files;
  std::string absent;   // what is not there; the network was not run
  std::string refused;  // why it could not be run, though it is there
  std::optional<Report> report;
};

struct Suite {
  std::string config, backend;
  std::vector<SuiteRow> rows;

  // Something was run, and whatever is there passed.
  bool pass() const;
};

// One network: what is absent, and what is refused, is in the row; it throws nothing of these.
SuiteRow run_entry(const SuiteEntry& entry, const SuiteOptions& options);

// One line a network, the total, PASS or FAIL.
std::string to_text(const Suite& suite);
std::string to_json(const Suite& suite);

}  // namespace weft::runtime
