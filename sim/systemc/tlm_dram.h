// The emulator's memory behind a TLM initiator socket: through pointers where the target grants them
// (DMI), else with b_transport. Times that targets annotate do not count: jobs' are reckoned.
#pragma once

#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>

#include "emulator/dram.h"

namespace weft::systemc {

class Accelerator;

class TlmDram final : public emulator::Dram {
 public:
  explicit TlmDram(tlm_utils::simple_initiator_socket<Accelerator>& socket) : socket_(socket) {}

  emulator::DramAnswer read(uint64_t address, uint64_t bytes) override;
  uint32_t write(uint64_t address, std::span<const uint8_t> data) override;

  // While set, all is answered with SLVERR and no memory is touched: the job is not wanted any more.
  void refuse(bool all) { refuse_ = all; }

  // Pointers to these addresses are no longer good.
  void forget(uint64_t first, uint64_t last);

 private:
  // To these bytes; nullptr: the target does not grant it.
  unsigned char* pointer(tlm::tlm_command command, uint64_t address, uint64_t bytes);
  unsigned char* known_pointer(tlm::tlm_command command, uint64_t address, uint64_t bytes);
  // The AXI response.
  uint32_t transport(tlm::tlm_command command, uint64_t address, unsigned char* data,
                     uint64_t bytes);

  tlm_utils::simple_initiator_socket<Accelerator>& socket_;
  std::vector<tlm::tlm_dmi> granted_;
  bool ask_ = true;  // for pointers: until refused, and again when a transport says that it may
  bool refuse_ = false;
  std::vector<unsigned char> bytes_;  // of a read without a pointer
};

}  // namespace weft::systemc
