// The loosely timed body: the emulator, which executes a job when it begins, and the cost model, which
// says when it ends. docs/systemc.md says what it does not show.
#pragma once

#include <memory>
#include <unordered_map>

#include "cost/estimate.h"
#include "emulator/controller.h"
#include "isa/hardware_config.h"
#include "sim/systemc/accelerator.h"
#include "sim/systemc/tlm_dram.h"
#include "tlm_utils/peq_with_cb_and_phase.h"

namespace weft::systemc {

class LooselyTimed final : public Accelerator {
 public:
  LooselyTimed(const sc_core::sc_module_name& name, const std::string& config,
               const AcceleratorOptions& options);

  void enable_trace(bool enable) override;
  std::vector<driver::TraceEvent> take_trace() override;
  std::vector<uint8_t> read_on_chip(driver::OnChip memory) override;
  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) override;

 private:
  using Estimate = std::shared_ptr<const cost::Estimate>;

  void access(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum begin_access(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                  sc_core::sc_time& delay) override;
  unsigned peek(tlm::tlm_generic_payload& trans) override;
  tlm::tlm_sync_enum from_memory(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                 sc_core::sc_time& delay) override;
  void forget_memory(sc_dt::uint64 first, sc_dt::uint64 last) override {
    dram_.forget(first, last);
  }

  void access_now(tlm::tlm_generic_payload& trans);
  // An access whose time has come.
  void answer(tlm::tlm_generic_payload& trans, const tlm::tlm_phase& phase);
  // Jobs, one after the other: the body's one thread.
  void run_jobs();
  void run_job();
  // From its last cycle to its interrupt.
  uint64_t record_cycles() const;
  Estimate reckon(const emulator::Controller::JobWork& work);
  void trace_job(const emulator::Controller::JobWork& work, const cost::Estimate& estimate,
                 uint64_t doorbell);

  const isa::HardwareConfig& hardware_;
  TlmDram dram_;
  emulator::Controller controller_;
  tlm_utils::peq_with_cb_and_phase<LooselyTimed> later_;
  sc_core::sc_event job_waits_{"job_waits"}, job_abandoned_{"job_abandoned"};
  bool executing_ = false;                            // a job, whose memory may let time pass
  std::unordered_map<uint64_t, Estimate> estimates_;  // by what they are made from
  bool tracing_ = false;
  std::vector<driver::TraceEvent> events_;
};

}  // namespace weft::systemc
