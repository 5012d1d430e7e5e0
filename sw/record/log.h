// A log of all traffic between a host and a device, as docs/record.md describes its bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "driver/backend.h"

namespace weft::record {

// Of the device that was recorded. Of its options, waves are not part.
struct Header {
  std::string backend, config;
  uint64_t config_hash = 0;
  uint32_t isa_version = 0;
  uint64_t memory_base = 0;
  driver::DeviceOptions options;
};

enum class EventKind : uint8_t {
  kReadRegister = 1,
  kWriteRegister = 2,
  kReadMemory = 3,
  kWriteMemory = 4,
  kWait = 5,  // for the interrupt
  kName = 6,  // no access: what a piece of memory is called
  kEnd = 7,   // the recording was ended by the host
};

struct Event {
  EventKind kind = EventKind::kEnd;
  bool refused = false;       // register accesses: by an error; kWait: the device broke down
  bool interrupt = false;     // kWait: how it ended
  uint64_t cycle = 0;         // Device::cycle() behind it
  uint32_t offset = 0;        // register
  uint32_t value = 0;         // register, read or written
  uint64_t address = 0;       // memory
  uint64_t bytes = 0;         // kName: of the piece
  uint64_t max_cycles = 0;    // kWait
  std::vector<uint8_t> data;  // memory, read or written
  std::string text;           // kName
};

// The largest memory of a device that is recorded: 4 GiB.
inline constexpr uint64_t kMostMemory = uint64_t{1} << 32;

class LogWriter {
 public:
  // Makes the file anew. Error(io); Error(unsupported) where the device has too much memory.
  LogWriter(const std::filesystem::path& path, const Header& header);
  // Hands the event to the operating system: it stays there if this process is killed. Error(io).
  void write(const Event& event);

 private:
  void append(const std::vector<uint8_t>& bytes);

  std::filesystem::path path_;
  std::ofstream out_;
};

class LogReader {
 public:
  // Reads the header. Error(not_found), Error(io); Error(malformed_file) where it is no log;
  // Error(unsupported): of another version.
  explicit LogReader(const std::filesystem::path& path);

  const Header& header() const { return header_; }
  // The next event; none: the log is over. Error(malformed_file) names the event that is damaged.
  std::optional<Event> next();
  // Of those read.
  uint64_t events() const { return events_; }
  // Once there is none left: the log has no end, since the host did not come to it. An event that
  // was only begun is left out.
  bool broken_off() const { return !ended_; }

 private:
  [[noreturn]] void damaged(const std::string& what) const;
  // Appends so many bytes of the file to `to`; false: it ends before.
  bool get(size_t bytes, std::vector<uint8_t>& to);
  bool read_event(Event& event);
  void check_sum(const std::vector<uint8_t>& bytes) const;
  void unpack(std::span<const uint8_t> stored, uint64_t whole, bool deflated, Event& event) const;

  std::filesystem::path path_;
  std::ifstream in_;
  uint64_t left_ = 0;  // bytes of the file
  Header header_;
  uint64_t events_ = 0;
  bool ended_ = false;
};

}  // namespace weft::record
