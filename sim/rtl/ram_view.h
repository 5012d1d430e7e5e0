// The storage arrays of a Verilated model, found by name: sim/public.vlt makes `mem` of the RAM
// modules visible. A model built without it has none.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "verilated.h"
#include "verilated_sym_props.h"
#include "verilated_syms.h"

namespace weft::sim {

// One RAM: `depth` words of `word` bytes, each in Verilator's own, perhaps larger, cell.
class RamView {
 public:
  RamView(uint8_t* cells, size_t cell, size_t word, size_t depth)
      : cells_(cells), cell_(cell), word_(word), depth_(depth) {}

  size_t bytes() const { return word_ * depth_; }

  // To or from every step-th word of an image, from its first one on.
  void read(uint8_t* image, size_t step) const {
    for (size_t i = 0; i < depth_; ++i)
      std::memcpy(image + i * step * word_, cells_ + i * cell_, word_);
  }
  void write(const uint8_t* image, size_t step) const {
    for (size_t i = 0; i < depth_; ++i)
      std::memcpy(cells_ + i * cell_, image + i * step * word_, word_);
  }

 private:
  uint8_t* cells_;
  size_t cell_, word_, depth_;
};

// Bytes of Verilator's variable for a vector of `bytes` bytes.
inline size_t cell_bytes(size_t bytes) {
  for (const size_t size : {1, 2, 4, 8}) {
    if (bytes <= size) return size;
  }
  return (bytes + 3) / 4 * 4;
}

// One memory: groups of `ways` RAMs, whose words take turns.
struct MemoryView {
  std::vector<RamView> rams;
  size_t ways = 1, word = 0;

  size_t bytes() const {
    size_t total = 0;
    for (const RamView& ram : rams) total += ram.bytes();
    return total;
  }
  // Calls visit(ram, place of its first word in the memory's image).
  template <typename Visit>
  void each(Visit visit) const {
    size_t at = 0;
    for (size_t i = 0; i < rams.size(); ++i) {
      visit(rams[i], at + i % ways * word);
      if (i % ways == ways - 1) at += ways * rams[i].bytes();
    }
  }
};

// The `banks` RAMs below instance `owner` of weft_core, in order: `depth` words of `word` bytes
// each. None where the model does not show them.
inline std::vector<RamView> find_rams(VerilatedContext& context, const std::string& owner,
                                      int banks, int depth, size_t word) {
  std::map<unsigned long, RamView> found;  // by the index in the instance's path
  for (const auto& [name, scope] : *context.scopeNameMap()) {
    const std::string path = name;
    const VerilatedVar* mem = scope->varFind("mem");
    if (mem == nullptr || path.find("." + owner + ".") == std::string::npos) continue;
    const size_t bracket = path.find('[');
    const unsigned long bank =
        bracket == std::string::npos ? 0 : std::stoul(path.substr(bracket + 1));
    found.emplace(bank, RamView(static_cast<uint8_t*>(mem->datap()), cell_bytes(word), word,
                                static_cast<size_t>(depth)));
  }
  std::vector<RamView> views;
  if (found.size() != static_cast<size_t>(banks)) return views;
  for (const auto& [bank, view] : found) views.push_back(view);
  return views;
}

}  // namespace weft::sim
