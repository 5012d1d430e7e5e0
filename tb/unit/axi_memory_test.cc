// The AXI memory model itself: latency, rate, responses, order, and that it sees breaches.
#include <algorithm>
#include <deque>

#include "sim/axi_memory.h"
#include "tb/catch_compat.h"

using namespace weft::sim;

namespace {

constexpr unsigned kBus = 16;

// A master in a few lines: bursts to issue, and what came back with its cycle.
struct Master {
  struct Beat {
    uint64_t cycle;
    uint8_t id, resp, first_byte;
    bool last;
  };
  struct Answer {
    uint64_t cycle;
    uint8_t id, resp;
  };
  explicit Master(const AxiMemoryConfig& config) : memory(config) {
    memory.add_range(0x10000, 0x10000);
    uint8_t* bytes = memory.data(0x10000, 0x10000);
    for (unsigned i = 0; i < 0x10000; ++i) bytes[i] = static_cast<uint8_t>(i / kBus);
  }

  void read(uint64_t addr, unsigned beats, uint8_t id = 0) { reads.push_back({addr, beats, id}); }
  void write(uint64_t addr, unsigned beats, uint8_t id = 0, uint64_t strb = 0xffff) {
    writes.push_back({addr, beats, id});
    for (unsigned b = 0; b < beats; ++b) data.push_back({strb, b + 1 == beats});
  }

  void cycles(unsigned n) {
    for (unsigned i = 0; i < n; ++i) cycle();
  }

  void cycle() {
    in.arvalid = !reads.empty();
    if (in.arvalid) {
      in.araddr = reads.front().addr;
      in.arlen = static_cast<uint8_t>(reads.front().beats - 1);
      in.arid = reads.front().id;
      in.arsize = size;
      in.arburst = burst;
    }
    in.awvalid = !writes.empty() && now >= aw_from;
    if (in.awvalid) {
      in.awaddr = writes.front().addr;
      in.awlen = static_cast<uint8_t>(writes.front().beats - 1);
      in.awid = writes.front().id;
      in.awsize = size;
      in.awburst = burst;
    }
    in.wvalid = !data.empty();
    if (in.wvalid) {
      in.wstrb = data.front().first;
      in.wlast = data.front().second;
      for (unsigned i = 0; i < kBus; ++i) in.wdata[i] = static_cast<uint8_t>(0x80 + data.size());
    }
    in.rready = in.bready = true;
    if (in.arvalid && out.arready) ar_cycle.push_back(now), reads.pop_front();
    if (in.awvalid && out.awready) writes.pop_front();
    if (in.wvalid && out.wready) w_cycle.push_back(now), data.pop_front();
    if (out.rvalid) beats.push_back({now, out.rid, out.rresp, out.rdata[0], out.rlast});
    if (out.bvalid) answers.push_back({now, out.bid, out.bresp});
    memory.tick(in, out);
    ++now;
  }

  struct Burst {
    uint64_t addr;
    unsigned beats;
    uint8_t id;
  };
  AxiMemory memory;
  AxiInputs in;
  AxiOutputs out;
  uint64_t now = 0, aw_from = 0;
  uint8_t size = 4, burst = 1;
  std::deque<Burst> reads, writes;
  std::deque<std::pair<uint64_t, bool>> data;
  std::vector<uint64_t> ar_cycle, w_cycle;
  std::vector<Beat> beats;
  std::vector<Answer> answers;
};

AxiMemoryConfig plain(unsigned latency = 100) {
  AxiMemoryConfig config;
  config.bus_bytes = kBus;
  config.read_latency = config.write_latency = latency;
  return config;
}

}  // namespace

