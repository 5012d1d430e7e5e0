#include "tools/weftgen/yaml_map.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace weft::gen {
namespace {

std::string joined(std::initializer_list<std::string_view> words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string brief(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  if (node.IsNull()) return "nothing";
  return "'" + node.Scalar() + "'";
}

bool parse_integer(std::string_view text, int64_t& value) {
  const bool negative = text.starts_with('-');
  std::string_view digits = negative ? text.substr(1) : text;
  int base = 10;
  if (digits.starts_with("0x")) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits[0] == '0') {
    return false;  // YAML 1.1 reads a leading 0 as octal: ambiguous, so not allowed
  }
  if (digits.starts_with('-')) return false;
  const auto [end, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (code != std::errc() || end != digits.data() + digits.size()) return false;
  if (negative) value = -value;
  return true;
}

}  // namespace

YAML::Node load_yaml(const std::string& path) {
  std::ifstream in(path);
  if (!in) fail(ErrorKind::kNotFound, "{}: cannot be read; is the path right?", path);
  std::ostringstream text;
  text << in.rdbuf();
  try {
    return YAML::Load(text.str());
  } catch (const YAML::Exception& e) {
    fail(ErrorKind::kMalformedFile, "{}:{}: not valid YAML: {}", path, e.mark.line + 1, e.msg);
  }
}

YamlMap::YamlMap(std::string path, const YAML::Node& node, std::string what,
                 std::initializer_list<std::string_view> required,
                 std::initializer_list<std::string_view> optional)
    : path_(std::move(path)), node_(node), what_(std::move(what)) {
  const auto known = [](std::initializer_list<std::string_view> keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (!node_.IsMap()) {
    fail(ErrorKind::kMalformedFile, "{}:{}: {}: is {}; a mapping with {} is expected", path_,
         node_.Mark().line + 1, what_, brief(node_), joined(required));
  }
  std::vector<std::string> seen;
  for (const auto& entry : node_) {
    const int at = entry.first.Mark().line + 1;
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : brief(entry.first);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      fail(ErrorKind::kMalformedFile, "{}:{}: {}: key given twice in this {}; each may stand once",
           path_, at, key, what_);
    }
    if (!known(required, key) && !known(optional, key)) {
      fail(ErrorKind::kMalformedFile, "{}:{}: {}: unknown key of {}; allowed are {}{}{}", path_, at,
           key, what_, joined(required), optional.size() == 0 ? "" : ", ", joined(optional));
    }
    seen.push_back(key);
  }
  for (const std::string_view key : required) {
    if (std::find(seen.begin(), seen.end(), key) == seen.end()) {
      refuse(key, "key missing in this {}; required are {}", what_, joined(required));
    }
  }
}

bool YamlMap::has(std::string_view key) const { return child(key).IsDefined(); }

YAML::Node YamlMap::child(std::string_view key) const {
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

int YamlMap::line(std::string_view key) const {
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.first.Mark().line + 1;
  }
  return node_.Mark().line + 1;
}

YAML::Node YamlMap::scalar(std::string_view key, std::string_view type) const {
  const YAML::Node node = child(key);
  if (!node.IsScalar()) refuse(key, "is {}; {} is expected", brief(node), type);
  return node;
}

int64_t YamlMap::integer(std::string_view key, int64_t min, int64_t max) const {
  const YAML::Node node = scalar(key, "an integer");
  int64_t value = 0;
  // A quoted scalar carries the tag "!": text, whatever it looks like.
  if (node.Tag() == "!" || !parse_integer(node.Scalar(), value)) {
    refuse(key, "is {}; an integer (decimal or 0x...) is expected", brief(node));
  }
  if (value < min || value > max) refuse(key, "is {}; allowed is {} to {}", value, min, max);
  return value;
}

std::optional<int64_t> YamlMap::maybe_integer(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return integer(key);
}

int64_t YamlMap::one_of(std::string_view key, std::initializer_list<int64_t> allowed) const {
  const int64_t value = integer(key);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    refuse(key, "is {}; allowed are {}", value, fmt::join(allowed, ", "));
  }
  return value;
}

bool YamlMap::flag(std::string_view key) const {
  if (!has(key)) return false;
  const YAML::Node node = scalar(key, "true or false");
  if (node.Tag() == "!" || (node.Scalar() != "true" && node.Scalar() != "false")) {
    refuse(key, "is {}; true or false is expected", brief(node));
  }
  return node.Scalar() == "true";
}

std::string YamlMap::text(std::string_view key) const {
  if (!has(key)) return "";
  std::string text = scalar(key, "text").Scalar();
  while (!text.empty() && text.back() == '\n') text.pop_back();  // of folded blocks
  if (text.empty()) refuse(key, "is empty; text is expected");
  return text;
}

std::string YamlMap::name(std::string_view key) const {
  const std::string name = text(key);
  const bool ok =
      name[0] >= 'a' && name[0] <= 'z' && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (!ok)
    refuse(key, "is '{}'; a name of a-z, 0-9 and _ that begins with a letter is expected", name);
  return name;
}

std::string YamlMap::one_of(std::string_view key,
                            std::initializer_list<std::string_view> allowed) const {
  const std::string value = text(key);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    refuse(key, "is '{}'; allowed are {}", value, joined(allowed));
  }
  return value;
}

std::vector<YAML::Node> YamlMap::list(std::string_view key) const {
  if (!has(key)) return {};
  const YAML::Node node = child(key);
  if (!node.IsSequence() || node.size() == 0) {
    refuse(key, "is {}; a list with at least one entry is expected",
           node.IsSequence() ? "an empty list" : brief(node));
  }
  return {node.begin(), node.end()};
}

}  // namespace weft::gen
