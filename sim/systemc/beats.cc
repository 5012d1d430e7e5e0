#include "sim/systemc/beats.h"

#include <algorithm>
#include <cstring>

#include "sim/axi_memory.h"

namespace weft::systemc {

Burst::Burst(BurstPool* pool)
    : tlm_generic_payload(pool),
      pool_(pool),
      extension_(new BurstExtension),
      data_(kMostBytes),
      enables_(kMostBytes) {
  set_extension(extension_);
}

void Burst::clear(tlm::tlm_command command, unsigned beat_bytes) {
  set_command(command);
  set_address(0);
  set_data_ptr(data_.data());
  set_data_length(0);
  set_streaming_width(0);
  set_byte_enable_ptr(nullptr);
  set_byte_enable_length(0);
  set_dmi_allowed(false);
  set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  extension_->id = 0;
  extension_->beat_bytes = beat_bytes;
  extension_->beat = 0;
  extension_->last = false;
  requested = answered = false;
  beats = 0;
  due = 0;
}

void Burst::set_request(uint64_t address, uint8_t id, unsigned count) {
  const unsigned bytes = count * extension_->beat_bytes;
  set_address(address);
  set_data_length(bytes);
  set_streaming_width(bytes);
  if (is_write()) {
    set_byte_enable_ptr(enables_.data());
    set_byte_enable_length(bytes);
  }
  extension_->id = id;
  beats = count;
  requested = true;
}

void Burst::take_write_beat(const uint8_t* data, uint64_t strb, bool last) {
  std::memcpy(beat_data(), data, extension_->beat_bytes);
  uint8_t* enables = beat_enables();
  for (unsigned i = 0; i < extension_->beat_bytes; ++i) {
    enables[i] = (strb >> i & 1) != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
  }
  extension_->strobes = strb;
  extension_->last = last;
}

uint8_t Burst::axi_response() const { return systemc::axi_response(get_response_status()); }

Burst& BurstPool::take(tlm::tlm_command command, unsigned beat_bytes) {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Burst>(this));
    free_.push_back(all_.back().get());
  }
  Burst& burst = *free_.back();
  free_.pop_back();
  burst.clear(command, beat_bytes);
  burst.acquire();
  return burst;
}

void BurstPool::free(tlm::tlm_generic_payload* burst) {
  burst->reset();  // of extensions that others have added for the length of the transaction
  free_.push_back(static_cast<Burst*>(burst));
}

Burst* BurstPool::find(tlm::tlm_generic_payload& trans) const {
  auto* burst = dynamic_cast<Burst*>(&trans);
  return burst != nullptr && burst->pool_ == this ? burst : nullptr;
}

Burst& WritesToCome::next(std::deque<Burst*>& mine) {
  if (mine.empty()) {
    Burst& burst = pool_.take(tlm::TLM_WRITE_COMMAND, beat_bytes_);
    requests_.push_back(&burst);
    data_.push_back(&burst);
  }
  return *mine.front();
}

uint8_t axi_response(tlm::tlm_response_status status) {
  switch (status) {
    case tlm::TLM_OK_RESPONSE: return sim::kOkay;
    case tlm::TLM_ADDRESS_ERROR_RESPONSE: return sim::kDecErr;
    default: return sim::kSlvErr;
  }
}

tlm::tlm_response_status tlm_response(uint8_t axi_response) {
  switch (axi_response) {
    case sim::kOkay: return tlm::TLM_OK_RESPONSE;
    case sim::kDecErr: return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    default: return tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
}

}  // namespace weft::systemc
