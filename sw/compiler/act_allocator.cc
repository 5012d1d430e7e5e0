#include "compiler/act_allocator.h"

#include <algorithm>

namespace weft::compiler {

std::optional<int> ActAllocator::allocate(int words, int until, int rest) {
  std::vector<std::pair<int, int>> used;
  int in_use = 0;
  for (const Buffer& b : made_) {
    if (b.until >= layer_) in_use += b.end - b.begin;
    if (b.until >= layer_ - rest) used.emplace_back(b.begin, b.end);
  }
  used.emplace_back(words_, words_);
  std::sort(used.begin(), used.end());
  std::optional<int> found;
  int free_from = 0;
  for (auto [begin, end] : used) {
    if (begin - free_from >= words) {
      if (from_top_) {
        const int end_edge = begin / edge_ * edge_;
        found = (end_edge - words >= free_from ? end_edge : begin) - words;  // the last gap wins
      } else if (!found) {
        const int first_edge = (free_from + edge_ - 1) / edge_ * edge_;
        found = begin - first_edge >= words ? first_edge : free_from;
      }
    }
    free_from = std::max(free_from, end);
  }
  if (!found) return std::nullopt;
  from_top_ = !from_top_;
  made_.push_back({*found, *found + words, until});
  peak_ = std::max(peak_, in_use + words);
  return found;
}

void ActAllocator::expire(int layer) { layer_ = layer; }

void ActAllocator::rewind(Mark mark) {
  made_.resize(mark.buffers);
  peak_ = mark.peak;
}

}  // namespace weft::compiler
