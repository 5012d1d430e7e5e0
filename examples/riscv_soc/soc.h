// The example's system: a processor, an accelerator with the DRAM that both see, a timer, a console.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <weft/device.hpp>
#include "hart.h"

namespace weft::soc {

class Soc {
 public:
  // `program`: the flat image that RAM begins with. `pictures`: for the end of the DRAM, each
  // SOC_PICTURE_BYTES. `line` is called with each line that the program prints. The device must
  // outlive it.
  Soc(driver::Device& device, std::span<const uint8_t> program,
      const std::vector<std::vector<uint8_t>>& pictures,
      std::function<void(const std::string&)> line);

  // Until the program ends; its exit code. Error(timeout) where it does not within `max_cycles`, or
  // sleeps and nothing will wake it.
  int run(uint64_t max_cycles);

  uint64_t cycles() const { return cycles_; }
  const Hart& hart() const { return hart_; }

 private:
  void map_devices();
  uint64_t read_timer(uint64_t offset) const;
  uint64_t read_board(uint64_t offset) const;
  void write_board(uint64_t offset, uint64_t value);
  void print(char c);
  uint64_t now() const { return cycles_ + hart_.instructions() - counted_; }
  void catch_up(uint64_t cycles);
  void sleep(uint64_t max_cycles);
  void update_lines();

  driver::Device& device_;
  std::function<void(const std::string&)> line_;
  Hart hart_;
  std::string text_;
  std::optional<int> exit_;
  uint64_t first_cycle_;  // of the device, as it was given
  uint64_t cycles_ = 0;   // since the start, up to the last quantum's end
  uint64_t counted_ = 0;  // instructions that are in `cycles_`
  uint64_t alarm_ = ~uint64_t{0};
  uint32_t pictures_;
  bool line_high_ = false;
};

}  // namespace weft::soc
