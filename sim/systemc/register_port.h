// Register accesses as handshakes of the AXI4-Lite pins, one after the other. A cycle is begin() and,
// once the pins have settled, end().
#pragma once

#include <deque>
#include <functional>

#include <systemc>

#include <tlm>

#include "sim/pin_model.h"

namespace weft::systemc {

class RegisterPort {
 public:
  struct Access {
    tlm::tlm_generic_payload* trans;
    sc_core::sc_time start;        // not before
    std::function<void()> answer;  // in the cycle that ends it; `trans` has its response
  };

  // Accesses are made in the order of their times.
  void ask(Access access);

  const sim::RegisterInputs& begin();
  void end(const sim::RegisterOutputs& pins);

 private:
  enum class State { kIdle, kRequest, kResponse };

  void finish(uint8_t response);

  std::deque<Access> waiting_;  // the first is under way where the state is not kIdle
  State state_ = State::kIdle;
  int cycles_ = 0;  // of the state
  sim::RegisterInputs now_;
};

}  // namespace weft::systemc
