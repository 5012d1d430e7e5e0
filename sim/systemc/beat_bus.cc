#include "sim/systemc/beat_bus.h"

#include <cstring>

namespace weft::systemc {

bool BeatBus::offered(Burst& burst, const tlm::tlm_phase& begin, const tlm::tlm_phase& taken) {
  tlm::tlm_phase phase = begin;
  const tlm::tlm_sync_enum answer = send_(burst, phase);
  if (answer == tlm::TLM_ACCEPTED) return false;
  if (answer == tlm::TLM_UPDATED && phase == taken) return true;
  SC_REPORT_ERROR("/weft/memory",
                  "the memory does not know the phases of beats (sim/systemc/beats.h); give the "
                  "accelerator MemoryProtocol::kBlocking");
  return false;
}

// The next write that still needs its request, or a beat.
Burst& BeatBus::write_without(bool request) {
  std::deque<Burst*>& mine = request ? requests_ : data_;
  if (mine.empty()) {
    Burst& burst = pool_.take(tlm::TLM_WRITE_COMMAND, beat_bytes_);
    requests_.push_back(&burst);
    data_.push_back(&burst);
  }
  return *mine.front();
}

bool BeatBus::offer(const sim::AxiInputs& pins) {
  bool answered = false;
  if (pins.arvalid && ar_ == nullptr) {
    ar_ = &pool_.take(tlm::TLM_READ_COMMAND, beat_bytes_);
    ar_->set_request(pins.araddr, pins.arid, pins.arlen + 1U);
    answered |= now_.arready = offered(*ar_, tlm::BEGIN_REQ, tlm::END_REQ);
  }
  if (pins.awvalid && aw_ == nullptr) {
    aw_ = &write_without(true);
    requests_.pop_front();
    aw_->set_request(pins.awaddr, pins.awid, pins.awlen + 1U);
    answered |= now_.awready = offered(*aw_, tlm::BEGIN_REQ, tlm::END_REQ);
  }
  if (pins.wvalid && w_ == nullptr) {
    w_ = &write_without(false);
    w_->take_write_beat(pins.wdata, pins.wstrb, pins.wlast);
    answered |= now_.wready = offered(*w_, weft_beat_begin, weft_beat_end);
  }
  return answered;
}

void BeatBus::end(const sim::AxiInputs& pins) {
  if (now_.arready) ar_ = nullptr;
  if (now_.awready) aw_ = nullptr;
  if (now_.wready) {
    if (w_->extension().last) data_.pop_front();
    ++w_->extension().beat;
    w_ = nullptr;
  }
  now_.arready = now_.awready = now_.wready = false;
  if (now_.rvalid && pins.rready) {
    now_.rvalid = false;
    tlm::tlm_phase phase = weft_beat_end;
    send_(*r_, phase);
    if (now_.rlast) r_->release();
  }
  if (now_.bvalid && pins.bready) {
    now_.bvalid = false;
    tlm::tlm_phase phase = tlm::END_RESP;
    send_(*b_, phase);
    b_->release();
  }
}

tlm::tlm_sync_enum BeatBus::from_memory(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase) {
  auto& burst = static_cast<Burst&>(trans);
  if (phase == tlm::END_REQ && &burst == ar_) {
    now_.arready = true;
  } else if (phase == tlm::END_REQ && &burst == aw_) {
    now_.awready = true;
  } else if (phase == weft_beat_end && &burst == w_) {
    now_.wready = true;
  } else if (phase == weft_beat_begin && burst.is_read() && !now_.rvalid) {
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
