// Activation memory by lifetimes: buffers that live until a layer has run.
#pragma once

#include <optional>
#include <vector>

#include "weft_gen/configs.h"

namespace weft::compiler {

// Buffers are handed out from both ends in turn, so that what is read and what is
// written at the same time lie in different banks where the memory allows it.
class ActAllocator {
 public:
  explicit ActAllocator(const isa::HardwareConfig& config) : words_(config.act_words) {}

  // First word of `words` consecutive free words, in use up to and including layer `until`.
  std::optional<int> allocate(int words, int until);

  // Frees what no layer from `layer` on uses.
  void expire(int layer);

  // Undo: allocations made after mark() are given back by rewind().
  using Mark = size_t;
  Mark mark() const { return made_.size(); }
  void rewind(Mark mark);

  int peak() const { return peak_; }

 private:
  struct Buffer {
    int begin, end, until;
    bool live;
  };
  int words_;
  bool from_top_ = false;
  int peak_ = 0;
  std::vector<Buffer> made_;
};

}  // namespace weft::compiler
