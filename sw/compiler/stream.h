// The descriptor stream under construction: descriptors in program order with what they
// touch, the constants they load, and the rings their buffers come from.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "compiler/sync.h"
#include "program/program.h"

namespace weft::compiler {

// Memory handed out round and round; who still uses the old contents is the
// synchroniser's business.
class Ring {
 public:
  explicit Ring(int size) : size_(size) {}
  // First of `count` consecutive units.
  int take(int count) {
    if (next_ + count > size_) next_ = 0;
    const int first = next_;
    next_ += count;
    return first;
  }

 private:
  int size_;
  int next_ = 0;
};

using AnyDesc =
    std::variant<isa::TransferDesc, isa::ArrayDesc, isa::DepthwiseDesc, isa::VectorDesc>;

class Stream {
 public:
  Stream(const isa::HardwareConfig& config, int64_t dram_lines) : sync_(config, dram_lines) {}

  // Appends a descriptor of layer `layer`; the header's opcode must be set.
  void add(AnyDesc desc, int layer, const std::vector<Access>& accesses);

  // The encoded descriptors with their semaphores.
  std::vector<uint8_t> finish() &&;

  size_t size() const { return descs_.size(); }

 private:
  Synchroniser sync_;
  std::vector<AnyDesc> descs_;
};

}  // namespace weft::compiler
