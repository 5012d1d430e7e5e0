#include "runtime/suite.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "model/networks.h"
#include "runtime/text.h"
#include "runtime/verify.h"
#include "weft_gen/configs.h"

namespace weft::runtime {
namespace {

constexpr const char* kRow =
    "{:<14} {:>6} {:>11} {:>11} {:>11} {:>13} {:>11} {:>11} {:>10} {:>10} {:>8} {:>10}\n";

// Of one input but for what is compared and the seconds.
struct Numbers {
  uint64_t inputs = 0, cycles = 0, floor = 0, device_macs = 0, host_macs = 0, bytes_moved = 0;
  uint64_t compared = 0, mismatches = 0, all_cycles = 0;
  double seconds = 0;

  double utilisation() const {
    return ratio(static_cast<double>(floor), static_cast<double>(cycles));
  }
  double cycles_per_second() const { return ratio(static_cast<double>(all_cycles), seconds); }
  void add(const Numbers& n) {
    inputs += n.inputs;
    cycles += n.cycles;
    floor += n.floor;
    device_macs += n.device_macs;
    host_macs += n.host_macs;
    bytes_moved += n.bytes_moved;
    compared += n.compared;
    mismatches += n.mismatches;
    all_cycles += n.all_cycles;
    seconds += n.seconds;
  }
};

Numbers numbers_of(const Report& r) {
  Numbers n;
  n.inputs = r.inputs;
  n.cycles = static_cast<uint64_t>(r.cycles_per_input() + 0.5);
  n.floor = r.floor_cycles;
  n.device_macs = r.macs - r.host_macs;
  n.host_macs = r.host_macs;
  n.bytes_moved = (r.dram_read_bytes + r.dram_write_bytes) / std::max<uint64_t>(1, r.inputs);
  n.compared = r.bytes_compared;
  n.mismatches = r.mismatches;
  n.all_cycles = r.cycles;
  n.seconds = r.host_seconds;
  return n;
}

Numbers total_of(const Suite& suite) {
  Numbers total;
  for (const SuiteRow& row : suite.rows) {
    if (row.report) total.add(numbers_of(*row.report));
  }
  return total;
}

std::string row_text(const std::string& name, const Numbers& n) {
  return fmt::format(kRow, name, n.inputs, cycles_text(static_cast<double>(n.cycles)),
                     grouped(n.floor), percent(n.utilisation()), grouped(n.device_macs),
                     grouped(n.host_macs), grouped(n.bytes_moved), grouped(n.compared),
                     grouped(n.mismatches), fmt::format("{:.2f}", n.seconds),
                     cycles_text(n.cycles_per_second()));
}

nlohmann::ordered_json json_of(const Numbers& n) {
  return {{"inputs", n.inputs},
          {"cycles_per_input", n.cycles},
          {"floor_cycles", n.floor},
          {"utilisation", n.utilisation()},
          {"device_macs", n.device_macs},
          {"host_macs", n.host_macs},
          {"bytes_moved", n.bytes_moved},
          {"bytes_compared", n.compared},
          {"mismatches", n.mismatches},
          {"seconds", n.seconds},
          {"cycles_per_second", n.cycles_per_second()}};
}

// The file of the first place that has it; empty where none has.
std::filesystem::path find(const std::string& name, const SuiteOptions& options) {
  std::error_code ignored;
  for (const std::filesystem::path& place : options.places) {
    const std::filesystem::path file = (place / name).lexically_normal();
    if (std::filesystem::is_regular_file(file, ignored)) return file;
  }
  return {};
}

size_t count_of(const Suite& suite, bool (*what)(const SuiteRow&)) {
  return static_cast<size_t>(std::count_if(suite.rows.begin(), suite.rows.end(), what));
}

}  // namespace

bool Suite::pass() const {
  const auto good = [](const SuiteRow& r) {
    return !r.absent.empty() || (r.report && r.report->ok());
  };
  return total_of(*this).compared > 0 && std::all_of(rows.begin(), rows.end(), good);
}

SuiteRow run_entry(const SuiteEntry& entry, const SuiteOptions& options) {
  SuiteRow row;
  row.entry = entry;
  row.model = model::is_built(entry.model) ? std::filesystem::path(entry.model)
                                           : find(entry.model, options);
  if (row.model.empty()) {
    row.absent = entry.model;
    return row;
  }
  for (const std::string& file : entry.files) {
    row.files.push_back(find(file, options));
    if (!row.files.back().empty()) continue;
    row.absent = file;
    return row;
  }
  try {
    const model::Graph graph = model::open_network(row.model);
    InputRequest request;
    request.kind = entry.inputs;
    request.files = row.files;
    request.count = entry.count;
    request.weft_data = options.weft_data;
    request.root = options.root;
    InputSet set;
    try {
      set = make_inputs(graph, request);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound) throw;
      row.absent = error.what();
      return row;
    }
    const std::vector<Target> targets =
        make_targets(graph, "all", isa::find_config(options.config));
    VerifyOptions verify_options;
    verify_options.backend = options.backend;
    verify_options.config = options.config;
    verify_options.device = options.device;
    verify_options.jobs = options.jobs;
    verify_options.title = fmt::format("{} {} {}", entry.name, options.config, options.backend);
    row.report = verify(graph, targets, set.inputs, verify_options).at(0);
    row.report->input_source = set.source;
  } catch (const Error& error) {
    row.refused = error.what();
  }
  return row;
}

