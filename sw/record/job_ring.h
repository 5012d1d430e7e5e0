// The job ring as the traffic of its host shows it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace weft::record {

class JobRing {
 public:
  // In the order of the traffic.
  void register_written(uint32_t offset, uint32_t value);
  void register_read(uint32_t offset, uint32_t value);
  void interrupt_seen();

  uint32_t head() const { return head_; }
  uint32_t irq_enable() const { return irq_enable_; }
  // Jobs that the host has rung the doorbell for.
  uint64_t jobs() const { return jobs_; }
  // More than one was in the ring at once, as far as the host knew.
  bool overlapped() const { return overlapped_; }

  struct Place {
    uint64_t job = 0;  // from 1 on; 0: no job's yet
    int byte = 0;      // of its entry
  };
  // Whose entry holds the address; none: it is not in the ring.
  std::optional<Place> find(uint64_t address) const;

 private:
  uint64_t base_ = 0;
  uint32_t log2_ = 0, irq_enable_ = 0;
  uint16_t head_ = 0, ended_ = 0;
  uint64_t jobs_ = 0;
  bool resetting_ = false, overlapped_ = false;
  std::map<uint32_t, uint64_t> entries_;  // the last job of each
};

}  // namespace weft::record
