// Load engine with the read port and an AXI memory: every word written to the on-chip
// memories is compared, in order, with the byte stream that plain loops make.
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

constexpr uint64_t kBase = 0xfedc'ba98'0001'0000;  // upper address bits in use
constexpr uint64_t kSize = 0x20000;

struct Write {
  unsigned mem;
  uint16_t addr;
  std::array<uint8_t, kWordBytes> data;
  bool operator==(const Write& o) const { return mem == o.mem && addr == o.addr && data == o.data; }
};

struct Bench {
  explicit Bench(const AxiMemoryConfig& config, uint64_t seed)
      : memory(config), random(seed), top(std::make_unique<Vdut>()) {
    memory.add_range(kBase, kSize);
    uint8_t* bytes = memory.data(kBase, kSize);
    for (uint64_t i = 0; i < kSize; ++i) bytes[i] = static_cast<uint8_t>(random.bits() >> 13);
    regions[0] = {kBase, kBase + kSize};
    for (unsigned i = 1; i < 8; ++i) regions[i] = {64 * i, 64 * i, false, false};
    top->rst_ni = top->clear_i = top->abort_i = 0;
    weft::sim::drive_axi_read(out, *top);
    top->act_wr_ready_i = 1;
    put_regions(regions, top->regions_i);
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
  }

  void set_region(unsigned i, const Region& region) {
    regions[i] = region;
    put_regions(regions, top->regions_i);
  }

  void queue(const Transfer& t) { waiting.push_back(t); }

  // Words a transfer writes.
  std::vector<Write> expected(const Transfer& t) {
    const std::vector<uint64_t> bytes = dram_bytes(t.dram);
    std::vector<Write> writes;
    size_t next = 0;
    for (const ChipWord& word : chip_words(t.chip)) {
      Write w{t.mem, word.addr, {}};
      for (unsigned i = 0; i < word.bytes && next < bytes.size(); ++i, ++next) {
        const uint8_t* byte = memory.data(bytes[next], 1);
        w.data[i] = byte != nullptr ? *byte : 0;
      }
      writes.push_back(w);
    }
    return writes;
  }

  void cycle() {
    Vdut& t = *top;
    offered = next_desc < waiting.size() && (offered || desc_gap == 0 || random.one_in(desc_gap));
    t.desc_valid_i = offered;
    if (offered) {
      const std::array<uint8_t, 64> d = encode(waiting[next_desc], regions);
      std::memcpy(&t.desc_i, d.data(), 64);
    }
    t.act_wr_ready_i = act_stall == 0 || !random.one_in(act_stall);
    drive_ctl();
    t.clk_i = 0;
    t.eval();
    weft::sim::sample_axi_read(t, in);
    if (t.rst_ni) {
      observe();
      memory.tick(in, out);
    }
    t.clk_i = 1;
    t.eval();
    weft::sim::drive_axi_read(out, t);
    ++now;
  }

  void observe() {
    Vdut& t = *top;
    if (t.desc_valid_i && t.desc_ready_o) {
      ++next_desc;
      offered = false;
    }
    if (in.arvalid && out.arready) {
      if (in.arid == 1) {
        ++load_bursts;
        bool inside = false;
        const uint64_t last = in.araddr + (in.arlen + 1u) * kWordBytes - 1;
        for (const Region& r : regions) {
          inside |= r.readable && in.araddr >= r.base && last < r.limit;
        }
        if (!inside) ++outside_bursts;
      }
    }
    if (in.rready && out.rvalid && out.rid == 1) {
      if (first_beat == 0) first_beat = now;
      last_beat = now;
      ++load_beats;
    }
    auto wrote = [&](unsigned mem, uint64_t addr, const void* data) {
      Write w{mem, static_cast<uint16_t>(addr), {}};
      std::memcpy(w.data.data(), data, kWordBytes);
      writes.push_back(w);
    };
    if (t.act_wr_valid_o && t.act_wr_ready_i) wrote(kAct, t.act_wr_addr_o, &t.act_wr_data_o);
    if (t.wgt_wr_valid_o) wrote(kWgt, t.wgt_wr_addr_o, &t.wgt_wr_data_o);
    if (t.param_wr_valid_o) wrote(kParam, t.param_wr_addr_o, &t.param_wr_data_o);
    if (t.done_o) done_at.push_back(writes.size());
    if (t.ctl_burst_valid_i && t.ctl_burst_ready_o) ctl_offered = false;
    if (t.ctl_data_valid_o && t.ctl_data_ready_i) {
      const uint8_t* bytes = memory.data(ctl_addr + uint64_t{ctl_beat} * kWordBytes, kWordBytes);
      if (std::memcmp(bytes, &t.ctl_data_o, kWordBytes) != 0) ++ctl_wrong;
      ++ctl_beat;
      ++ctl_beats;
      if (t.ctl_data_last_o) {
        if (ctl_beat != ctl_len + 1u) ++ctl_wrong;
        ctl_pending = false;
      }
    }
  }