TEST_CASE("axi_memory: latency and full rate", "[axi_memory]") {
  const unsigned latency = GENERATE(1u, 2u, 100u);
  Master m(plain(latency));
  m.read(0x10000, 64);
  m.read(0x10400, 64);
  m.write(0x12000, 64);
  m.write(0x12400, 3);
  m.cycles(400);
  REQUIRE(m.beats.size() == 128);
  CHECK(m.beats[0].cycle == m.ar_cycle[0] + latency);
  CHECK(m.beats[127].cycle == m.beats[0].cycle + 127);
  for (unsigned i = 0; i < 128; ++i) {
    CHECK(m.beats[i].first_byte == i);
    CHECK(m.beats[i].last == (i % 64 == 63));
  }
  REQUIRE(m.answers.size() == 2);
  CHECK(m.answers[0].cycle == m.w_cycle[63] + latency);
  CHECK(m.answers[1].cycle == m.w_cycle[66] + latency);
  CHECK(m.w_cycle[66] - m.w_cycle[0] == 66);
  CHECK(m.memory.idle());
  CHECK(m.memory.violation_count() == 0);
  CHECK(m.memory.stats().read_beats == 128);
  CHECK(m.memory.stats().write_beats == 67);
  CHECK(m.memory.stats().bytes_written == 67 * kBus);
  CHECK(m.memory.stats().read_bursts == 2);
}

TEST_CASE("axi_memory: the log of bursts has each with its cycles, and only while it is on",
          "[axi_memory]") {
  AxiMemoryConfig config = plain(10);
  config.stall_r = config.stall_w = 0x4000;
  Master m(config);
  std::vector<AxiBurst> log;
  m.read(0x10000, 4);
  m.cycles(60);
  CHECK(log.empty());
  m.memory.log_bursts(&log);
  m.read(0x10100, 8, 1);
  m.write(0x12000, 5, 1);
  m.write(0x12100, 1, 1);
  m.cycles(100);
  m.memory.log_bursts(nullptr);
  m.write(0x12200, 1, 1);
  m.cycles(100);
  REQUIRE(log.size() == 3);
  REQUIRE(m.beats.size() == 12);
  const auto read =
      std::find_if(log.begin(), log.end(), [](const AxiBurst& b) { return !b.write; });
  REQUIRE(read != log.end());
  CHECK(read->issue == m.ar_cycle[1]);
  CHECK(read->first == m.beats[4].cycle);
  CHECK(read->last == m.beats[11].cycle);
  CHECK(read->address == 0x10100);
  CHECK(read->beats == 8);
  CHECK(read->id == 1);
  log.erase(read);
  CHECK(log[0].first == m.w_cycle[0]);
  CHECK(log[0].last == m.w_cycle[4]);
  CHECK(log[1].first == m.w_cycle[5]);
  CHECK(log[1].last == m.w_cycle[5]);
  CHECK(log[1].beats == 1);
}

TEST_CASE("axi_memory: bandwidth", "[axi_memory]") {
  AxiMemoryConfig config = plain(10);
  config.beats_num = 2;
  config.beats_den = 5;
  Master m(config);
  for (unsigned i = 0; i < 4; ++i) m.read(0x10000, 100);
  for (unsigned i = 0; i < 4; ++i) m.write(0x11000, 100);
  m.cycles(1030);
  REQUIRE(m.beats.size() == 400);
  REQUIRE(m.w_cycle.size() == 400);
  CHECK(m.beats[399].cycle - m.beats[0].cycle >= 996);
  CHECK(m.beats[399].cycle - m.beats[0].cycle <= 999);
  CHECK(m.w_cycle[399] - m.w_cycle[0] >= 996);
  CHECK(m.w_cycle[399] - m.w_cycle[0] <= 999);
}

