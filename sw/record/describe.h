// Traffic in words: registers by name and field, memory by what the host called it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "record/job_ring.h"
#include "record/log.h"

namespace weft::record {

// "ring_tail", "cycles (high)"; of what is no register "register 0x3fc".
std::string register_name(uint32_t offset);
// "0x00000001 (done 1, error 0)".
std::string register_value(uint32_t offset, uint32_t value);
// The first of the register's fields in which the values differ, in `mask`: ", in field error (0, not 1)".
std::string field_difference(uint32_t offset, uint32_t expected, uint32_t got, uint32_t mask);

class Places {
 public:
  void add(const Event& name);
  // "0x1000000040 (tensor 'x' + 64)": the smallest piece that holds it, or the ring's entry.
  std::string text(uint64_t address, const JobRing& ring) const;

 private:
  struct Piece {
    uint64_t address, bytes;
    std::string name;
  };
  std::vector<Piece> pieces_;
};

// Reads all of a log: what its pieces of memory are called. Error as of LogReader's; that it has no end
// is none.
Places check_log(const std::filesystem::path& path);

// One line for each event, with its number.
class Listing {
 public:
  explicit Listing(Places places) : places_(std::move(places)) {}
  std::string line(const Event& event);

 private:
  std::string access(const Event& event);

  uint64_t number_ = 0;
  JobRing ring_;
  Places places_;
};

}  // namespace weft::record
