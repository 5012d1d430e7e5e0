#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/table.h"
#include "runtime/bench.h"
#include "runtime/text.h"

namespace weft::runtime {
namespace {

// Of one network; what a backend without time does not know is 0.
struct Measured {
  std::string network;
  double cycles = 0, cycles_per_second = 0, macs_per_second = 0, peak_bytes = 0;
};

struct Measurements {
  std::vector<std::pair<std::string, std::string>> made_by;  // what, and which
  std::vector<Measured> networks;

  const Measured* find(const std::string& network) const {
    const auto at = std::find_if(networks.begin(), networks.end(),
                                 [&](const Measured& m) { return m.network == network; });
    return at == networks.end() ? nullptr : &*at;
  }
};

Measurements read(const std::filesystem::path& path) {
  const std::vector<uint8_t> bytes = read_file(path);
  try {
    const auto json = nlohmann::json::parse(bytes);
    Measurements all;
    const auto& machine = json.at("machine");
    const auto& tools = json.at("tools");
    all.made_by = {
        {"configuration", json.at("config").get<std::string>()},
        {"configuration's hash", json.at("config_hash").get<std::string>()},
        {"backend", json.at("backend").get<std::string>()},
        {"revision", json.at("revision").get<std::string>()},
        {"CPU", machine.at("cpu").get<std::string>()},
        {"cores", std::to_string(machine.at("cores").get<unsigned>())},
        {"system", machine.at("system").get<std::string>()},
        {"compiler", tools.at("compiler").get<std::string>()},
        {"flags", tools.at("flags").get<std::string>()},
        {"Verilator", tools.at("verilator").get<std::string>()},
        {"build", tools.at("benchmark_build").get<bool>() ? "benchmark" : "with assertions"}};
    for (const auto& network : json.at("networks")) {
      if (!network.contains("cycles")) continue;  // absent, or refused
      all.networks.push_back({network.at("network").get<std::string>(),
                              network.at("cycles").get<double>(),
                              network.at("cycles_per_second").get<double>(),
                              network.at("macs_per_second").get<double>(),
                              network.at("process_peak_bytes").get<double>()});
    }
    return all;
  } catch (const nlohmann::json::exception& error) {
    fail(ErrorKind::kMalformedFile, "{}: this is no file of `weft bench`: {}", path.string(),
         error.what());
  }
}

// "-" where either has none.
std::string ratio_text(double first, double second) {
  return first > 0 && second > 0 ? fmt::format("{:.3f}", second / first) : "-";
}

}  // namespace

std::string compare_benches(const std::filesystem::path& first,
                            const std::filesystem::path& second) {
  const Measurements a = read(first), b = read(second);
  std::string text = fmt::format("A: {}\nB: {}\n", first.string(), second.string());
  for (size_t i = 0; i < a.made_by.size(); ++i) {
    const auto& [what, of_a] = a.made_by[i];
    const std::string& of_b = b.made_by[i].second;
    if (of_a != of_b) text += fmt::format("{}: A {}; B {}\n", what, of_a, of_b);
  }
  Table table({"network", ">cycles A", ">cycles B", ">cycles B/A", ">cycles/s B/A", ">MAC/s B/A",
               ">memory B/A", "remark"});
  size_t common = 0;
  for (const Measured& m : a.networks) {
    const Measured* n = b.find(m.network);
    if (!n) {
      table.row({m.network, cycles_text(m.cycles), "", "", "", "", "", "only in A"});
      continue;
    }
    ++common;
    table.row({m.network, cycles_text(m.cycles), cycles_text(n->cycles),
               ratio_text(m.cycles, n->cycles),
               ratio_text(m.cycles_per_second, n->cycles_per_second),
               ratio_text(m.macs_per_second, n->macs_per_second),
               ratio_text(m.peak_bytes, n->peak_bytes), ""});
  }
  for (const Measured& n : b.networks) {
    if (a.find(n.network)) continue;
    table.row({n.network, "", cycles_text(n.cycles), "", "", "", "", "only in B"});
  }
  if (common == 0) {
    fail(ErrorKind::kMismatch, "{} and {} have no network in common; there is nothing to compare",
         first.string(), second.string());
  }
  return text + "\n" + table.text();
}

}  // namespace weft::runtime
