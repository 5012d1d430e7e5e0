// Each beat is a phase: sim/systemc/beats.h.
#pragma once

#include <functional>

#include "sim/systemc/memory_bus.h"

namespace weft::systemc {

class BeatBus final : public MemoryBus {
 public:
  // nb_transport_fw of the memory socket.
  using Send = std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload&, tlm::tlm_phase&)>;

  BeatBus(unsigned beat_bytes, Send send) : beat_bytes_(beat_bytes), send_(std::move(send)) {}

  const sim::AxiOutputs& begin(uint64_t) override { return now_; }
  bool offer(const sim::AxiInputs& pins) override;
  void end(const sim::AxiInputs& pins) override;
  tlm::tlm_sync_enum from_memory(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase) override;

 private:
  // Sets `ready` where it is taken in this cycle.
  void offer(Burst& burst, const tlm::tlm_phase& begin, const tlm::tlm_phase& taken, bool& ready);

  const unsigned beat_bytes_;
  Send send_;
  BurstPool pool_;
  WritesToCome writes_to_come_{pool_, beat_bytes_};
  sim::AxiOutputs now_;
  // What waits on its channel.
  Burst *ar_ = nullptr, *aw_ = nullptr, *w_ = nullptr, *r_ = nullptr, *b_ = nullptr;
};

}  // namespace weft::systemc