  // The other client reads too, in the benches that ask for it.
  void drive_ctl() {
    Vdut& t = *top;
    t.ctl_data_ready_i = !random.one_in(3);
    t.ctl_burst_valid_i = ctl_offered;
    if (!ctl_active || ctl_pending || !random.one_in(7)) return;
    ctl_len = static_cast<unsigned>(random.in(0, 7));
    ctl_addr = kBase + static_cast<uint64_t>(random.in(0, 500)) * 64;
    if ((ctl_addr & 0xfff) + (ctl_len + 1) * kWordBytes > 0x1000) return;
    ctl_beat = 0;
    ctl_pending = ctl_offered = true;
    t.ctl_burst_valid_i = 1;
    t.ctl_burst_addr_i = ctl_addr;
    t.ctl_burst_len_i = static_cast<uint8_t>(ctl_len);
  }

  // Until all queued transfers are done or one failed; false: neither came.
  bool run(uint64_t limit = 200000) {
    for (uint64_t i = 0; i < limit; ++i) {
      if (top->err_valid_o ||
          (done_at.size() == waiting.size() && Activity(top->activity_o) == Activity::kIdle))
        return true;
      cycle();
    }
    return false;
  }

  bool drain(uint64_t limit = 100000) {
    for (uint64_t i = 0; i < limit; ++i) {
      cycle();
      if (top->quiet_o && memory.idle() && !out.rvalid) return true;
    }
    return false;
  }

  void clear() {
    waiting.clear();
    next_desc = 0;
    writes.clear();
    done_at.clear();
    offered = false;
    top->clear_i = 1;
    cycle();
    top->clear_i = 0;
    writes.clear();
    done_at.clear();
    cycle();
  }

  void check_protocol() {
    for (const std::string& v : memory.violations()) FAIL_CHECK(v);
    CHECK(memory.violation_count() == 0);
    CHECK(outside_bursts == 0);
    CHECK(ctl_wrong == 0);
  }

  // All queued transfers: words in order, and done_o not before a transfer's last word and
  // not after the next one's second (the report is registered).
  void check_all_done() {
    CHECK_FALSE(top->err_valid_o);
    std::vector<Write> all;
    REQUIRE(done_at.size() == waiting.size());
    for (size_t i = 0; i < waiting.size(); ++i) {
      const std::vector<Write> one = expected(waiting[i]);
      all.insert(all.end(), one.begin(), one.end());
      INFO("transfer " << i);
      CHECK(done_at[i] >= all.size());
      CHECK(done_at[i] <= all.size() + 1);
    }
    REQUIRE(all.size() > 0);
    REQUIRE(writes.size() == all.size());
    size_t wrong = 0;
    for (size_t i = 0; i < all.size(); ++i) wrong += !(writes[i] == all[i]);
    CHECK(wrong == 0);
  }

  AxiMemory memory;
  AxiInputs in;
  AxiOutputs out;
  Random random;
  Regions regions;
  std::unique_ptr<Vdut> top;
  std::vector<Transfer> waiting;
  size_t next_desc = 0;
  unsigned desc_gap = 0, act_stall = 0;  // one in n cycles; 0: always, never
  std::vector<Write> writes;
  std::vector<size_t> done_at;  // words written when done_o came
  uint64_t now = 0, load_bursts = 0, outside_bursts = 0;
  uint64_t first_beat = 0, last_beat = 0, load_beats = 0;
  bool offered = false;
  bool ctl_active = false, ctl_pending = false, ctl_offered = false;
  uint64_t ctl_addr = 0, ctl_beats = 0, ctl_wrong = 0;
  unsigned ctl_len = 0, ctl_beat = 0;
};

AxiMemoryConfig memory_config(unsigned latency, uint64_t seed) {
  AxiMemoryConfig config;
  config.bus_bytes = WEFT_BUS_BITS / 8;
  config.read_latency = latency;
  config.seed = seed;
  return config;
}

Transfer simple(unsigned mem, uint64_t chip, uint64_t dram, uint32_t bytes) {
  Transfer t;
  t.mem = mem;
  t.chip.start = chip;
  t.chip.run = bytes;
  t.dram.start = dram;
  t.dram.run = bytes;
  return t;
}

}  // namespace

