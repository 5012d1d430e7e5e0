#include "sim/systemc/socket_device.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"

namespace weft::systemc {
namespace {

void fill(tlm::tlm_generic_payload& trans, tlm::tlm_command command, uint64_t address,
          uint8_t* data, uint64_t bytes) {
  trans.set_command(command);
  trans.set_address(address);
  trans.set_data_ptr(data);
  trans.set_data_length(static_cast<unsigned>(bytes));
  trans.set_streaming_width(static_cast<unsigned>(bytes));
}

}  // namespace

void SocketDevice::access(tlm::tlm_command command, uint32_t offset, uint8_t* bytes,
                          const char* what) {
  tlm::tlm_generic_payload trans;
  fill(trans, command, options_.registers_base + offset, bytes, sizeof(uint32_t));
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  registers->b_transport(trans, delay);
  sc_core::wait(delay);
  if (trans.is_response_error()) {
    fail(ErrorKind::kDevice, "register {:#05x} cannot be {}: {}", offset, what,
         trans.get_response_string());
  }
}

uint32_t SocketDevice::read_register(uint32_t offset) {
  uint8_t bytes[4] = {};
  access(tlm::TLM_READ_COMMAND, offset, bytes, "read");
  return load_le32(bytes);
}

void SocketDevice::write_register(uint32_t offset, uint32_t value) {
  uint8_t bytes[4];
  store_le32(bytes, value);
  access(tlm::TLM_WRITE_COMMAND, offset, bytes, "written");
}

void SocketDevice::copy(tlm::tlm_command command, uint64_t address, uint8_t* data, uint64_t bytes) {
  if (bytes == 0) return;
  const uint64_t offset = address - options_.memory_base;
  const bool inside = address >= options_.memory_base && offset <= options_.memory_bytes &&
                      bytes <= options_.memory_bytes - offset;
  tlm::tlm_generic_payload trans;
  fill(trans, command, address, data, bytes);
  if (inside && memory->transport_dbg(trans) == bytes) return;
  fail(ErrorKind::kInvalidArgument,
       "{} bytes at {:#x} are not in the device's memory ({} bytes at {:#x})", bytes, address,
       options_.memory_bytes, options_.memory_base);
}

void SocketDevice::read_memory(uint64_t address, std::span<uint8_t> out) {
  copy(tlm::TLM_READ_COMMAND, address, out.data(), out.size());
}

void SocketDevice::write_memory(uint64_t address, std::span<const uint8_t> data) {
  // A payload's data are not const, though a write's are not changed.
  copy(tlm::TLM_WRITE_COMMAND, address, const_cast<uint8_t*>(data.data()), data.size());
}

bool SocketDevice::wait_interrupt(uint64_t max_cycles) {
  if (interrupt.read()) return true;
  // As much as simulated time can hold of it.
  const sc_core::sc_time left = sc_core::sc_max_time() - sc_core::sc_time_stamp();
  const uint64_t most = left.value() / options_.period.value();
  sc_core::wait(sc_core::sc_time::from_value(std::min(max_cycles, most) * options_.period.value()),
                interrupt.posedge_event());
  return interrupt.read();
}

uint64_t SocketDevice::cycle() const {
  return sc_core::sc_time_stamp().value() / options_.period.value();
}

}  // namespace weft::systemc
