// Shallow convolutions: rtl/array/weft_packer.sv and its parts.
#pragma once

#include <array>

#include "cost/parts.h"

namespace weft::cost {

// A vector of activations on its way into the array.
struct Vector {
  bool tile_first = false, desc_last = false;
};

class Packer {
 public:
  static constexpr int kSegments = 4;  // PACK_SEGS
  static constexpr int kWords = 4;     // weft_packer_window.sv: Depth

  explicit Packer(uint32_t rows) : rows_(rows), word_shift_(std::countr_zero(rows)) {}

  bool plan_ready() const { return plan_ready_; }
  bool busy() const { return busy_; }
  // The prefetcher walks over the last rows after all vectors have left.
  bool still() const { return !busy_ && !fetch_.active; }
  bool vector_valid() const { return valid_; }
  const Vector& vector() const { return vector_; }

  // What the others may see of this cycle before its step.
  void look();
  void step(Cycle now, bool vector_ready, ActMemory& act, Progress& progress);
  void take(Cycle now, const isa::ArrayDesc& desc);

 private:
  struct Segment {  // pack_seg_t
    bool valid = false, in_x = false;
    uint32_t len = 0;
    int64_t iy = 0, first_byte = 0;
    uint32_t row_address = 0, first_word = 0, last_word = 0;
  };
  struct Tile {  // pack_tile_t
    std::array<Segment, kSegments> segments;
    const isa::ArrayDesc* desc = nullptr;
    bool last = false;
  };
  // weft_packer_tiles.sv: four segments, one a cycle.
  struct Cutter {
    bool active = false;
    const isa::ArrayDesc* desc = nullptr;
    Cycle full_at = kNever;
    uint32_t left = 0, ky = 0, offset = 0;
    int64_t iy = 0;
    uint32_t row_address = 0;
    Tile tile;
  };
  struct Fetch {  // weft_packer_fetch.sv
    bool active = false, row_start = false;
    Tile tile;
    uint32_t oy = 0;
    std::array<int64_t, kSegments> iy{};
    std::array<uint32_t, kSegments> row{}, word{};
    unsigned pending = 0;
    int turn = 0;
    int arriving = -1;  // the segment whose word was read in the last cycle
  };
  struct Window {  // weft_packer_window.sv
    int count = 0, room = kWords;
    bool row = false, end = true;
    int64_t position = 0;
    uint32_t head = 0;
    // Of this cycle.
    int pop = 0;
    bool done = false, ending = false;
  };
  enum class State { kIdle, kRow, kRun, kEnd };

  void cut(Cycle now);
  bool window_ok(const Window& w, const Segment& s) const;
  void look_at(Window& w, const Segment& s, bool step, bool row_last) const;
  uint32_t needed_from(int64_t position) const {
    return position < 0 ? 0 : static_cast<uint32_t>(position >> word_shift_);
  }
  bool inside(int64_t iy) const { return iy >= 0 && iy < static_cast<int64_t>(tile_.desc->in_h); }

  const uint32_t rows_;
  const int word_shift_;
  bool plan_ready_ = true, busy_ = false, valid_ = false;
  Vector vector_;
  Cutter cutter_;
  Fifo<Tile, 2> queue_;  // u_queue: tiles prefetched ahead
  Fetch fetch_;
  std::array<Window, kSegments> windows_;
  State state_ = State::kIdle;
  Tile tile_;
  uint32_t oy_ = 0, ox_ = 0;
  std::array<int64_t, kSegments> iy_{};
};

}  // namespace weft::cost