TEST_CASE("load: random nests, alignments, stalls", "[load]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Random random(seed);
  AxiMemoryConfig config = memory_config(static_cast<unsigned>(random.in(1, 120)), seed);
  if (seed % 2 == 0) {
    config.stall_ar = config.stall_r = static_cast<unsigned>(random.in(0, 0xa000));
    config.mix_ids = true;
    config.max_outstanding = static_cast<unsigned>(random.in(1, 64));
  }
  Bench bench(config, seed);
  bench.ctl_active = seed % 3 == 0;
  if (seed % 2 == 0) bench.act_stall = static_cast<unsigned>(random.in(2, 6));
  if (seed % 4 == 0) bench.desc_gap = static_cast<unsigned>(random.in(2, 50));
  for (int i = 0; i < 60; ++i) {
    bench.queue(
        random_transfer(random, static_cast<unsigned>(random.in(0, 2)), kBase, kSize, false));
  }
  REQUIRE(bench.run());
  bench.check_all_done();
  bench.check_protocol();
  if (bench.ctl_active) CHECK(bench.ctl_beats > 0);
}

TEST_CASE("load: every run length and offset near the word size", "[load]") {
  Bench bench(memory_config(3, 1), 1);
  Random random(7);
  for (unsigned bytes = 1; bytes <= 2 * kWordBytes + 1; ++bytes) {
    for (unsigned offset = 0; offset <= kWordBytes; ++offset) {
      Transfer t =
          simple(static_cast<unsigned>(random.in(0, 2)), bytes, kBase + 4096 - offset, bytes);
      bench.queue(t);
    }
  }
  REQUIRE(bench.run());
  bench.check_all_done();
  bench.check_protocol();
}

TEST_CASE("load: full rate", "[load]") {
  const unsigned offset = GENERATE(0u, 3u);
  Bench bench(memory_config(100, 1), 1);
  const uint32_t bytes = std::min<uint32_t>(0x10000, kWordBytes * WEFT_ACT_WORDS);
  // tiny's act memory is smaller than 64 KiB: the same words several times.
  for (uint32_t done = 0; done < 0x10000; done += bytes) {
    bench.queue(simple(kAct, 0, kBase + offset + done, bytes));
  }
  REQUIRE(bench.run());
  bench.check_all_done();
  bench.check_protocol();
  const double rate = static_cast<double>(bench.load_beats) /
                      static_cast<double>(bench.last_beat - bench.first_beat + 1);
  WARN("64 KiB at offset " << offset << ": " << bench.load_beats << " beats, " << bench.load_bursts
                           << " bursts, rate " << rate << ", first beat in cycle "
                           << bench.first_beat - 3 << ", all done in cycle " << bench.now - 3);
  CHECK(rate >= 0.98);
}

TEST_CASE("load: small transfers overlap", "[load]") {
  Bench bench(memory_config(100, 1), 1);
  for (uint32_t i = 0; i < 40; ++i) {
    bench.queue(simple(kParam, 9 * i, kBase + 9 * kWordBytes * i, 9 * kWordBytes));
  }
  REQUIRE(bench.run());
  bench.check_all_done();
  WARN("40 parameter blocks of nine words: " << bench.load_beats << " beats, all done in cycle "
                                             << bench.now - 3);
  CHECK(bench.now < 110 + bench.load_beats + bench.load_beats / 8);
}

TEST_CASE("load: one-word runs in DRAM", "[load]") {
  Bench bench(memory_config(100, 1), 1);
  Transfer t = simple(kAct, 0, kBase, kWordBytes);
  t.dram.count1 = 500;
  t.dram.stride1 = 4 * kWordBytes;
  t.chip.run = 500 * kWordBytes;
  bench.queue(t);
  REQUIRE(bench.run());
  bench.check_all_done();
  WARN("500 one-word runs: all done in cycle " << bench.now - 3);
  CHECK(bench.now < 1000);
}

