// A memory with the timing of sim/axi_memory.h, as a SystemC module: every transport of TLM-2.0, and
// the phases of beats, in which it is the rtl backend's memory cycle by cycle.
#pragma once

#include <array>
#include <deque>
#include <utility>
#include <vector>

#include <systemc>

#include <tlm_utils/simple_target_socket.h>
#include <tlm>

#include "sim/axi_memory.h"
#include "weft/device.hpp"

namespace weft::systemc {

struct MemoryOptions {
  sim::AxiMemoryConfig timing;
  sc_core::sc_time period{1, sc_core::SC_NS};  // of the clock, as the accelerator's
  // Phases of beats: it has a clock then, which other transports do not need.
  bool beats = false;
  bool grant_pointers = true;  // DMI
};

class Memory final : public sc_core::sc_module {
 public:
  // b_transport: the delay grows by the latency of the configuration; nothing of its other timing.
  tlm_utils::simple_target_socket<Memory> socket{"socket"};

  // The same but for the beats, for a host that goes past the accelerator's bus; need not be bound.
  tlm_utils::simple_target_socket_optional<Memory> host{"host"};

  Memory(const sc_core::sc_module_name& name, const MemoryOptions& options);

  // As AxiMemory::add_range, before the simulation.
  void add_range(uint64_t base, uint64_t bytes, sim::AxiResponse response = sim::kOkay);

  sim::AxiMemory& array() { return array_; }
  // Bytes written in phases of beats since the last call, with their cycles; kept while enabled.
  void trace_writes(bool enable);
  std::vector<driver::MemoryWrite> take_writes() { return std::exchange(writes_, {}); }

  // Pointers that were granted are no longer good, and none are granted while `grant` is false.
  void set_grant(bool grant);

 private:
  static constexpr size_t kIds = 4;
  struct Range {
    uint64_t base, bytes;
    sim::AxiResponse response;
  };

  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& trans);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);

  bool offer_request(tlm::tlm_generic_payload& trans);
  bool offer_beat(tlm::tlm_generic_payload& trans);
  const Range* find(uint64_t address) const;
  // The response to the first of these bytes that has one other than kOkay.
  uint8_t response_to(uint64_t address, uint64_t bytes) const;
  void copy(tlm::tlm_generic_payload& trans, const unsigned char* enables);
  // The edge that ends a cycle, and what is driven in the next.
  void clock();
  void send(tlm::tlm_generic_payload& trans, const tlm::tlm_phase& phase);
  void send_read_beat();

  const sc_core::sc_time period_;
  const bool beats_known_;
  sim::AxiMemory array_;
  std::vector<Range> ranges_;
  bool grant_;
  sim::AxiInputs inputs_;
  sim::AxiOutputs outputs_;
  // What waits on its channel, and what has not been answered, by ID.
  tlm::tlm_generic_payload *ar_ = nullptr, *aw_ = nullptr, *w_ = nullptr;
  std::array<std::deque<tlm::tlm_generic_payload*>, kIds> reads_, writes_by_id_;
  std::array<unsigned, kIds> read_beat_{};
  uint64_t cycle_ = 0;
  std::vector<sim::AxiWrite> beats_;  // written in this cycle
  std::vector<driver::MemoryWrite> writes_;
};

}  // namespace weft::systemc
