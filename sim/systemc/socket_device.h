// The driver's Device over TLM sockets: what a host of a virtual platform runs driver::Session on. Its
// functions are called from one thread of the simulation, which waits in them.
#pragma once

#include <systemc>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>

#include "weft/device.hpp"

namespace weft::systemc {

struct SocketDeviceOptions {
  std::string config;                          // of the accelerator
  uint64_t registers_base = 0;                 // where its registers are, on that socket's bus
  uint64_t memory_base = 0, memory_bytes = 0;  // of what the accelerator may use: multiples of 64
  sc_core::sc_time period{1, sc_core::SC_NS};  // of its clock
};

class SocketDevice final : public sc_core::sc_module, public driver::Device {
 public:
  tlm_utils::simple_initiator_socket<SocketDevice> registers{"registers"};
  // The host's own way to the memory: transport_dbg, which takes no time.
  tlm_utils::simple_initiator_socket<SocketDevice> memory{"memory"};
  sc_core::sc_in<bool> interrupt{"interrupt"};

  SocketDevice(const sc_core::sc_module_name& name, const SocketDeviceOptions& options)
      : sc_module(name), options_(options) {}

  std::string backend() const override { return "sockets"; }
  std::string config() const override { return options_.config; }
  uint32_t read_register(uint32_t offset) override;
  void write_register(uint32_t offset, uint32_t value) override;
  uint64_t memory_base() const override { return options_.memory_base; }
  uint64_t memory_bytes() const override { return options_.memory_bytes; }
  void read_memory(uint64_t address, std::span<uint8_t> out) override;
  void write_memory(uint64_t address, std::span<const uint8_t> data) override;
  bool wait_interrupt(uint64_t max_cycles) override;
  uint64_t cycle() const override;
  void enable_trace(bool) override {}
  std::vector<driver::TraceEvent> take_trace() override { return {}; }

 private:
  void access(tlm::tlm_command command, uint32_t offset, uint8_t* bytes, const char* what);
  void copy(tlm::tlm_command command, uint64_t address, uint8_t* data, uint64_t bytes);

  const SocketDeviceOptions options_;
};

}  // namespace weft::systemc
