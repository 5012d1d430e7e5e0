// Registers on AXI4-Lite: both channels' protocol under random order and back-pressure against a
// model of the registers, and each corner on its own.
#include <algorithm>
#include <deque>
#include <vector>

#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"
#include "weft_gen/configs.h"
#include "weft_gen/registers.h"

using namespace weft::tb;
namespace regs = weft::regs;

namespace {

constexpr uint32_t kOkay = 0, kSlvErr = 2;
constexpr unsigned kCounters = regs::kNumCounters;
constexpr uint32_t kCountersEnd = regs::kCounterBase + 8 * kCounters;
constexpr uint32_t kEnginesMask = 31;  // all of them

struct Answer {
  uint32_t resp = kOkay, data = 0;
};

// What configs/registers.yaml says, cycle by cycle.
struct Model {
  bool enable = false;
  uint32_t irq_status = 0, irq_enable = 0, base_lo = 0, base_hi = 0, log2 = 0, head = 0;
  uint32_t watchdog = regs::kWatchdogReset, latched = 0;
  bool soft_reset = false, resume = false;  // pulses of the next cycle
};

struct Bench {
  explicit Bench(uint64_t seed) : random(seed) {
    Vdut& t = *dut.top;
    t.s_axil_awvalid_i = t.s_axil_wvalid_i = t.s_axil_arvalid_i = 0;
    t.s_axil_bready_i = t.s_axil_rready_i = 0;
    t.resetting_i = t.busy_i = t.halted_i = t.draining_i = t.job_done_i = t.job_error_i = 0;
    for (uint64_t& c : counters) c = random.bits();
    dut.reset();
  }

  struct Write {
    uint32_t addr, data, strobe;
  };

  // ---- One cycle ----
  void cycle() {
    Vdut& t = *dut.top;
    for (uint64_t& c : counters) c += random.bits() >> 34;
    if (random_inputs) {
      t.resetting_i = random.one_in(4);
      t.busy_i = random.one_in(2);
      t.halted_i = random.one_in(2);
      t.draining_i = random.one_in(2);
      t.ring_tail_i = static_cast<uint16_t>(random.bits());
      t.job_done_i = random.one_in(5);
      t.job_error_i = random.one_in(5);
      error = {static_cast<unsigned>(random.bits() % 12), static_cast<unsigned>(random.bits() % 4),
               random.bits()};
      put_error(t.error_i, 0, error);
      t.error_engine_i = static_cast<unsigned>(random.bits() % 8);
      t.error_index_i = static_cast<uint32_t>(random.bits());
    }
    // AW and W go their own ways; what was offered stays.
    if (!t.s_axil_awvalid_i && next_aw < writes.size() && random.one_in(aw_in)) {
      t.s_axil_awvalid_i = 1;
      t.s_axil_awaddr_i = static_cast<uint16_t>(writes[next_aw].addr);
    }
    if (!t.s_axil_wvalid_i && next_w < writes.size() && random.one_in(w_in)) {
      t.s_axil_wvalid_i = 1;
      t.s_axil_wdata_i = writes[next_w].data;
      t.s_axil_wstrb_i = writes[next_w].strobe & 15;
    }
    if (!t.s_axil_arvalid_i && next_ar < reads.size() && random.one_in(ar_in)) {
      t.s_axil_arvalid_i = 1;
      t.s_axil_araddr_i = static_cast<uint16_t>(reads[next_ar]);
    }
    t.s_axil_bready_i = b_in != 0 && random.one_in(b_in);
    t.s_axil_rready_i = r_in != 0 && random.one_in(r_in);
    dut.settle();
    t.counter_i = counters[t.counter_index_o];
    dut.settle();
    check();
    const bool aw = t.s_axil_awvalid_i && t.s_axil_awready_o;
    const bool w = t.s_axil_wvalid_i && t.s_axil_wready_o;
    const bool ar = t.s_axil_arvalid_i && t.s_axil_arready_o;
    const bool b = t.s_axil_bvalid_o && t.s_axil_bready_i;
    const bool r = t.s_axil_rvalid_o && t.s_axil_rready_i;
    if (ar) r_expected.push_back(read(reads[next_ar]));
    next_aw += aw, next_w += w, next_ar += ar;
    Model after = model;
    after.soft_reset = after.resume = false;
    uint32_t cleared = 0;
    while (done_writes < std::min(next_aw, next_w)) cleared |= write(writes[done_writes++], after);
    if (t.job_done_i) after.irq_status |= regs::kIrqStatusDoneMask, ++set_now;
    if (t.job_error_i) after.irq_status |= regs::kIrqStatusErrorMask;
    met += (cleared & model.irq_status & (t.job_done_i | t.job_error_i << 1)) != 0;
    if (b) {
      if (b_expected.empty()) {
        ++wrong;
      } else {
        wrong += t.s_axil_bresp_o != b_expected.front();
        b_given.push_back(t.s_axil_bresp_o);
        b_expected.pop_front();
      }
    }
    if (r) {
      if (r_expected.empty()) {
        ++wrong;
      } else {
        wrong += t.s_axil_rresp_o != r_expected.front().resp;
        wrong += t.s_axil_rdata_o != r_expected.front().data;
        r_given.push_back({t.s_axil_rresp_o, t.s_axil_rdata_o});
        r_expected.pop_front();
      }
    }
    model = after;
    dut.edge();
    if (aw) t.s_axil_awvalid_i = 0;
    if (w) t.s_axil_wvalid_i = 0;
    if (ar) t.s_axil_arvalid_i = 0;
  }