TEST_CASE("axi_memory: strobes, early data, responses", "[axi_memory]") {
  Master m(plain(5));
  m.memory.add_range(0x40000, 0x1000, kSlvErr);
  m.aw_from = 30;  // W waits in the memory for its AW
  m.write(0x10020, 1, 1, 0x0006);
  m.write(0x40000, 2, 0);
  m.write(0x90000, 1, 1);
  m.read(0x40ff0, 1, 2);
  m.read(0x41000, 1, 3);
  m.cycles(100);
  const uint8_t* bytes = m.memory.data(0x10020, 16);
  CHECK(bytes[0] == 2);
  CHECK(bytes[1] == 0x84);
  CHECK(bytes[2] == 0x84);
  CHECK(bytes[3] == 2);
  REQUIRE(m.answers.size() == 3);
  CHECK((m.answers[0].resp == kOkay && m.answers[0].id == 1));
  CHECK((m.answers[1].resp == kSlvErr && m.answers[1].id == 0));
  CHECK((m.answers[2].resp == kDecErr && m.answers[2].id == 1));
  REQUIRE(m.beats.size() == 2);
  CHECK((m.beats[0].resp == kSlvErr && m.beats[0].id == 2));
  CHECK((m.beats[1].resp == kDecErr && m.beats[1].id == 3));
  CHECK(m.memory.violation_count() == 0);
  CHECK(m.memory.data(0x1fff8, 16) == nullptr);
}

TEST_CASE("axi_memory: outstanding limit, stalls and mixed IDs keep the order of an ID",
          "[axi_memory]") {
  AxiMemoryConfig config = plain(20);
  config.max_outstanding = 4;
  config.mix_ids = true;
  Master m(config);
  m.memory.set_stalls(0x4000);
  for (unsigned i = 0; i < 64; ++i) {
    m.read(0x10000 + i * 64, 4, i % 4);
    m.write(0x14000 + i * 64, 4, i % 4);
  }
  m.cycles(3000);
  REQUIRE(m.beats.size() == 256);
  REQUIRE(m.answers.size() == 64);
  unsigned next[4] = {0, 4, 8, 12}, mixed = 0, wrong = 0;
  for (size_t i = 0; i < m.beats.size(); ++i) {
    unsigned& want = next[m.beats[i].id];
    wrong += m.beats[i].first_byte != (want & 0xff);
    want += (want % 4 == 3) ? 13 : 1;
    if (i > 0 && !m.beats[i - 1].last && m.beats[i].id != m.beats[i - 1].id) ++mixed;
  }
  CHECK(wrong == 0);
  CHECK(mixed > 0);
  CHECK(m.memory.violation_count() == 0);
}

TEST_CASE("axi_memory: breaches of the protocol are seen", "[axi_memory]") {
  Master m(plain(5));
  SECTION("4 KiB") { m.read(0x10ff0, 2); }
  SECTION("alignment") { m.read(0x10008, 1); }
  SECTION("write alignment") { m.write(0x10008, 1); }
  SECTION("size") {
    m.size = 3;
    m.read(0x10000, 1);
  }
  SECTION("burst type") {
    m.burst = 0;
    m.write(0x10000, 1);
  }
  SECTION("last too early") {
    m.write(0x10000, 2);
    m.data[0].second = true;
  }
  SECTION("last missing") {
    m.write(0x10000, 2);
    m.data[1].second = false;
  }
  SECTION("AR withdrawn") {
    m.memory.set_stalls(0xffff);
    m.cycles(1);
    m.read(0x10000, 1);
    m.cycles(2);
    m.reads.clear();
  }
  SECTION("W changed") {
    m.memory.set_stalls(0xffff);
    m.cycles(1);
    m.data.push_back({1, false});
    m.cycles(2);
    m.data[0].first = 3;
  }
  m.cycles(100);
  CHECK(m.memory.violation_count() > 0);
  CHECK(m.memory.violations().size() == m.memory.violation_count());
}

TEST_CASE("axi_memory: refuses what it cannot be", "[axi_memory]") {
  AxiMemoryConfig config = plain();
  config.bus_bytes = 12;
  CHECK_THROWS_AS(AxiMemory(config), std::invalid_argument);
  AxiMemory memory(plain());
  memory.add_range(0x1000, 0x1000);
  CHECK_THROWS_AS(memory.add_range(0x1fc0, 0x80), std::invalid_argument);
  CHECK_THROWS_AS(memory.add_range(0x3020, 0x40), std::invalid_argument);
}
