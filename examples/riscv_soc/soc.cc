#include "soc.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "program/soc_map.h"
#include "weft_gen/registers.h"

namespace weft::soc {
namespace {

// Processor and accelerator take turns: so many instructions, of a cycle each, then as many cycles.
constexpr uint64_t kQuantum = 64;
constexpr uint64_t kPage = 4096;

uint64_t half_of(uint64_t value, uint64_t offset) { return value >> (8 * (offset % 8)); }

}  // namespace

Soc::Soc(driver::Device& device, std::span<const uint8_t> program,
         const std::vector<std::vector<uint8_t>>& pictures,
         std::function<void(const std::string&)> line)
    : device_(device),
      line_(std::move(line)),
      hart_(SOC_RAM_BASE),
      first_cycle_(device.cycle()),
      pictures_(static_cast<uint32_t>(pictures.size())) {
  hart_.map_ram(SOC_RAM_BASE, SOC_RAM_BYTES, program);
  map_devices();
  const uint64_t end = device.memory_base() + device.memory_bytes();
  uint64_t at = end - pictures.size() * SOC_PICTURE_BYTES;
  for (const std::vector<uint8_t>& picture : pictures) {
    device.write_memory(at, picture);
    at += SOC_PICTURE_BYTES;
  }
}

void Soc::map_devices() {
  hart_.map_device(
      SOC_TIMER_BASE, 0x10000, [this](uint64_t offset, unsigned) { return read_timer(offset); },
      [this](uint64_t offset, unsigned bytes, uint64_t value) {
        if ((offset & ~uint64_t{7}) != SOC_TIMER_COMPARE_OFFSET) {
          fail(ErrorKind::kDevice, "the timer has nothing to write at {:#x}", offset);
        }
        // A processor may write it in halves.
        uint8_t alarm[8];
        store_le64(alarm, alarm_);
        store_le(alarm + offset % 8, value, std::min<size_t>(bytes, 8 - offset % 8));
        alarm_ = load_le64(alarm);
      });
  hart_.map_device(
      SOC_UART_BASE, kPage, [](uint64_t, unsigned) { return 0; },
      [this](uint64_t, unsigned, uint64_t value) { print(static_cast<char>(value)); });
  hart_.map_device(
      SOC_BOARD_BASE, kPage, [this](uint64_t offset, unsigned) { return read_board(offset); },
      [this](uint64_t offset, unsigned, uint64_t value) { write_board(offset, value); });
  hart_.map_device(
      SOC_WEFT_BASE, kPage,
      [this](uint64_t offset, unsigned bytes) -> uint64_t {
        if (bytes != 4)
          fail(ErrorKind::kDevice, "registers are read by 32 bits, not {} bytes", bytes);
        return device_.read_register(static_cast<uint32_t>(offset));
      },
      [this](uint64_t offset, unsigned bytes, uint64_t value) {
        if (bytes != 4)
          fail(ErrorKind::kDevice, "registers are written by 32 bits, not {} bytes", bytes);
        device_.write_register(static_cast<uint32_t>(offset), static_cast<uint32_t>(value));
      });
  // Each load and store reaches the memory that the accelerator sees, at once: coherent.
  hart_.map_device(
      SOC_DRAM_BASE, device_.memory_bytes() / kPage * kPage,
      [this](uint64_t offset, unsigned bytes) {
        uint8_t data[8] = {};
        device_.read_memory(device_.memory_base() + offset, {data, bytes});
        return load_le64(data);
      },
      [this](uint64_t offset, unsigned bytes, uint64_t value) {
        uint8_t data[8];
        store_le64(data, value);
        device_.write_memory(device_.memory_base() + offset, {data, bytes});
      });
}

uint64_t Soc::read_timer(uint64_t offset) const {
  switch (offset & ~uint64_t{7}) {
    case SOC_TIMER_TIME_OFFSET: return half_of(now(), offset);
    case SOC_TIMER_COMPARE_OFFSET: return half_of(alarm_, offset);
    default: fail(ErrorKind::kDevice, "the timer has nothing to read at {:#x}", offset);
  }
}

uint64_t Soc::read_board(uint64_t offset) const {
  switch (offset & ~uint64_t{7}) {
    case SOC_BOARD_BUS_OFFSET_OFFSET: return half_of(device_.memory_base() - SOC_DRAM_BASE, offset);
    case SOC_BOARD_DRAM_BYTES_OFFSET: return half_of(device_.memory_bytes(), offset);
    case SOC_BOARD_PICTURES_OFFSET: return half_of(pictures_, offset);
    default: fail(ErrorKind::kDevice, "the board has nothing to read at {:#x}", offset);
  }
}

void Soc::write_board(uint64_t offset, uint64_t value) {
  if (offset != SOC_BOARD_EXIT_OFFSET) {
    fail(ErrorKind::kDevice, "the board has nothing to write at {:#x}", offset);
  }
  exit_ = static_cast<int>(value);
  hart_.halt();
}

void Soc::print(char c) {
  if (c != '\n') {
    text_ += c;
    return;
  }
  line_(std::exchange(text_, {}));
}

// The device's cycles until `cycles`. While its interrupt line is high it stands still (Device), so
// what it has not done then it does later; and a register access of the processor takes as many
// cycles of it as it takes, which the processor waits for.
void Soc::catch_up(uint64_t cycles) {
  const uint64_t passed = device_.cycle() - first_cycle_;
  if (passed < cycles) {
    line_high_ = device_.wait_interrupt(cycles - passed);
  } else {
    line_high_ = device_.wait_interrupt(0);
  }
  cycles_ = std::max(cycles, device_.cycle() - first_cycle_);
  counted_ = hart_.instructions();
}

// Nothing happens before the alarm but what the device does. One without time does that in none.
void Soc::sleep(uint64_t max_cycles) {
  const uint64_t until = std::min(alarm_, max_cycles);
  const uint64_t passed = device_.cycle() - first_cycle_;
  line_high_ = device_.wait_interrupt(until > passed ? until - passed : 0);
  // A line that is high but masked does not wake: time goes on all the same.
  const uint64_t woken = std::max(cycles_ + kQuantum, device_.cycle() - first_cycle_);
  cycles_ = line_high_ ? woken : std::max(until, woken);
  counted_ = hart_.instructions();
}

void Soc::update_lines() {
  hart_.set_lines((line_high_ ? Hart::kExternal : 0) | (alarm_ <= cycles_ ? Hart::kTimer : 0));
}

int Soc::run(uint64_t max_cycles) {
  while (!exit_) {
    hart_.run(kQuantum);
    if (exit_) break;
    if (!hart_.asleep()) {
      catch_up(now());
    } else {
      sleep(max_cycles);
    }
    update_lines();
    if (cycles_ >= max_cycles) {
      fail(ErrorKind::kTimeout, "the program did not end within {} cycles{}", max_cycles,
           hart_.asleep() ? "; it sleeps, and nothing wakes it" : "");
    }
  }
  if (!text_.empty()) line_(text_);
  return *exit_;
}

}  // namespace weft::soc
