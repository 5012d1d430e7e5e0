// The cycles that networks are known to take (configs/cycles.yaml): a change of them must be meant.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::tools {

struct KnownCycles {
  std::string network, config;
  uint64_t cycles = 0;  // of one input on the RTL
  uint64_t bar = 0;     // what is thought good; 0: nobody has said
  bool slow = false;    // not in every run of the tests

  // As the file has it.
  std::string line() const;
};

class CyclesFile {
 public:
  // Errors name file and line.
  explicit CyclesFile(std::string path);

  const std::string& path() const { return path_; }
  const std::vector<KnownCycles>& all() const { return all_; }
  // nullptr: not known.
  const KnownCycles* find(const std::string& network, const std::string& config) const;

  // Remembers cycles; a new line stands behind the others.
  void set(const std::string& network, const std::string& config, uint64_t cycles);
  // What stands before the lines is kept.
  void write() const;

 private:
  std::string path_, head_;
  std::vector<KnownCycles> all_;
};

}  // namespace weft::tools
