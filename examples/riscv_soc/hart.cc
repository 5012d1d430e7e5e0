#include "hart.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace weft::soc {
namespace {

constexpr uint64_t kMie = 1 << 3, kMpie = 1 << 7, kMpp = 3 << 11;  // of mstatus
constexpr uint64_t kInterrupt = uint64_t{1} << 63;                 // of mcause
constexpr uint64_t kCauseTimer = 7, kCauseExternal = 11;
constexpr uint32_t kWfi = 0x10500073;
constexpr uint64_t kNone = ~uint64_t{0};

}  // namespace

Hart::Hart(uint64_t start) : pc_(start) {
  check(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV64, &engine_), "opening it");
  uc_hook hook = 0;
  check(uc_hook_add(engine_, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(before_instruction), this,
                    1, 0),
        "counting instructions");
  check(
      uc_hook_add(engine_, &hook, UC_HOOK_INTR, reinterpret_cast<void*>(on_exception), this, 1, 0),
      "seeing exceptions");
}

Hart::~Hart() { uc_close(engine_); }

void Hart::check(uc_err error, const char* what) const {
  if (error != UC_ERR_OK) fail(ErrorKind::kInternal, "Unicorn, {}: {}", what, uc_strerror(error));
}

uint64_t Hart::get(int reg) const {
  uint64_t value = 0;
  check(uc_reg_read(engine_, reg, &value), "reading a register");
  return value;
}

void Hart::set(int reg, uint64_t value) {
  check(uc_reg_write(engine_, reg, &value), "writing a register");
}

void Hart::map_ram(uint64_t address, uint64_t bytes, std::span<const uint8_t> contents) {
  if (contents.size() > bytes) {
    fail(ErrorKind::kInvalidArgument, "a program of {} bytes does not fit into a RAM of {}",
         contents.size(), bytes);
  }
  check(uc_mem_map(engine_, address, bytes, UC_PROT_ALL), "mapping the RAM");
  check(uc_mem_write(engine_, address, contents.data(), contents.size()), "filling the RAM");
}

void Hart::map_device(uint64_t address, uint64_t bytes, BusRead read, BusWrite write) {
  windows_.push_back(std::make_unique<Window>(Window{this, std::move(read), std::move(write)}));
  Window* window = windows_.back().get();
  check(uc_mmio_map(engine_, address, bytes, read_window, window, write_window, window),
        "mapping a device");
}

// Unicorn is C: no exception may fly through it.
uint64_t Hart::read_window(uc_engine*, uint64_t offset, unsigned bytes, void* data) {
  auto& window = *static_cast<Window*>(data);
  if (window.hart->thrown_) return 0;
  try {
    return window.read(offset, bytes);
  } catch (...) {
    window.hart->thrown_ = std::current_exception();
    window.hart->halt();
    return 0;
  }
}

void Hart::write_window(uc_engine*, uint64_t offset, unsigned bytes, uint64_t value, void* data) {
  auto& window = *static_cast<Window*>(data);
  if (window.hart->thrown_) return;
  try {
    window.write(offset, bytes, value);
  } catch (...) {
    window.hart->thrown_ = std::current_exception();
    window.hart->halt();
  }
}

void Hart::before_instruction(uc_engine*, uint64_t address, uint32_t, void* data) {
  auto& hart = *static_cast<Hart*>(data);
  hart.last_pc_ = address;
  ++hart.instructions_;
}

void Hart::on_exception(uc_engine*, uint32_t cause, void* data) {
  auto& hart = *static_cast<Hart*>(data);
  uint64_t pc = 0;  // of the instruction, or the one after it: releases of Unicorn differ
  uc_reg_read(hart.engine_, UC_RISCV_REG_PC, &pc);
  if (!hart.thrown_) {
    hart.thrown_ = std::make_exception_ptr(Error(
        ErrorKind::kDevice,
        fmt::format("the program raised exception {} near {:#x}; it is to raise none", cause, pc)));
  }
  hart.halt();
}

void Hart::halt() { uc_emu_stop(engine_); }

bool Hart::last_was_wfi() const {
  uint32_t instruction = 0;
  return last_pc_ != kNone && pc_ == last_pc_ + 4 &&
         uc_mem_read(engine_, last_pc_, &instruction, sizeof instruction) == UC_ERR_OK &&
         instruction == kWfi;
}

// As the privileged architecture has it, with mtvec's direct mode; an external interrupt before the
// timer's. A line that mie lets through wakes a sleeper even where mstatus forbids the trap.
void Hart::take_interrupt() {
  const uint64_t due = lines_ & get(UC_RISCV_REG_MIE);
  if (due == 0) return;
  asleep_ = false;
  const uint64_t status = get(UC_RISCV_REG_MSTATUS);
  if ((status & kMie) == 0) return;
  set(UC_RISCV_REG_MEPC, pc_);
  set(UC_RISCV_REG_MCAUSE, kInterrupt | ((due & kExternal) != 0 ? kCauseExternal : kCauseTimer));
  set(UC_RISCV_REG_MSTATUS, (status & ~kMie) | kMpie | kMpp);
  pc_ = get(UC_RISCV_REG_MTVEC) & ~uint64_t{3};
  last_pc_ = kNone;
  ++traps_;
}

void Hart::run(uint64_t instructions) {
  const uint64_t end = instructions_ + instructions;
  take_interrupt();
  while (instructions_ < end && !asleep_) {
    const uint64_t count = lines_ != 0 ? 1 : end - instructions_;
    const uint64_t before = instructions_;
    const uc_err error = uc_emu_start(engine_, pc_, 0, 0, count);
    pc_ = get(UC_RISCV_REG_PC);
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if (error != UC_ERR_OK) {
      fail(ErrorKind::kDevice, "the program at {:#x}: {}", last_pc_, uc_strerror(error));
    }
    asleep_ = last_was_wfi();
    take_interrupt();
    if (instructions_ - before < count && !asleep_) return;  // halted
  }
}

}  // namespace weft::soc
