#include "compiler/scratch.h"

#include <algorithm>

namespace weft::compiler {
namespace {

// Neighbouring layers run at the same time: so many layers later nobody waits.
constexpr int kRest = 3;

}  // namespace

uint64_t ScratchMap::place(uint64_t bytes, int first, int last) {
  std::vector<Entry> beside;  // in use at the same time
  for (const Entry& e : entries_) {
    if (!reuse_ || (first <= e.last + kRest && e.first <= last + kRest)) beside.push_back(e);
  }
  std::sort(beside.begin(), beside.end(),
            [](const Entry& x, const Entry& y) { return x.begin < y.begin; });
  uint64_t begin = 0;
  for (const Entry& e : beside) {
    if (e.begin >= begin + bytes) break;
    begin = std::max(begin, e.end);
  }
  entries_.push_back({begin, begin + bytes, first, last});
  size_ = std::max(size_, begin + bytes);
  return begin;
}

std::vector<bool> ScratchMap::overwritten() const {
  std::vector<bool> result;
  for (const Entry& e : entries_) {
    result.push_back(std::any_of(entries_.begin(), entries_.end(), [&](const Entry& other) {
      return other.first > e.last && other.begin < e.end && e.begin < other.end;
    }));
  }
  return result;
}

}  // namespace weft::compiler
