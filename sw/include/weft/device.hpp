/// @file
/// The waist of the stack: what every backend (Verilated RTL, emulator, a card of your own) offers
/// and all that the driver may know of it: registers, memory, waiting. Needs only the standard library.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weft {

/// Devices as the driver sees them, and what they show of a run.
namespace driver {

/// What simulated devices take.
struct DeviceOptions {
  uint64_t memory_bytes = uint64_t{64} << 20;  ///< DRAM, a multiple of 64 up to 2^40
  /// Addresses right behind the DRAM that answer every access with a slave error (SLVERR);
  /// beyond them nothing answers (DECERR). A multiple of 64.
  uint64_t error_window_bytes = 0;

  // For backends with time.
  uint32_t latency_cycles = 100;  ///< from a burst to its first beat or response
  uint32_t bandwidth_num = 1;     ///< at most num beats ...
  uint32_t bandwidth_den = 1;     ///< ... in den cycles a direction
  double stall_probability = 0;   ///< a bus channel stands still in a cycle, 0..0.95
  double hold_probability = 0;    ///< an engine is given no descriptor in a cycle, 0..0.95
  uint32_t queue_limit = 0;       ///< descriptors an engine's queue takes at most; 0: all it holds
  uint64_t seed = 1;              ///< of the stalls and holds

  /// Waves (FST) of cycles wave_first .. wave_last, counted as Device::cycle() does; empty: none.
  /// They need a model that was built with waves.
  std::string wave_file;
  uint64_t wave_first = 0;            ///< the first cycle of the waves
  uint64_t wave_last = ~uint64_t{0};  ///< the last one
  bool wave_pes = false;              ///< of the inside of the array, too
};

/// A descriptor's passage through its engine, for reports and traces. Cycle numbers count
/// from the device's reset; a backend without time gives none.
struct TraceEvent {
  uint64_t cycle = 0;  ///< when
  uint32_t index = 0;  ///< descriptor index in its job
  uint8_t engine = 0;  ///< isa::Engine
  bool done = false;   ///< false: started
};

/// Bytes that the device wrote to its memory at once: byte i at address + i where bit i of `bytes`
/// is set.
struct MemoryWrite {
  uint64_t cycle = 0;    ///< when
  uint64_t address = 0;  ///< of byte 0
  uint64_t bytes = 0;    ///< which of them, a bit each
};

/// A burst on the memory bus: the cycle it was taken in, and those of its first and last beat.
struct MemoryBurst {
  uint64_t issue = 0;    ///< cycle that it was taken in
  uint64_t first = 0;    ///< cycle of its first beat
  uint64_t last = 0;     ///< cycle of its last beat
  uint64_t address = 0;  ///< of its first byte
  uint32_t bytes = 0;    ///< of its beats
  uint8_t id = 0;        ///< 0: control, 1: load or store engine
  bool write = false;    ///< else a read
};

/// From this cycle on the engine does something else.
struct ActivityChange {
  uint64_t cycle = 0;    ///< when
  uint8_t engine = 0;    ///< isa::Engine
  uint8_t activity = 0;  ///< isa::Activity; isa::kNumActivities: no job runs
};

/// The memories on the chip.
enum class OnChip : uint8_t { kAct, kWgt, kParam, kAcc };

/// A device, wherever it is. Whoever has a Weft of their own (a PCIe card, a kernel driver, a virtual
/// platform) implements it; the driver uses it from one thread at a time. Functions may throw weft::Error
/// (a bus that answers with an error, a card that is gone), which ends the inference with that error.
class Device {
 public:
  virtual ~Device() = default;

  /// The backend's name ("rtl", "emulator", "systemc", "systemc_lt").
  virtual std::string backend() const = 0;
  /// The hardware configuration's ("base").
  virtual std::string config() const = 0;

  /// Reads a register of weft/registers.h at its byte offset, 32 bits. Error(device): refused.
  virtual uint32_t read_register(uint32_t offset) = 0;
  /// Writes it. Error(device): refused.
  virtual void write_register(uint32_t offset, uint32_t value) = 0;

  /// The first address of the device's DRAM, as the device addresses it; a multiple of 64.
  virtual uint64_t memory_base() const = 0;
  /// Its bytes, a multiple of 64.
  virtual uint64_t memory_bytes() const = 0;
  /// Copies from it. Host access is immediate and coherent with what the device has completed.
  virtual void read_memory(uint64_t address, std::span<uint8_t> out) = 0;
  /// Copies to it.
  virtual void write_memory(uint64_t address, std::span<const uint8_t> data) = 0;

  /// Lets the device run until its interrupt line is high, or `max_cycles` device cycles
  /// have passed; on a real device, about the time that they take. True: interrupt. A backend without
  /// time runs to the end of its work.
  virtual bool wait_interrupt(uint64_t max_cycles) = 0;

  /// Cycles since reset (0 for a backend without time).
  virtual uint64_t cycle() const = 0;

  /// Keeps descriptors' events from now on, or no longer. A device that shows none has no cycles by
  /// layer.
  virtual void enable_trace(bool /*enable*/) {}
  /// The events since the last call, oldest first.
  virtual std::vector<TraceEvent> take_trace() { return {}; }

  /// Keeps the device's own writes to memory. A backend without time has none.
  virtual void trace_writes(bool /*enable*/) {}
  /// Those since the last call, oldest first.
  virtual std::vector<MemoryWrite> take_writes() { return {}; }

  /// Keeps the bursts on its bus. A backend without time has none.
  virtual void trace_bus(bool /*enable*/) {}
  /// Those that ended since the last call, in order of their last cycle.
  virtual std::vector<MemoryBurst> take_bursts() { return {}; }
  /// Keeps what its engines do. A model built for speed does not show it.
  virtual void trace_activity(bool /*enable*/) {}
  /// The changes since the last call, in order of their cycle.
  virtual std::vector<ActivityChange> take_activity() { return {}; }

  /// Ends the wave file, which holds what has happened so far; nothing more is added to it.
  virtual void close_waves() {}

  /// An on-chip memory as it stands, word by word (acc: 32-bit sums, little-endian), past all
  /// registers: for tests. A real device, and a model built for speed, show nothing.
  virtual std::vector<uint8_t> read_on_chip(OnChip) { return {}; }
  /// The same many bytes; only while no job runs. False where it cannot be done.
  virtual bool write_on_chip(OnChip, std::span<const uint8_t>) { return false; }
};

}  // namespace driver
}  // namespace weft
