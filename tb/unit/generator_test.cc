// weftgen refuses each class of mistake in configs/ with file, line and a way out, and
// what it has written into docs/ is current.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "tb/catch_compat.h"
#include "tools/weftgen/emit.h"
#include "weft_gen/configs.h"

namespace weft::gen {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

fs::path config_file(const std::string& name) {
  return fs::path(WEFT_SOURCE_DIR) / "configs" / name;
}

// A directory of its own, gone at the end.
class TempDir {
 public:
  TempDir() {
    std::string name = (fs::temp_directory_path() / "weftgen-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// One mistake: in `file`, the text `from` (the first occurrence) is replaced by `to`.
struct Mistake {
  std::string file;
  std::string from;
  std::string to;
  std::string key;      // as the message names it
  std::string message;  // what follows "file:line: key: "
  int line_offset = 0;  // of the blamed line, from the line where `from` begins
};

// The sentence with which the changed file is refused; "" when it is not.
std::string refusal(const fs::path& path, const std::string& file, ErrorKind& kind) {
  try {
    if (file == "isa.yaml") {
      read_isa(path.string());
    } else if (file == "registers.yaml") {
      read_registers(path.string());
    } else {
      read_hardware(path.string());
    }
  } catch (const Error& e) {
    kind = e.kind();
    return e.what();
  }
  return "";
}

void check(const Mistake& m) {
  INFO(m.file << ": '" << m.from << "' -> '" << m.to << "'");
  std::string text = contents(config_file(m.file));
  const size_t at = text.find(m.from);
  REQUIRE(at != std::string::npos);
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') +
                    1 + m.line_offset;
  text.replace(at, m.from.size(), m.to);

  const TempDir dir;
  const fs::path path = dir.path() / fs::path(m.file).filename();
  std::ofstream(path) << text;
  ErrorKind kind = ErrorKind::kInternal;
  CHECK(refusal(path, m.file, kind) ==
        path.string() + ":" + std::to_string(line) + ": " + m.key + ": " + m.message);
  CHECK(kind == ErrorKind::kMalformedFile);
}

constexpr const char* kTiny = "hardware/tiny.yaml";
constexpr const char* kHardwareKeys =
    "name, array_rows_elems, array_cols_elems, act_bytes, act_banks, wgt_bytes, acc_banks, "
    "acc_depth_entries, param_bytes, bus_bits, queue_depth_descs";

TEST_CASE("hardware configurations: mistakes are named") {
  const std::string keys = kHardwareKeys;
  const std::vector<Mistake> mistakes = {
      {kTiny, "act_banks: 16", "act_bank: 16", "act_bank",
       "unknown key of hardware configuration; allowed are " + keys},
      {kTiny, "act_banks: 16", "act_banks: 16\nact_banks: 16", "act_banks",
       "key given twice in this hardware configuration; each may stand once", 1},
      {kTiny, "name: tiny\n", "", "name",
       "key missing in this hardware configuration; required are " + keys},
      {kTiny, "wgt_bytes: 2048", "wgt_bytes: lots", "wgt_bytes",
       "is 'lots'; an integer (decimal or 0x...) is expected"},
      {kTiny, "wgt_bytes: 2048", "wgt_bytes: \"2048\"", "wgt_bytes",
       "is '2048'; an integer (decimal or 0x...) is expected"},
      {kTiny, "wgt_bytes: 2048", "wgt_bytes: 02048", "wgt_bytes",
       "is '02048'; an integer (decimal or 0x...) is expected"},
      {kTiny, "wgt_bytes: 2048", "wgt_bytes: [2048]", "wgt_bytes",
       "is a list; an integer is expected"},
      {kTiny, "name: tiny", "name: Tiny", "name",
       "is 'Tiny'; a name of a-z, 0-9 and _ that begins with a letter is expected"},
      {kTiny, "name: tiny", "name: small", "name",
       "is 'small' in file 'tiny.yaml'; it must be the file's name without .yaml, 'tiny'"},
      {kTiny, "array_rows_elems: 4", "array_rows_elems: 12", "array_rows_elems",
       "is 12; allowed are 4, 8, 16, 32"},
      {kTiny, "array_cols_elems: 4", "array_cols_elems: 8", "array_cols_elems",
       "is 8 while array_rows_elems is 4; the array is square, so 4"},
      {kTiny, "bus_bits: 32", "bus_bits: 64", "bus_bits",
       "is 64 with array_rows_elems 4; one on-chip word a beat needs 8 x 4 = 32"},
      {kTiny, "act_bytes: 8192", "act_bytes: 8000", "act_bytes",
       "is 8000; a power of two is required"},
      {kTiny, "act_bytes: 8192", "act_bytes: 524288", "act_bytes",
       "is 524288 bytes = 131072 words of 4 bytes; 16-bit word addresses reach 65536 words = "
       "262144 bytes"},
      {kTiny, "act_banks: 16", "act_banks: 12", "act_banks", "is 12; a power of two is required"},
      {kTiny, "act_bytes: 8192", "act_bytes: 64", "act_bytes",
       "is 64 bytes = 16 words of 4 bytes; at least 32 words = 128 bytes are needed"},
      {kTiny, "acc_depth_entries: 64", "acc_depth_entries: 32768", "acc_depth_entries",
       "is 32768 in 4 banks = 131072 entries; 16-bit entry addresses reach 65536, so at most 16384 "
       "a bank"},
      {kTiny, "queue_depth_descs: 8", "queue_depth_descs: 1", "queue_depth_descs",
       "is 1; allowed is 2 to 256"},
  };
  for (const Mistake& m : mistakes) check(m);
}

TEST_CASE("instruction set: mistakes are named") {
  const std::string isa = "isa.yaml";
  const std::vector<Mistake> mistakes = {
      {isa, "{name: in_h,         byte: 14", "{name: in_h,         byte: 13", "byte",
       "field 'in_h' (byte 13 bit 0, 16 bits) overlaps 'in_addr' (byte 12 bit 0, 16 bits); fields "
       "may not share bits"},
      {isa, "{name: chip_addr,     byte: 14", "{name: chip_addr,     byte: 10", "byte",
       "field 'chip_addr' (byte 10 bit 0, 16 bits) overlaps 'raise2_sem' (byte 10 bit 0, 5 bits) "
       "of the header; "
       "fields may not share bits"},
      {isa, "{name: pad_value,    byte: 44", "{name: pad_value,    byte: 64", "byte",
       "field 'pad_value' ends at byte 64; the last byte is 63"},
      {isa, "{name: in_w,         byte: 16, bits: 16", "{name: in_h,         byte: 16, bits: 16",
       "name", "'in_h' is given twice; field names are unique"},
      {isa, "byte: 22, bits: 24", "byte: 22, bits: 20", "bits",
       "is 20; allowed are 1 to 7 and 8, 16, 24, 32, 48"},
      {isa, "byte: 12, bit: 0, bits: 2, max: 2", "byte: 12, bit: 7, bits: 2, max: 2", "bit",
       "is 7; allowed is 0 to 6"},
      {isa, "byte: 12, bit: 0, bits: 2, max: 2", "byte: 12, bit: 0, bits: 2, max: 4", "max",
       "4 does not fit unsigned 2 bits; allowed is 0 to 3"},
      {isa, "min: 1, max: 64", "min: 65, max: 64", "min",
       "65 is above max 64; min may not pass max"},
      {isa, "signed: true", "signed: yes", "signed", "is 'yes'; true or false is expected"},
      {isa, "{name: dwconv,  value: 0x28", "{name: dwconv,  value: 0x20", "value",
       "0x20 is that of 'conv' already; each opcode has its own"},
      {isa, "{name: dwconv,  value: 0x28", "{name: conv,  value: 0x28", "name",
       "'conv' is given twice; opcode names are unique"},
      {isa, "engine: load,      format: transfer", "engine: loader,      format: transfer",
       "engine", "'loader' is not known; allowed are load, array, depthwise, vector, store"},
      {isa, "engine: load,      format: transfer", "engine: load,      format: transfers", "format",
       "'transfers' is not known; allowed are transfer, array, vector, depthwise"},
      {isa, "{name: wgt,   value: 1", "{name: wgt,   value: 0", "value",
       "0 is that of 'act' already; each of memories has its own"},
      {isa, "{name: shallow,    bit: 1", "{name: shallow,    bit: 0", "bit",
       "0 is that of 'accumulate' already; each of flags has its own"},
      {isa, "{name: bus,             value: 7", "{name: region,             value: 7", "name",
       "'region' is given twice; names of errors are unique"},
      {isa, "  count: 32", "  count: 16", "header",
       "field 'wait0_sem' has 5 bits; it must name exactly semaphores.count = 16", 5},
      {isa, "{name: layer,  byte", "{name: where,  byte", "header",
       "field 'layer' is missing; the header holds opcode, flags, layer, wait0_sem, wait0_count, "
       "raise0_sem, "
       "raise0_count, wait1_sem, wait1_count, raise1_sem, raise1_count, wait2_sem, wait2_count, "
       "raise2_sem, "
       "raise2_count, wait3_sem, wait3_count, raise3_sem, raise3_count",
       -3},
      {isa, "{name: done_job_id,   byte: 192", "{name: done_job_id,   byte: 190", "byte",
       "field 'done_job_id' (byte 190 bit 0, 64 bits) overlaps 'regions' (byte 64 bit 0, 1024 "
       "bits); "
       "fields may not share bits"},
  };
  for (const Mistake& m : mistakes) check(m);
}

TEST_CASE("registers: mistakes are named") {
  const std::string regs = "registers.yaml";
  const std::vector<Mistake> mistakes = {
      {regs, "offset: 0x004", "offset: 0x006", "offset",
       "0x6 is not aligned; registers lie at multiples of 4"},
      {regs, "offset: 0x004", "offset: 0x400", "offset",
       "0x400 lies outside; address_bytes allows 0 to 0x3fc"},
      {regs, "offset: 0x004", "offset: 0x000", "offset",
       "0x0 is that of 'id' already; each register has its own"},
      {regs, "{name: version, ", "{name: id, ", "name",
       "'id' is given twice; register names are unique"},
      {regs, "access: ro, doc: \"instr", "access: read, doc: \"instr", "access",
       "is 'read'; allowed are ro, rw, w1c, wo"},
      {regs, "reset: 0x54464557", "reset: 0x154464557", "reset",
       "is 5708858711; allowed is 0 to 4294967295"},
      {regs, "array_cols, bit: 8", "array_cols, bit: 7", "bit",
       "field 'array_cols' (bits 7 to 14) overlaps 'array_rows' (bits 0 to 7); fields may not "
       "share bits"},
      {regs, "timing: progress", "timing: slow", "timing",
       "is 'slow'; allowed are busy, progress, jobs"},
      {regs, "access: pulse", "access: ro", "access", "is 'ro'; allowed are pulse"},
      {regs, "zero_bits: 6", "zero_bits: 32", "zero_bits", "is 32; allowed is 1 to 31"},
      {regs, "access: w1c", "zero_bits: 1\n    access: w1c", "zero_bits",
       "is for a register without fields; 'irq_status' has some"},
      {regs, "engines,    bit: 16, bits: 5", "engines,    bit: 16, bits: 17", "bits",
       "is 17; allowed is 1 to 16"},
      {regs, "base: 0x100", "base: 0x058", "base",
       "counters 0x58 to 0x18f overlap register 'error_addr_lo' at 0x58; they may not share "
       "addresses"},
      {regs, "base: 0x100", "base: 0x3c0", "base",
       "39 counters from 0x3c0 end at 0x4f8; address_bytes allows up to 0x400"},
      {regs, "{name: load_busy, ", "{name: cycles, ", "name",
       "'cycles' is given twice; counter names are unique"},
      {regs, "address_bytes: 1024", "address_bytes: 1000", "address_bytes",
       "is 1000; a power of two is required"},
  };
  for (const Mistake& m : mistakes) check(m);
}

TEST_CASE("files that are no YAML, or not there") {
  const TempDir dir;
  const fs::path path = dir.path() / "tiny.yaml";
  CHECK_THROWS_WITH(read_hardware(path.string()),
                    path.string() + ": cannot be read; is the path right?");
  std::ofstream(path) << "name: tiny\nact: [1, 2\n";
  CHECK_THROWS_WITH(read_hardware(path.string()),
                    Catch::Matchers::ContainsSubstring(path.string() + ":3: not valid YAML: "));
  std::ofstream(path) << "- tiny\n";
  CHECK_THROWS_WITH(read_hardware(path.string()),
                    path.string() + ":1: hardware configuration: is a list; a mapping with " +
                        kHardwareKeys + " is expected");
}

TEST_CASE("the configuration hash stands for facts, not for words") {
  const Isa isa = read_isa(config_file("isa.yaml").string());
  const Registers registers = read_registers(config_file("registers.yaml").string());
  const Hardware base = read_hardware(config_file("hardware/base.yaml").string());
  const uint64_t hash = config_hash(base, isa, registers);
  CHECK(hash == weft::isa::find_config("base").config_hash);
  CHECK_THAT(sv_config_package(base, hash),
             Catch::Matchers::ContainsSubstring(fmt::format("64'h{:016x}", hash)));

  Hardware renamed = base;
  renamed.name = "other";
  Isa reworded = isa;
  reworded.formats[0].doc = reworded.formats[0].fields[0].doc = "in other words";
  CHECK(config_hash(renamed, reworded, registers) == hash);

  Hardware deeper = base;
  deeper.queue_depth *= 2;
  CHECK(config_hash(deeper, isa, registers) != hash);
  Isa moved = isa;
  moved.formats[1].fields[0].byte += 1;
  CHECK(config_hash(base, moved, registers) != hash);
  Registers other = registers;
  other.registers[1].offset += 4;
  CHECK(config_hash(base, isa, other) != hash);
}

TEST_CASE("no sentence of the facts leaves its comment or string in the C header") {
  Isa isa = read_isa(config_file("isa.yaml").string());
  Registers registers = read_registers(config_file("registers.yaml").string());
  registers.registers[0].doc = "ends */ here";
  isa.errors[1].doc = "says \"no\"";
  const std::string header = c_registers_header(registers, isa);
  CHECK_THAT(header, Catch::Matchers::ContainsSubstring("/* id (ro): ends * / here */"));
  CHECK_THAT(header, Catch::Matchers::ContainsSubstring(R"("says \"no\"")"));
}

TEST_CASE("docs/isa.md, registers.md and weft.rdl are current (make docs writes them)") {
  const fs::path docs = fs::path(WEFT_SOURCE_DIR) / "docs";
  const auto same = [](const std::string& a, const std::string& b) { return a == b; };
  CHECK(same(contents(docs / "isa.md"), markdown_isa(read_isa(config_file("isa.yaml").string()))));
  const Registers registers = read_registers(config_file("registers.yaml").string());
  CHECK(same(contents(docs / "registers.md"), markdown_registers(registers)));
  CHECK(same(contents(docs / "weft.rdl"), rdl_registers(registers)));
}

}  // namespace
}  // namespace weft::gen
