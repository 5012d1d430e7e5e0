#include "runtime/machine.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <fstream>
#include <thread>

namespace weft::runtime {
namespace {

// The value of the first "key : value" of this key.
std::string value_of(const std::string& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const size_t colon = line.find(':');
    if (!line.starts_with(key) || colon == std::string::npos) continue;
    const size_t begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "";
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.cpu = value_of("/proc/cpuinfo", "model name");
  if (machine.cpu.empty()) machine.cpu = "not known";
  machine.cores = std::thread::hardware_concurrency();
  utsname names{};
  machine.system = uname(&names) == 0
                       ? std::string(names.sysname) + " " + names.release + " " + names.machine
                       : "not known";
  if (getloadavg(&machine.load, 1) != 1) machine.load = 0;
  return machine;
}

uint64_t process_peak_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0 || usage.ru_maxrss < 0) return 0;
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // KiB
}

void reset_process_peak() {
  malloc_trim(0);  // what is free already is not the next one's
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace weft::runtime
