#include "sim/systemc/accurate.h"

#include "base/error.h"
#include "driver/model_library.h"
#include "sim/systemc/beat_bus.h"
#include "sim/systemc/blocking_bus.h"
#include "weft_gen/configs.h"

namespace weft::systemc {
namespace {

std::unique_ptr<sim::PinModel> make_model(const std::string& config,
                                          const AcceleratorOptions& options) {
  driver::DeviceOptions of_model;
  of_model.hold_probability = options.hold_probability;
  of_model.queue_limit = options.queue_limit;
  of_model.seed = options.seed;
  auto* make = reinterpret_cast<sim::MakePinModel*>(
      driver::rtl_model_symbol(config, "", sim::kMakePinModelSymbol));
  return std::unique_ptr<sim::PinModel>(make(&of_model));
}

}  // namespace

Accurate::Accurate(const sc_core::sc_module_name& name, const std::string& config,
                   const AcceleratorOptions& options)
    : Accelerator(name, config, options),
      half_period_(sc_core::sc_time::from_value(options.period.value() / 2)),
      model_(make_model(config, options)) {
  const auto beat_bytes = static_cast<unsigned>(isa::find_config(config).bus_bytes());
  if (options.protocol == MemoryProtocol::kBeats) {
    bus_ = std::make_unique<BeatBus>(
        beat_bytes, [this](tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase) {
          sc_core::sc_time now = sc_core::SC_ZERO_TIME;
          return memory->nb_transport_fw(trans, phase, now);
        });
  } else {
    bus_ = std::make_unique<BlockingBus>(
        beat_bytes, options.period,
        [this](tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
          memory->b_transport(trans, delay);
        });
  }
  sc_core::sc_spawn_options method;
  method.spawn_method();
  sc_core::sc_spawn([this] { clock(); }, sc_core::sc_gen_unique_name("clock"), &method);
}

void Accurate::clock() {
  // At time 0 the first cycle only begins.
  if (sc_core::sc_time_stamp() == sc_core::SC_ZERO_TIME) {
    sc_core::next_trigger(half_period_);
    return;
  }
  sc_core::next_trigger(options_.period);
  try {
    run_cycle();
  } catch (const Error& error) {
    SC_REPORT_ERROR("/weft/accelerator", error.what());
  }
}

void Accurate::run_cycle() {
  const sim::AxiOutputs& memory_pins = bus_->begin(model_->cycle());
  const sim::RegisterInputs& register_pins = port_.begin();
  model_->settle(memory_pins, register_pins, pins_);
  if (bus_->offer(pins_.memory)) model_->settle(memory_pins, register_pins, pins_);
  bus_->end(pins_.memory);
  port_.end(pins_.registers);
  drive_interrupt(model_->rise(), half_period_);
}

void Accurate::access(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  sc_core::sc_event answered;
  port_.ask({&trans, sc_core::sc_time_stamp() + delay, [&] { answered.notify(half_period_); }});
  sc_core::wait(answered);
  delay = sc_core::SC_ZERO_TIME;
}

tlm::tlm_sync_enum Accurate::begin_access(tlm::tlm_generic_payload& trans, tlm::tlm_phase&,
                                          sc_core::sc_time& delay) {
  port_.ask({&trans, sc_core::sc_time_stamp() + delay,
             [this, &trans] { end_access(trans, half_period_); }});
  return tlm::TLM_ACCEPTED;
}

}  // namespace weft::systemc
