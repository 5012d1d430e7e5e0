#include "cycles_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "tools/weftgen/yaml_map.h"

namespace weft::tools {
namespace {

constexpr const char* kKey = "cycles:";

}  // namespace

std::string KnownCycles::line() const {
  return fmt::format("  - {{network: {}, config: {}, cycles: {}{}{}}}\n", network, config, cycles,
                     bar > 0 ? fmt::format(", bar: {}", bar) : "", slow ? ", slow: true" : "");
}

CyclesFile::CyclesFile(std::string path) : path_(std::move(path)) {
  const gen::YamlMap top(path_, gen::load_yaml(path_), "list of cycles", {"cycles"});
  for (const YAML::Node& node : top.list("cycles")) {
    const gen::YamlMap map(path_, node, "network", {"network", "config", "cycles"},
                           {"bar", "slow"});
    KnownCycles known;
    known.network = map.name("network");
    known.config = map.name("config");
    constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
    known.cycles = static_cast<uint64_t>(map.integer("cycles", 1, kMost));
    if (map.has("bar")) known.bar = static_cast<uint64_t>(map.integer("bar", 1, kMost));
    known.slow = map.flag("slow");
    if (find(known.network, known.config)) {
      map.refuse("network", "two lines are of {} in {}", known.network, known.config);
    }
    all_.push_back(std::move(known));
  }
  const std::vector<uint8_t> bytes = read_file(path_);
  const std::string text(bytes.begin(), bytes.end());
  const size_t at = text.starts_with(kKey) ? 0 : text.find(fmt::format("\n{}", kKey));
  if (at == std::string::npos) top.refuse("cycles", "the list begins with a line '{}'", kKey);
  head_ = text.substr(0, at == 0 ? 0 : at + 1);
}

const KnownCycles* CyclesFile::find(const std::string& network, const std::string& config) const {
  const auto at = std::find_if(all_.begin(), all_.end(), [&](const KnownCycles& k) {
    return k.network == network && k.config == config;
  });
  return at == all_.end() ? nullptr : &*at;
}

void CyclesFile::set(const std::string& network, const std::string& config, uint64_t cycles) {
  for (KnownCycles& known : all_) {
    if (known.network != network || known.config != config) continue;
    known.cycles = cycles;
    return;
  }
  all_.push_back({network, config, cycles, 0, false});
}

void CyclesFile::write() const {
  std::string text = head_ + kKey + "\n";
  for (const KnownCycles& known : all_) text += known.line();
  write_file(path_, text);
}

}  // namespace weft::tools
