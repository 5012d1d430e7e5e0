// The memory that simulated devices have, as driver::DeviceOptions describe it.
#pragma once

#include "driver/backend.h"
#include "isa/hardware_config.h"
#include "sim/axi_memory.h"

namespace weft::sim {

// Not zero, and above 4 GiB: addresses must be carried in full.
inline constexpr uint64_t kMemoryBase = uint64_t{1} << 36;

// Error(invalid_argument) for options that cannot be.
AxiMemoryConfig memory_config(const driver::DeviceOptions& options,
                              const isa::HardwareConfig& config);

// The DRAM, and behind it what answers with errors.
void add_ranges(AxiMemory& memory, const driver::DeviceOptions& options);

// The host's access: `bytes` bytes of the DRAM; Error(invalid_argument) where they are not all there.
uint8_t* host_bytes(AxiMemory& memory, uint64_t memory_bytes, uint64_t address, uint64_t bytes);

}  // namespace weft::sim
