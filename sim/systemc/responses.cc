#include "sim/systemc/responses.h"

#include <algorithm>

namespace weft::systemc {

void Responses::begin(tlm::tlm_generic_payload& trans, const sc_core::sc_time& delay) {
  waiting_.push_back({&trans, sc_core::sc_time_stamp() + delay});
  if (out_ == nullptr) send_next();
}

void Responses::send_next() {
  while (out_ == nullptr && !waiting_.empty()) {
    const Response response = waiting_.front();
    waiting_.pop_front();
    out_ = response.trans;
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    sc_core::sc_time delay = std::max(response.at, now) - now;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    const tlm::tlm_sync_enum answer = send_(*response.trans, phase, delay);
    const bool ended =
        answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP);
    if (ended) end(*response.trans);
  }
}

bool Responses::end(const tlm::tlm_generic_payload& trans) {
  if (out_ != &trans) return false;
  if (out_->has_mm()) out_->release();
  out_ = nullptr;
  if (!waiting_.empty()) ended_.notify(sc_core::SC_ZERO_TIME);
  return true;
}

void Responses::spawn() {
  sc_core::sc_spawn_options method;
  method.spawn_method();
  method.dont_initialize();
  method.set_sensitivity(&ended_);
  sc_core::sc_spawn([this] { send_next(); }, sc_core::sc_gen_unique_name("respond"), &method);
}

}  // namespace weft::systemc
