// DRAM for spilled tensors, by their lifetimes.
#pragma once

#include <cstdint>
#include <vector>

namespace weft::compiler {

class ScratchMap {
 public:
  // `reuse`: tensors whose layers are far enough apart may have the same memory; else none does.
  explicit ScratchMap(bool reuse) : reuse_(reuse) {}

  // Offset of `bytes` for a tensor that layers `first` .. `last` make and read.
  uint64_t place(uint64_t bytes, int first, int last);

  uint64_t size() const { return size_; }
  // By order of place(): whether a later layer's tensor lies there, too.
  std::vector<bool> overwritten() const;

 private:
  struct Entry {
    uint64_t begin, end;
    int first, last;
  };
  bool reuse_;
  uint64_t size_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace weft::compiler
