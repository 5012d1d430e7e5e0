// Progress of long work: a bar with rate and time left on a terminal, a plain line now
// and then in a log. Written to standard error, so that results stay clean.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weft::runtime {

class Progress {
 public:
  // `what` is a noun in the plural ("digits"); nothing is shown for the first second.
  Progress(std::string title, std::string what, uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(uint64_t by = 1);

 private:
  using Clock = std::chrono::steady_clock;
  void show(Clock::time_point now);

  std::string title_, what_;
  uint64_t total_, done_ = 0;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_, next_;
};

}  // namespace weft::runtime
