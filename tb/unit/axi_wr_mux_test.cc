// Write port: two clients with random bursts and stalls; the whole image must come out, each
// client must get the responses of its own bursts, and client 0 must go first.
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
constexpr uint64_t kHalf = 0x10000;  // each client has its own half; behind it lies an SLVERR range

struct Burst {
  uint64_t addr;
  unsigned len;
};

struct Bench {
  explicit Bench(const AxiMemoryConfig& config, uint64_t seed)
      : memory(config), random(seed), top(std::make_unique<Vdut>()), image(2 * kHalf) {
    memory.add_range(kBase, 2 * kHalf);
    memory.add_range(kBase + 2 * kHalf, 0x1000, weft::sim::kSlvErr);
    top->rst_ni = 0;
    weft::sim::drive_axi_write(out, *top);
    for (int i = 0; i < 3; ++i) cycle(0);
    top->rst_ni = 1;
  }

  void cycle(unsigned offer) {
    Vdut& t = *top;
    for (unsigned c = 0; c < 2; ++c) {
      if (!offered[c] && offer != 0 && random.one_in(offer)) {
        offered[c] = true;
        next[c].len = static_cast<unsigned>(random.in(0, 20));
        uint64_t page = kBase + c * kHalf + 0x1000 * static_cast<uint64_t>(random.in(0, 15));
        if (random.one_in(5)) page = kBase + 2 * kHalf;
        next[c].addr =
            page + kWordBytes * static_cast<uint64_t>(random.in(0, 4096 / kWordBytes - 21));
        set_bits(t.wr_burst_i, 72 * c, 8, next[c].len);
        set_bits(t.wr_burst_i, 72 * c + 8, 64, next[c].addr);
      }
      set_bits(t.wr_burst_valid_i, c, 1, offered[c]);
      if (!data_offered[c] && !to_send[c].empty() && !random.one_in(3)) {
        data_offered[c] = true;
        const Burst& b = to_send[c].front();
        for (unsigned i = 0; i < kWordBytes; ++i) {
          const uint8_t byte = static_cast<uint8_t>(random.bits() >> 5);
          const bool strobe = !random.one_in(4);
          set_bits(t.wr_data_i, 8 * (c * kWordBytes + i), 8, byte);
          set_bits(t.wr_data_strb_i, c * kWordBytes + i, 1, strobe);
          const uint64_t at = b.addr - kBase + uint64_t{beat[c]} * kWordBytes + i;
          if (strobe && at < image.size()) image[at] = byte;
        }
        set_bits(t.wr_data_last_i, c, 1, beat[c] == b.len);
      }
      set_bits(t.wr_data_valid_i, c, 1, data_offered[c]);
    }
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
  }

  void observe() {
    Vdut& t = *top;
    for (unsigned c = 0; c < 2; ++c) {
      if (get_bits(t.wr_resp_valid_o, c, 1)) {
        if (answers[c].empty()) {
          ++wrong;
        } else {
          const bool bad = answers[c].front() >= kBase + 2 * kHalf;
          wrong += t.wr_resp_o != (bad ? 2 : 0);
          answers[c].pop_front();
        }
      }
      if (data_offered[c] && get_bits(t.wr_data_ready_o, c, 1)) {
        data_offered[c] = false;
        if (beat[c]++ == to_send[c].front().len) {
          answers[c].push_back(to_send[c].front().addr);
          to_send[c].pop_front();
          beat[c] = 0;
        }
      }
      if (offered[c] && get_bits(t.wr_burst_ready_o, c, 1)) {
        if (c == 1 && offered[0]) ++out_of_turn;
        to_send[c].push_back(next[c]);
        offered[c] = false;
        ++bursts[c];
      }
    }
  }

  AxiMemory memory;
  AxiInputs in;
  AxiOutputs out;
  Random random;
  std::unique_ptr<Vdut> top;
  std::vector<uint8_t> image;
  bool offered[2] = {}, data_offered[2] = {};
  Burst next[2] = {};
  std::deque<Burst> to_send[2];
  std::deque<uint64_t> answers[2];
  unsigned beat[2] = {};
  uint64_t bursts[2] = {}, wrong = 0, out_of_turn = 0;
};

}  // namespace

TEST_CASE("axi_wr_mux: two clients", "[axi]") {
  const uint64_t seed = bench_seed(GENERATE(1, 2, 3, 4));
  INFO("WEFT_SEED=" << seed << " config " << WEFT_CONFIG);
  AxiMemoryConfig config;
  config.bus_bytes = WEFT_BUS_BITS / 8;
  config.seed = seed;
  config.write_latency = seed % 2 ? 1 : 60;
  config.mix_ids = true;
  config.stall_aw = config.stall_w = config.stall_b = seed > 2 ? 0x9000 : 0;
  Bench bench(config, seed);
  for (int i = 0; i < 20000; ++i) bench.cycle(static_cast<unsigned>(seed % 3) * 8 + 1);
  for (int i = 0; i < 20000; ++i) bench.cycle(0);
  CHECK(bench.bursts[0] > 100);
  CHECK(bench.bursts[0] + bench.bursts[1] == bench.memory.stats().write_bursts);
  CHECK(bench.memory.stats().bytes_written > 10000);
  CHECK(bench.answers[0].empty());
  CHECK(bench.answers[1].empty());
  CHECK(bench.memory.idle());
  CHECK(bench.wrong == 0);
  CHECK(bench.out_of_turn == 0);
  for (const std::string& v : bench.memory.violations()) FAIL_CHECK(v);
  CHECK(bench.memory.violation_count() == 0);
  const uint8_t* bytes = bench.memory.data(kBase, 2 * kHalf);
  size_t different = 0;
  for (size_t i = 0; i < 2 * kHalf; ++i) different += bytes[i] != bench.image[i];
  CHECK(different == 0);
  CHECK(bench.top->m_axi_awlock_o == 0);
  CHECK(bench.top->m_axi_awcache_o == 3);
  CHECK(bench.top->m_axi_awprot_o == 2);
  CHECK(bench.top->m_axi_awqos_o == 0);
}
