#include "program.h"

#include <random>

#include "isa/disasm.h"

namespace weft::tb {
namespace {

void fill(std::span<uint8_t> bytes, std::mt19937_64& rng) {
  // Extremes are as frequent as all else together.
  static constexpr uint8_t kExtremes[] = {0x80, 0x7f, 0x00, 0xff, 0x01, 0x81};
  for (uint8_t& b : bytes) {
    const uint64_t r = rng();
    b = (r & 3) == 0 ? kExtremes[(r >> 8) % std::size(kExtremes)] : static_cast<uint8_t>(r >> 16);
  }
}

// A parameter block: any bias, multipliers of 0 or 2^30 .. 2^31-1, shifts of 0 .. 31.
void fill_block(std::span<uint8_t> block, size_t word, std::mt19937_64& rng) {
  fill(block, rng);
  for (size_t lane = 0; lane < word; ++lane) {
    uint32_t multiplier = 0x40000000U | (static_cast<uint32_t>(rng()) & 0x3fffffffU);
    switch (rng() % 16) {
      case 0: multiplier = 0; break;
      case 1: multiplier = 0x40000000U; break;
      case 2: multiplier = 0x7fffffffU; break;
      default: break;
    }
    for (size_t b = 0; b < 4; ++b)
      block[4 * word + 4 * lane + b] = static_cast<uint8_t>(multiplier >> (8 * b));
    // Small sums or large ones: the whole range of shifts is wanted, the middle most.
    block[8 * word + lane] = static_cast<uint8_t>(rng() % 3 == 0 ? rng() % 32 : 4 + rng() % 24);
  }
}

void fill_blocks(std::span<uint8_t> bytes, size_t word, std::mt19937_64& rng) {
  const size_t block = kParamBlockWords * word;
  for (size_t at = 0; at + block <= bytes.size(); at += block)
    fill_block(bytes.subspan(at, block), word, rng);
}

}  // namespace

isa::Header& header(Instruction& instruction) {
  return std::visit([](auto& d) -> isa::Header& { return d.header; }, instruction);
}
const isa::Header& header(const Instruction& instruction) {
  return std::visit([](const auto& d) -> const isa::Header& { return d.header; }, instruction);
}
isa::Engine engine_of(const Instruction& instruction) {
  return isa::engine_of(static_cast<isa::Opcode>(header(instruction).opcode));
}
isa::Bytes encode(const Instruction& instruction) {
  return std::visit([](const auto& d) { return isa::encode(d); }, instruction);
}

std::vector<uint8_t> initial_dram(const Program& program) {
  std::mt19937_64 rng(program.seed * 2 + 1);
  std::vector<uint8_t> image(static_cast<size_t>(program.window_bytes));
  fill(image, rng);
  const Region& params = program.regions[kParamRegion];
  const auto from = static_cast<size_t>(params.base + program.param_source);
  fill_blocks(
      std::span(image).subspan(from, static_cast<size_t>(params.bytes - program.param_source)),
      static_cast<size_t>(program.config->word_bytes()), rng);
  return image;
}

std::vector<uint8_t> initial_on_chip(const Program& program, driver::OnChip memory) {
  const isa::HardwareConfig& config = *program.config;
  std::mt19937_64 rng(program.seed * 8 + static_cast<uint64_t>(memory));
  const auto word = static_cast<size_t>(config.word_bytes());
  size_t bytes = 0;
  switch (memory) {
    case driver::OnChip::kAct: bytes = static_cast<size_t>(config.act_words) * word; break;
    case driver::OnChip::kWgt: bytes = static_cast<size_t>(config.wgt_words) * word; break;
    case driver::OnChip::kParam: bytes = static_cast<size_t>(config.param_words) * word; break;
    case driver::OnChip::kAcc: bytes = static_cast<size_t>(config.acc_entries()) * word * 4; break;
  }
  std::vector<uint8_t> image(bytes);
  fill(image, rng);
  if (memory == driver::OnChip::kParam) {
    fill_blocks(std::span(image).subspan(static_cast<size_t>(program.param_slots) * word), word,
                rng);
  }
  return image;
}

std::string disassembly(const std::vector<isa::Bytes>& descriptors) {
  std::string text;
  for (size_t i = 0; i < descriptors.size(); ++i) {
    text += isa::disassemble(static_cast<uint32_t>(i), descriptors[i]) + "\n";
  }
  return text;
}

}  // namespace weft::tb
