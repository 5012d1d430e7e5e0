// Field tables and the trivial encoder/decoder that the generated weft_gen/isa.h is
// built on. Knows bits and ranges; what a field means stands in configs/isa.yaml.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/error.h"

namespace weft::isa {

inline constexpr int kDescriptorBytes = 64;
using Bytes = std::array<uint8_t, kDescriptorBytes>;
using ByteSpan = std::span<const uint8_t, kDescriptorBytes>;

// One field of a 64-byte descriptor. Bit `bit` of byte `byte` is its lowest bit.
struct FieldInfo {
  std::string_view name;
  int byte;
  int bit;   // 0 for fields of whole bytes
  int bits;  // 1..64
  bool is_signed;
  int64_t min;  // lowest and highest value allowed, as the encoder checks them
  int64_t max;
  std::string_view unit;  // "" for plain numbers
  std::string_view doc;
};

// A name, its value and what it means: opcodes, errors, memories, flags (value: the mask).
struct NamedValue {
  std::string_view name;
  uint32_t value;
  std::string_view doc;
};

// What encoder, disassembler and verifier know of a format.
struct FormatInfo {
  std::string_view name;
  std::span<const FieldInfo> fields;  // behind the header
  std::span<const NamedValue> flags;
  Bytes reserved;  // bits that must be zero
};

// "?" and "" when the table has no such value.
constexpr std::string_view name_of(std::span<const NamedValue> table, uint32_t value) {
  for (const NamedValue& entry : table) {
    if (entry.value == value) return entry.name;
  }
  return "?";
}

constexpr std::string_view doc_of(std::span<const NamedValue> table, uint32_t value) {
  for (const NamedValue& entry : table) {
    if (entry.value == value) return entry.doc;
  }
  return "";
}

// Value of a field in an encoded descriptor, sign-extended when the field is signed.
constexpr int64_t get_field(const FieldInfo& field, std::span<const uint8_t> bytes) {
  const int total = field.bit + field.bits;
  uint64_t raw = load_le(bytes.data() + field.byte, static_cast<size_t>((total + 7) / 8));
  raw >>= field.bit;
  if (field.bits < 64) raw &= (uint64_t{1} << field.bits) - 1;
  if (field.is_signed && field.bits < 64 && ((raw >> (field.bits - 1)) & 1) != 0) {
    raw |= ~uint64_t{0} << field.bits;
  }
  return static_cast<int64_t>(raw);
}

constexpr bool in_range(const FieldInfo& field, int64_t value) {
  return value >= field.min && value <= field.max;
}

// Writes a field into a descriptor whose bits are still zero there. `value` is checked
// against the field's range: Error(invalid_argument) names format, field, value and range.
constexpr void put_field(std::string_view format, const FieldInfo& field, int64_t value,
                         std::span<uint8_t> bytes) {
  if (!in_range(field, value)) {
    fail(ErrorKind::kInvalidArgument, "{} descriptor: {} is {}; allowed is {} to {}", format,
         field.name, value, field.min, field.max);
  }
  uint64_t raw = static_cast<uint64_t>(value);
  if (field.bits < 64) raw &= (uint64_t{1} << field.bits) - 1;
  raw <<= field.bit;
  for (size_t i = 0; i < static_cast<size_t>((field.bit + field.bits + 7) / 8); ++i) {
    bytes[static_cast<size_t>(field.byte) + i] |= static_cast<uint8_t>(raw >> (8 * i));
  }
}

// S, const or not: lets one visit_fields serve the encoder and the decoder.
template <class T, class S>
concept SameStruct = std::same_as<std::remove_const_t<T>, S>;

template <class Table>
constexpr auto* find_opcode_in(const Table& table, uint8_t opcode) {
  for (const auto& entry : table) {
    if (static_cast<uint8_t>(entry.opcode) == opcode) return &entry;
  }
  return static_cast<decltype(table.data())>(nullptr);
}

template <class Table, class Opcode>
constexpr const auto& opcode_in(const Table& table, Opcode opcode) {
  const auto* entry = find_opcode_in(table, static_cast<uint8_t>(opcode));
  if (entry == nullptr) {
    fail(ErrorKind::kInvalidArgument, "opcode {:#04x} is none of this instruction set",
         static_cast<unsigned>(opcode));
  }
  return *entry;
}

// `opcode`: the entry of d.header.opcode, null when there is none.
template <class Desc, class Formats, class OpcodeInfo>
constexpr Bytes encode_fields(const Desc& d, const Formats& formats, const OpcodeInfo* opcode) {
  const FormatInfo& format = formats[static_cast<size_t>(Desc::kFormat)];
  if (opcode == nullptr || opcode->format != Desc::kFormat) {
    fail(ErrorKind::kInvalidArgument,
         "{} descriptor: opcode is {:#04x}; an opcode of this format is required", format.name,
         static_cast<unsigned>(d.header.opcode));
  }
  Bytes bytes{};
  visit_fields(d, [&](const FieldInfo& field, const auto& value) {
    put_field(format.name, field, static_cast<int64_t>(value), bytes);
  });
  for (size_t i = 0; i < bytes.size(); ++i) {
    if ((bytes[i] & format.reserved[i]) != 0) {
      fail(ErrorKind::kInvalidArgument,
           "{} descriptor: flags are {:#04x}; bits {:#04x} must be zero", format.name,
           static_cast<unsigned>(d.header.flags), static_cast<unsigned>(format.reserved[i]));
    }
  }
  return bytes;
}

// Takes the fields as they stand: ranges and reserved bits are find_violation's business.
template <class Desc>
constexpr Desc decode_fields(ByteSpan bytes) {
  Desc d;
  visit_fields(d, [&](const FieldInfo& field, auto& value) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(get_field(field, bytes));
  });
  return d;
}

}  // namespace weft::isa
