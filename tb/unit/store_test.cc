// Store engine with the write port and an AXI memory: the whole DRAM image is compared with
// what plain loops make, so every byte outside the target is a guard byte.
#include <memory>

#include "Vdut.h"
#include "dma_bench.h"
#include "isa/activity.h"
#include "sim/axi_pins.h"
#include "tb/catch_compat.h"

using namespace weft::tb;
using weft::isa::Activity;
using weft::sim::AxiInputs;
using weft::sim::AxiMemory;
using weft::sim::AxiMemoryConfig;
using weft::sim::AxiOutputs;

namespace {

constexpr uint64_t kBase = 0xfedc'ba98'0001'0000;
constexpr uint64_t kSize = 0x50000;
constexpr uint64_t kCtlArea = kBase + 0x40000;  // the other client writes here
constexpr uint64_t kSlot = 0x2000;              // DRAM a transfer of a random batch may use

struct Bench {
  explicit Bench(const AxiMemoryConfig& config, uint64_t seed)
      : memory(config), random(seed), top(std::make_unique<Vdut>()) {
    memory.add_range(kBase, kSize);
    uint8_t* bytes = memory.data(kBase, kSize);
    for (uint64_t i = 0; i < kSize; ++i) bytes[i] = static_cast<uint8_t>(random.bits() >> 13);
    image.assign(bytes, bytes + kSize);
    act.resize(uint64_t{WEFT_ACT_WORDS} * kWordBytes);
    for (uint8_t& byte : act) byte = static_cast<uint8_t>(random.bits() >> 17);
    regions[0] = {kBase, kBase + kSize};
    for (unsigned i = 1; i < 8; ++i) regions[i] = {64 * i, 64 * i, false, false};
    top->rst_ni = top->clear_i = top->abort_i = 0;
    weft::sim::drive_axi_write(out, *top);
    put_regions(regions, top->regions_i);
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
  }

  void set_region(unsigned i, const Region& region) {
    regions[i] = region;
    put_regions(regions, top->regions_i);
  }

  void queue(Transfer t) {
    t.opcode = 0x18;
    waiting.push_back(t);
  }

  // Pairs of DRAM address and byte, in stream order, as far as both sides and act memory reach.
  std::vector<std::pair<uint64_t, uint8_t>> expected(const Transfer& t) const {
    const std::vector<uint64_t> addrs = dram_bytes(t.dram);
    std::vector<std::pair<uint64_t, uint8_t>> bytes;
    for (const ChipWord& word : chip_words(t.chip)) {
      if (word.addr >= WEFT_ACT_WORDS) break;
      for (unsigned i = 0; i < word.bytes && bytes.size() < addrs.size(); ++i) {
        bytes.push_back({addrs[bytes.size()], act[size_t{word.addr} * kWordBytes + i]});
      }
    }
    return bytes;
  }

  void cycle() {
    Vdut& t = *top;
    offered = next_desc < waiting.size() && (offered || desc_gap == 0 || random.one_in(desc_gap));
    t.desc_valid_i = offered;
    if (offered) {
      const std::array<uint8_t, 64> d = encode(waiting[next_desc], regions);
      std::memcpy(&t.desc_i, d.data(), 64);
    }
    t.act_rd_ready_i = act_stall == 0 || !random.one_in(act_stall);
    if (granted >= 0) {
      std::memcpy(&t.act_rd_data_i, &act[static_cast<size_t>(granted) * kWordBytes], kWordBytes);
    } else {
      std::memset(&t.act_rd_data_i, static_cast<int>(now), kWordBytes);
    }
    drive_ctl();
    t.clk_i = 0;
    t.eval();
    weft::sim::sample_axi_write(t, in);
    if (t.rst_ni) {
      observe();
      memory.tick(in, out);
    }
    t.clk_i = 1;
    t.eval();
    weft::sim::drive_axi_write(out, t);
    ++now;
  }

