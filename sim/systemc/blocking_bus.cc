#include "sim/systemc/blocking_bus.h"

#include <algorithm>
#include <cstring>

namespace weft::systemc {

BlockingBus::BlockingBus(unsigned beat_bytes, const sc_core::sc_time& period, Transport transport)
    : beat_bytes_(beat_bytes), period_(period), transport_(std::move(transport)) {
  sc_core::sc_spawn([this] { transport_all(reads_); }, sc_core::sc_gen_unique_name("reads"));
  sc_core::sc_spawn([this] { transport_all(writes_); }, sc_core::sc_gen_unique_name("writes"));
}

void BlockingBus::transport_all(Direction& direction) {
  while (true) {
    while (direction.waiting.empty()) sc_core::wait(direction.asked);
    Burst& burst = *direction.waiting.front();
    direction.waiting.pop_front();
    const uint64_t asked = sc_core::sc_time_stamp().value() / period_.value();
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    transport_(burst, delay);
    // The pins are seen in the middle of a cycle; times count from its beginning.
    const uint64_t units =
        (sc_core::sc_time_stamp() + delay).value() - period_.value() / 2 + period_.value() - 1;
    burst.due = std::max<uint64_t>(asked + 1, units / period_.value());
    burst.answered = true;
  }
}

void BlockingBus::ask(Direction& direction, Burst& burst) {
  direction.open.push_back(&burst);
  direction.waiting.push_back(&burst);
  direction.asked.notify(sc_core::SC_ZERO_TIME);
}

Burst* BlockingBus::due(const Direction& direction, uint64_t cycle) {
  if (direction.open.empty()) return nullptr;
  Burst* burst = direction.open.front();
  return burst->answered && burst->due <= cycle ? burst : nullptr;
}

const sim::AxiOutputs& BlockingBus::begin(uint64_t cycle) {
  Burst* burst = nullptr;
  if (!now_.rvalid && (burst = due(reads_, cycle)) != nullptr) {
    BurstExtension& at = burst->extension();
    now_.rvalid = true;
    now_.rid = at.id;
    now_.rresp = burst->axi_response();
    now_.rlast = at.beat + 1 == burst->beats;
    std::memcpy(now_.rdata, burst->beat_data(), beat_bytes_);
    ++at.beat;
    if (now_.rlast) {
      reads_.open.pop_front();
      burst->release();
    }
  }
  if (!now_.bvalid && (burst = due(writes_, cycle)) != nullptr) {
    now_.bvalid = true;
    now_.bid = burst->extension().id;
    now_.bresp = burst->axi_response();
    writes_.open.pop_front();
    --writes_open_;
    burst->release();
  }
  now_.arready = reads_.open.size() < kMostOpen;
  now_.awready = writes_open_ < kMostOpen;
  now_.wready = true;
  return now_;
}

void BlockingBus::ask_if_complete(Burst& burst) {
  if (!burst.requested || !burst.extension().last) return;
  // Most memories want no byte enables where all bytes are written.
  const unsigned char* enables = burst.get_byte_enable_ptr();
  const bool whole = std::all_of(enables, enables + burst.get_byte_enable_length(),
                                 [](unsigned char e) { return e == TLM_BYTE_ENABLED; });
  if (whole) {
    burst.set_byte_enable_ptr(nullptr);
    burst.set_byte_enable_length(0);
  }
  ask(writes_, burst);
}

void BlockingBus::end(const sim::AxiInputs& pins) {
  if (pins.arvalid && now_.arready) {
    Burst& burst = pool_.take(tlm::TLM_READ_COMMAND, beat_bytes_);
    burst.set_request(pins.araddr, pins.arid, pins.arlen + 1U);
    ask(reads_, burst);
  }
  if (pins.awvalid && now_.awready) {
    Burst& burst = writes_to_come_.request();
    writes_to_come_.request_came();
    burst.set_request(pins.awaddr, pins.awid, pins.awlen + 1U);
    ++writes_open_;
    ask_if_complete(burst);
  }
  if (pins.wvalid && now_.wready) {
    Burst& burst = writes_to_come_.data();
    burst.take_write_beat(pins.wdata, pins.wstrb, pins.wlast);
    ++burst.extension().beat;
    if (pins.wlast) {
      writes_to_come_.data_came();
      ask_if_complete(burst);
    }
  }
  if (pins.rready) now_.rvalid = false;
  if (pins.bready) now_.bvalid = false;
}

tlm::tlm_sync_enum BlockingBus::from_memory(tlm::tlm_generic_payload&, tlm::tlm_phase&) {
  SC_REPORT_ERROR("/weft/memory", "the memory answers a b_transport with nb_transport_bw");
  return tlm::TLM_COMPLETED;
}

}  // namespace weft::systemc