  // Outputs to the machine, and answers that must not change or vanish while they wait.
  void check() {
    Vdut& t = *dut.top;
    wrong += t.enable_o != model.enable;
    wrong += t.soft_reset_o != model.soft_reset;
    wrong += t.resume_o != model.resume;
    wrong += t.ring_base_o != (uint64_t{model.base_hi} << 32 | model.base_lo);
    wrong += t.ring_log2_o != model.log2;
    wrong += t.ring_head_o != model.head;
    wrong += t.watchdog_o != model.watchdog;
    wrong += t.irq_o != ((model.irq_status & model.irq_enable) != 0);
    if (b_waits) wrong += !t.s_axil_bvalid_o || t.s_axil_bresp_o != b_held;
    if (r_waits)
      wrong +=
          !t.s_axil_rvalid_o || t.s_axil_rresp_o != r_held.resp || t.s_axil_rdata_o != r_held.data;
    if (t.s_axil_bvalid_o) wrong += b_expected.empty();
    if (t.s_axil_rvalid_o) wrong += r_expected.empty();
    b_waits = t.s_axil_bvalid_o && !t.s_axil_bready_i;
    r_waits = t.s_axil_rvalid_o && !t.s_axil_rready_i;
    b_held = t.s_axil_bresp_o;
    r_held = {t.s_axil_rresp_o, t.s_axil_rdata_o};
    soft_resets += t.soft_reset_o;
    resumes += t.resume_o;
  }

  // Effect of a write, and the causes it clears.
  uint32_t write(const Write& w, Model& m) {
    uint32_t mask = 0;
    for (int b = 0; b < 4; ++b) mask |= ((w.strobe >> b) & 1) ? 0xffU << (8 * b) : 0;
    const uint32_t data = w.data & mask;
    const auto put = [&](uint32_t& reg, uint32_t keep) { reg = ((reg & ~mask) | data) & keep; };
    uint32_t resp = kOkay, cleared = 0;
    switch (w.addr) {
      case regs::kControlOffset:
        if (mask & regs::kControlEnableMask) m.enable = data & regs::kControlEnableMask;
        m.soft_reset = data & regs::kControlSoftResetMask;
        m.resume = data & regs::kControlResumeMask;
        break;
      case regs::kIrqStatusOffset: cleared = data & 3, m.irq_status &= ~cleared; break;
      case regs::kIrqEnableOffset: put(m.irq_enable, 3); break;
      case regs::kRingBaseLoOffset: put(m.base_lo, ~0x3fU); break;
      case regs::kRingBaseHiOffset: put(m.base_hi, ~0U); break;
      case regs::kRingSizeOffset: put(m.log2, 15); break;
      case regs::kRingHeadOffset: put(m.head, 0xffff); break;
      case regs::kWatchdogOffset: put(m.watchdog, ~0U); break;
      default: resp = kSlvErr;
    }
    b_expected.push_back(resp);
    return cleared;
  }

