// A random program: instructions without semaphores, and the memory they live in. Whatever
// instructions are taken out of it, what is left is a legal program again: every byte has
// contents before the first one, and semaphores are made last, from what the instructions touch.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/sync.h"
#include "weft/device.hpp"
#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::tb {

using Instruction =
    std::variant<isa::TransferDesc, isa::ArrayDesc, isa::DepthwiseDesc, isa::VectorDesc>;

// A region of the job, in bytes of the program's window of DRAM.
struct Region {
  int64_t base = 0, bytes = 0;  // multiples of 64
  bool readable = false, writable = false;
};

constexpr int kProgramRegion = 0;  // the descriptors
constexpr int kParamRegion = 1;    // parameter blocks, one behind the other
constexpr int kParamBlockWords = 9;
constexpr int64_t kMaxDescriptors = 512;

struct Program {
  const isa::HardwareConfig* config = nullptr;
  uint64_t seed = 0;
  std::array<Region, isa::kNumRegions> regions{};
  int64_t window_bytes = 0;
  int64_t param_source = 0;  // first block, from the parameter region's base
  int64_t param_slots = 0;   // first block in param memory; blocks follow each other from there
  uint64_t extras = 0;       // seed of semaphores beyond the needed ones; 0: none
  std::vector<Instruction> instructions;
};

isa::Header& header(Instruction& instruction);
const isa::Header& header(const Instruction& instruction);
isa::Engine engine_of(const Instruction& instruction);
isa::Bytes encode(const Instruction& instruction);

// All that an instruction reads and writes (DRAM: bytes of the window). Nothing: it may not
// stand in this program: refused by the machine, outside a memory or region, without a
// defined result, or spoiling a parameter block.
std::optional<std::vector<compiler::Access>> footprint(const Program& program,
                                                       const Instruction& instruction);

// The descriptors with their semaphores.
std::vector<isa::Bytes> synchronise(const Program& program);
// The same with all semaphores left out: no legal program.
std::vector<isa::Bytes> without_semaphores(const Program& program);

// Contents before the program runs.
std::vector<uint8_t> initial_dram(const Program& program);
std::vector<uint8_t> initial_on_chip(const Program& program, driver::OnChip memory);

// As `weft disasm` shows it.
std::string disassembly(const std::vector<isa::Bytes>& descriptors);

}  // namespace weft::tb
