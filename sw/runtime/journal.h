// Results of long work, kept as they come: a text file of lines "input value" behind a line that
// says what work they belong to. Whatever a killed run wrote whole is there for the next.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace weft::runtime {

class Journal {
 public:
  // `identity` (one line) says what the work is. A file of the same identity is continued, another
  // is begun anew. An empty path keeps nothing. Error(io) where it cannot be written.
  Journal(std::filesystem::path path, const std::string& identity);

  const std::map<uint64_t, int64_t>& done() const { return done_; }
  void add(uint64_t input, int64_t value);
  // The work is complete: the file goes.
  void finish();

 private:
  void read(const std::string& header);

  std::filesystem::path path_;
  std::map<uint64_t, int64_t> done_;
  std::ofstream out_;
};

}  // namespace weft::runtime
