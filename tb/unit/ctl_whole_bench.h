// Control as a whole: a host at its registers, a memory on its bus, and engines of random speed
// that fail, hang or are held back; they check what they are given and that it may begin.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "Vdut.h"
#include "ctl_bench.h"
#include "sim/axi_pins.h"
#include "tb/catch_compat.h"
#include "weft_gen/configs.h"
#include "weft_gen/registers.h"

namespace weft::tb {

enum ControlCode : unsigned { kBadOpcode = 1, kBadJob = 9, kWatchdog = 10, kDeadlock = 11 };
inline constexpr unsigned kControl = 7, kSemaphores = 32, kNeverRaised = 31;
inline constexpr uint64_t kRing = 0x1000, kProgram = 0x10000, kMemory = 0x20000,
                          kUnreadable = 0x30000;
inline constexpr unsigned kRingLog2 = 2, kEntryBytes = 256;
inline constexpr uint64_t kMagic = 0x454e4f4454464557;
inline constexpr uint8_t kOpcode[kEngines] = {0x10, 0x20, 0x28, 0x30, 0x18};
// What the bench's engines read of a descriptor.
inline constexpr unsigned kIndexByte = 40, kFailByte = 44, kHangByte = 45;

struct Desc {
  Line bytes{};
  unsigned engine = 0;
  unsigned code = 0;  // fails with it
  bool of_control = false;
};
using Slots = std::array<unsigned, kSemaphores>;

inline Slots slots(const Line& bytes, unsigned at) {
  Slots all{};
  for (unsigned s = 0; s < 4; ++s) all[bytes[at + s] & 31] += bytes[at + s] >> 5;
  return all;
}

struct Program {
  std::vector<Desc> descs;
  unsigned code = 0, engine = 0;  // how it must end
  uint32_t index = 0;
};

// Every wait is met by older descriptors; a semaphore has one engine that takes from it.
inline Program random_program(Random& random, bool faults) {
  Program p;
  p.descs.resize(static_cast<size_t>(random.in(1, 60)));
  Slots counts{};
  const auto fail_in = static_cast<unsigned>(random.in(5, 60));
  const bool loose = random.one_in(2);  // without waits, engines run far apart
  for (uint32_t i = 0; i < p.descs.size(); ++i) {
    Desc& d = p.descs[i];
    d.bytes = random_line(random);
    d.engine = static_cast<unsigned>(random.bits() % kEngines);
    d.bytes[0] = d.engine == 3 && random.one_in(2) ? 0x31 : kOpcode[d.engine];
    std::memcpy(&d.bytes[kIndexByte], &i, 4);
    d.bytes[kFailByte] = d.bytes[kHangByte] = 0;
    for (unsigned s = 0; s < 4; ++s) {
      uint8_t& wait = d.bytes[4 + s];
      const unsigned sem = static_cast<unsigned>(random.bits() % 6) * kEngines + d.engine;
      const unsigned most = std::min(counts[sem], 7U);
      const unsigned n =
          loose || random.one_in(2) ? 0 : static_cast<unsigned>(random.bits() % (most + 1));
      wait = static_cast<uint8_t>(n << 5 | sem);
      counts[sem] -= n;
    }
    for (unsigned s = 0; s < 4; ++s) {
      uint8_t& raise = d.bytes[8 + s];
      const auto sem = static_cast<unsigned>(random.bits() % 30);
      const unsigned n =
          random.one_in(2) || counts[sem] > 60 ? 0 : static_cast<unsigned>(random.bits() % 4);
      raise = static_cast<uint8_t>(n << 5 | sem);
      counts[sem] += n;
    }
    if (!faults || !random.one_in(fail_in)) continue;
    const auto kind = random.bits() % 5;
    d.code = static_cast<unsigned>(random.in(2, 7));
    if (kind == 0) {
      d.of_control = true;
      d.bytes[0] = 0x7f;
      d.code = kBadOpcode;
    } else if (kind == 1) {
      d.of_control = true;
      d.bytes[4] = 1 << 5 | kNeverRaised;
      d.code = kDeadlock;
    } else {
      d.bytes[kFailByte] = static_cast<uint8_t>(d.code);
    }
  }
  // The oldest that fails; where it is one that waits, any failure that is reached goes before it.
  for (uint32_t i = 0; i < p.descs.size(); ++i) {
    const Desc& d = p.descs[i];
    if (d.code == 0) continue;
    p.code = d.code, p.index = i;
    p.engine = d.of_control ? kControl : d.engine;
    break;
  }
  return p;
}

// One descriptor more than a window of 60 holds.
inline Program one_too_many(Random& random) {
  Program p = random_program(random, false);
  p.descs.resize(61, p.descs.front());
  return p;
}

struct ControlBench {
  explicit ControlBench(uint64_t seed, unsigned stalls, unsigned latency = 0)
      : memory(bus(seed, stalls, latency)), random(seed) {
    memory.add_range(0, kMemory);
    memory.add_range(kUnreadable, 0x1000, sim::kSlvErr);
    Vdut& t = *dut.top;
    t.s_axil_awvalid_i = t.s_axil_wvalid_i = t.s_axil_arvalid_i = 0;
    t.s_axil_bready_i = t.s_axil_rready_i = 1;
    t.desc_ready_i = t.done_i = t.err_valid_i = t.busy_i = 0;
    t.rst_ni = 0;
    sim::drive_axi_read(out, t);
    sim::drive_axi_write(out, t);
    dut.reset();
  }
  static sim::AxiMemoryConfig bus(uint64_t seed, unsigned stalls, unsigned latency) {
    sim::AxiMemoryConfig c;
    c.bus_bytes = kBusBytes;
    c.read_latency = c.write_latency = latency != 0 ? latency : seed % 2 ? 30 : 1;
    c.seed = seed;
    c.stall_ar = c.stall_r = c.stall_aw = c.stall_w = c.stall_b = stalls;
    return c;
  }

