#include "runtime/journal.h"

#include <sstream>
#include <system_error>

#include "base/error.h"

namespace weft::runtime {

Journal::Journal(std::filesystem::path path, const std::string& identity) : path_(std::move(path)) {
  if (path_.empty()) return;
  const std::string header = "weft journal 1 " + identity;
  read(header);
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);
  // Written anew from what was whole: a line cut short by a kill must not grow into a wrong one.
  out_.open(path_, std::ios::trunc);
  out_ << header << '\n';
  for (const auto& [input, value] : done_) out_ << input << ' ' << value << " .\n";
  out_.flush();
  if (!out_) {
    fail(ErrorKind::kIo,
         "cannot write the journal {}; is the directory writable and the disk not full?",
         path_.string());
  }
}

void Journal::read(const std::string& header) {
  std::ifstream in(path_);
  std::string line;
  if (!std::getline(in, line) || line != header) return;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    uint64_t input = 0;
    int64_t value = 0;
    std::string end;
    if (fields >> input >> value >> end && end == ".") done_[input] = value;
  }
}

void Journal::add(uint64_t input, int64_t value) {
  done_[input] = value;
  if (path_.empty()) return;
  out_ << input << ' ' << value << " .\n";
  out_.flush();
  if (!out_)
    fail(ErrorKind::kIo, "cannot write the journal {}; the disk may be full", path_.string());
}

void Journal::finish() {
  if (path_.empty()) return;
  out_.close();
  std::error_code error;
  std::filesystem::remove(path_, error);
}

}  // namespace weft::runtime
