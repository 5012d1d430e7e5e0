// A strict view of one YAML mapping: every key is known, present when required, there
// once, and of the asked type; anything else is an Error with file and line.
#pragma once

#include <fmt/ranges.h>  // fmt::join, in fmt 11 and newer
#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace weft::gen {

// Reads a whole file as one YAML document.
YAML::Node load_yaml(const std::string& path);

class YamlMap {
 public:
  // `what` names the mapping in messages ("field", "opcode").
  YamlMap(std::string path, const YAML::Node& node, std::string what,
          std::initializer_list<std::string_view> required,
          std::initializer_list<std::string_view> optional = {});

  int64_t integer(std::string_view key, int64_t min = std::numeric_limits<int64_t>::min(),
                  int64_t max = std::numeric_limits<int64_t>::max()) const;
  std::optional<int64_t> maybe_integer(std::string_view key) const;
  // One of the given numbers.
  int64_t one_of(std::string_view key, std::initializer_list<int64_t> allowed) const;
  bool flag(std::string_view key) const;         // false when absent
  std::string text(std::string_view key) const;  // "" when absent
  // Lower-case identifier: it becomes a name in SystemVerilog and C++.
  std::string name(std::string_view key = "name") const;
  std::string one_of(std::string_view key, std::initializer_list<std::string_view> allowed) const;

  bool has(std::string_view key) const;
  YAML::Node child(std::string_view key) const;
  // The elements of a non-empty sequence (empty only when the key is absent).
  std::vector<YAML::Node> list(std::string_view key) const;
  const std::string& path() const { return path_; }

  // Throws Error(malformed_file): "path:line: key: what".
  template <class... Args>
  [[noreturn]] void refuse(std::string_view key, fmt::format_string<Args...> format,
                           Args&&... args) const {
    const std::string what = fmt::format(format, std::forward<Args>(args)...);
    fail(ErrorKind::kMalformedFile, "{}:{}: {}: {}", path_, line(key), key, what);
  }

 private:
  YAML::Node scalar(std::string_view key, std::string_view type) const;
  int line(std::string_view key) const;  // of the key's value; of the mapping when absent

  std::string path_;
  YAML::Node node_;
  std::string what_;
};

}  // namespace weft::gen