  void observe() {
    Vdut& t = *top;
    if (t.desc_valid_i && t.desc_ready_o) {
      ++next_desc;
      offered = false;
    }
    granted = t.act_rd_valid_o && t.act_rd_ready_i ? static_cast<int>(t.act_rd_addr_o) : -1;
    if (in.awvalid && out.awready && in.awid == 1) {
      ++store_bursts;
      bool inside = false;
      const uint64_t last = in.awaddr + (in.awlen + 1u) * kWordBytes - 1;
      for (const Region& r : regions) inside |= r.writable && in.awaddr >= r.base && last < r.limit;
      if (!inside) ++outside_bursts;
    }
    if (in.wvalid && out.wready) {
      if (first_beat == 0) first_beat = now;
      last_beat = now;
      ++beats;
    }
    if (t.done_o) {
      // All its bytes are there, and all earlier ones were checked before.
      if (done < waiting.size()) {
        for (const auto& [addr, byte] : expected(waiting[done])) {
          const uint8_t* there = memory.data(addr, 1);
          if (there == nullptr || *there != byte) ++wrong_at_done;
          image[addr - kBase] = byte;
        }
      }
      ++done;
    }
    if (t.ctl_burst_valid_i && t.ctl_burst_ready_o) {
      ctl_offered = false;
      ctl_taken = true;
    }
    if (t.ctl_data_valid_i && t.ctl_data_ready_o) {
      ++ctl_beat;
      ctl_data_offered = false;
    }
    if (t.ctl_resp_valid_o) {
      ctl_pending = ctl_taken = false;
      ++ctl_bursts;
    }
  }

  void drive_ctl() {
    Vdut& t = *top;
    if (ctl_active && !ctl_pending && random.one_in(20)) {
      ctl_len = static_cast<unsigned>(random.in(0, 7));
      ctl_addr = kCtlArea + static_cast<uint64_t>(random.in(0, 15)) * 0x1000;
      ctl_pending = ctl_offered = true;
      ctl_beat = 0;
      t.ctl_burst_addr_i = ctl_addr;
      t.ctl_burst_len_i = static_cast<uint8_t>(ctl_len);
    }
    t.ctl_burst_valid_i = ctl_offered;
    if (!ctl_data_offered && ctl_taken && ctl_beat <= ctl_len && random.one_in(2)) {
      ctl_data_offered = true;
      for (unsigned i = 0; i < kWordBytes; ++i) {
        const uint8_t byte = static_cast<uint8_t>(random.bits());
        reinterpret_cast<uint8_t*>(&t.ctl_data_i)[i] = byte;
        image[ctl_addr - kBase + ctl_beat * kWordBytes + i] = byte;
      }
      set_bits(t.ctl_data_strb_i, 0, kWordBytes, ~uint64_t{0});
      t.ctl_data_last_i = ctl_beat == ctl_len;
    }
    t.ctl_data_valid_i = ctl_data_offered;
  }

  bool run(uint64_t limit = 400000) {
    for (uint64_t i = 0; i < limit; ++i) {
      if (top->err_valid_o ||
          (done == waiting.size() && Activity(top->activity_o) == Activity::kIdle))
        return true;
      cycle();
    }
    return false;
  }

  bool drain(uint64_t limit = 100000) {
    ctl_active = false;
    for (uint64_t i = 0; i < limit; ++i) {
      cycle();
      if (top->quiet_o && memory.idle() && !out.bvalid && !ctl_pending) return true;
    }
    return false;
  }

  void clear() {
    waiting.clear();
    next_desc = 0;
    done = 0;
    offered = false;
    top->clear_i = 1;
    cycle();
    top->clear_i = 0;
    cycle();
  }

  void check_image() {
    const uint8_t* bytes = memory.data(kBase, kSize);
    size_t wrong = 0;
    for (size_t i = 0; i < kSize; ++i) wrong += bytes[i] != image[i];
    CHECK(wrong == 0);
  }

