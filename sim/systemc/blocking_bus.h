// Each burst is one b_transport. A delay that the target gives back, or time that it lets pass, is that
// until a read's first beat, or a write's response; from there on a beat moves a cycle. Bursts of each
// direction are transported one after the other: those of a target that only gives delays back overlap.
#pragma once

#include <deque>
#include <functional>

#include "sim/systemc/memory_bus.h"

namespace weft::systemc {

class BlockingBus final : public MemoryBus {
 public:
  // b_transport of the memory socket; called by processes that this makes.
  using Transport = std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)>;

  BlockingBus(unsigned beat_bytes, const sc_core::sc_time& period, Transport transport);

  const sim::AxiOutputs& begin(uint64_t cycle) override;
  bool offer(const sim::AxiInputs&) override { return false; }
  void end(const sim::AxiInputs& pins) override;
  tlm::tlm_sync_enum from_memory(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase) override;

 private:
  static constexpr size_t kMostOpen = 64;  // bursts of each direction

  struct Direction {
    std::deque<Burst*> open;     // in order
    std::deque<Burst*> waiting;  // to be transported
    sc_core::sc_event asked;
  };
  // A direction's process.
  void transport_all(Direction& direction);
  void ask(Direction& direction, Burst& burst);
  static Burst* due(const Direction& direction, uint64_t cycle);
  void ask_if_complete(Burst& burst);

  const unsigned beat_bytes_;
  const sc_core::sc_time period_;
  Transport transport_;
  BurstPool pool_;
  WritesToCome writes_to_come_{pool_, beat_bytes_};
  sim::AxiOutputs now_;
  Direction reads_, writes_;
  size_t writes_open_ = 0;  // whose request has come
};

}  // namespace weft::systemc
