// Read port: two clients with random bursts and stalls; each must get its own data, in order,
// and client 0 must go first.
#include <bit>
#include <deque>
#include <memory>

#include "Vdut.h"
#include "dma_bench.h"
#include "sim/axi_pins.h"
#include "tb/catch_compat.h"

using namespace weft::tb;
using weft::sim::AxiInputs;
using weft::sim::AxiMemory;
using weft::sim::AxiMemoryConfig;
using weft::sim::AxiOutputs;

namespace {

constexpr uint64_t kBase = 0x8000'0000'0000'0000;
constexpr uint64_t kSize = 0x10000;

struct Burst {
  uint64_t addr;
  unsigned len;
};

struct Bench {
  explicit Bench(const AxiMemoryConfig& config, uint64_t seed)
      : memory(config), random(seed), top(std::make_unique<Vdut>()) {
    memory.add_range(kBase, kSize);
    uint8_t* bytes = memory.data(kBase, kSize);
    for (uint64_t i = 0; i < kSize; ++i) bytes[i] = static_cast<uint8_t>(random.bits() >> 13);
    top->rst_ni = 0;
    weft::sim::drive_axi_read(out, *top);
    for (int i = 0; i < 3; ++i) cycle(0);
    top->rst_ni = 1;
  }

  // offer: chance of a new burst of client c is one in offer (0: none).
  void cycle(unsigned offer) {
    Vdut& t = *top;
    for (unsigned c = 0; c < 2; ++c) {
      if (!offered[c] && offer != 0 && random.one_in(offer)) {
        offered[c] = true;
        next[c].len = static_cast<unsigned>(random.in(0, 20));
        const uint64_t page = kBase + 0x1000 * static_cast<uint64_t>(random.in(0, 15));
        next[c].addr =
            page + kWordBytes * static_cast<uint64_t>(random.in(0, 4096 / kWordBytes - 21));
        set_bits(t.rd_burst_i, 72 * c, 8, next[c].len);
        set_bits(t.rd_burst_i, 72 * c + 8, 64, next[c].addr);
      }
      set_bits(t.rd_burst_valid_i, c, 1, offered[c]);
      set_bits(t.rd_data_ready_i, c, 1, !random.one_in(3));
    }
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
  }

  void observe() {
    Vdut& t = *top;
    for (unsigned c = 0; c < 2; ++c) {
      if (offered[c] && get_bits(t.rd_burst_ready_o, c, 1)) {
        if (c == 1 && offered[0]) ++out_of_turn;
        expected[c].push_back(next[c]);
        offered[c] = false;
        ++bursts[c];
      }
      if (get_bits(t.rd_data_valid_o, c, 1) && get_bits(t.rd_data_ready_i, c, 1)) {
        if (expected[c].empty()) {
          ++wrong;
          continue;
        }
        const Burst& b = expected[c].front();
        const uint8_t* bytes = memory.data(b.addr + uint64_t{beat[c]} * kWordBytes, kWordBytes);
        wrong += std::memcmp(bytes, &t.rd_data_o, kWordBytes) != 0;
        wrong += t.rd_data_last_o != (beat[c] == b.len);
        wrong += t.rd_data_resp_o != 0;
        ++beats;
        if (beat[c]++ == b.len) beat[c] = 0, expected[c].pop_front();
      }
    }
  }

  AxiMemory memory;
  AxiInputs in;
  AxiOutputs out;
  Random random;
  std::unique_ptr<Vdut> top;
  bool offered[2] = {};
  Burst next[2] = {};
  std::deque<Burst> expected[2];
  unsigned beat[2] = {};
  uint64_t bursts[2] = {}, beats = 0, wrong = 0, out_of_turn = 0;
};

}  // namespace

TEST_CASE("axi_rd_mux: two clients", "[axi]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  AxiMemoryConfig config;
  config.bus_bytes = WEFT_BUS_BITS / 8;
  config.seed = seed;
  config.read_latency = seed % 2 ? 1 : 60;
  config.mix_ids = true;
  config.stall_ar = config.stall_r = seed > 2 ? 0x9000 : 0;
  Bench bench(config, seed);
  for (int i = 0; i < 20000; ++i) bench.cycle(static_cast<unsigned>(seed % 3) * 8 + 1);
  for (int i = 0; i < 20000; ++i) bench.cycle(0);
  CHECK(bench.bursts[0] > 100);
  CHECK(bench.beats > 1000);
  CHECK(bench.expected[0].empty());
  CHECK(bench.expected[1].empty());
  CHECK(bench.memory.idle());
  CHECK(bench.wrong == 0);
  CHECK(bench.out_of_turn == 0);
  for (const std::string& v : bench.memory.violations()) FAIL_CHECK(v);
  CHECK(bench.memory.violation_count() == 0);
  CHECK(bench.top->m_axi_arsize_o == std::countr_zero(unsigned{kWordBytes}));
  CHECK(bench.top->m_axi_arlock_o == 0);
  CHECK(bench.top->m_axi_arcache_o == 3);
  CHECK(bench.top->m_axi_arprot_o == 2);
  CHECK(bench.top->m_axi_arqos_o == 0);
}
