// The configurations to test: those this build has models of (WEFT_CONFIGS), or the one that the
// environment variable WEFT_CONFIGURATION names.
#pragma once

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace weft::tb {

inline std::vector<std::string> test_configs() {
  const char* one = std::getenv("WEFT_CONFIGURATION");
  if (one != nullptr && *one != 0) return {one};
  std::vector<std::string> names;
  std::istringstream list(WEFT_TEST_CONFIGS);
  for (std::string name; std::getline(list, name, ',');) names.push_back(name);
  return names;
}

}  // namespace weft::tb
