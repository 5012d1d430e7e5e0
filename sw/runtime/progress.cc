#include "runtime/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace weft::runtime {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

Progress::Progress(std::string title, std::string what, uint64_t total)
    : title_(std::move(title)),
      what_(std::move(what)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      next_(start_ + seconds(1)) {}

Progress::~Progress() {
  if (shown_ && terminal_) std::fputs("\r\033[K", stderr);
}

void Progress::advance(uint64_t by) {
  done_ += by;
  const auto now = Clock::now();
  if (now < next_) return;
  show(now);
  next_ = now + (terminal_ ? milliseconds(200) : milliseconds(10000));
}

void Progress::show(Clock::time_point now) {
  shown_ = true;
  const double elapsed = duration<double>(now - start_).count();
  const double rate = static_cast<double>(done_) / elapsed;
  const double left = static_cast<double>(total_ - done_) / rate;
  const double part = static_cast<double>(done_) / static_cast<double>(total_);
  if (terminal_) {
    constexpr int kWidth = 30;
    const int filled = static_cast<int>(part * kWidth);
    std::string bar;
    for (int i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
    fmt::print(stderr, "\r\033[K{} {} {}/{} {}, {:.0f}/s, {:.0f} s left", title_, bar, done_,
               total_, what_, rate, left);
  } else {
    fmt::print(stderr, "{}: {}/{} {} ({:.0f} %), {:.0f}/s, {:.0f} s left\n", title_, done_, total_,
               what_, part * 100, rate, left);
  }
  std::fflush(stderr);
}

}  // namespace weft::runtime
