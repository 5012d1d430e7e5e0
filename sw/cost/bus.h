// The bus and the memory behind it: rtl/dma/weft_axi_rd_mux.sv, weft_axi_wr_mux.sv and
// sim/axi_memory.cc. Bursts are answered in the order in which they were taken.
#pragma once

#include "cost/estimate.h"
#include "cost/parts.h"

namespace weft::cost {

// At most bandwidth_num beats in bandwidth_den cycles: AxiMemory::may_move.
class Bandwidth {
 public:
  explicit Bandwidth(const MemoryTiming& timing)
      : num_(timing.bandwidth_num), den_(timing.bandwidth_den) {}
  bool may_move() const { return unlimited() || credit_ >= den_; }
  void pay() {
    if (!unlimited()) credit_ -= den_;
  }
  // `cycles` pass; `back`: a beat that was paid for did not come.
  void refill(Cycle cycles, bool back = false) {
    if (unlimited()) return;
    const Cycle most = den_ + num_ - 1;
    if (cycles > most) cycles = most;
    credit_ = std::min(credit_ + cycles * num_ + (back ? den_ : 0), most);
  }
  bool unlimited() const { return num_ == den_; }
  // Cycles until a beat may move, where it may not.
  Cycle wait() const { return (den_ - credit_ + num_ - 1) / num_; }

 private:
  uint64_t num_, den_;
  uint64_t credit_ = den_ + num_ - 1;
};

// Bursts that AxiMemory holds unanswered in each direction: AxiMemoryConfig::max_outstanding.
inline constexpr size_t kMemoryBursts = 64;
// The queue before AR and AW: u_ar, u_aw.
inline constexpr size_t kAddressQueue = 2;

class ReadBus {
 public:
  enum Client : uint8_t { kControl, kLoad };
  struct Beat {
    bool valid = false, last = false;
    Client client = kControl;
  };

  explicit ReadBus(const MemoryTiming& timing) : latency_(timing.latency), bandwidth_(timing) {}

  // This cycle's.
  const Beat& beat() const { return beat_; }
  bool room() const { return !addresses_.full(); }

  // A burst of this cycle; then the end of the cycle.
  void send(Client client, uint32_t beats) { sent_ = {0, beats, client}; }
  void tick(Cycle now, bool beat_taken, Progress& progress);
  void skip(Cycle cycles) { bandwidth_.refill(cycles); }

 private:
  struct Burst {
    Cycle due = 0;
    uint32_t beats = 0;
    Client client = kControl;
  };

  uint32_t latency_;
  Bandwidth bandwidth_;
  Fifo<Burst, kAddressQueue> addresses_;
  Burst sent_;
  bool address_ready_ = true;
  Fifo<Burst, kMemoryBursts> open_;
  uint32_t given_ = 0;  // beats of the oldest burst
  Beat beat_;
};

class WriteBus {
 public:
  explicit WriteBus(const MemoryTiming& timing) : latency_(timing.latency), bandwidth_(timing) {
    bandwidth_.pay();  // for the beat that beat_ready_ promises
  }

  // This cycle's. A beat goes after its burst.
  bool room() const { return !addresses_.full() && !order_.full(); }
  bool beat_room() const { return !order_.empty() && !beats_.full(); }
  bool response() const { return response_; }

  void send(uint32_t beats) { sent_ = beats; }
  void send_beat(bool last) { beat_sent_ = true, beat_last_ = last; }
  void tick(Cycle now, Progress& progress);
  void skip(Cycle cycles);

 private:
  // Whether the memory takes a beat in the next cycle; one that it was ready for and that did not
  // come is given back.
  void promise_beat(bool came) {
    if (bandwidth_.unlimited()) return;
    bandwidth_.refill(1, beat_ready_ && !came);
    beat_ready_ = bandwidth_.may_move();
    if (beat_ready_) bandwidth_.pay();
  }

  uint32_t latency_;
  Bandwidth bandwidth_;
  Fifo<uint32_t, kAddressQueue> addresses_;
  Fifo<uint32_t, 64> order_;  // u_order: bursts whose beats are not through
  Fifo<bool, 2> beats_;       // u_w
  uint32_t sent_ = 0;
  bool beat_sent_ = false, beat_last_ = false;
  bool beat_ready_ = true, address_ready_ = true, response_ = false;
  Fifo<Cycle, kMemoryBursts> responses_;  // due
  size_t open_ = 0;
};

}  // namespace weft::cost
