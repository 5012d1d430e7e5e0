// A bus for a small platform: ports for initiators, windows of addresses for targets, and the beats of
// a burst on the data lines of its target, for as long as they take.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm>

class Bus final : public sc_core::sc_module {
 public:
  using Port = tlm_utils::simple_target_socket_tagged<Bus>;
  using Window = tlm_utils::simple_initiator_socket_tagged<Bus>;

  // `byte_time`: of each direction's data lines; zero: they are never full. The target sees addresses
  // from 0 on.
  struct Range {
    uint64_t base, bytes;
    sc_core::sc_time byte_time;
  };

  Bus(const sc_core::sc_module_name& name, size_t ports, const std::vector<Range>& windows)
      : sc_module(name) {
    for (size_t i = 0; i < ports; ++i) {
      const auto id = static_cast<int>(i);
      auto port = std::make_unique<Port>(("port" + std::to_string(i)).c_str());
      port->register_b_transport(this, &Bus::b_transport, id);
      port->register_transport_dbg(this, &Bus::transport_dbg, id);
      port->register_get_direct_mem_ptr(this, &Bus::get_direct_mem_ptr, id);
      ports_.push_back(std::move(port));
    }
    for (size_t i = 0; i < windows.size(); ++i) {
      auto socket = std::make_unique<Window>(("window" + std::to_string(i)).c_str());
      socket->register_invalidate_direct_mem_ptr(this, &Bus::invalidate, static_cast<int>(i));
      windows_.push_back({windows[i], std::move(socket), {}});
    }
  }

  // To be bound to initiators, and to targets.
  Port& port(size_t i) { return *ports_.at(i); }
  Window& window(size_t i) { return *windows_.at(i).socket; }

 private:
  struct Target {
    Range range;
    std::unique_ptr<Window> socket;
    sc_core::sc_time free_at[2];  // the data lines of reads, and of writes
  };

  // The target of an address, whose offset stands in `trans` then; nullptr: nobody's.
  Target* route(tlm::tlm_generic_payload& trans) {
    for (Target& t : windows_) {
      const uint64_t offset = trans.get_address() - t.range.base;
      if (offset >= t.range.bytes) continue;
      trans.set_address(offset);
      return &t;
    }
    return nullptr;
  }

  void b_transport(int, tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    const uint64_t address = trans.get_address();
    Target* target = route(trans);
    if (target == nullptr) {
      trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    sc_core::sc_time& free_at = target->free_at[trans.is_write() ? 1 : 0];
    const sc_core::sc_time begin = std::max(now + delay, free_at);
    free_at = begin + trans.get_data_length() * target->range.byte_time;
    delay = begin - now;
    (*target->socket)->b_transport(trans, delay);
    trans.set_address(address);
  }

  unsigned transport_dbg(int, tlm::tlm_generic_payload& trans) {
    const uint64_t address = trans.get_address();
    Target* target = route(trans);
    const unsigned bytes = target == nullptr ? 0 : (*target->socket)->transport_dbg(trans);
    trans.set_address(address);
    return bytes;
  }

  bool get_direct_mem_ptr(int, tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi) {
    const uint64_t address = trans.get_address();
    Target* target = route(trans);
    const bool granted = target != nullptr && (*target->socket)->get_direct_mem_ptr(trans, dmi);
    trans.set_address(address);
    if (!granted) return false;
    dmi.set_start_address(target->range.base + dmi.get_start_address());
    dmi.set_end_address(target->range.base +
                        std::min<uint64_t>(dmi.get_end_address(), target->range.bytes - 1));
    return true;
  }

  void invalidate(int id, sc_dt::uint64 first, sc_dt::uint64 last) {
    const Target& target = windows_[static_cast<size_t>(id)];
    if (first >= target.range.bytes) return;
    for (const auto& port : ports_) {
      (*port)->invalidate_direct_mem_ptr(
          target.range.base + first,
          target.range.base + std::min<uint64_t>(last, target.range.bytes - 1));
    }
  }

  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<Target> windows_;
};
