#include <fmt/format.h>

#include "driver/loaded_program.h"
#include "isa/disasm.h"

namespace weft::driver {
namespace {

constexpr uint32_t kSlaveError = 2;

std::string place_of(uint64_t address, const program::Program& program,
                     const std::array<RegionGrant, isa::kNumRegions>& regions) {
  for (size_t r = 0; r < program.regions.size(); ++r) {
    const RegionGrant& grant = regions[r];
    if (address >= grant.base && address - grant.base < grant.bytes) {
      return fmt::format("{:#x} (region '{}' + {})", address, program.regions[r].name,
                         address - grant.base);
    }
  }
  return fmt::format("{:#x} (in no region of the program)", address);
}

}  // namespace

std::string describe(const Completion& c, const program::Program& program,
                     const std::array<RegionGrant, isa::kNumRegions>& regions) {
  std::string text = fmt::format("the device ended the job with error {}: {}",
                                 isa::to_string(c.code), isa::doc_of(c.code));
  if (c.code == isa::ErrorCode::kBus) {
    text += fmt::format(" ({})", c.response == kSlaveError ? "SLVERR" : "DECERR");
  }
  if (c.code == isa::ErrorCode::kBus || c.code == isa::ErrorCode::kRegion) {
    text += ", at address " + place_of(c.address, program, regions);
  }
  if (!c.recorded) return text + "; the job's entry could not be read or its record not be written";
  if (c.code == isa::ErrorCode::kBadJob || c.code == isa::ErrorCode::kConfigMismatch) return text;
  if (c.index < program.descriptor_count) {
    const auto bytes = program.descriptor(c.index);
    const auto header = isa::decode_fields<isa::Header>(bytes);
    if (header.layer < program.layers.size())
      text += fmt::format("; layer {}", program.layers[header.layer].name);
    text += fmt::format(", descriptor {}", c.index);
    if (c.engine < isa::kNumEngines) {
      text += fmt::format(" on the {} engine", isa::to_string(static_cast<isa::Engine>(c.engine)));
    }
    text += fmt::format(": {}", isa::disassemble(c.index, bytes));
  }
  return text;
}

}  // namespace weft::driver
