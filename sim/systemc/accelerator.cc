#include "sim/systemc/accelerator.h"

#include <algorithm>

#include "base/error.h"
#include "sim/systemc/accurate.h"
#include "sim/systemc/loosely_timed.h"
#include "weft_gen/configs.h"

namespace weft::systemc {
namespace {

// The register port's addresses have 16 bits.
constexpr uint64_t kRegisterSpace = 1 << 16;
constexpr unsigned kRegisterBytes = 4;

// What keeps this from being a look at one register: TLM_OK_RESPONSE for nothing.
tlm::tlm_response_status check_debug(const tlm::tlm_generic_payload& trans) {
  if (trans.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (trans.get_data_ptr() == nullptr || trans.get_data_length() != kRegisterBytes)
    return tlm::TLM_BURST_ERROR_RESPONSE;
  if (trans.get_address() % kRegisterBytes != 0 || trans.get_address() >= kRegisterSpace)
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  return tlm::TLM_OK_RESPONSE;
}

// And from being an access to it.
tlm::tlm_response_status check_access(const tlm::tlm_generic_payload& trans) {
  const tlm::tlm_response_status lacks = check_debug(trans);
  if (lacks != tlm::TLM_OK_RESPONSE) return lacks;
  if (trans.get_streaming_width() < kRegisterBytes) return tlm::TLM_BURST_ERROR_RESPONSE;
  const unsigned char* enables = trans.get_byte_enable_ptr();
  if (enables == nullptr) return tlm::TLM_OK_RESPONSE;
  // Fewer of them count again and again, more do not count.
  const unsigned count = std::min(trans.get_byte_enable_length(), kRegisterBytes);
  const bool all =
      std::all_of(enables, enables + count, [](unsigned char e) { return e == TLM_BYTE_ENABLED; });
  return all && count > 0 ? tlm::TLM_OK_RESPONSE : tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
}

// Whether this is an access to one register; else says in `trans` what it lacks.
bool is_register_access(tlm::tlm_generic_payload& trans) {
  const tlm::tlm_response_status lacks = check_access(trans);
  if (lacks != tlm::TLM_OK_RESPONSE) trans.set_response_status(lacks);
  return lacks == tlm::TLM_OK_RESPONSE;
}

}  // namespace

Accelerator::Accelerator(const sc_core::sc_module_name& name, const std::string& config,
                         const AcceleratorOptions& options)
    : sc_module(name),
      config_(isa::find_config(config).name),
      options_(options),
      responses_(
          [this](tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
            return registers->nb_transport_bw(trans, phase, delay);
          }) {
  if (options.period.value() == 0 || options.period.value() % 2 != 0) {
    fail(ErrorKind::kInvalidArgument,
         "a clock period of {} time units; an even number of them, more than 0, is needed",
         options.period.value());
  }
  registers.register_b_transport(this, &Accelerator::b_transport);
  registers.register_nb_transport_fw(this, &Accelerator::nb_transport_fw);
  registers.register_transport_dbg(this, &Accelerator::transport_dbg);
  memory.register_nb_transport_bw(this, &Accelerator::nb_transport_bw);
  memory.register_invalidate_direct_mem_ptr(this, &Accelerator::invalidate_direct_mem_ptr);
}

void Accelerator::before_end_of_elaboration() {
  responses_.spawn();
  // One process alone writes the signal, whoever causes it.
  sc_core::sc_spawn_options method;
  method.spawn_method();
  method.set_sensitivity(&interrupt_changes_);
  sc_core::sc_spawn([this] { interrupt.write(interrupt_level_); },
                    sc_core::sc_gen_unique_name("drive_interrupt"), &method);
}

uint64_t Accelerator::cycle() const {
  return sc_core::sc_time_stamp().value() / options_.period.value();
}

void Accelerator::drive_interrupt(bool level, const sc_core::sc_time& delay) {
  if (level == interrupt_level_) return;
  interrupt_level_ = level;
  interrupt_changes_.notify(delay);
}

void Accelerator::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  trans.set_dmi_allowed(false);
  if (is_register_access(trans)) access(trans, delay);
}

tlm::tlm_sync_enum Accelerator::nb_transport_fw(tlm::tlm_generic_payload& trans,
                                                tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  // Those that extend the base protocol may be passed over.
  if (phase > tlm::END_RESP) return tlm::TLM_ACCEPTED;
  if (phase == tlm::END_RESP && responses_.end(trans)) return tlm::TLM_COMPLETED;
  if (phase != tlm::BEGIN_REQ) {
    SC_REPORT_ERROR("/weft/registers", phase == tlm::END_RESP
                                           ? "END_RESP for what has no BEGIN_RESP"
                                           : "a phase that is neither BEGIN_REQ nor END_RESP");
    return tlm::TLM_ACCEPTED;
  }
  trans.set_dmi_allowed(false);
  if (!is_register_access(trans)) return tlm::TLM_COMPLETED;
  const bool managed = trans.has_mm();
  if (managed) trans.acquire();
  const tlm::tlm_sync_enum answer = begin_access(trans, phase, delay);
  if (managed && answer == tlm::TLM_COMPLETED) trans.release();
  return answer;
}

unsigned Accelerator::transport_dbg(tlm::tlm_generic_payload& trans) {
  return check_debug(trans) == tlm::TLM_OK_RESPONSE ? peek(trans) : 0;
}

std::unique_ptr<Accelerator> make_accelerator(const char* name, Body body,
                                              const std::string& config,
                                              const AcceleratorOptions& options) {
  if (body == Body::kAccurate) return std::make_unique<Accurate>(name, config, options);
  return std::make_unique<LooselyTimed>(name, config, options);
}

}  // namespace weft::systemc