  // ---- One cycle: the engines and the bus ----
  void cycle() {
    Vdut& t = *dut.top;
    const unsigned held = t.hold_i;  // holds from the next cycle on
    t.desc_ready_i = t.done_i = t.busy_i = 0;
    if (holds && random.one_in(20))
      t.hold_i = static_cast<unsigned>(random.bits() & random.bits()) & 31;
    if (!holds) t.hold_i = 0;
    bool busy = false;
    for (unsigned e = 0; e < kEngines; ++e) {
      Engine& g = engines[e];
      if (g.flights.size() < 4 && !g.failed && (g.flights.empty() || random.one_in(g.speed))) {
        t.desc_ready_i |= 1U << e;
      }
      if (g.flights.empty()) continue;
      busy = true;
      t.busy_i |= 1U << e;
      const Line& front = g.flights.front();
      if (g.failed || front[kHangByte] != 0 || !random.one_in(g.speed)) continue;
      if (front[kFailByte] != 0) {
        fail(e, front[kFailByte]);
        continue;
      }
      t.done_i |= 1U << e;
      // The next one's error with it, now and then.
      if (g.flights.size() > 1 && g.flights[1][kFailByte] != 0 && random.one_in(2))
        fail(e, g.flights[1][kFailByte]);
    }
    if (t.abort_o) {
      if (drain != 0) --drain;
    } else {
      drain = busy ? static_cast<unsigned>(random.in(0, 30)) : 0;
    }
    t.quiet_i = drain == 0;
    dut.settle();
    for (unsigned e = 0; e < kEngines; ++e) {
      Engine& g = engines[e];
      uint32_t index = ~0U;
      if ((t.done_i >> e) & 1) {
        std::memcpy(&index, &g.flights.front()[kIndexByte], 4);
        wrong += get_bits(t.trace_done_index_o, 32 * e, 32) != index;
      }
      if (((t.desc_valid_o & t.desc_ready_i) >> e) & 1) take(e);
    }
    wrong += (t.desc_valid_o & (~t.desc_ready_i | held)) != 0;
    sim::sample_axi_read(t, in);
    sim::sample_axi_write(t, in);
    memory.tick(in, out);
    const bool clear = t.clear_o;
    if (t.abort_o) wrong += t.desc_valid_o != 0;
    dut.edge();
    sim::drive_axi_read(out, t);
    sim::drive_axi_write(out, t);
    for (unsigned e = 0; e < kEngines; ++e) {
      Engine& g = engines[e];
      if ((t.done_i >> e) & 1) {
        const Slots raised = slots(g.flights.front(), 8);
        for (unsigned i = 0; i < kSemaphores; ++i) counts[i] += raised[i];
        g.flights.pop_front(), ++finished;
      }
      if (clear) g.flights.clear(), g.failed = false;
      if (clear) counts.fill(0);
    }
    if (clear) t.err_valid_i = 0;
    dut.settle();
  }