  void check_all_done() {
    CHECK_FALSE(top->err_valid_o);
    REQUIRE(waiting.size() > 0);
    CHECK(done == waiting.size());
    CHECK(wrong_at_done == 0);
    REQUIRE(drain());
    check_image();
  }

  // After a failure: transfer t wrote nothing but bytes of its own, if any.
  void accept_partial(const Transfer& t) {
    for (const auto& [addr, byte] : expected(t)) {
      const uint8_t* there = memory.data(addr, 1);
      if (there != nullptr && addr - kBase < kSize && *there == byte) image[addr - kBase] = byte;
    }
  }

  void check_protocol() {
    for (const std::string& v : memory.violations()) FAIL_CHECK(v);
    CHECK(memory.violation_count() == 0);
    CHECK(outside_bursts == 0);
  }

  AxiMemory memory;
  AxiInputs in;
  AxiOutputs out;
  Random random;
  Regions regions;
  std::unique_ptr<Vdut> top;
  std::vector<uint8_t> act, image;
  std::vector<Transfer> waiting;
  size_t next_desc = 0, done = 0, wrong_at_done = 0;
  unsigned desc_gap = 0, act_stall = 0;  // one in n cycles; 0: always, never
  int granted = -1;
  bool offered = false;
  uint64_t now = 0, store_bursts = 0, outside_bursts = 0;
  uint64_t first_beat = 0, last_beat = 0, beats = 0;
  bool ctl_active = false, ctl_pending = false, ctl_offered = false, ctl_taken = false;
  bool ctl_data_offered = false;
  uint64_t ctl_addr = 0, ctl_bursts = 0;
  unsigned ctl_len = 0, ctl_beat = 0;
};

AxiMemoryConfig memory_config(unsigned latency, uint64_t seed) {
  AxiMemoryConfig config;
  config.bus_bytes = WEFT_BUS_BITS / 8;
  config.write_latency = latency;
  config.seed = seed;
  return config;
}

Transfer simple(uint64_t chip, uint64_t dram, uint32_t bytes) {
  Transfer t;
  t.chip.start = chip;
  t.chip.run = bytes;
  t.dram.start = dram;
  t.dram.run = bytes;
  return t;
}

}  // namespace

TEST_CASE("store: random nests, alignments, stalls", "[store]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Random random(seed);
  AxiMemoryConfig config = memory_config(static_cast<unsigned>(random.in(1, 120)), seed);
  if (seed % 2 == 0) {
    config.stall_aw = static_cast<unsigned>(random.in(0, 0xc000));
    config.stall_w = config.stall_b = static_cast<unsigned>(random.in(0, 0xa000));
    config.mix_ids = true;
    config.max_outstanding = static_cast<unsigned>(random.in(1, 64));
  }
  Bench bench(config, seed);
  bench.ctl_active = seed % 3 == 0;
  if (seed % 2 == 0) bench.act_stall = static_cast<unsigned>(random.in(2, 6));
  if (seed % 4 == 0) bench.desc_gap = static_cast<unsigned>(random.in(2, 50));
  for (unsigned i = 0; i < 32; ++i) {
    bench.queue(random_transfer(random, kAct, kBase + i * kSlot, kSlot, true));
  }
  REQUIRE(bench.run());
  if (bench.ctl_active) CHECK(bench.ctl_bursts > 0);
  bench.check_all_done();
  bench.check_protocol();
}

TEST_CASE("store: every run length and offset near the word size", "[store]") {
  Bench bench(memory_config(3, 1), 1);
  uint64_t slot = 0;
  for (unsigned bytes = 1; bytes <= 2 * kWordBytes + 1; ++bytes) {
    for (unsigned offset = 0; offset <= kWordBytes; ++offset) {
      bench.queue(simple(bytes, kBase + 4096 + 96 * slot++ - offset, bytes));
    }
  }
  REQUIRE(bench.run());
  bench.check_all_done();
  bench.check_protocol();
}

