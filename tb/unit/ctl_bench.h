// What the benches of control share: a clock, a source of random numbers, and ports by fields.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "bits.h"
#include "dma_bench.h"  // Random, bench_seed

namespace weft::tb {

inline constexpr unsigned kEngines = 5;
inline constexpr unsigned kBusBytes = WEFT_BUS_BITS / 8;
inline constexpr unsigned kLineBytes = 64;
inline constexpr unsigned kLineBeats = kLineBytes / kBusBytes;
using Line = std::array<uint8_t, kLineBytes>;

// A Verilated top with one clock: set inputs, settle(), look at outputs, edge().
template <class Top>
struct Clocked {
  Clocked() : top(std::make_unique<Top>()) {
    top->clk_i = 0;
    top->eval();
  }
  void settle() {
    top->clk_i = 0;
    top->eval();
  }
  void edge() {
    top->clk_i = 1;
    top->eval();
    ++cycle;
  }
  void reset() {
    top->rst_ni = 0;
    for (int i = 0; i < 2; ++i) settle(), edge();
    top->rst_ni = 1;
    settle();
  }
  Top* operator->() { return top.get(); }

  std::unique_ptr<Top> top;
  uint64_t cycle = 0;
};

// err_t is {code, resp, addr}, the address lowest.
inline constexpr unsigned kErrBits = 74;
template <class Port>
void put_error(Port& port, unsigned lsb, const EngineError& e) {
  set_bits(port, lsb, 64, e.addr);
  set_bits(port, lsb + 64, 2, e.resp);
  set_bits(port, lsb + 66, 8, e.code);
}
inline bool operator==(const EngineError& a, const EngineError& b) {
  return a.code == b.code && a.resp == b.resp && a.addr == b.addr;
}

// burst_t is {addr, len}.
template <class Port>
uint64_t burst_addr(const Port& port) {
  return get_bits(port, 8, 64);
}
template <class Port>
unsigned burst_len(const Port& port) {
  return static_cast<unsigned>(get_bits(port, 0, 8));
}

template <class Port>
void put_line(Port& port, const Line& line) {
  static_assert(sizeof(Port) == kLineBytes);
  std::memcpy(&port, line.data(), kLineBytes);
}
template <class Port>
bool same_line(const Port& port, const Line& line) {
  static_assert(sizeof(Port) == kLineBytes);
  return std::memcmp(&port, line.data(), kLineBytes) == 0;
}
inline Line random_line(Random& random) {
  Line line;
  for (uint8_t& byte : line) byte = static_cast<uint8_t>(random.bits() >> 20);
  return line;
}

}  // namespace weft::tb