  void fail(unsigned e, unsigned code) {
    engines[e].failed = true;
    dut->err_valid_i |= 1U << e;
    engines[e].error = {code, static_cast<unsigned>(random.bits() % 4), random.bits()};
    put_error(dut->err_i, kErrBits * e, engines[e].error);
  }

  void take(unsigned e) {
    Vdut& t = *dut.top;
    Line line;
    std::memcpy(line.data(), reinterpret_cast<const uint8_t*>(&t.desc_o) + kLineBytes * e,
                kLineBytes);
    uint32_t index;
    std::memcpy(&index, &line[kIndexByte], 4);
    wrong += get_bits(t.trace_start_index_o, 32 * e, 32) != index;
    // The next of this engine, unchanged.
    while (given[e] < program.descs.size() && program.descs[given[e]].engine != e) ++given[e];
    if (given[e] >= program.descs.size()) {
      ++wrong;
    } else {
      wrong += program.descs[given[e]].bytes != line;
      ++given[e];
    }
    const Slots wanted = slots(line, 4);
    for (unsigned i = 0; i < kSemaphores; ++i) {
      wrong += counts[i] < wanted[i];
      counts[i] -= wanted[i];
    }
    engines[e].flights.push_back(line);
    ++taken;
  }

  void new_speeds() {
    for (Engine& g : engines)
      g.speed = static_cast<unsigned>(random.one_in(4) ? 60 : random.in(1, 6));
  }

  // ---- Registers ----
  void write(uint32_t offset, uint32_t value) {
    Vdut& t = *dut.top;
    for (auto i = random.in(0, 2); i > 0; --i) cycle();
    t.s_axil_awvalid_i = t.s_axil_wvalid_i = 1;
    t.s_axil_awaddr_i = static_cast<uint16_t>(offset);
    t.s_axil_wdata_i = value;
    t.s_axil_wstrb_i = 15;
    cycle();  // with nothing else under way it is taken at once
    t.s_axil_awvalid_i = t.s_axil_wvalid_i = 0;
    dut.settle();
    wrong += !t.s_axil_bvalid_o || t.s_axil_bresp_o != 0;
    cycle();
  }
  uint32_t read(uint32_t offset) {
    Vdut& t = *dut.top;
    t.s_axil_arvalid_i = 1;
    t.s_axil_araddr_i = static_cast<uint16_t>(offset);
    cycle();
    t.s_axil_arvalid_i = 0;
    dut.settle();
    wrong += !t.s_axil_rvalid_o || t.s_axil_rresp_o != 0;
    const uint32_t value = t.s_axil_rdata_o;
    cycle();
    return value;
  }
  uint64_t counter(regs::Counter c) {
    const uint32_t at = regs::kCounterBase + 8 * static_cast<uint32_t>(c);
    const uint32_t low = read(at);
    return uint64_t{read(at + 4)} << 32 | low;
  }

  void open() {
    write(regs::kRingBaseLoOffset, kRing);
    write(regs::kRingSizeOffset, kRingLog2);
    write(regs::kIrqEnableOffset, 3);
    write(regs::kControlOffset, regs::kControlEnableMask);
  }

