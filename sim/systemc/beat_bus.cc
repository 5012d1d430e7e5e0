#include "sim/systemc/beat_bus.h"

#include <cstring>

namespace weft::systemc {

void BeatBus::offer(Burst& burst, const tlm::tlm_phase& begin, const tlm::tlm_phase& taken,
                    bool& ready) {
  tlm::tlm_phase phase = begin;
  // Which may call from_memory() in its turn.
  const tlm::tlm_sync_enum answer = send_(burst, phase);
  if (answer == tlm::TLM_ACCEPTED) return;
  if (answer == tlm::TLM_UPDATED && phase == taken) {
    ready = true;
    return;
  }
  SC_REPORT_ERROR("/weft/memory",
                  "the memory does not know the phases of beats (sim/systemc/beats.h); give the "
                  "accelerator MemoryProtocol::kBlocking");
}

bool BeatBus::offer(const sim::AxiInputs& pins) {
  bool answered = false;
  if (pins.arvalid && ar_ == nullptr) {
    ar_ = &pool_.take(tlm::TLM_READ_COMMAND, beat_bytes_);
    ar_->set_request(pins.araddr, pins.arid, pins.arlen + 1U);
    offer(*ar_, tlm::BEGIN_REQ, tlm::END_REQ, now_.arready);
    answered |= now_.arready;
  }
  if (pins.awvalid && aw_ == nullptr) {
    aw_ = &writes_to_come_.request();
    writes_to_come_.request_came();
    aw_->set_request(pins.awaddr, pins.awid, pins.awlen + 1U);
    offer(*aw_, tlm::BEGIN_REQ, tlm::END_REQ, now_.awready);
    answered |= now_.awready;
  }
  if (pins.wvalid && w_ == nullptr) {
    w_ = &writes_to_come_.data();
    w_->take_write_beat(pins.wdata, pins.wstrb, pins.wlast);
    offer(*w_, weft_beat_begin, weft_beat_end, now_.wready);
    answered |= now_.wready;
  }
  return answered;
}

void BeatBus::end(const sim::AxiInputs& pins) {
  if (now_.arready) ar_ = nullptr;
  if (now_.awready) aw_ = nullptr;
  if (now_.wready) {
    if (w_->extension().last) writes_to_come_.data_came();
    ++w_->extension().beat;
    w_ = nullptr;
  }
  now_.arready = now_.awready = now_.wready = false;
  if (now_.rvalid && pins.rready) {
    now_.rvalid = false;
    // The memory may offer the next beat in this call.
    Burst& burst = *r_;
    const bool last = now_.rlast;
    tlm::tlm_phase phase = weft_beat_end;
    send_(burst, phase);
    if (last) burst.release();
  }
  if (now_.bvalid && pins.bready) {
    now_.bvalid = false;
    Burst& burst = *b_;
    tlm::tlm_phase phase = tlm::END_RESP;
    send_(burst, phase);
    burst.release();
  }
}

tlm::tlm_sync_enum BeatBus::from_memory(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase) {
  Burst* const mine = pool_.find(trans);
  if (mine == nullptr) {
    SC_REPORT_ERROR("/weft/memory", "the memory called with a transaction of somebody else");
    return tlm::TLM_ACCEPTED;
  }
  Burst& burst = *mine;
  if (phase == tlm::END_REQ && &burst == ar_) {
    now_.arready = true;
  } else if (phase == tlm::END_REQ && &burst == aw_) {
    now_.awready = true;
  } else if (phase == weft_beat_end && &burst == w_) {
    now_.wready = true;
  } else if (phase == weft_beat_begin && burst.is_read() && !now_.rvalid &&
             burst.extension().beat < burst.beats) {
    r_ = &burst;
    now_.rvalid = true;
    now_.rid = burst.extension().id;
    now_.rlast = burst.extension().last;
    now_.rresp = burst.axi_response();
    std::memcpy(now_.rdata, burst.beat_data(), beat_bytes_);
  } else if (phase == tlm::BEGIN_RESP && burst.is_write() && !now_.bvalid) {
    b_ = &burst;
    now_.bvalid = true;
    now_.bid = burst.extension().id;
    now_.bresp = burst.axi_response();
  } else {
    SC_REPORT_ERROR("/weft/memory", "the memory called with a phase that nothing waits for");
  }
  return tlm::TLM_ACCEPTED;
}

}  // namespace weft::systemc
