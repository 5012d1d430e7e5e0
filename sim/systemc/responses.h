// The ends of non-blocking accesses. As TLM's base protocol wants, one BEGIN_RESP is out at a time: the
// next waits for its END_RESP.
#pragma once

#include <deque>
#include <functional>

#include <systemc>

#include <tlm>

namespace weft::systemc {

class Responses {
 public:
  // nb_transport_bw of the target socket.
  using Send = std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload&, tlm::tlm_phase&,
                                                sc_core::sc_time&)>;

  explicit Responses(Send send) : send_(std::move(send)) {}

  // BEGIN_RESP, so much later; `trans` is released with its END_RESP where it has a memory manager.
  void begin(tlm::tlm_generic_payload& trans, const sc_core::sc_time& delay);
  // END_RESP; false: it ends nothing.
  bool end(const tlm::tlm_generic_payload& trans);

  // For the process of those that have waited: makes it once the module is sound.
  void spawn();

 private:
  struct Response {
    tlm::tlm_generic_payload* trans;
    sc_core::sc_time at;
  };
  void send_next();

  Send send_;
  std::deque<Response> waiting_;
  tlm::tlm_generic_payload* out_ = nullptr;
  sc_core::sc_event ended_{"response_ended"};
};

}  // namespace weft::systemc