  // ---- Jobs ----
  uint8_t* entry(uint16_t number) {
    return memory.data(kRing + kEntryBytes * (number & ((1U << kRingLog2) - 1)), kEntryBytes);
  }
  void ring(const Program& p, uint64_t at = kProgram, uint64_t limit = kMemory) {
    program = p;
    for (unsigned& g : given) g = 0;
    taken = finished = 0;
    uint8_t* bytes = entry(head);
    std::memset(bytes, 0, kEntryBytes);
    const auto put = [&](unsigned byte, uint64_t value) { std::memcpy(bytes + byte, &value, 8); };
    put(8, p.descs.size());
    put(16, isa::find_config(WEFT_CONFIG).config_hash);
    put(24, 0xabc00000 + head);
    put(64, at | 1);
    put(72, limit);
    for (size_t i = 0; i < p.descs.size(); ++i) {
      uint8_t* to = memory.data(at + kLineBytes * i, kLineBytes);
      if (to != nullptr) std::memcpy(to, p.descs[i].bytes.data(), kLineBytes);
    }
    ++head;
    write(regs::kRingHeadOffset, head);
  }
  bool until(const std::function<bool()>& reached, unsigned limit) {
    for (unsigned i = 0; i < limit; ++i) {
      if (reached()) return true;
      cycle();
    }
    return reached();
  }
  uint64_t record(unsigned byte, unsigned bytes) {
    uint64_t value = 0;
    std::memcpy(&value, entry(static_cast<uint16_t>(head - 1)) + 192 + byte, bytes);
    return value;
  }

  // Waits for the end of the job, checks its record and registers, leaves a halt.
  void finish(unsigned code, unsigned engine, uint32_t index) {
    REQUIRE(until([&] { return dut->irq_o; }, 60000));
    CHECK(read(regs::kIrqStatusOffset) == (code == 0 ? 1U : 2U));
    CHECK(read(regs::kRingTailOffset) == head);
    CHECK(read(regs::kStatusOffset) == (code == 0 ? 0U : regs::kStatusHaltedMask));
    CHECK(record(56, 8) == kMagic);
    CHECK(record(0, 8) == 0xabc00000 + static_cast<uint16_t>(head - 1));
    CHECK(record(16, 4) == code);
    CHECK(record(20, 4) == engine);
    CHECK(record(24, 4) == index);
    CHECK(record(8, 8) == counter(regs::Counter::kCycles));
    if (code == 0) {
      CHECK(taken == program.descs.size());
      CHECK(finished == program.descs.size());
      CHECK(counter(regs::Counter::kDescriptors) == program.descs.size());
      CHECK(counter(regs::Counter::kReadBeats) == (3 + program.descs.size()) * kLineBeats);
    } else {
      CHECK(read(regs::kErrorCodeOffset) ==
            (code | engine << 8 | static_cast<uint32_t>(record(28, 4)) << 16));
      CHECK(read(regs::kErrorIndexOffset) == index);
    }
    write(regs::kIrqStatusOffset, 3);
    CHECK(!dut->irq_o);
    if (code != 0) write(regs::kControlOffset, regs::kControlEnableMask | regs::kControlResumeMask);
  }
  void soft_reset() {
    write(regs::kControlOffset, regs::kControlEnableMask | regs::kControlSoftResetMask);
    for (int i = 0; i < 2000 && (read(regs::kControlOffset) & regs::kControlSoftResetMask); ++i) {
    }
    CHECK(read(regs::kControlOffset) == regs::kControlEnableMask);
    CHECK(read(regs::kStatusOffset) == 0);
    CHECK(read(regs::kRingTailOffset) == head);
  }
  void check_clean() {
    CHECK(wrong == 0);
    for (const std::string& v : memory.violations()) FAIL_CHECK(v);
    CHECK(memory.violation_count() == 0);
  }

  struct Engine {
    std::deque<Line> flights;
    bool failed = false;
    EngineError error;
    unsigned speed = 1;  // one cycle in so many does something
  };
  Clocked<Vdut> dut;
  sim::AxiMemory memory;
  sim::AxiInputs in;
  sim::AxiOutputs out;
  Random random;
  Engine engines[kEngines];
  unsigned drain = 0;
  bool holds = false;  // engines are held back at random
  Program program;
  unsigned given[kEngines] = {};
  uint64_t taken = 0, finished = 0, wrong = 0;
  std::array<unsigned, kSemaphores> counts{};
  uint16_t head = 0;
};

}  // namespace weft::tb
