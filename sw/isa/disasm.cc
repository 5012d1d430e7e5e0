#include "isa/disasm.h"

#include <fmt/format.h>

#include <iterator>

namespace weft::isa {
namespace {

std::string slots(std::string_view kind, const std::array<SemaphoreSlot, kSemaphoreSlots>& all) {
  std::string out;
  for (const SemaphoreSlot& slot : all) {
    if (slot.count == 0) continue;
    out += out.empty() ? fmt::format("  {} ", kind) : ", ";
    out +=
        slot.count == 1 ? fmt::format("{}", slot.sem) : fmt::format("{}x{}", slot.sem, slot.count);
  }
  return out;
}

std::string field_text(const FieldInfo& field, int64_t value) {
  if (field.name == "mem") return fmt::format("mem={}", to_string(static_cast<Memory>(value)));
  return fmt::format("{}={}", field.name, value);
}

std::optional<std::string> range_violation(const FieldInfo& field, ByteSpan bytes) {
  const int64_t value = get_field(field, bytes);
  if (in_range(field, value)) return std::nullopt;
  return fmt::format("{} is {}; allowed is {} to {}", field.name, value, field.min, field.max);
}

}  // namespace

std::optional<std::string> find_violation(ByteSpan bytes) {
  const Header header = decode_fields<Header>(bytes);
  const OpcodeInfo* opcode = find_opcode(header.opcode);
  if (opcode == nullptr)
    return fmt::format("opcode {:#04x} is none of this instruction set", header.opcode);
  const FormatInfo& format = format_info(opcode->format);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int set = bytes[i] & format.reserved[i];
    if (set != 0)
      return fmt::format("byte {} has reserved bits {:#04x} set; they must be zero", i, set);
  }
  for (const FieldInfo& field : kHeaderFields) {
    if (auto violation = range_violation(field, bytes)) return violation;
  }
  for (const FieldInfo& field : format.fields) {
    if (auto violation = range_violation(field, bytes)) return violation;
  }
  return std::nullopt;
}

std::string disassemble(uint32_t index, ByteSpan bytes) {
  const Header header = decode_fields<Header>(bytes);
  const OpcodeInfo* opcode = find_opcode(header.opcode);
  if (opcode == nullptr)
    return fmt::format("{:6}  opcode {:#04x} is unknown", index, header.opcode);
  const FormatInfo& format = format_info(opcode->format);
  std::string line = fmt::format("{:6}  {:<8} layer {}", index, opcode->name, header.layer);
  line += slots("wait", header.wait) + slots("raise", header.raise) + " ";
  for (const NamedValue& flag : format.flags) {
    if ((header.flags & flag.value) != 0)
      fmt::format_to(std::back_inserter(line), " {}", flag.name);
  }
  for (const FieldInfo& field : format.fields) {
    const int64_t value = get_field(field, bytes);
    // Memory 0 is a memory too, so it is always named.
    if (value != 0 || field.name == "mem") line += " " + field_text(field, value);
  }
  if (const auto violation = find_violation(bytes)) line += "  ! " + *violation;
  return line;
}

}  // namespace weft::isa
