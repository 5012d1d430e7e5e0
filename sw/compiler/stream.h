// A job's descriptors under construction: what each touches, and the rings their buffers come from.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "compiler/hazards.h"
#include "compiler/schedule.h"

namespace weft::compiler {

// Memory handed out round and round; who still uses the old contents is the
// scheduler's business.
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

// Sums that a descriptor makes or finishes: `entries` from `first` on in a virtual accumulator bank.
struct Sums {
  int bank = -1;
  int first = 0;
  int entries = 0;
};

class Stream {
 public:
  Stream(const isa::HardwareConfig& config, int64_t dram_lines)
      : config_(&config), hazards_(config, dram_lines) {}

  // A virtual accumulator bank. Its first descriptor makes sums, its last finishes some.
  int open_bank() { return banks_++; }

  // Appends a descriptor of layer `layer`, whose header's opcode must be set; the address of its
  // sums is left to finish().
  void add(AnyDesc desc, int layer, const std::vector<Access>& accesses, Sums sums = {});

  // The descriptors, encoded, in the order of their schedule and with their semaphores.
  std::vector<uint8_t> finish() &&;

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    AnyDesc desc;
    isa::Engine engine;
    std::vector<Hazard> hazards;
    Sums sums;
  };

  Schedule ordered() const;

  const isa::HardwareConfig* config_;
  Hazards hazards_;
  std::vector<Entry> entries_;
  int banks_ = 0;
};

}  // namespace weft::compiler
