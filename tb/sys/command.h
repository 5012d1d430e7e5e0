// A command as a user runs it: what it wrote and how it ended.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tb/temporary_directory.h"

namespace weft::tb {

// Empty where there is no such file.
inline std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Result {
  int status = 0;  // -1: it was killed
  std::string out, err;
};

// For the shell; `word` has no ' itself.
inline std::string quoted(const std::string& word) { return "'" + word + "'"; }

// A command of the shell, run in `directory`. Its streams leave nothing there; its input is empty.
inline Result run(const std::filesystem::path& directory, const std::string& command) {
  const TemporaryDirectory streams;
  const int status = std::system(("cd " + quoted(directory.string()) + " && " + command + " >" +
                                  quoted((streams / "out").string()) + " 2>" +
                                  quoted((streams / "err").string()) + " </dev/null")
                                     .c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(streams / "out"),
          contents(streams / "err")};
}

// `weft` (or what stands in its place) with WEFT_DATA in front of its arguments, as a command.
inline std::string weft_command(const std::string& data, const std::string& binary) {
  return "WEFT_DATA=" + quoted(data) + " " + quoted(binary);
}

}  // namespace weft::tb
