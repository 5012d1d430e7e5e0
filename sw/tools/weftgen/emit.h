// The texts weftgen writes, one function a file. Pure: facts in, text out.
#pragma once

#include <string>
#include <vector>

#include "tools/weftgen/facts.h"

namespace weft::gen {

std::string sv_isa_package(const Isa& isa);
std::string sv_csr_package(const Registers& registers);
std::string sv_config_package(const Hardware& hardware, uint64_t hash);

std::string cpp_isa_header(const Isa& isa);
std::string cpp_registers_header(const Registers& registers);
// <weft/registers.h>: registers and job entries for C.
std::string c_registers_header(const Registers& registers, const Isa& isa);
// `hashes` runs along `hardware`.
std::string cpp_configs_header(const std::vector<Hardware>& hardware,
                               const std::vector<uint64_t>& hashes);

// The configuration as macros, for benches that are compiled once for each.
std::string cpp_bench_header(const Hardware& hardware);

std::string markdown_isa(const Isa& isa);
std::string markdown_registers(const Registers& registers);
std::string rdl_registers(const Registers& registers);

// Names: "chip_addr" -> "CHIP_ADDR", "ChipAddr".
std::string upper_case(const std::string& name);
std::string camel_case(const std::string& name);
// "text" as a C++ string literal.
std::string quoted(const std::string& text);
// Bits of a descriptor of `format` that must be zero, byte 0 first.
std::vector<uint8_t> reserved_mask(const Isa& isa, const Format& format);
// Header fields, then the format's own, by position.
std::vector<Field> all_fields(const Isa& isa, const Format& format);

}  // namespace weft::gen