TEST_CASE("load: region edges", "[load][error]") {
  const bool readable = GENERATE(true, false);
  const uint64_t limit = kBase + 0x1040;
  struct Case {
    uint64_t first;
    uint32_t bytes;
    bool good;
    uint64_t bad_addr;
  };
  const std::vector<Case> cases = {{limit - 64, 64, true, 0},
                                   {limit - 1, 1, true, 0},
                                   {limit - 64, 65, false, limit},
                                   {limit, 1, false, limit},
                                   {limit - 300, 301, false, limit},
                                   {limit - 300, 300, true, 0},
                                   {kBase + 0x40, 17, true, 0},
                                   {limit - 5000, 5000, false, limit - 5000},
                                   {limit + 5000, 3, false, limit + 5000}};
  Bench bench(memory_config(10, 1), 1);
  bench.set_region(3, {kBase + 0x40, limit, readable, true});
  for (const Case& c : cases) {
    bench.set_region(0, {kBase, kBase + 64});
    // An offset cannot name what lies before the base; a stride can.
    Transfer t = simple(kAct, 0, c.first, c.bytes);
    t.region = 3;
    if (c.first < kBase + 0x40) {
      t.dram.start = kBase + 0x40;
      t.dram.run = 1;
      t.dram.count1 = 2;
      t.dram.stride1 = static_cast<int64_t>(c.first - t.dram.start);
      t.chip.run = 2;
    }
    bench.queue(t);
    INFO("bytes " << std::hex << c.first << " + " << c.bytes << " readable " << readable);
    REQUIRE(bench.run());
    if (c.good && readable) {
      bench.check_all_done();
    } else {
      REQUIRE(bench.top->err_valid_o);
      const EngineError e = get_error(bench.top->err_o);
      CHECK(e.code == kRegion);
      CHECK(e.addr == (readable ? c.bad_addr : t.dram.start));
      CHECK(bench.done_at.empty());
      REQUIRE(bench.drain());
    }
    bench.check_protocol();
    bench.clear();
  }
}

