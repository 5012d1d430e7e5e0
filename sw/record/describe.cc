#include "record/describe.h"

#include <fmt/format.h>

#include <array>

#include "weft_gen/isa.h"
#include "weft_gen/registers.h"

namespace weft::record {
namespace {

struct EntryField {
  const char* name;
  int byte, bytes;
};
// What a host reads of an entry: its completion record.
constexpr std::array<EntryField, 8> kRecord{{
    {"done_job_id", isa::kJobDoneJobIdByte, isa::kJobDoneJobIdBytes},
    {"done_cycles", isa::kJobDoneCyclesByte, isa::kJobDoneCyclesBytes},
    {"done_code", isa::kJobDoneCodeByte, isa::kJobDoneCodeBytes},
    {"done_engine", isa::kJobDoneEngineByte, isa::kJobDoneEngineBytes},
    {"done_index", isa::kJobDoneIndexByte, isa::kJobDoneIndexBytes},
    {"done_resp", isa::kJobDoneRespByte, isa::kJobDoneRespBytes},
    {"done_address", isa::kJobDoneAddressByte, isa::kJobDoneAddressBytes},
    {"done_magic", isa::kJobDoneMagicByte, isa::kJobDoneMagicBytes},
}};

std::string entry_place(const JobRing::Place& place) {
  std::string field = fmt::format("byte {}", place.byte);
  for (const EntryField& f : kRecord) {
    if (place.byte >= f.byte && place.byte < f.byte + f.bytes)
      field = fmt::format("{}, byte {}", f.name, place.byte - f.byte);
  }
  return place.job == 0 ? "the ring's entry: " + field
                        : fmt::format("ring entry of job {}: {}", place.job, field);
}

uint32_t value_of(const regs::FieldInfo& f, uint32_t value) {
  return static_cast<uint32_t>(value >> f.bit & ((uint64_t{1} << f.bits) - 1));
}

}  // namespace

std::string register_name(uint32_t offset) {
  for (const regs::RegisterInfo& r : regs::kRegisters) {
    if (r.offset == offset) return std::string(r.name);
  }
  const uint32_t counter = (offset - regs::kCounterBase) / 8;
  if (offset >= regs::kCounterBase && offset % 4 == 0 &&
      counter < static_cast<uint32_t>(regs::kNumCounters)) {
    return fmt::format("counter {} ({})", regs::kCounters[counter].name,
                       offset % 8 == 0 ? "low" : "high");
  }
  return fmt::format("register {:#05x}, which there is not", offset);
}

std::string register_value(uint32_t offset, uint32_t value) {
  std::string fields;
  for (const regs::FieldInfo& f : regs::kRegisterFields) {
    if (f.offset == offset)
      fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", f.name, value_of(f, value));
  }
  return fmt::format("{:#010x}{}", value, fields.empty() ? "" : " (" + fields + ")");
}

std::string field_difference(uint32_t offset, uint32_t expected, uint32_t got, uint32_t mask) {
  for (const regs::FieldInfo& f : regs::kRegisterFields) {
    if (f.offset == offset && value_of(f, (expected ^ got) & mask) != 0) {
      return fmt::format(", in field {} ({}, not {})", f.name, value_of(f, got),
                         value_of(f, expected));
    }
  }
  return "";
}

void Places::add(const Event& name) { pieces_.push_back({name.address, name.bytes, name.text}); }

std::string Places::text(uint64_t address, const JobRing& ring) const {
  if (const auto place = ring.find(address))
    return fmt::format("{:#x} ({})", address, entry_place(*place));
  const Piece* smallest = nullptr;
  for (const Piece& p : pieces_) {
    if (address >= p.address && address - p.address < p.bytes &&
        (smallest == nullptr || p.bytes < smallest->bytes))
      smallest = &p;
  }
  if (smallest == nullptr) return fmt::format("{:#x}", address);
  return fmt::format("{:#x} ({} + {})", address, smallest->name, address - smallest->address);
}

Places check_log(const std::filesystem::path& path) {
  Places places;
  LogReader reader(path);
  while (const std::optional<Event> event = reader.next()) {
    if (event->kind == EventKind::kName) places.add(*event);
  }
  return places;
}

std::string Listing::line(const Event& event) {
  return fmt::format("{:>7}  {:>10}  {}\n", number_++, event.cycle, access(event));
}

std::string Listing::access(const Event& event) {
  const char* refused = event.refused ? "  refused" : "";
  switch (event.kind) {
    case EventKind::kReadRegister:
      if (event.refused) return fmt::format("read   {}  refused", register_name(event.offset));
      ring_.register_read(event.offset, event.value);
      return fmt::format("read   {} = {}", register_name(event.offset),
                         register_value(event.offset, event.value));
    case EventKind::kWriteRegister:
      ring_.register_written(event.offset, event.value);
      return fmt::format("write  {} = {}{}", register_name(event.offset),
                         register_value(event.offset, event.value), refused);
    case EventKind::kReadMemory:
    case EventKind::kWriteMemory:
      return fmt::format("{} {} bytes at {}",
                         event.kind == EventKind::kReadMemory ? "read  " : "write ",
                         event.data.size(), places_.text(event.address, ring_));
    case EventKind::kWait:
      if (event.interrupt) ring_.interrupt_seen();
      return fmt::format("wait   {} cycles at most: {}", event.max_cycles,
                         event.refused     ? "the device broke down"
                         : event.interrupt ? "interrupt"
                                           : "none");
    case EventKind::kName:
      return fmt::format("name   {} bytes at {:#x}: {}", event.bytes, event.address, event.text);
    case EventKind::kEnd: break;
  }
  return "end";
}

}  // namespace weft::record
