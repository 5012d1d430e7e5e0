#include "runtime/traffic.h"

#include "weft_gen/isa.h"

namespace weft::runtime {

std::vector<Traffic> layer_traffic(const program::Program& program) {
  std::vector<Traffic> traffic(program.layers.size());
  for (uint32_t i = 0; i < program.descriptor_count; ++i) {
    const auto bytes = program.descriptor(i);
    const isa::Header header = isa::decode_fields<isa::Header>(bytes);
    const auto opcode = static_cast<isa::Opcode>(header.opcode);
    if (opcode != isa::Opcode::kLoad && opcode != isa::Opcode::kStore) continue;
    if (header.layer >= traffic.size()) continue;
    const isa::TransferDesc d = isa::decode_transfer(bytes);
    const uint64_t moved = uint64_t{d.dram_run} * d.dram_count1 * d.dram_count2;
    Traffic& t = traffic[header.layer];
    (opcode == isa::Opcode::kLoad ? t.read_bytes : t.write_bytes) += moved;
  }
  return traffic;
}

}  // namespace weft::runtime