namespace {

struct Fault {
  const char* name;
  unsigned code;
  bool addr_counts;
  uint64_t addr;
  unsigned resp;
  Transfer transfer;
};

std::vector<Fault> faults() {
  std::vector<Fault> list;
  const Transfer good = simple(kAct, 3, kBase + 0x105, 5 * kWordBytes + 1);
  auto add = [&](const char* name, unsigned code, auto change) {
    Fault f{name, code, false, 0, 0, good};
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
  add("reserved bit", kBadDescriptor, [&](Fault& f) { f.transfer.raw = {{12, 0x04}}; });
  add("no such memory", kBadDescriptor, [&](Fault& f) { f.transfer.raw = {{12, 0x03}}; });
  for (const unsigned mem : {kAct, kWgt, kParam}) {
    add("first word behind the memory", kChipRange, [&](Fault& f) {
      f.transfer.mem = mem;
      f.transfer.chip.start = mem_words(mem);
    });
    add("last word behind the memory", kChipRange, [&](Fault& f) {
      f.transfer.mem = mem;
      f.transfer.chip.start = mem_words(mem) - 5;
    });
    add("below word 0", kChipRange, [&](Fault& f) {
      f.transfer.mem = mem;
      f.transfer.chip.run = 1;
      f.transfer.chip.count1 = 5 * kWordBytes + 1;
      f.transfer.chip.stride1 = -1;
    });
  }
  add("DRAM one byte short", kTransferLength, [](Fault& f) { f.transfer.dram.run -= 1; });
  add("DRAM one byte long", kTransferLength, [](Fault& f) { f.transfer.dram.run += 1; });
  add("DRAM one beat long", kTransferLength, [](Fault& f) { f.transfer.dram.run += 64; });
  add("DRAM endless", kTransferLength, [](Fault& f) {
    f.transfer.dram.count1 = 65535;
    f.transfer.dram.stride1 = 0;
    f.transfer.dram.count2 = 65535;
  });
  add("chip endless", kTransferLength, [](Fault& f) {
    f.transfer.chip.count1 = 65535;
    f.transfer.chip.stride1 = 0;
    f.transfer.chip.count2 = 65535;
  });
  add("behind the region", kRegion, [](Fault& f) {
    f.transfer.dram.start = kBase + kSize - 7;
    f.addr_counts = true, f.addr = kBase + kSize;
  });
  add("later run before the region", kRegion, [](Fault& f) {
    f.transfer.dram = {kBase + 5, kWordBytes * 5 + 1, 2, 1, -0x1000000, 0};
    f.transfer.chip.run *= 2;
    f.addr_counts = true, f.addr = kBase + 5 - 0x1000000;
  });
  add("region without rights", kRegion, [](Fault& f) {
    f.transfer.region = 5;
    f.transfer.dram.start = 64 * 5 + 2;
    f.addr_counts = true, f.addr = 64 * 5 + 2;
  });
  for (const unsigned resp : {2u, 3u}) {
    // Region 2 begins behind the memory's end; SLVERR comes from a range made for it.
    const uint64_t bad = resp == 3 ? kBase + kSize + 0x1000 : kBase + kSize;
    add("bus error", kBus, [&](Fault& f) {
      f.transfer.region = 2;
      f.transfer.dram.start = bad + 0x43;
      f.resp = resp;
      f.addr_counts = true;
      f.addr = (bad + 0x43) & ~uint64_t{kWordBytes - 1};
    });
    add("bus error in a later beat", kBus, [&](Fault& f) {
      f.transfer.region = 2;
      const uint64_t edge = resp == 3 ? kBase + kSize + 0x17c0 : kBase + kSize;
      f.transfer.dram.start = edge - 13;
      f.resp = resp;
      f.addr_counts = true;
      f.addr = edge;
    });
  }
  return list;
}

}  // namespace

TEST_CASE("load: every error, then a clear and good work", "[load][error]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  Random random(seed);
  AxiMemoryConfig config = memory_config(seed % 2 ? 20 : 100, seed);
  if (seed > 2) config.stall_ar = config.stall_r = 0x6000;
  Bench bench(config, seed);
  bench.memory.add_range(kBase + kSize, 0x1000, weft::sim::kSlvErr);
  bench.memory.add_range(kBase + kSize + 0x1700, 0xc0);  // ends inside a burst
  bench.set_region(2, {kBase, kBase + kSize + 0x2000});
  if (seed > 2) bench.act_stall = 3;
  for (const Fault& fault : faults()) {
    INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG << " fault: " << fault.name << ", mem "
                      << fault.transfer.mem << ", code " << fault.code << ", resp " << fault.resp);
    const int before = static_cast<int>(random.in(0, 6)), after = static_cast<int>(random.in(0, 4));
    for (int i = 0; i < before; ++i) {
      bench.queue(
          random_transfer(random, static_cast<unsigned>(random.in(0, 2)), kBase, kSize, false));
    }
    bench.queue(fault.transfer);
    for (int i = 0; i < after; ++i) bench.queue(simple(kAct, 0, kBase, 300));
    REQUIRE(bench.run());
    REQUIRE(bench.top->err_valid_o);
    const EngineError e = get_error(bench.top->err_o);
    CHECK(e.code == fault.code);
    CHECK(e.resp == fault.resp);
    CHECK(e.addr == (fault.addr_counts ? fault.addr : 0));
    CHECK(Activity(bench.top->activity_o) != Activity::kIdle);
    CHECK(bench.done_at.size() == static_cast<size_t>(before));
    const size_t writes_at_error = bench.writes.size();
    REQUIRE(bench.drain());
    for (int i = 0; i < 20; ++i) bench.cycle();
    CHECK(bench.writes.size() == writes_at_error);
    CHECK(bench.top->err_valid_o);
    CHECK(bench.memory.idle());

    std::vector<Write> all;
    for (int i = 0; i <= before; ++i) {
      const Transfer& t = bench.waiting[static_cast<size_t>(i)];
      if (i == before && fault.code == kBadDescriptor) break;
      const std::vector<Write> one = bench.expected(t);
      all.insert(all.end(), one.begin(), one.end());
      if (i < before) CHECK(bench.writes.size() >= all.size());
    }
    CHECK(bench.writes.size() <= all.size());
    const size_t common = std::min(bench.writes.size(), all.size());
    size_t wrong = 0;
    for (size_t i = 0; i < common; ++i) wrong += !(bench.writes[i] == all[i]);
    CHECK(wrong == 0);

    bench.clear();
    CHECK(Activity(bench.top->activity_o) == Activity::kIdle);
    for (int i = 0; i < 3; ++i) {
      bench.queue(
          random_transfer(random, static_cast<unsigned>(random.in(0, 2)), kBase, kSize, false));
    }
    REQUIRE(bench.run());
    bench.check_all_done();
    bench.check_protocol();
    bench.clear();
  }
}

TEST_CASE("load: abort at any time, then a clear and good work", "[load][error]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  Random random(seed);
  AxiMemoryConfig config = memory_config(40, seed);
  config.stall_ar = config.stall_r = seed == 1 ? 0 : 0x8000;
  Bench bench(config, seed);
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 8; ++i) {
      bench.queue(
          random_transfer(random, static_cast<unsigned>(random.in(0, 2)), kBase, kSize, false));
    }
    const int64_t cycles = random.in(0, 200);
    for (int64_t i = 0; i < cycles; ++i) bench.cycle();
    bench.top->abort_i = 1;
    bench.cycle();
    for (int i = 0; i < 3; ++i) bench.cycle();
    const uint64_t bursts = bench.load_bursts;
    REQUIRE(bench.drain());
    CHECK(bench.load_bursts <= bursts + 3);  // one held at the engine, two in the port
    bench.top->abort_i = 0;
    bench.clear();
    bench.queue(random_transfer(random, kAct, kBase, kSize, false));
    REQUIRE(bench.run());
    bench.check_all_done();
    bench.check_protocol();
    bench.clear();
  }
}
