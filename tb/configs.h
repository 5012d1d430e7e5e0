// What to test. Configurations: those this build has models of (WEFT_CONFIGS), or the one that the
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

// The backends to test: those of this build.
inline std::vector<std::string> test_backends() {
#if WEFT_WITH_SYSTEMC
  return {"emulator", "rtl", "systemc", "systemc_lt"};
#else
  return {"emulator", "rtl"};
#endif
}
// Of these the ones that are the RTL, cycle by cycle.
inline std::vector<std::string> accurate_backends() {
#if WEFT_WITH_SYSTEMC
  return {"rtl", "systemc"};
#else
  return {"rtl"};
#endif
}

}  // namespace weft::tb
