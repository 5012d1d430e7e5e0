// The cycle-accurate body: the Verilated model at its pins. It samples and drives them in the middle of
// each cycle; an edge's effects are the next cycle's.
#pragma once

#include <memory>

#include "sim/pin_model.h"
#include "sim/systemc/accelerator.h"
#include "sim/systemc/memory_bus.h"
#include "sim/systemc/register_port.h"

namespace weft::systemc {

class Accurate final : public Accelerator {
 public:
  Accurate(const sc_core::sc_module_name& name, const std::string& config,
           const AcceleratorOptions& options);

  void enable_trace(bool enable) override { model_->enable_trace(enable); }
  std::vector<driver::TraceEvent> take_trace() override { return model_->take_trace(); }
  void trace_activity(bool enable) override { model_->trace_activity(enable); }
  std::vector<driver::ActivityChange> take_activity() override { return model_->take_activity(); }
  std::vector<uint8_t> read_on_chip(driver::OnChip memory) override {
    return model_->read_on_chip(memory);
  }
  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) override {
    return model_->write_on_chip(memory, data);
  }

 private:
  void access(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum begin_access(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                  sc_core::sc_time& delay) override;
  // Pins cannot be looked behind without clocking them.
  unsigned peek(tlm::tlm_generic_payload&) override { return 0; }
  tlm::tlm_sync_enum from_memory(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                 sc_core::sc_time&) override {
    return bus_->from_memory(trans, phase);
  }
  void forget_memory(sc_dt::uint64, sc_dt::uint64) override {}

  // The middle of each cycle.
  void clock();
  void run_cycle();

  const sc_core::sc_time half_period_;
  std::unique_ptr<sim::PinModel> model_;
  std::unique_ptr<MemoryBus> bus_;
  RegisterPort port_;
  sim::PinOutputs pins_;
};

}  // namespace weft::systemc