TEST_CASE("store: full rate", "[store]") {
  const unsigned offset = GENERATE(0u, 3u);
  Bench bench(memory_config(100, 1), 1);
  const uint32_t bytes = std::min<uint32_t>(0x10000, kWordBytes * WEFT_ACT_WORDS);
  for (uint32_t done = 0; done < 0x10000; done += bytes) {
    bench.queue(simple(0, kBase + offset + done, bytes));
  }
  REQUIRE(bench.run());
  const double rate = static_cast<double>(bench.beats) /
                      static_cast<double>(bench.last_beat - bench.first_beat + 1);
  WARN("64 KiB at offset " << offset << ": " << bench.beats << " beats, " << bench.store_bursts
                           << " bursts, rate " << rate << ", first beat in cycle "
                           << bench.first_beat - 3 << ", all done in cycle " << bench.now - 3);
  CHECK(rate >= 0.98);
  bench.check_all_done();
  bench.check_protocol();
}

TEST_CASE("store: small transfers overlap", "[store]") {
  Bench bench(memory_config(100, 1), 1);
  for (uint32_t i = 0; i < 40; ++i) {
    bench.queue(simple(9 * i, kBase + 9 * kWordBytes * i, 9 * kWordBytes));
  }
  REQUIRE(bench.run());
  WARN("40 transfers of nine words: " << bench.beats << " beats, all done in cycle "
                                      << bench.now - 3);
  CHECK(bench.now < 120 + bench.beats + bench.beats / 8);
  bench.check_all_done();
}

TEST_CASE("store: region edges", "[store][error]") {
  const bool writable = GENERATE(true, false);
  const uint64_t limit = kBase + 0x1040;
  struct Case {
    uint64_t first;
    uint32_t bytes;
    bool good;
    uint64_t bad_addr;
  };
  const std::vector<Case> cases = {
      {limit - 64, 64, true, 0},        {limit - 1, 1, true, 0},
      {limit - 64, 65, false, limit},   {limit, 1, false, limit},
      {limit - 300, 301, false, limit}, {limit - 300, 300, true, 0},
      {kBase + 0x40, 17, true, 0},      {limit + 5000, 3, false, limit + 5000}};
  Bench bench(memory_config(10, 1), 1);
  bench.set_region(0, {kBase, kBase + 64, true, false});
  bench.set_region(3, {kBase + 0x40, limit, true, writable});
  for (const Case& c : cases) {
    Transfer t = simple(0, c.first, c.bytes);
    t.region = 3;
    bench.queue(t);
    INFO("bytes " << std::hex << c.first << " + " << c.bytes << " writable " << writable);
    REQUIRE(bench.run());
    if (c.good && writable) {
      bench.check_all_done();
    } else {
      REQUIRE(bench.top->err_valid_o);
      const EngineError e = get_error(bench.top->err_o);
      CHECK(e.code == kRegion);
      CHECK(e.addr == (writable ? c.bad_addr : t.dram.start));
      CHECK(bench.done == 0);
      REQUIRE(bench.drain());
      if (writable) bench.accept_partial(t);
      bench.check_image();
      CHECK(bench.memory.data(limit, 1)[0] == bench.image[limit - kBase]);
    }
    bench.check_protocol();
    bench.clear();
  }
}