  Answer read(uint32_t addr) {
    const Vdut& t = *dut.top;
    const uint64_t hash = weft::isa::find_config(WEFT_CONFIG).config_hash;
    if (addr % 4 == 0 && addr >= regs::kCounterBase && addr < regs::kCounterBase + 8 * kCounters) {
      const uint64_t value = counters[(addr - regs::kCounterBase) / 8];
      if (addr % 8 != 0) return {kOkay, model.latched};
      model.latched = static_cast<uint32_t>(value >> 32);
      return {kOkay, static_cast<uint32_t>(value)};
    }
    switch (addr) {
      case regs::kIdOffset: return {kOkay, regs::kIdReset};
      case regs::kVersionOffset: return {kOkay, 1};
      case regs::kConfigHashLoOffset: return {kOkay, static_cast<uint32_t>(hash)};
      case regs::kConfigHashHiOffset: return {kOkay, static_cast<uint32_t>(hash >> 32)};
      case regs::kCapabilityOffset: return {kOkay, kEnginesMask << 16 | WEFT_ROWS << 8 | WEFT_ROWS};
      case regs::kControlOffset:
        return {kOkay, (model.enable ? regs::kControlEnableMask : 0) |
                           (t.resetting_i || model.soft_reset ? regs::kControlSoftResetMask : 0)};
      case regs::kStatusOffset:
        return {kOkay, (t.busy_i ? regs::kStatusBusyMask : 0) |
                           (t.halted_i ? regs::kStatusHaltedMask : 0) |
                           (t.draining_i ? regs::kStatusDrainingMask : 0)};
      case regs::kIrqStatusOffset: return {kOkay, model.irq_status};
      case regs::kIrqEnableOffset: return {kOkay, model.irq_enable};
      case regs::kRingBaseLoOffset: return {kOkay, model.base_lo};
      case regs::kRingBaseHiOffset: return {kOkay, model.base_hi};
      case regs::kRingSizeOffset: return {kOkay, model.log2};
      case regs::kRingHeadOffset: return {kOkay, model.head};
      case regs::kRingTailOffset: return {kOkay, t.ring_tail_i};
      case regs::kWatchdogOffset: return {kOkay, model.watchdog};
      case regs::kErrorCodeOffset:
        return {kOkay, error.code | uint32_t{t.error_engine_i} << 8 | error.resp << 16};
      case regs::kErrorIndexOffset: return {kOkay, t.error_index_i};
      case regs::kErrorAddrLoOffset: return {kOkay, static_cast<uint32_t>(error.addr)};
      case regs::kErrorAddrHiOffset: return {kOkay, static_cast<uint32_t>(error.addr >> 32)};
      default: return {kSlvErr, 0};
    }
  }

  bool idle() const {
    return done_writes == writes.size() && next_ar == reads.size() && b_expected.empty() &&
           r_expected.empty();
  }
  void finish() {
    for (int i = 0; i < 3000 && !idle(); ++i) cycle();
    REQUIRE(idle());
  }

  // ---- One access, by hand ----
  uint32_t write_now(uint32_t addr, uint32_t data, uint32_t strobe = 15) {
    writes.push_back({addr, data, strobe});
    finish();
    return b_given.back();
  }
  Answer read_now(uint32_t addr) {
    reads.push_back(addr);
    finish();
    return r_given.back();
  }

  Clocked<Vdut> dut;
  Random random;
  Model model;
  bool random_inputs = false;
  unsigned aw_in = 1, w_in = 1, ar_in = 1, b_in = 1, r_in = 1;
  std::vector<Write> writes;
  std::vector<uint32_t> reads;
  size_t next_aw = 0, next_w = 0, next_ar = 0, done_writes = 0;
  std::deque<uint32_t> b_expected;
  std::deque<Answer> r_expected;
  std::vector<uint32_t> b_given;
  std::vector<Answer> r_given;
  bool b_waits = false, r_waits = false;
  uint32_t b_held = 0;
  Answer r_held;
  std::array<uint64_t, kCounters> counters;
  EngineError error;
  uint64_t wrong = 0, met = 0, set_now = 0, soft_resets = 0, resumes = 0;
};

// All addresses with a register, their neighbours, and any other.
uint32_t random_address(Random& random) {
  uint32_t addr = 4 * static_cast<uint32_t>(random.bits() % 24);
  if (random.one_in(3))
    addr = regs::kCounterBase + 4 * static_cast<uint32_t>(random.bits() % (2 * kCounters + 2));
  if (random.one_in(8)) addr += static_cast<uint32_t>(random.bits() % 4);
  if (random.one_in(8)) addr += 0x400U << (random.bits() % 6);
  if (random.one_in(20)) addr = static_cast<uint32_t>(random.bits());
  return addr & 0xffff;
}

}  // namespace

