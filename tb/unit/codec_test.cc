// Descriptors: what is encoded comes back, what does not fit is refused in words, and
// disassembler and verifier read the same bytes.
#include <cstdlib>
#include <random>

#include "isa/disasm.h"
#include "tb/catch_compat.h"
#include "weft_gen/registers.h"

namespace weft::isa {
namespace {

uint64_t seed() {
  const char* text = std::getenv("WEFT_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 20240501;
}

// A legal value: the ends of the range often, so that sign and width show.
int64_t random_value(const FieldInfo& field, std::mt19937_64& random) {
  switch (random() % 4) {
    case 0: return field.min;
    case 1: return field.max;
    default: return std::uniform_int_distribution<int64_t>(field.min, field.max)(random);
  }
}

template <class Desc>
Desc random_desc(std::mt19937_64& random) {
  Desc d;
  visit_fields(d, [&](const FieldInfo& field, auto& value) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(random_value(field, random));
  });
  for (const OpcodeInfo& opcode : kOpcodes) {
    if (opcode.format == Desc::kFormat) d.header.opcode = static_cast<uint8_t>(opcode.opcode);
  }
  uint8_t flags = 0;
  for (const NamedValue& flag : format_info(Desc::kFormat).flags)
    flags |= static_cast<uint8_t>(flag.value);
  d.header.flags &= flags;
  return d;
}

template <class Desc, class Decode>
void round_trip(Decode decode) {
  INFO("WEFT_SEED=" << seed());
  std::mt19937_64 random(seed());
  for (int i = 0; i < 2000; ++i) {
    const Desc d = random_desc<Desc>(random);
    const Bytes bytes = encode(d);
    REQUIRE(decode(bytes) == d);
    REQUIRE_FALSE(find_violation(bytes).has_value());
  }
}

// Every field, one below its lowest and one above its highest value.
template <class Desc>
void refuses_out_of_range() {
  std::mt19937_64 random(seed());
  const Desc good = random_desc<Desc>(random);
  size_t refused = 0;
  size_t index = 0;
  visit_fields(good, [&](const FieldInfo& field, const auto&) {
    const size_t here = index++;
    for (const int64_t value : {field.min - 1, field.max + 1}) {
      Desc bad = good;
      bool holds = false;  // the struct's member can take the value at all
      size_t at = 0;
      visit_fields(bad, [&](const FieldInfo&, auto& member) {
        if (at++ != here) return;
        member = static_cast<std::remove_reference_t<decltype(member)>>(value);
        holds = static_cast<int64_t>(member) == value;
      });
      if (!holds) continue;
      INFO(field.name << " = " << value);
      if (field.name == "opcode") {
        CHECK_THROWS_AS(encode(bad), Error);
      } else {
        CHECK_THROWS_WITH(encode(bad), fmt::format("{} descriptor: {} is {}; allowed is {} to {}",
                                                   format_info(Desc::kFormat).name, field.name,
                                                   value, field.min, field.max));
      }
      ++refused;
    }
  });
  CHECK(refused > index / 2);
}

TEST_CASE("descriptors come back as they were encoded") {
  round_trip<TransferDesc>(decode_transfer);
  round_trip<ArrayDesc>(decode_array);
  round_trip<VectorDesc>(decode_vector);
  round_trip<DepthwiseDesc>(decode_depthwise);
}

TEST_CASE("values out of range are refused") {
  refuses_out_of_range<TransferDesc>();
  refuses_out_of_range<ArrayDesc>();
  refuses_out_of_range<VectorDesc>();
  refuses_out_of_range<DepthwiseDesc>();
}

TEST_CASE("a descriptor's bytes are where the manual draws them") {
  TransferDesc d;
  d.header.opcode = static_cast<uint8_t>(Opcode::kStore);
  d.header.layer = 0x1234;
  d.header.wait[0] = {.sem = 31, .count = 1};
  d.header.raise[3] = {.sem = 2, .count = 7};
  d.region = 5;
  d.mem = 1;
  d.dram_offset = 0x665544332211;
  d.dram_stride2 = -2;
  const Bytes bytes = encode(d);
  CHECK(bytes[0] == 0x18);
  CHECK(bytes[2] == 0x34);
  CHECK(bytes[3] == 0x12);
  CHECK(bytes[4] == (31 | 1 << 5));
  CHECK(bytes[11] == (2 | 7 << 5));
  CHECK(bytes[12] == (1 | 5 << 4));
  CHECK(bytes[16] == 0x11);
  CHECK(bytes[21] == 0x66);
  CHECK(bytes[48] == 0xfe);
  CHECK(bytes[51] == 0xff);
  CHECK(bytes[52] == 0);
}

TEST_CASE("wrong opcode or flags for a format are refused") {
  ArrayDesc d;
  d.header.opcode = static_cast<uint8_t>(Opcode::kLoad);
  CHECK_THROWS_WITH(encode(d),
                    "array descriptor: opcode is 0x10; an opcode of this format is required");
  d.header.opcode = static_cast<uint8_t>(Opcode::kConv);
  d.header.flags = 0x04;
  CHECK_THROWS_WITH(encode(d), "array descriptor: flags are 0x04; bits 0xfc must be zero");
  d.header.flags = kArrayFlagAccumulate | kArrayFlagShallow;
  CHECK_NOTHROW(encode(d));
}

TEST_CASE("violations in bytes are found") {
  TransferDesc d;
  d.header.opcode = static_cast<uint8_t>(Opcode::kLoad);
  const Bytes good = encode(d);
  REQUIRE_FALSE(find_violation(good).has_value());
  Bytes bad = good;
  bad[0] = 0xff;
  CHECK(find_violation(bad) == "opcode 0xff is none of this instruction set");
  bad = good;
  bad[63] = 0x80;
  CHECK(find_violation(bad) == "byte 63 has reserved bits 0x80 set; they must be zero");
  bad = good;
  bad[26] = bad[27] = 0;
  CHECK(find_violation(bad) == "chip_count1 is 0; allowed is 1 to 65535");
}

TEST_CASE("disassembly says what the bytes hold") {
  ArrayDesc d;
  d.header.opcode = static_cast<uint8_t>(Opcode::kConv);
  d.header.layer = 3;
  d.header.flags = kArrayFlagShallow;
  d.header.wait[0] = {.sem = 4, .count = 1};
  d.header.wait[2] = {.sem = 5, .count = 2};
  d.header.raise[1] = {.sem = 6, .count = 1};
  d.y0 = -1;
  CHECK(disassemble(12, encode(d)) ==
        "    12  conv     layer 3  wait 4, 5x2  raise 6  shallow in_h=1 in_w=1 y0=-1 out_h=1 "
        "out_w=1 stride_y=1 "
        "stride_x=1 dil_y=1 dil_x=1 kh=1 kw=1 kc=1");
  Bytes bytes = encode(d);
  bytes[60] = 1;
  CHECK_THAT(disassemble(0, bytes),
             Catch::Matchers::ContainsSubstring("  ! byte 60 has reserved bits 0x01 set"));
  bytes[0] = 0;
  CHECK(disassemble(0, bytes) == "     0  opcode 0x00 is unknown");
}

TEST_CASE("names, opcodes and registers") {
  CHECK(to_string(ErrorCode::kDeadlock) == "deadlock");
  CHECK(to_string(static_cast<ErrorCode>(200)) == "?");
  CHECK(engine_of(Opcode::kMaxpool) == Engine::kVector);
  CHECK(format_of(Opcode::kStore) == Format::kTransfer);
  CHECK(find_opcode(0) == nullptr);
  CHECK_THROWS_WITH(engine_of(static_cast<Opcode>(1)),
                    "opcode 0x01 is none of this instruction set");
  CHECK(kJobDoneMagicByte == 248);
  CHECK(regs::counter_offset(regs::Counter::kDescriptors) ==
        regs::kCounterBase + 8 * (regs::kNumCounters - 1));
  CHECK(regs::kErrorCodeEngineMask == 0x700);
}

}  // namespace
}  // namespace weft::isa