namespace {

struct Fault {
  const char* name;
  unsigned code;
  uint64_t addr;
  unsigned resp;
  Transfer transfer;
};

// Transfers that fail; their target is slot 31.
std::vector<Fault> faults() {
  std::vector<Fault> list;
  const Transfer good = simple(3, kBase + 31 * kSlot + 0x105, 5 * kWordBytes + 1);
  auto add = [&](const char* name, unsigned code, auto change) {
    Fault f{name, code, 0, 0, good};
    change(f);
    list.push_back(f);
  };
  for (const unsigned byte : {22u, 26u, 30u, 34u, 38u, 44u}) {
    add("zero count", kBadDescriptor, [&](Fault& f) {
      for (unsigned i = 0; i < (byte == 22 || byte == 34 ? 3u : 2u); ++i) {
        f.transfer.raw.push_back({byte + i, 0});
      }
    });
  }
  for (const unsigned byte : {1u, 13u, 25u, 37u, 46u, 52u, 63u}) {
    add("reserved byte", kBadDescriptor, [&](Fault& f) { f.transfer.raw = {{byte, 0x80}}; });
  }
  for (const uint8_t mem : {1, 2, 3}) {
    add("not act memory", kBadDescriptor, [&](Fault& f) { f.transfer.raw = {{12, mem}}; });
  }
  add("first word behind the memory", kChipRange,
      [](Fault& f) { f.transfer.chip.start = WEFT_ACT_WORDS; });
  add("last word behind the memory", kChipRange,
      [](Fault& f) { f.transfer.chip.start = WEFT_ACT_WORDS - 5; });
  add("below word 0", kChipRange, [](Fault& f) {
    f.transfer.chip.run = 1;
    f.transfer.chip.count1 = 5 * kWordBytes + 1;
    f.transfer.chip.stride1 = -1;
  });
  add("DRAM one byte short", kTransferLength, [](Fault& f) { f.transfer.dram.run -= 1; });
  add("DRAM one byte long", kTransferLength, [](Fault& f) { f.transfer.dram.run += 1; });
  add("DRAM one beat long", kTransferLength, [](Fault& f) { f.transfer.dram.run += 64; });
  add("DRAM endless", kTransferLength, [](Fault& f) {
    f.transfer.dram.count1 = 65535;
    f.transfer.dram.count2 = 65535;
  });
  add("chip endless", kTransferLength, [](Fault& f) {
    f.transfer.chip.count1 = 65535;
    f.transfer.chip.count2 = 65535;
  });
  add("behind the region", kRegion, [](Fault& f) {
    f.transfer.dram.start = kBase + kSize - 7;
    f.addr = kBase + kSize;
  });
  add("later run before the region", kRegion, [](Fault& f) {
    f.transfer.dram.count1 = 2;
    f.transfer.dram.stride1 = -0x1000000;
    f.transfer.chip.run *= 2;
    f.addr = f.transfer.dram.start - 0x1000000;
  });
  add("region without rights", kRegion, [](Fault& f) {
    f.transfer.region = 5;
    f.transfer.dram.start = 64 * 5 + 2;
    f.addr = 64 * 5 + 2;
  });
  add("bus error", kBus, [](Fault& f) {
    f.transfer.region = 2;
    f.transfer.dram.start = kBase + kSize + 0x43;
    f.resp = 2;
    f.addr = f.transfer.dram.start & ~uint64_t{kWordBytes - 1};
  });
  add("bus error in a later burst", kBus, [](Fault& f) {
    f.transfer.region = 2;
    f.transfer.dram.start = kBase + kSize - 13;
    f.resp = 2;
    f.addr = kBase + kSize;
  });
  add("nothing there", kBus, [](Fault& f) {
    f.transfer.region = 2;
    f.transfer.dram.start = kBase + kSize + 0x1801;
    f.resp = 3;
    f.addr = f.transfer.dram.start & ~uint64_t{kWordBytes - 1};
  });
  return list;
}

}  // namespace

