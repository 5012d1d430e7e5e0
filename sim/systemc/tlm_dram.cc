#include "sim/systemc/tlm_dram.h"

#include <algorithm>
#include <cstring>

#include "sim/axi_memory.h"
#include "sim/systemc/accelerator.h"
#include "sim/systemc/beats.h"

namespace weft::systemc {

unsigned char* TlmDram::known_pointer(tlm::tlm_command command, uint64_t address, uint64_t bytes) {
  for (const tlm::tlm_dmi& dmi : granted_) {
    const bool allowed =
        command == tlm::TLM_READ_COMMAND ? dmi.is_read_allowed() : dmi.is_write_allowed();
    const uint64_t last = dmi.get_end_address();
    if (allowed && bytes > 0 && address >= dmi.get_start_address() && address <= last &&
        bytes - 1 <= last - address) {
      return dmi.get_dmi_ptr() + (address - dmi.get_start_address());
    }
  }
  return nullptr;
}

unsigned char* TlmDram::pointer(tlm::tlm_command command, uint64_t address, uint64_t bytes) {
  unsigned char* known = known_pointer(command, address, bytes);
  if (known != nullptr || !ask_) return known;
  tlm::tlm_generic_payload trans;
  trans.set_command(command);
  trans.set_address(address);
  tlm::tlm_dmi dmi;
  if (!socket_->get_direct_mem_ptr(trans, dmi)) {
    ask_ = false;
    return nullptr;
  }
  // What does not help, as it is for other bytes or the other command, may come again and again.
  const bool known_grant = std::any_of(granted_.begin(), granted_.end(), [&](const auto& g) {
    return g.get_start_address() == dmi.get_start_address() &&
           g.get_end_address() == dmi.get_end_address() &&
           g.get_granted_access() == dmi.get_granted_access();
  });
  if (!known_grant) granted_.push_back(dmi);
  known = known_pointer(command, address, bytes);
  // Then until a transport says that there is more.
  if (known == nullptr) ask_ = false;
  return known;
}

uint32_t TlmDram::transport(tlm::tlm_command command, uint64_t address, unsigned char* data,
                            uint64_t bytes) {
  tlm::tlm_generic_payload trans;
  trans.set_command(command);
  trans.set_address(address);
  trans.set_data_ptr(data);
  trans.set_data_length(static_cast<unsigned>(bytes));
  trans.set_streaming_width(static_cast<unsigned>(bytes));
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket_->b_transport(trans, delay);
  if (trans.is_dmi_allowed()) ask_ = true;
  return axi_response(trans.get_response_status());
}

emulator::DramAnswer TlmDram::read(uint64_t address, uint64_t bytes) {
  if (refuse_) return {nullptr, sim::kSlvErr};
  const unsigned char* data = pointer(tlm::TLM_READ_COMMAND, address, bytes);
  if (data != nullptr) return {data, 0};
  bytes_.resize(bytes);
  const uint32_t response = transport(tlm::TLM_READ_COMMAND, address, bytes_.data(), bytes);
  return {response == 0 ? bytes_.data() : nullptr, response};
}

uint32_t TlmDram::write(uint64_t address, std::span<const uint8_t> data) {
  if (refuse_) return sim::kSlvErr;
  unsigned char* to = pointer(tlm::TLM_WRITE_COMMAND, address, data.size());
  if (to != nullptr) {
    std::memcpy(to, data.data(), data.size());
    return 0;
  }
  // A payload's data are not const, though a write's are not changed.
  auto* from = const_cast<unsigned char*>(data.data());
  return transport(tlm::TLM_WRITE_COMMAND, address, from, data.size());
}

void TlmDram::forget(uint64_t first, uint64_t last) {
  std::erase_if(granted_, [&](const tlm::tlm_dmi& dmi) {
    return dmi.get_start_address() <= last && first <= dmi.get_end_address();
  });
}

}  // namespace weft::systemc
