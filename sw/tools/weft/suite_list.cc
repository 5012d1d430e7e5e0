#include "suite_list.h"

#include <algorithm>

#include "base/error.h"
#include "tools/weftgen/yaml_map.h"

namespace weft::tools {
namespace {

constexpr int kMostInputs = 1'000'000;

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

}  // namespace

std::vector<Listed> read_suite_list(const std::string& path) {
  const gen::YamlMap top(path, gen::load_yaml(path), "list of models", {"models"});
  std::vector<Listed> list;
  for (const YAML::Node& node : top.list("models")) {
    list.push_back(read_entry(path, node));
    const std::string& name = list.back().entry.name;
    for (size_t i = 0; i + 1 < list.size(); ++i) {
      if (list[i].entry.name == name) top.refuse("models", "two are named {}", name);
    }
  }
  return list;
}

std::vector<Listed> choose(std::vector<Listed> list, const std::vector<std::string>& names,
                           const std::string& where) {
  if (names.empty()) return list;
  std::string known;
  for (const Listed& l : list) known += (known.empty() ? "" : ", ") + l.entry.name;
  for (const std::string& name : names) {
    if (std::none_of(list.begin(), list.end(),
                     [&](const Listed& l) { return l.entry.name == name; })) {
      fail(ErrorKind::kNotFound, "{} has no model '{}'; there are {}", where, name, known);
    }
  }
  std::erase_if(list, [&](const Listed& l) {
    return std::find(names.begin(), names.end(), l.entry.name) == names.end();
  });
  return list;
}

runtime::SuiteOptions suite_options(const Environment& environment, const std::string& config,
                                    const std::string& backend) {
  runtime::SuiteOptions options;
  options.config = config;
  options.backend = backend;
  options.weft_data = environment.weft_data;
  options.root = environment.root;
  options.places = {environment.root};
  if (!environment.weft_data.empty()) {
    options.places.emplace_back(environment.weft_data);
  } else {
    options.places.push_back(environment.root / "../shared/data");
    options.places.push_back(environment.root / "data");
  }
  return options;
}

}  // namespace weft::tools
