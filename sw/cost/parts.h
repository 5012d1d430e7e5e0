// What the parts of the timing model share: queues, decoded descriptors, the ports of act memory.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <variant>

#include "isa/hardware_config.h"
#include "weft_gen/isa.h"

namespace weft::cost {

using Cycle = uint64_t;
inline constexpr Cycle kNever = std::numeric_limits<Cycle>::max();

// rtl/prim/weft_fifo.sv: what is pushed in a cycle can be popped in the next. Users look at empty()
// and full() before they push or pop anything of the same cycle.
template <class T, size_t N>
class Fifo {
 public:
  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == N; }
  size_t size() const { return count_; }
  const T& front() const { return items_[head_]; }
  void push(const T& item) { items_[(head_ + count_++) % N] = item; }
  void pop() {
    head_ = (head_ + 1) % N;
    --count_;
  }

 private:
  std::array<T, N> items_{};
  size_t head_ = 0, count_ = 0;
};

struct Descriptor {
  isa::Engine engine = isa::Engine::kLoad;
  isa::Header header;
  std::variant<isa::TransferDesc, isa::ArrayDesc, isa::VectorDesc, isa::DepthwiseDesc> fields;
};

// What a part did in a cycle, for the machine to know which cycles it may pass over.
struct Progress {
  bool moved = false;     // something changed, or waits for a memory that others use
  Cycle wake = kNever;    // else: the next cycle in which something can, as far as it knows
  bool streamed = false;  // the array moved one vector on, and nothing else in it changed

  void at(Cycle now, Cycle then) {
    if (then > now) wake = std::min(wake, then);
  }
};

// rtl/mem/weft_act_mem.sv: half banks, of which each serves one client a cycle.
class ActMemory {
 public:
  // In order of priority, as weft_core.sv wires them.
  enum Client { kFeeder, kVectorWrite, kDepthwise0, kLoad, kDepthwise1, kVectorRead, kStore };
  static constexpr int kClients = 7;

  explicit ActMemory(const isa::HardwareConfig& config)
      : bank_shift_(std::countr_zero(static_cast<unsigned>(config.act_bank_words()))) {}

  void begin() { valid_ = 0; }
  void request(Client client, uint32_t address) {
    valid_ |= 1U << client;
    half_[client] = static_cast<uint16_t>((address >> bank_shift_) * 2 + (address & 1));
  }
  bool granted(Client client) const {
    if ((valid_ >> client & 1) == 0) return false;
    for (int other = 0; other < client; ++other) {
      if ((valid_ >> other & 1) != 0 && half_[other] == half_[client]) return false;
    }
    return true;
  }

 private:
  int bank_shift_;
  unsigned valid_ = 0;
  std::array<uint16_t, kClients> half_{};
};

}  // namespace weft::cost
