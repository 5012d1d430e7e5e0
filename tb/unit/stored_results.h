// Results of whole networks of the MLPerf Tiny suite that TensorFlow Lite for Microcontrollers stored
// (Google, CFU-Playground). They are not part of the project; tests that use them skip where they are
// absent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace weft::tb {

struct StoredResult {
  std::string name;
  std::vector<int8_t> input;
  nlohmann::json expected;
};

struct StoredNetwork {
  std::string name;
  std::filesystem::path model;
  // What the stored results say of the network's output bytes: equal to `expected`.
  std::function<nlohmann::json(const std::vector<int8_t>&)> digest;
  std::vector<StoredResult> results;
};

// Where they are looked for.
std::filesystem::path mlperf_tiny_directory();

// The four networks with their 32 results; none where the data is absent. Throws std::runtime_error
// where a part of it is.
std::vector<StoredNetwork> stored_networks();

}  // namespace weft::tb