TEST_CASE("csr: any accesses, like the model") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Bench bench(seed);
  Random& random = bench.random;
  bench.random_inputs = true;
  for (int round = 0; round < 100; ++round) {
    const auto some = [&] {
      return random.one_in(2) ? 1U : static_cast<unsigned>(random.in(1, 6));
    };
    bench.aw_in = some(), bench.w_in = some(), bench.ar_in = some();
    bench.b_in = some(), bench.r_in = some();
    for (int i = 0; i < 60; ++i) {
      const uint32_t addr = random.one_in(4) ? regs::kIrqStatusOffset : random_address(random);
      const auto strobe = random.one_in(2) ? 15U : static_cast<uint32_t>(random.bits() % 16);
      bench.writes.push_back({addr, static_cast<uint32_t>(random.bits()), strobe});
      bench.reads.push_back(random_address(random));
    }
    bench.finish();
  }
  CHECK(bench.wrong == 0);
  CHECK(bench.met > 100);
  CHECK(bench.soft_resets > 10);
  CHECK(bench.resumes > 10);
  size_t refused = 0;
  for (const uint32_t resp : bench.b_given) refused += resp == kSlvErr;
  CHECK(refused > 100);
  CHECK(bench.b_given.size() - refused > 100);
}

TEST_CASE("csr: one access a cycle, and none while its answer waits") {
  Bench bench(1);
  for (uint32_t i = 0; i < 100; ++i) {
    bench.writes.push_back({regs::kWatchdogOffset, i, 15});
    bench.reads.push_back(regs::kWatchdogOffset);
  }
  for (int i = 0; i < 101; ++i) bench.cycle();
  CHECK(bench.idle());
  CHECK(bench.b_given.size() == 100);
  CHECK(bench.r_given.size() == 100);

  bench.b_in = bench.r_in = 0;
  for (uint32_t i = 0; i < 3; ++i) {
    bench.writes.push_back({regs::kWatchdogOffset, 1000 + i, 15});
    bench.reads.push_back(regs::kWatchdogOffset);
  }
  for (int i = 0; i < 50; ++i) bench.cycle();
  CHECK(bench.done_writes == 101);
  CHECK(bench.next_ar == 101);
  CHECK(bench.dut->watchdog_o == 1000);
  bench.b_in = bench.r_in = 1;
  bench.finish();
  CHECK(bench.dut->watchdog_o == 1002);
  CHECK(bench.wrong == 0);
}

TEST_CASE("csr: address long before data, and data long before address") {
  for (const bool address_first : {true, false}) {
    Bench bench(1);
    (address_first ? bench.w_in : bench.aw_in) = 1000000;
    bench.writes.push_back({regs::kRingHeadOffset, 7, 15});
    for (int i = 0; i < 30; ++i) bench.cycle();
    CHECK(bench.b_given.empty());
    CHECK(bench.dut->ring_head_o == 0);
    bench.aw_in = bench.w_in = 1;
    bench.finish();
    CHECK(bench.b_given == std::vector<uint32_t>{kOkay});
    CHECK(bench.dut->ring_head_o == 7);
    CHECK(bench.wrong == 0);
  }
}