TEST_CASE("store: every error, then a clear and good work", "[store][error]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  Random random(seed);
  AxiMemoryConfig config = memory_config(seed % 2 ? 20 : 100, seed);
  if (seed > 2) config.stall_aw = config.stall_w = config.stall_b = 0x6000;
  Bench bench(config, seed);
  bench.memory.add_range(kBase + kSize, 0x1000, weft::sim::kSlvErr);
  bench.set_region(2, {kBase, kBase + kSize + 0x2000});
  if (seed > 2) bench.act_stall = 3;
  for (const Fault& fault : faults()) {
    INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG << " fault: " << fault.name << ", code "
                      << fault.code << ", resp " << fault.resp);
    const unsigned before = static_cast<unsigned>(random.in(0, 6));
    const unsigned after = static_cast<unsigned>(random.in(0, 4));
    for (unsigned i = 0; i < before; ++i) {
      bench.queue(random_transfer(random, kAct, kBase + i * kSlot, kSlot, true));
    }
    bench.queue(fault.transfer);
    for (unsigned i = 0; i < after; ++i) bench.queue(simple(9, kBase + (i + 10) * kSlot, 300));
    if (seed % 2 == 0) bench.ctl_active = true;
    REQUIRE(bench.run());
    REQUIRE(bench.top->err_valid_o);
    const EngineError e = get_error(bench.top->err_o);
    CHECK(e.code == fault.code);
    CHECK(e.resp == fault.resp);
    CHECK(e.addr == fault.addr);
    CHECK(Activity(bench.top->activity_o) != Activity::kIdle);
    CHECK(bench.top->quiet_o);
    CHECK(bench.done == before);
    CHECK(bench.wrong_at_done == 0);
    REQUIRE(bench.drain());
    for (int i = 0; i < 20; ++i) bench.cycle();
    CHECK(bench.done == before);
    if (fault.code != kBadDescriptor) bench.accept_partial(fault.transfer);
    // A bus error comes late: the beats of later transfers may have gone out.
    if (fault.code == kBus) {
      for (size_t i = before + 1; i < bench.waiting.size(); ++i) {
        bench.accept_partial(bench.waiting[i]);
      }
    }
    bench.check_image();

    bench.clear();
    CHECK(Activity(bench.top->activity_o) == Activity::kIdle);
    for (unsigned i = 0; i < 3; ++i) {
      bench.queue(random_transfer(random, kAct, kBase + i * kSlot, kSlot, true));
    }
    REQUIRE(bench.run());
    bench.check_all_done();
    bench.check_protocol();
    bench.clear();
  }
}

TEST_CASE("store: an older bus error goes before a younger descriptor's own", "[store][error]") {
  Bench bench(memory_config(100, 1), 1);
  bench.memory.add_range(kBase + kSize, 0x1000, weft::sim::kSlvErr);
  bench.set_region(2, {kBase, kBase + kSize + 0x2000});
  bench.queue(simple(0, kBase, 40));
  Transfer refused = simple(0, kBase + kSize + 0x40, 40);
  refused.region = 2;
  bench.queue(refused);
  bench.queue(simple(WEFT_ACT_WORDS - 1, kBase + kSlot, 2 * kWordBytes));  // chip_range
  REQUIRE(bench.run());
  REQUIRE(bench.top->err_valid_o);
  CHECK(get_error(bench.top->err_o).code == kBus);
  CHECK(get_error(bench.top->err_o).addr == kBase + kSize + 0x40);
  CHECK(bench.done == 1);
}

TEST_CASE("store: abort at any time, then a clear and good work", "[store][error]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Random random(seed);
  AxiMemoryConfig config = memory_config(40, seed);
  config.stall_aw = config.stall_w = config.stall_b = seed == 1 ? 0 : 0x8000;
  Bench bench(config, seed);
  for (int round = 0; round < 60; ++round) {
    for (unsigned i = 0; i < 8; ++i) {
      bench.queue(random_transfer(random, kAct, kBase + i * kSlot, kSlot, true));
    }
    const int64_t cycles = random.in(0, 200);
    for (int64_t i = 0; i < cycles; ++i) bench.cycle();
    bench.top->abort_i = 1;
    for (int i = 0; i < 4; ++i) bench.cycle();
    const uint64_t bursts = bench.store_bursts;
    REQUIRE(bench.drain());
    CHECK(bench.store_bursts <= bursts + 3);  // one held at the engine, two in the port
    for (const Transfer& t : bench.waiting) bench.accept_partial(t);
    bench.check_image();
    bench.top->abort_i = 0;
    bench.clear();
    bench.queue(random_transfer(random, kAct, kBase, kSlot, true));
    REQUIRE(bench.run());
    bench.check_all_done();
    bench.check_protocol();
    bench.clear();
  }
}