std::string to_text(const Suite& suite) {
  std::string text = fmt::format("configuration {} · backend {}\n\n", suite.config, suite.backend);
  text += fmt::format(kRow, "model", "inputs", "cycles", "floor", "utilisation", "device MACs",
                      "host MACs", "moved B", "compared B", "mismatches", "seconds", "cycles/s");
  for (const SuiteRow& row : suite.rows) {
    if (row.report) {
      text += row_text(row.entry.name, numbers_of(*row.report));
    } else if (!row.absent.empty()) {
      text += fmt::format("{:<14} absent: {}\n", row.entry.name, row.absent);
    } else {
      text += fmt::format("{:<14} FAIL: {}\n", row.entry.name, row.refused);
    }
  }
  const Numbers total = total_of(suite);
  text += row_text("total", total);
  text +=
      "\ncycles, floor, MACs and bytes moved are for one input; compared bytes and seconds for "
      "all\n";
  const size_t ran = count_of(suite, [](const SuiteRow& r) { return r.report.has_value(); });
  const size_t absent = count_of(suite, [](const SuiteRow& r) { return !r.absent.empty(); });
  const size_t refused = count_of(suite, [](const SuiteRow& r) { return !r.refused.empty(); });
  const size_t wrong =
      count_of(suite, [](const SuiteRow& r) { return r.report && !r.report->ok(); });
  const std::string left_out = absent > 0 ? fmt::format("; {} absent", absent) : "";
  if (suite.pass()) {
    text +=
        fmt::format("PASS  {} networks, all {} bytes compared are equal to the golden model's{}\n",
                    ran, grouped(total.compared), left_out);
  } else if (wrong + refused > 0) {
    text += fmt::format("FAIL  {} of {} networks{}\n", wrong + refused, ran + refused, left_out);
  } else {
    text += fmt::format("FAIL  nothing was compared{}\n", left_out);
  }
  return text;
}

std::string to_json(const Suite& suite) {
  nlohmann::ordered_json json;
  json["config"] = suite.config;
  json["backend"] = suite.backend;
  json["pass"] = suite.pass();
  json["models"] = nlohmann::ordered_json::array();
  for (const SuiteRow& row : suite.rows) {
    nlohmann::ordered_json entry;
    entry["name"] = row.entry.name;
    entry["about"] = row.entry.about;
    entry["model"] = row.entry.model;
    entry["absent"] =
        row.absent.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(row.absent);
    if (!row.refused.empty()) entry["refused"] = row.refused;
    if (row.report) {
      entry["input_source"] = row.report->input_source;
      entry["pass"] = row.report->ok();
      entry.update(json_of(numbers_of(*row.report)));
    }
    json["models"].push_back(std::move(entry));
  }
  json["total"] = json_of(total_of(suite));
  return json.dump(2) + "\n";
}

}  // namespace weft::runtime
