// The accelerator as a SystemC module: registers, memory and interrupt as TLM-2.0 sockets and a
// signal, with one of two bodies behind them. docs/systemc.md says how to use it.
//
// Everything here belongs to the simulation that is current when it is made (sc_core's own rule).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// What an integrator includes before this is up to them; the kernel itself is included here.
#include <systemc>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm>

#include "cost/estimate.h"
#include "sim/systemc/responses.h"
#include "weft/device.hpp"

namespace weft::systemc {

enum class Body {
  kAccurate,      // the Verilated model, every cycle of it: lib/weft_rtl_<config>.so
  kLooselyTimed,  // the emulator, with the cost model's cycles
};

// How the accurate body speaks to memory.
enum class MemoryProtocol {
  kBlocking,  // each burst is one b_transport, whose delay says when its first beat, or response, is
  kBeats,     // each beat is a phase: sim/systemc/beats.h
};

struct AcceleratorOptions {
  // Of the clock, an even number of the simulation's time units: cycle c begins at c periods.
  sc_core::sc_time period{1, sc_core::SC_NS};
  MemoryProtocol protocol = MemoryProtocol::kBlocking;
  // What the loosely timed body takes the memory to be.
  cost::MemoryTiming timing;
  // Of tests, the accurate body's: as driver::DeviceOptions has them.
  double hold_probability = 0;
  uint32_t queue_limit = 0;
  uint64_t seed = 1;
};

class Accelerator : public sc_core::sc_module {
 public:
  // 32-bit accesses, aligned, to the offsets of configs/registers.yaml. What is no such access ends
  // with TLM's error responses, what the accelerator refuses with TLM_GENERIC_ERROR_RESPONSE.
  tlm_utils::simple_target_socket<Accelerator> registers{"registers"};
  // Addresses of the job ring and of jobs' regions, 64 bits.
  tlm_utils::simple_initiator_socket<Accelerator> memory{"memory"};
  // High while a cause of irq_status is enabled.
  sc_core::sc_out<bool> interrupt{"interrupt"};

  const std::string& config() const { return config_; }
  const sc_core::sc_time& period() const { return options_.period; }
  // Cycles that have begun and ended at the present time.
  uint64_t cycle() const;

  // What is seen of jobs and of the inside, as driver::Device has it.
  virtual void enable_trace(bool enable) = 0;
  virtual std::vector<driver::TraceEvent> take_trace() = 0;
  virtual void trace_activity(bool) {}
  virtual std::vector<driver::ActivityChange> take_activity() { return {}; }
  virtual std::vector<uint8_t> read_on_chip(driver::OnChip memory) = 0;
  virtual bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) = 0;

 protected:
  Accelerator(const sc_core::sc_module_name& name, const std::string& config,
              const AcceleratorOptions& options);

  // Of the sockets; `trans` has passed the checks of an access.
  virtual void access(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) = 0;
  // Ends with TLM_COMPLETED, or later in end_access().
  virtual tlm::tlm_sync_enum begin_access(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) = 0;
  void end_access(tlm::tlm_generic_payload& trans, const sc_core::sc_time& delay) {
    responses_.begin(trans, delay);
  }
  // Only command, address and data of `trans` count.
  virtual unsigned peek(tlm::tlm_generic_payload& trans) = 0;
  virtual tlm::tlm_sync_enum from_memory(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) = 0;
  virtual void forget_memory(sc_dt::uint64 first, sc_dt::uint64 last) = 0;

  // Its processes: a constructor that throws must not leave any behind.
  void before_end_of_elaboration() override;

  // The interrupt line changes so much later.
  void drive_interrupt(bool level, const sc_core::sc_time& delay);

  const std::string config_;
  const AcceleratorOptions options_;

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& trans);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    return from_memory(trans, phase, delay);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
    forget_memory(first, last);
  }

  Responses responses_;
  bool interrupt_level_ = false;
  sc_core::sc_event interrupt_changes_{"interrupt_changes"};
};

// `config`: of configs/hardware/. Error(not_found) for one that there is not, or whose model is not
// built; Error(invalid_argument) for options that cannot be.
std::unique_ptr<Accelerator> make_accelerator(const char* name, Body body,
                                              const std::string& config,
                                              const AcceleratorOptions& options = {});

}  // namespace weft::systemc
