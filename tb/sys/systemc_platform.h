// A small platform to test sockets on: an accelerator, what watches its memory socket, and a memory.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/systemc/accelerator.h"
#include "sim/systemc/memory.h"
#include "sim/systemc/simulation.h"
#include "sim/systemc/socket_device.h"

namespace weft::tb {

// Between the accelerator and its memory: passes all on, and keeps it.
class Watcher final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Watcher> in{"in"};
  tlm_utils::simple_initiator_socket<Watcher> out{"out"};

  struct Transport {
    bool write;
    uint64_t address;
    unsigned bytes, enables;
    tlm::tlm_response_status response;
  };
  std::vector<Transport> transports;  // blocking
  // Phases of each transaction in turn: "BEGIN_REQ END_REQ ...".
  struct Beats {
    bool write = false;
    uint64_t address = 0;
    unsigned bytes = 0, id = 0, beat_bytes = 0;
    std::vector<std::string> phases;
    std::vector<tlm::tlm_response_status> responses;  // of its beats, or the write's
  };
  std::vector<Beats> bursts;  // that have ended
  int pointers_asked = 0, pointers_given = 0;
  bool refuse_pointers = false;
  bool lets_time_pass = false;  // in b_transport, for what the memory only annotates
  bool answers_within =
      false;                // readiness of a cycle: a call from within the offer, no return value
  bool only_reads = false;  // pointers
  // Extensions that it has added to transactions, for their length; and those that are gone.
  bool adds_extensions = false;
  int added = 0, gone = 0;

  explicit Watcher(const sc_core::sc_module_name& name);

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
  unsigned debug(tlm::tlm_generic_payload& trans);
  bool pointer(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi);
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last);
  void note(tlm::tlm_generic_payload& trans, const tlm::tlm_phase& phase);

  std::map<tlm::tlm_generic_payload*, Beats> open_;
};

struct PlatformOptions {
  systemc::Body body = systemc::Body::kAccurate;
  std::string config = "tiny";
  systemc::MemoryProtocol protocol = systemc::MemoryProtocol::kBlocking;
  sim::AxiMemoryConfig memory;  // bus_bytes is the configuration's
  bool memory_knows_beats = true;
  bool grant_pointers = true;
  uint64_t memory_bytes = 1 << 20, error_bytes = 1 << 16;
  uint64_t period_ns = 1;
};

class SocketPlatform {
 public:
  static constexpr uint64_t kBase = uint64_t{1} << 36;

  explicit SocketPlatform(const PlatformOptions& options);
  ~SocketPlatform();

  // `host` as a thread of the simulation, until it returns; what it throws is thrown here. Error where
  // it does not within 100 ms of simulated time.
  void run(const std::function<void()>& host);

  systemc::Memory& memory() { return *memory_; }
  Watcher& watcher() { return *watcher_; }
  systemc::Accelerator& accelerator() { return *accelerator_; }
  systemc::SocketDevice& device() { return *device_; }

 private:
  systemc::Simulation simulation_;
  std::unique_ptr<sc_core::sc_signal<bool>> interrupt_;
  std::unique_ptr<systemc::Memory> memory_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<systemc::Accelerator> accelerator_;
  std::unique_ptr<systemc::SocketDevice> device_;
};

}  // namespace weft::tb
