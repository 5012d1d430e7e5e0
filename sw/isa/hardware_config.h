// The numbers of one hardware configuration (configs/hardware/*.yaml); the table of all
// of them is generated: weft_gen/configs.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weft::isa {

struct HardwareConfig {
  std::string_view name;
  int rows;       // R: activations that enter the array a cycle
  int cols;       // C: output channels a cycle; equals R
  int act_words;  // words of R bytes, all banks
  int act_banks;
  int wgt_words;  // words of C bytes
  int acc_banks;
  int acc_depth;    // entries of C x 32 bit a bank
  int param_words;  // words of C bytes
  int bus_bits;
  int queue_depth;  // descriptors an engine's queue holds
  uint64_t config_hash;

  constexpr int word_bytes() const { return rows; }
  constexpr int bus_bytes() const { return bus_bits / 8; }
  constexpr int acc_entries() const { return acc_banks * acc_depth; }
  constexpr int act_bank_words() const { return act_words / act_banks; }
};

// Error(not_found) lists the names there are.
inline const HardwareConfig& find_config_in(std::span<const HardwareConfig> configs,
                                            std::string_view name) {
  std::string names;
  for (const HardwareConfig& config : configs) {
    if (config.name == name) return config;
    names += (names.empty() ? "" : ", ") + std::string(config.name);
  }
  fail(ErrorKind::kNotFound, "configuration '{}' is not known; there are {}", name, names);
}

}  // namespace weft::isa
