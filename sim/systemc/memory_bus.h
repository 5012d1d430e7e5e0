// The accurate body's AXI4 pins as transactions of its memory socket: what a memory drives, cycle by
// cycle. A cycle is begin(), offer() once the pins have settled, and end().
#pragma once

#include "sim/axi_memory.h"
#include "sim/systemc/beats.h"

namespace weft::systemc {

class MemoryBus {
 public:
  virtual ~MemoryBus() = default;

  // What the memory drives in the cycle that has begun.
  virtual const sim::AxiOutputs& begin(uint64_t cycle) = 0;
  // What the accelerator has come to drive in it; true: the memory answers in this cycle, and the pins
  // have to settle again.
  virtual bool offer(const sim::AxiInputs& pins) = 0;
  // The cycle's transfers.
  virtual void end(const sim::AxiInputs& pins) = 0;

  // A call of the target.
  virtual tlm::tlm_sync_enum from_memory(tlm::tlm_generic_payload& trans,
                                         tlm::tlm_phase& phase) = 0;
};

}  // namespace weft::systemc
