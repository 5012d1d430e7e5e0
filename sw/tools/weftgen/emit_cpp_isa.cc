#include <algorithm>

#include <fmt/format.h>

#include "tools/weftgen/emit.h"

namespace weft::gen {
namespace {

std::string constant(const std::string& name, int64_t value) {
  return fmt::format("inline constexpr int k{} = {};\n", name, value);
}

// enum class, the table of its entries, and to_string / doc_of over that table.
template <class List>
std::string enumeration(const std::string& type, const std::string& table, const std::string& about,
                        const List& items) {
  std::string out = fmt::format("\n// {}\nenum class {} : uint8_t {{\n", about, type);
  for (const auto& i : items)
    out += fmt::format("  k{} = {},  // {}\n", camel_case(i.name), i.value, i.doc);
  out +=
      fmt::format("}};\ninline constexpr std::array<NamedValue, {}> {}{{{{\n", items.size(), table);
  for (const auto& i : items)
    out += fmt::format("    {{{}, {}, {}}},\n", quoted(i.name), i.value, quoted(i.doc));
  out += "}};\n";
  out += fmt::format(
      "constexpr std::string_view to_string({0} v) {{ return name_of({1}, "
      "static_cast<uint32_t>(v)); }}\n"
      "constexpr std::string_view doc_of({0} v) {{ return doc_of({1}, static_cast<uint32_t>(v)); "
      "}}\n",
      type, table);
  return out;
}

std::string field_table(const std::string& table, const std::vector<Field>& fields) {
  std::string out =
      fmt::format("inline constexpr std::array<FieldInfo, {}> {}{{{{\n", fields.size(), table);
  for (const Field& f : fields) {
    out +=
        fmt::format("    {{{}, {}, {}, {}, {}, {}, {}, {}, {}}},\n", quoted(f.name), f.byte, f.bit,
                    f.bits, f.is_signed, f.lowest(), f.highest(), quoted(f.unit), quoted(f.doc));
  }
  return out + "}};\n";
}

// "wait0_sem" -> "wait[0].sem": slots are arrays in the Header struct.
std::string header_member(const std::string& name) {
  for (const std::string kind : {"wait", "raise"}) {
    if (name.starts_with(kind) && name.size() > kind.size() &&
        std::isdigit(static_cast<unsigned char>(name[kind.size()])) != 0) {
      const size_t underscore = name.find('_');
      return fmt::format("{}[{}].{}", kind, name.substr(kind.size(), underscore - kind.size()),
                         name.substr(underscore + 1));
    }
  }
  return name;
}

std::string header_struct(const Isa& isa) {
  std::string out =
      "\n// First bytes of every descriptor.\n" + field_table("kHeaderFields", isa.header);
  out += constant("SemaphoreSlots", isa.slots());
  out +=
      "\n// A semaphore and how much is taken from or added to it; count 0: slot not used.\n"
      "struct SemaphoreSlot {\n  uint8_t sem = 0;\n  uint8_t count = 0;\n"
      "  bool operator==(const SemaphoreSlot&) const = default;\n};\n\n"
      "struct Header {\n  uint8_t opcode = 0;  // Opcode\n  uint8_t flags = 0;   // "
      "k<Format>Flag...\n"
      "  uint16_t layer = 0;  // for reports and waves only\n"
      "  std::array<SemaphoreSlot, kSemaphoreSlots> wait{};\n"
      "  std::array<SemaphoreSlot, kSemaphoreSlots> raise{};\n"
      "  bool operator==(const Header&) const = default;\n};\n\n"
      "template <SameStruct<Header> H, class F>\nconstexpr void visit_fields(H& h, F&& f) {\n";
  for (size_t i = 0; i < isa.header.size(); ++i) {
    out += fmt::format("  f(kHeaderFields[{}], h.{});\n", i, header_member(isa.header[i].name));
  }
  return out + "}\n";
}

std::string natural_type(const Field& f) {
  return fmt::format("{}int{}_t", f.is_signed ? "" : "u", f.bits <= 32 ? 32 : 64);
}

std::string format_tables(const Isa& isa, const Format& format) {
  const std::string name = camel_case(format.name);
  std::string out = fmt::format("\n// Format {}.\n", format.name);
  int64_t flag_mask = 0;
  for (const Item& flag : format.flags) {
    out += fmt::format("inline constexpr uint8_t k{}Flag{} = 1 << {};  // {}\n", name,
                       camel_case(flag.name), flag.value, flag.doc);
    flag_mask |= int64_t{1} << flag.value;
  }
  out += fmt::format("inline constexpr uint8_t k{}Flags = {:#04x};  // all of them\n", name,
                     flag_mask);
  out += fmt::format("inline constexpr std::array<NamedValue, {}> k{}FlagTable{{{{\n",
                     format.flags.size(), name);
  for (const Item& f : format.flags)
    out += fmt::format("    {{{}, 1 << {}, {}}},\n", quoted(f.name), f.value, quoted(f.doc));
  out += "}};\n" + field_table(fmt::format("k{}Fields", name), format.fields);
  out += fmt::format("// Bits that must be zero.\ninline constexpr Bytes k{}Reserved{{\n   ", name);
  const std::vector<uint8_t> reserved = reserved_mask(isa, format);
  for (size_t i = 0; i < reserved.size(); ++i) {
    out += fmt::format(" {:#04x},{}", reserved[i],
                       i % 16 == 15 && i + 1 < reserved.size() ? "\n   " : "");
  }
  return out + "};\n";
}

// A field starts at the lowest value it may have, or at zero: loop counts nobody sets are 1.
std::string format_struct(const Format& format) {
  const std::string name = camel_case(format.name);
  std::string out = fmt::format(
      "\nstruct {0}Desc {{\n  static constexpr Format kFormat = Format::k{0};\n  Header header;\n",
      name);
  for (const Field& f : format.fields) {
    const int64_t initial = std::max<int64_t>(f.lowest(), 0);
    out += fmt::format("  {} {} = {};  // {}{}\n", natural_type(f), f.name, initial,
                       f.unit.empty() ? "" : f.unit + ": ", f.doc);
  }
  out += fmt::format(
      "  bool operator==(const {0}Desc&) const = default;\n}};\n\n"
      "template <SameStruct<{0}Desc> D, class F>\nconstexpr void visit_fields(D& d, F&& f) {{\n"
      "  visit_fields(d.header, f);\n",
      name);
  for (size_t i = 0; i < format.fields.size(); ++i) {
    out += fmt::format("  f(k{}Fields[{}], d.{});\n", name, i, format.fields[i].name);
  }
  out += fmt::format(
      "}}\nconstexpr Bytes encode(const {0}Desc& d) {{\n"
      "  return encode_fields(d, kFormats, find_opcode(d.header.opcode));\n}}\n"
      "constexpr {0}Desc decode_{1}(ByteSpan bytes) {{ return decode_fields<{0}Desc>(bytes); }}\n",
      name, format.name);
  return out;
}

std::string opcode_functions(const Isa& isa) {
  std::string out =
      "\nstruct OpcodeInfo {\n  Opcode opcode;\n  Engine engine;\n  Format format;\n  "
      "std::string_view name;\n"
      "  std::string_view doc;\n};\n";
  out +=
      fmt::format("inline constexpr std::array<OpcodeInfo, {}> kOpcodes{{{{\n", isa.opcodes.size());
  for (const Opcode& o : isa.opcodes) {
    out +=
        fmt::format("    {{Opcode::k{}, Engine::k{}, Format::k{}, {}, {}}},\n", camel_case(o.name),
                    camel_case(o.engine), camel_case(o.format), quoted(o.name), quoted(o.doc));
  }
  return out +
         "}};\n"
         "// The opcode's entry, or null when `opcode` is none of this instruction set.\n"
         "constexpr const OpcodeInfo* find_opcode(uint8_t opcode) { return "
         "find_opcode_in(kOpcodes, opcode); }\n"
         "// Error(invalid_argument) when the opcode is none of this instruction set.\n"
         "constexpr Format format_of(Opcode opcode) { return opcode_in(kOpcodes, opcode).format; "
         "}\n"
         "constexpr Engine engine_of(Opcode opcode) { return opcode_in(kOpcodes, opcode).engine; "
         "}\n";
}

std::string job_constants(const Isa& isa) {
  std::string out = "\n// One job of the ring: byte offset and size in bytes of each field.\n";
  for (const Field& f : isa.job) {
    out += fmt::format(
        "inline constexpr int kJob{0}Byte = {1};  // {2}\ninline constexpr int kJob{0}Bytes = "
        "{3};\n",
        camel_case(f.name), f.byte, f.doc, f.bits / 8);
  }
  return out;
}

}  // namespace

std::string cpp_isa_header(const Isa& isa) {
  std::string out =
      "// Generated by weftgen from configs/isa.yaml. Do not edit.\n#pragma once\n\n"
      "#include <array>\n#include <cstdint>\n#include <span>\n#include <string_view>\n\n#include "
      "\"isa/codec.h\"\n\n"
      "namespace weft::isa {\n\n";
  out += constant("IsaVersion", isa.version);
  out += constant("NumEngines", static_cast<int64_t>(isa.engines.size()));
  out += constant("NumSemaphores", isa.semaphore_count);
  out += constant("SemaphoreMax", isa.semaphore_max);
  out += constant("NumRegions", isa.regions);
  out += constant("JobBytes", isa.job_bytes);
  out += fmt::format("inline constexpr uint64_t kJobDoneMagic = {:#x};\n", isa.job_done_magic);
  out += fmt::format("static_assert(kDescriptorBytes == {});\n", isa.descriptor_bytes);
  out += enumeration("Engine", "kEngines", "Engines; the value is the queue and counter index.",
                     isa.engines);
  out += enumeration("Memory", "kMemories", "On-chip memories a transfer may name.", isa.memories);
  out += enumeration("Opcode", "kOpcodeNames", "What a descriptor does.", isa.opcodes);
  out += enumeration("ErrorCode", "kErrorCodes", "How a job can end.", isa.errors);
  std::vector<Item> formats;
  for (const Format& f : isa.formats)
    formats.push_back({f.name, static_cast<int64_t>(formats.size()), "see docs/isa.md"});
  out +=
      enumeration("Format", "kFormatNames", "Layout of a descriptor behind its header.", formats);
  out += opcode_functions(isa) + header_struct(isa);
  std::string structs;
  std::string infos;
  for (const Format& f : isa.formats) {
    const std::string name = camel_case(f.name);
    out += format_tables(isa, f);
    structs += format_struct(f);
    infos += fmt::format("    {{{0}, k{1}Fields, k{1}FlagTable, k{1}Reserved}},\n", quoted(f.name),
                         name);
  }
  out += fmt::format("\ninline constexpr std::array<FormatInfo, {}> kFormats{{{{\n{}}}}};\n",
                     isa.formats.size(), infos);
  out +=
      "constexpr const FormatInfo& format_info(Format format) { return "
      "kFormats[static_cast<size_t>(format)]; }\n";
  return out + structs + job_constants(isa) + "\n}  // namespace weft::isa\n";
}

}  // namespace weft::gen
