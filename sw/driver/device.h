// The waist of the stack: what every backend (Verilated RTL, emulator, SystemC) offers
// and all that driver and tests may know of it: registers, memory, waiting.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace weft::driver {

// A descriptor's passage through its engine, for reports and traces. Cycle numbers count
// from the device's reset; a backend without time gives none.
struct TraceEvent {
  uint64_t cycle = 0;
  uint32_t index = 0;  // descriptor index in its job
  uint8_t engine = 0;  // isa::Engine
  bool done = false;   // false: started
};

// Bytes that the device wrote to its memory at once: byte i at address + i where bit i of `bytes`
// is set.
struct MemoryWrite {
  uint64_t cycle = 0;
  uint64_t address = 0;
  uint64_t bytes = 0;
};

// A burst on the memory bus: the cycle it was taken in, and those of its first and last beat.
struct MemoryBurst {
  uint64_t issue = 0, first = 0, last = 0;
  uint64_t address = 0;
  uint32_t bytes = 0;  // of its beats
  uint8_t id = 0;      // 0: control, 1: load or store engine
  bool write = false;
};

// From this cycle on the engine does something else.
struct ActivityChange {
  uint64_t cycle = 0;
  uint8_t engine = 0;    // isa::Engine
  uint8_t activity = 0;  // isa::Activity; isa::kNumActivities: no job runs
};

enum class OnChip : uint8_t { kAct, kWgt, kParam, kAcc };

class Device {
 public:
  virtual ~Device() = default;

  // The backend's name ("rtl", "emulator") and configuration ("base").
  virtual std::string backend() const = 0;
  virtual std::string config() const = 0;

  // Registers of configs/registers.yaml, byte offset, 32 bits. A refused access throws Error(device).
  virtual uint32_t read_register(uint32_t offset) = 0;
  virtual void write_register(uint32_t offset, uint32_t value) = 0;

  // The device's DRAM: addresses memory_base() .. memory_base() + memory_bytes() - 1.
  // Host access is immediate and coherent with what the device has completed.
  virtual uint64_t memory_base() const = 0;
  virtual uint64_t memory_bytes() const = 0;
  virtual void read_memory(uint64_t address, std::span<uint8_t> out) = 0;
  virtual void write_memory(uint64_t address, std::span<const uint8_t> data) = 0;

  // Lets the device run until its interrupt line is high, or `max_cycles` device cycles
  // have passed. True: interrupt. A backend without time runs to the end of its work.
  virtual bool wait_interrupt(uint64_t max_cycles) = 0;

  // Cycles since reset (0 for a backend without time).
  virtual uint64_t cycle() const = 0;

  // Descriptor events since the last call, oldest first; kept only while enabled.
  virtual void enable_trace(bool enable) = 0;
  virtual std::vector<TraceEvent> take_trace() = 0;

  // The device's own writes to memory since the last call, oldest first; kept only while enabled.
  // A backend without time has none.
  virtual void trace_writes(bool /*enable*/) {}
  virtual std::vector<MemoryWrite> take_writes() { return {}; }

  // Bursts that ended, and changes of what engines do, since the last call, in order of their
  // (last) cycle; kept only while enabled. A backend without time has none, and a model
  // built for speed does not show its engines' activities.
  virtual void trace_bus(bool /*enable*/) {}
  virtual std::vector<MemoryBurst> take_bursts() { return {}; }
  virtual void trace_activity(bool /*enable*/) {}
  virtual std::vector<ActivityChange> take_activity() { return {}; }

  // Ends the wave file, which holds what has happened so far; nothing more is added to it.
  virtual void close_waves() {}

  // An on-chip memory as it stands, word by word (acc: 32-bit sums, little-endian), past all
  // registers: for tests. A real device, and a model built for speed, show nothing.
  virtual std::vector<uint8_t> read_on_chip(OnChip) { return {}; }
  // The same many bytes; only while no job runs. False where it cannot be done.
  virtual bool write_on_chip(OnChip, std::span<const uint8_t>) { return false; }
};

}  // namespace weft::driver
