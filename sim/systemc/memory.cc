#include "sim/systemc/memory.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/systemc/beats.h"

namespace weft::systemc {
namespace {

BurstExtension* extension_of(tlm::tlm_generic_payload& trans) {
  BurstExtension* extension = nullptr;
  trans.get_extension(extension);
  return extension;
}

}  // namespace

Memory::Memory(const sc_core::sc_module_name& name, const MemoryOptions& options)
    : sc_module(name),
      period_(options.period),
      beats_known_(options.beats),
      array_(options.timing),
      grant_(options.grant_pointers) {
  socket.register_b_transport(this, &Memory::b_transport);
  socket.register_nb_transport_fw(this, &Memory::nb_transport_fw);
  socket.register_transport_dbg(this, &Memory::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
  host.register_b_transport(this, &Memory::b_transport);
  host.register_transport_dbg(this, &Memory::transport_dbg);
  host.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
  if (!options.beats) return;
  sc_core::sc_spawn_options method;
  method.spawn_method();
  sc_core::sc_spawn([this] { clock(); }, sc_core::sc_gen_unique_name("clock"), &method);
}

void Memory::add_range(uint64_t base, uint64_t bytes, sim::AxiResponse response) {
  array_.add_range(base, bytes, response);
  ranges_.push_back({base, bytes, response});
}

void Memory::trace_writes(bool enable) {
  array_.log_writes(enable ? &beats_ : nullptr);
  beats_.clear();
  writes_.clear();
}

void Memory::set_grant(bool grant) {
  grant_ = grant;
  if (grant) return;
  constexpr sc_dt::uint64 kLast = ~sc_dt::uint64{0};
  socket->invalidate_direct_mem_ptr(0, kLast);
  if (host.get_base_port().size() > 0) host->invalidate_direct_mem_ptr(0, kLast);
}

const Memory::Range* Memory::find(uint64_t address) const {
  for (const Range& r : ranges_) {
    if (address - r.base < r.bytes) return &r;
  }
  return nullptr;
}

uint8_t Memory::response_to(uint64_t address, uint64_t bytes) const {
  for (uint64_t done = 0; done < bytes;) {
    const Range* range = find(address + done);
    if (range == nullptr) return sim::kDecErr;
    if (range->response != sim::kOkay) return range->response;
    done += range->bytes - (address + done - range->base);
  }
  return sim::kOkay;
}

// Range by range, where no byte has an error. `enables`: nullptr for all bytes.
void Memory::copy(tlm::tlm_generic_payload& trans, const unsigned char* enables) {
  const uint64_t bytes = trans.get_data_length();
  for (uint64_t done = 0; done < bytes;) {
    const uint64_t address = trans.get_address() + done;
    const Range& range = *find(address);
    const uint64_t part = std::min(bytes - done, range.bytes - (address - range.base));
    uint8_t* here = array_.data(address, part);
    unsigned char* there = trans.get_data_ptr() + done;
    for (uint64_t i = 0; enables != nullptr && i < part; ++i) {
      if (enables[(done + i) % trans.get_byte_enable_length()] != TLM_BYTE_ENABLED) continue;
      (trans.is_read() ? there : here)[i] = (trans.is_read() ? here : there)[i];
    }
    if (enables == nullptr && trans.is_read()) std::memcpy(there, here, part);
    if (enables == nullptr && trans.is_write()) std::memcpy(here, there, part);
    done += part;
  }
}

void Memory::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  const auto refuse = [&](tlm::tlm_response_status status) { trans.set_response_status(status); };
  const unsigned char* enables = trans.get_byte_enable_ptr();
  if (trans.get_command() == tlm::TLM_IGNORE_COMMAND)
    return refuse(tlm::TLM_COMMAND_ERROR_RESPONSE);
  if (trans.get_data_ptr() == nullptr || trans.get_data_length() == 0 ||
      trans.get_streaming_width() < trans.get_data_length()) {
    return refuse(tlm::TLM_BURST_ERROR_RESPONSE);
  }
  if (enables != nullptr && trans.get_byte_enable_length() == 0)
    return refuse(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  const uint8_t response = response_to(trans.get_address(), trans.get_data_length());
  trans.set_response_status(tlm_response(response));
  if (response == sim::kOkay) copy(trans, enables);
  trans.set_dmi_allowed(grant_ && response == sim::kOkay);
  const unsigned cycles =
      trans.is_read() ? array_.config().read_latency : array_.config().write_latency;
  delay += cycles * period_;
}

unsigned Memory::transport_dbg(tlm::tlm_generic_payload& trans) {
  const uint64_t bytes = trans.get_data_length();
  const bool can = trans.get_command() != tlm::TLM_IGNORE_COMMAND &&
                   trans.get_data_ptr() != nullptr &&
                   response_to(trans.get_address(), bytes) == sim::kOkay;
  if (!can) return 0;
  copy(trans, nullptr);  // a debugger need not set byte enables
  return trans.get_data_length();
}

bool Memory::get_direct_mem_ptr(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi) {
  const Range* range = find(trans.get_address());
  if (!grant_ || range == nullptr || range->response != sim::kOkay) return false;
  dmi.set_start_address(range->base);
  dmi.set_end_address(range->base + (range->bytes - 1));
  dmi.set_dmi_ptr(array_.data(range->base, range->bytes));
  dmi.allow_read_write();
  return true;
}

tlm::tlm_sync_enum Memory::nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                           sc_core::sc_time& delay) {
  const BurstExtension* extension = extension_of(trans);
  if (!beats_known_ || extension == nullptr || extension->beat_bytes != array_.config().bus_bytes ||
      delay != sc_core::SC_ZERO_TIME) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  const bool waits = phase == tlm::BEGIN_REQ ? (trans.is_read() ? inputs_.arvalid : inputs_.awvalid)
                                             : phase == weft_beat_begin && inputs_.wvalid;
  if (waits || extension->id >= kIds) {
    SC_REPORT_ERROR("/weft/memory",
                    "the channel has one that waits, or the ID is above 3: beats are of one "
                    "accelerator with the period of the memory");
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::BEGIN_REQ) {
    if (!offer_request(trans)) return tlm::TLM_ACCEPTED;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  if (phase == weft_beat_begin) {
    if (!offer_beat(trans)) return tlm::TLM_ACCEPTED;
    phase = weft_beat_end;
    return tlm::TLM_UPDATED;
  }
  if (phase == weft_beat_end) {
    inputs_.rready = true;
  } else if (phase == tlm::END_RESP) {
    inputs_.bready = true;
  }
  return tlm::TLM_ACCEPTED;
}

bool Memory::offer_request(tlm::tlm_generic_payload& trans) {
  const BurstExtension& extension = *extension_of(trans);
  const unsigned bus_bytes = array_.config().bus_bytes;
  const auto len = static_cast<uint8_t>(trans.get_data_length() / bus_bytes - 1);
  const auto size = static_cast<uint8_t>(std::countr_zero(bus_bytes));
  constexpr uint8_t kIncrementing = 1;
  if (trans.is_read()) {
    ar_ = &trans;
    reads_[extension.id].push_back(&trans);
    inputs_.arvalid = true;
    inputs_.araddr = trans.get_address();
    inputs_.arid = extension.id;
    inputs_.arlen = len;
    inputs_.arsize = size;
    inputs_.arburst = kIncrementing;
    return outputs_.arready;
  }
  aw_ = &trans;
  writes_by_id_[extension.id].push_back(&trans);
  inputs_.awvalid = true;
  inputs_.awaddr = trans.get_address();
  inputs_.awid = extension.id;
  inputs_.awlen = len;
  inputs_.awsize = size;
  inputs_.awburst = kIncrementing;
  return outputs_.awready;
}

bool Memory::offer_beat(tlm::tlm_generic_payload& trans) {
  const BurstExtension& extension = *extension_of(trans);
  const size_t at = size_t{extension.beat} * extension.beat_bytes;
  w_ = &trans;
  inputs_.wvalid = true;
  inputs_.wlast = extension.last;
  std::memcpy(inputs_.wdata, trans.get_data_ptr() + at, extension.beat_bytes);
  inputs_.wstrb = extension.strobes;
  return outputs_.wready;
}

void Memory::send(tlm::tlm_generic_payload& trans, const tlm::tlm_phase& phase) {
  tlm::tlm_phase sent = phase;
  sc_core::sc_time now = sc_core::SC_ZERO_TIME;
  socket->nb_transport_bw(trans, sent, now);
}

void Memory::send_read_beat() {
  const size_t id = outputs_.rid % kIds;
  tlm::tlm_generic_payload& trans = *reads_[id].front();
  BurstExtension& extension = *extension_of(trans);
  extension.beat = read_beat_[id]++;
  extension.last = outputs_.rlast;
  std::memcpy(trans.get_data_ptr() + size_t{extension.beat} * extension.beat_bytes, outputs_.rdata,
              extension.beat_bytes);
  trans.set_response_status(tlm_response(outputs_.rresp));
  if (outputs_.rlast) {
    reads_[id].pop_front();
    read_beat_[id] = 0;
  }
  send(trans, weft_beat_begin);
}

void Memory::clock() {
  sc_core::next_trigger(period_);
  if (sc_core::sc_time_stamp() == sc_core::SC_ZERO_TIME) return;
  const bool ar = outputs_.arready, aw = outputs_.awready, w = outputs_.wready;
  const bool new_read = !outputs_.rvalid || inputs_.rready;
  const bool new_response = !outputs_.bvalid || inputs_.bready;
  array_.tick(inputs_, outputs_);
  for (const sim::AxiWrite& beat : beats_) writes_.push_back({cycle_, beat.address, beat.strb});
  beats_.clear();
  ++cycle_;
  if (ar) inputs_.arvalid = false;
  if (aw) inputs_.awvalid = false;
  if (w) inputs_.wvalid = false;
  inputs_.rready = inputs_.bready = false;

  if (inputs_.arvalid && outputs_.arready) send(*ar_, tlm::END_REQ);
  if (inputs_.awvalid && outputs_.awready) send(*aw_, tlm::END_REQ);
  if (inputs_.wvalid && outputs_.wready) send(*w_, weft_beat_end);
  if (outputs_.rvalid && new_read) send_read_beat();
  if (outputs_.bvalid && new_response) {
    auto& waiting = writes_by_id_[outputs_.bid % kIds];
    tlm::tlm_generic_payload& trans = *waiting.front();
    waiting.pop_front();
    trans.set_response_status(tlm_response(outputs_.bresp));
    send(trans, tlm::BEGIN_RESP);
  }
}

}  // namespace weft::systemc
