// Convolutions: rtl/array/weft_array_engine.sv with its set-up, feeder and weight loader. The array
// itself never waits once a vector is in it, and the feeder is always granted its words.
#pragma once

#include <vector>

#include "cost/packer.h"
#include "cost/parts.h"

namespace weft::cost {

// What the array does to acc memory in a cycle (rtl/mem/weft_acc_mem.sv).
struct AccAdd {
  bool valid = false, overwrite = false;
  uint32_t bank = 0;
};

// weft_feeder_nest.sv: a vector a cycle, one ahead of the array.
class FeederNest {
 public:
  bool plan_ready() const { return plan_ready_; }
  bool active() const { return active_; }
  bool vector_valid() const { return valid_; }
  const Vector& vector() const { return vector_; }
  bool busy() const { return active_ || valid_; }

  void step(bool vector_ready, ActMemory& act, Progress& progress);
  void take(const isa::ArrayDesc& desc);
  // Cycles in which a vector leaves and the next is read, both inside one K tile.
  Cycle uniform() const;
  void skip(Cycle cycles);

 private:
  void next_tile();

  bool plan_ready_ = true, active_ = false, valid_ = false;
  const isa::ArrayDesc* desc_ = nullptr;
  Vector vector_;
  uint32_t outputs_ = 0;  // of a K tile
  uint32_t ky_ = 0, kx_ = 0, kc_ = 0, oy_ = 0, ox_ = 0, done_ = 0;
  uint32_t tap_address_ = 0, row_address_ = 0, address_ = 0;  // of output (0, 0); row; present
  int64_t iy_ = 0, ix_ = 0;
};

class ArrayEngine {
 public:
  static constexpr size_t kDescs = 8;     // weft_array_engine.sv: Descs
  static constexpr Cycle kSetup = 10;     // accept to plan: nine states of weft_array_setup.sv
  static constexpr Cycle kAddToDone = 2;  // done_q
  static constexpr Cycle kAccumulateApart = 3;  // since_q

  explicit ArrayEngine(const isa::HardwareConfig& config);

  bool ready() const { return ready_; }
  bool done() const { return ended_; }
  bool busy() const { return entered_; }
  // A vector waited for its weights.
  bool shifting() const { return shifting_; }
  // The descriptor of that vector.
  size_t index() const { return index_; }

  // All of a cycle but the acceptance.
  void step(Cycle now, ActMemory& act, Progress& progress);
  const AccAdd& add(Cycle now) const { return adds_[now & (adds_.size() - 1)].add_at(now); }
  void accept(Cycle now, const isa::ArrayDesc& desc, size_t index);
  Cycle uniform() const;
  void skip(Cycle now, Cycle cycles);

 private:
  struct Plan {
    const isa::ArrayDesc* desc = nullptr;
    size_t index = 0;
    bool adds_apart = false;
  };
  struct Slot {
    Cycle cycle = kNever;
    AccAdd add;
    const AccAdd& add_at(Cycle now) const {
      static constexpr AccAdd kNone;
      return cycle == now ? add : kNone;
    }
  };

  void enter(Cycle now, const Vector& vector);
  bool step_loader(bool tile_first, Progress& progress);
  void step_plan(Cycle now, bool nest_busy, bool pack_busy, bool load_ready, Progress& progress);

  const uint32_t rows_, acc_depth_, latency_;
  Packer packer_;
  FeederNest nest_;

  // Set-up.
  Plan plan_;
  Cycle plan_at_ = kNever;              // kNever: idle
  bool fed_ = false, weights_ = false;  // feeder, loader have taken it
  bool ready_ = true;
  uint32_t last_acc_ = 0;

  // Vectors: plans that the feeder has taken and whose last vector has not entered.
  Fifo<Plan, kDescs> plans_;
  bool begins_ = true;  // the next vector begins a descriptor
  size_t index_ = 0;
  uint32_t output_ = 0;
  bool first_tile_ = true;
  Cycle apart_until_ = 0;
  bool ended_ = false, entered_ = false, shifting_ = false, uniform_ = false;

  // Weight loader.
  uint32_t tiles_ = 0;  // still to be read, the present one included; 0: idle
  uint32_t word_ = 0, row_ = 0;
  bool primed_ = false, loaded_ = false;

  std::vector<Slot> adds_;  // a ring, a power of two
  Fifo<Cycle, kDescs> done_;
  size_t unfinished_ = 0;
};

}  // namespace weft::cost
