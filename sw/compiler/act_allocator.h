// Activation memory by lifetimes: buffers that live until a layer has run.
#pragma once

#include <optional>
#include <vector>

#include "weft_gen/configs.h"

namespace weft::compiler {

// Streams that meet in a bank wait for each other. Buffers are handed out from both ends in
// turn and, with `own_banks`, begin or end at a bank's edge, so that none shares a bank where
// the gap allows it; that costs room.
class ActAllocator {
 public:
  ActAllocator(const isa::HardwareConfig& config, bool own_banks)
      : words_(config.act_words), edge_(own_banks ? config.act_bank_words() : 1) {}

  // First word of `words` consecutive free words, in use up to and including layer `until`. Nor
  // have the last `rest` layers used them: who takes such words waits until they are given up.
  std::optional<int> allocate(int words, int until, int rest);

  // Frees what no layer from `layer` on uses.
  void expire(int layer);

  // Undo: allocations made after mark() are given back by rewind().
  struct Mark {
    size_t buffers;
    int peak;
  };
  Mark mark() const { return {made_.size(), peak_}; }
  void rewind(Mark mark);

  int peak() const { return peak_; }  // most words in use at a time

 private:
  struct Buffer {
    int begin, end, until;
  };
  int words_;
  int edge_;  // buffers begin, or end, at a multiple of this where they can
  bool from_top_ = false;
  int peak_ = 0;
  int layer_ = 0;  // at work
  std::vector<Buffer> made_;
};

}  // namespace weft::compiler