TEST_CASE("csr: refused accesses change nothing") {
  Bench bench(1);
  REQUIRE(bench.write_now(regs::kWatchdogOffset, 0x12345678) == kOkay);
  // Read-only, not there, misaligned, and aliases above the address space.
  for (const uint32_t addr :
       {0x000U, 0x004U, 0x010U, 0x014U, 0x024U,           0x040U,       0x048U, 0x04cU, 0x050U,
        0x05cU, 0x060U, 0x100U, 0x104U, kCountersEnd - 4, kCountersEnd, 0x3fcU, 0x021U, 0x022U,
        0x023U, 0x045U, 0x046U, 0x420U, 0x444U,           0x8020U,      0xfc44U}) {
    CHECK(bench.write_now(addr, 0xffffffff) == kSlvErr);
  }
  CHECK(bench.soft_resets == 0);
  CHECK(bench.resumes == 0);
  CHECK(bench.dut->enable_o == 0);
  CHECK(bench.read_now(regs::kWatchdogOffset).data == 0x12345678);
  for (const uint32_t addr : {0x014U, 0x01cU, 0x048U, 0x04cU, 0x060U, 0x0fcU, kCountersEnd, 0x3fcU,
                              0x001U, 0x002U, 0x046U, 0x101U, 0x400U, 0x500U, 0x8000U}) {
    const Answer a = bench.read_now(addr);
    CHECK(a.resp == kSlvErr);
    CHECK(a.data == 0);
  }
  CHECK(bench.wrong == 0);
}

TEST_CASE("csr: the high half of a counter is of the moment of the low half") {
  Bench bench(1);
  bench.counters[3] = 0x00000007'ffffffff;
  const uint32_t low = regs::kCounterBase + 8 * 3;
  const Answer first = bench.read_now(low);
  bench.read_now(regs::kIdOffset);
  // Refused reads of what looks like the low half of another counter.
  bench.counters[5] = 0xdeadbeef'00000000;
  CHECK(bench.read_now(0x400 + regs::kCounterBase + 8 * 5).resp == kSlvErr);
  CHECK(bench.read_now(regs::kCounterBase + 8 * 5 + 2).resp == kSlvErr);
  const Answer second = bench.read_now(low + 4);
  const uint64_t value = uint64_t{second.data} << 32 | first.data;
  CHECK(value >= 0x00000007'ffffffff);
  CHECK(value < 0x00000009'00000000);
  CHECK(bench.wrong == 0);
}

TEST_CASE("csr: a cause that is set while it is cleared stays") {
  for (const uint32_t cause : {regs::kIrqStatusDoneMask, regs::kIrqStatusErrorMask}) {
    for (int shift = -2; shift <= 2; ++shift) {
      Bench bench(1);
      bench.write_now(regs::kIrqEnableOffset, 3);
      const auto pulse = [&](bool on) {
        bench.dut->job_done_i = on && cause == regs::kIrqStatusDoneMask;
        bench.dut->job_error_i = on && cause == regs::kIrqStatusErrorMask;
      };
      pulse(true);
      bench.cycle();
      pulse(false);
      bench.cycle();
      REQUIRE(bench.dut->irq_o);
      for (int i = -3; i <= 3; ++i) {
        if (i == 0) bench.writes.push_back({regs::kIrqStatusOffset, cause, 15});
        pulse(i == shift);
        bench.cycle();
      }
      CHECK(bench.dut->irq_o == (shift >= 0));  // set before the write: cleared
      CHECK(bench.wrong == 0);
    }
  }
}

TEST_CASE("csr: a soft reset reads 1 from the cycle after its write until it is done") {
  Bench bench(1);
  const uint32_t ask = regs::kControlEnableMask | regs::kControlSoftResetMask;
  bench.writes.push_back({regs::kControlOffset, ask, 15});
  bench.cycle();
  REQUIRE(bench.done_writes == 1);
  const auto reads = [&] {
    bench.reads.push_back(regs::kControlOffset);
    bench.cycle();
    bench.cycle();
    return bench.r_given.back().data;
  };
  CHECK(reads() == ask);  // the machine has not seen it yet
  bench.dut->resetting_i = 1;
  CHECK(reads() == ask);
  bench.dut->resetting_i = 0;
  CHECK(reads() == regs::kControlEnableMask);
  CHECK(bench.soft_resets == 1);
  CHECK(bench.wrong == 0);
}

TEST_CASE("csr: reset values") {
  Bench bench(1);
  CHECK(bench.read_now(regs::kWatchdogOffset).data == 1000000);
  for (const uint32_t addr : {regs::kControlOffset, regs::kIrqStatusOffset, regs::kIrqEnableOffset,
                              regs::kRingBaseLoOffset, regs::kRingBaseHiOffset,
                              regs::kRingSizeOffset, regs::kRingHeadOffset}) {
    CHECK(bench.read_now(addr).data == 0);
  }
  CHECK(bench.wrong == 0);
}
