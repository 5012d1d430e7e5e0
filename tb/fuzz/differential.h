// Runs a program's descriptors on a device and holds what is left behind against another's.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "driver/backend.h"
#include "driver/job_queue.h"
#include "program.h"

namespace weft::tb {

constexpr std::array kOnChip{driver::OnChip::kAct, driver::OnChip::kWgt, driver::OnChip::kParam,
                             driver::OnChip::kAcc};

// What a program leaves: all of DRAM, all memories on chip, and what it counted.
struct Outcome {
  std::string failure;  // "" : it ended well, and the rest holds
  std::vector<uint8_t> dram;
  std::array<std::vector<uint8_t>, kOnChip.size()> on_chip;
  std::array<uint64_t, isa::kEngines.size()> busy{};  // units of each engine's stream
  uint64_t descriptors = 0, cycles = 0;
  uint64_t bytes() const;
};

// How the machine of a run is made and disturbed.
struct Setting {
  std::string name;
  std::string backend;  // of runtime::make_device
  driver::DeviceOptions options;
  std::string describe() const;
};

// Bus and holds drawn from the program's seed.
Setting emulator_setting();
Setting rtl_setting(const Program& program);
Setting shallow_queue_setting(const Program& program);
Setting held_setting(const Program& program);

Outcome run(const Program& program, const std::vector<isa::Bytes>& descriptors,
            const Setting& setting);

// "": no difference; else the first one, in words.
std::string difference(const Program& program, const Outcome& want, const Outcome& got);

}  // namespace weft::tb
