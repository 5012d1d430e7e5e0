// A RISC-V processor (RV64IMAC, machine mode): Unicorn, which is QEMU's, runs the instructions; what it
// lacks is here: interrupt lines, traps to them, and sleep (wfi).
#pragma once

#include <unicorn/unicorn.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace weft::soc {

// What lies on the processor's bus. `bytes` is 1, 2, 4 or 8.
using BusRead = std::function<uint64_t(uint64_t offset, unsigned bytes)>;
using BusWrite = std::function<void(uint64_t offset, unsigned bytes, uint64_t value)>;

class Hart {
 public:
  // Begins at `start`. Error(internal) where Unicorn refuses.
  explicit Hart(uint64_t start);
  ~Hart();
  Hart(const Hart&) = delete;
  Hart& operator=(const Hart&) = delete;

  // Address ranges, multiples of 4 KiB. Exceptions of the functions come out of run().
  void map_ram(uint64_t address, uint64_t bytes, std::span<const uint8_t> contents);
  void map_device(uint64_t address, uint64_t bytes, BusRead read, BusWrite write);

  // Interrupt lines: bits of mip, kTimer and kExternal.
  static constexpr uint64_t kTimer = 1 << 7, kExternal = 1 << 11;
  void set_lines(uint64_t lines) { lines_ = lines; }

  // Takes an interrupt that is due, then runs at most `instructions` of them; fewer where it falls
  // asleep or halt() was called. One at a time while a line is high, so that an interrupt is taken
  // before the next instruction. Error(device) says where an access goes nowhere or an
  // instruction is none.
  void run(uint64_t instructions);
  // At the end of the instruction that runs.
  void halt();

  bool asleep() const { return asleep_; }
  uint64_t instructions() const { return instructions_; }
  uint64_t traps() const { return traps_; }

 private:
  struct Window {
    Hart* hart;
    BusRead read;
    BusWrite write;
  };
  static uint64_t read_window(uc_engine*, uint64_t offset, unsigned bytes, void* window);
  static void write_window(uc_engine*, uint64_t offset, unsigned bytes, uint64_t value,
                           void* window);
  static void before_instruction(uc_engine*, uint64_t address, uint32_t, void* hart);
  static void on_exception(uc_engine*, uint32_t cause, void* hart);

  uint64_t get(int reg) const;
  void set(int reg, uint64_t value);
  void take_interrupt();
  bool last_was_wfi() const;
  void check(uc_err error, const char* what) const;

  uc_engine* engine_ = nullptr;
  std::vector<std::unique_ptr<Window>> windows_;
  std::exception_ptr thrown_;
  uint64_t pc_, last_pc_ = ~uint64_t{0};
  uint64_t lines_ = 0;
  uint64_t instructions_ = 0, traps_ = 0;
  bool asleep_ = false;
};

}  // namespace weft::soc
