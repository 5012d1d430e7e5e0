// Reading the JSON files of CMSIS-NN's operator vectors; for cmsis_vectors*.cc.
#pragma once

#include <cctype>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "cmsis_vectors.h"

namespace weft::tb {

// A file's fields, without the set's name that each of them begins with.
class Fields {
 public:
  explicit Fields(const std::filesystem::path& file) {
    std::ifstream stream(file);
    json_ = nlohmann::json::parse(stream);
    name_ = json_.at("set").get<std::string>();
    prefix_ = name_ + "_";
    for (const char c : prefix_) {
      upper_prefix_ += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }

  const std::string& name() const { return name_; }
  std::string kernels() const {
    std::string all;
    for (const auto& kernel : json_.at("used_by")) all += " " + kernel.get<std::string>();
    return all.substr(1);
  }

  int number(const std::string& key) const {
    return json_.at("config").at(upper_prefix_ + key).get<int>();
  }
  // The key as it stands: a network's layers have names of their own.
  int whole_number(const std::string& key) const { return json_.at("config").at(key).get<int>(); }
  std::string text(const std::string& key) const {
    return json_.at("config").at(upper_prefix_ + key).get<std::string>();
  }
  int number_or(const std::string& key, int absent) const {
    return json_.at("config").contains(upper_prefix_ + key) ? number(key) : absent;
  }

  // The first of the names that is there; empty where it is null or none is there.
  template <class T>
  std::vector<T> array(std::initializer_list<const char*> names) const {
    for (const char* name : names) {
      const auto found = json_.at("arrays").find(prefix_ + name);
      if (found == json_.at("arrays").end()) continue;
      if (found->is_null() || found->at("data").is_null()) return {};
      return numbers<T>(found->at("data"));
    }
    return {};
  }

 private:
  template <class T>
  std::vector<T> numbers(const nlohmann::json& data) const {
    std::vector<T> values;
    for (const auto& item : data) {
      const auto value = item.get<int64_t>();
      if (value != static_cast<T>(value)) {
        fail(ErrorKind::kMalformedFile, "{}: {} does not fit its array's type", name_, value);
      }
      values.push_back(static_cast<T>(value));
    }
    return values;
  }

  nlohmann::json json_;
  std::string name_;
  std::string prefix_;
  std::string upper_prefix_;
};

// Multipliers and shifts as the graph has them.
inline std::vector<model::Rescale> rescales(const std::vector<int32_t>& multipliers,
                                            const std::vector<int32_t>& shifts) {
  std::vector<model::Rescale> result;
  for (size_t c = 0; c < multipliers.size(); ++c) result.push_back({multipliers[c], shifts.at(c)});
  return result;
}

// Vectors of operators on elements, rows and whole tensors (cmsis_elements.cc), and of a network
// (cmsis_network.cc); those of convolutions, dense layers and pools are in cmsis_vectors.cc.
CmsisVector element_vector(const Fields& fields, CmsisOperator kind);
CmsisVector network_vector(const Fields& fields);

}  // namespace weft::tb
