#include "sim/memory_options.h"

#include "base/error.h"

namespace weft::sim {

AxiMemoryConfig memory_config(const driver::DeviceOptions& options,
                              const isa::HardwareConfig& hardware) {
  if (!(options.stall_probability >= 0 && options.stall_probability <= 0.95)) {
    fail(ErrorKind::kInvalidArgument, "a stall probability of {}; allowed is 0 to 0.95",
         options.stall_probability);
  }
  if (options.latency_cycles < 1 || options.latency_cycles > 1000000) {
    fail(ErrorKind::kInvalidArgument, "a memory latency of {} cycles; allowed is 1 to 1000000",
         options.latency_cycles);
  }
  if (options.bandwidth_num < 1 || options.bandwidth_num > options.bandwidth_den) {
    fail(ErrorKind::kInvalidArgument,
         "a bandwidth of {} beats in {} cycles; it must be above 0 and at most 1",
         options.bandwidth_num, options.bandwidth_den);
  }
  AxiMemoryConfig config;
  config.bus_bytes = static_cast<unsigned>(hardware.bus_bytes());
  config.read_latency = config.write_latency = options.latency_cycles;
  config.beats_num = options.bandwidth_num;
  config.beats_den = options.bandwidth_den;
  const auto chance = static_cast<unsigned>(options.stall_probability * 65536);
  config.stall_ar = config.stall_r = config.stall_aw = config.stall_w = config.stall_b = chance;
  config.seed = options.seed;
  return config;
}

void add_ranges(AxiMemory& memory, const driver::DeviceOptions& options) {
  memory.add_range(kMemoryBase, options.memory_bytes);
  if (options.error_window_bytes > 0) {
    memory.add_range(kMemoryBase + options.memory_bytes, options.error_window_bytes, kSlvErr);
  }
}

uint8_t* host_bytes(AxiMemory& memory, uint64_t memory_bytes, uint64_t address, uint64_t bytes) {
  uint8_t* data = nullptr;
  if (address >= kMemoryBase && address - kMemoryBase <= memory_bytes &&
      bytes <= memory_bytes - (address - kMemoryBase)) {
    data = memory.data(address, bytes);
  }
  if (data == nullptr) {
    fail(ErrorKind::kInvalidArgument,
         "{} bytes at {:#x} are not in the device's memory ({} bytes at {:#x})", bytes, address,
         memory_bytes, kMemoryBase);
  }
  return data;
}

}  // namespace weft::sim
