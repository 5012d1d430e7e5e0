// Activation memory: grants by priority, and every word read is the one last written.
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <vector>

#include "../catch_compat.h"
#include "Vdut.h"
#include "bits.h"
#include "vector_bench.h"

using namespace weft::tb;

namespace {

constexpr unsigned addr_bits() {
  unsigned bits = 0;
  while ((1u << bits) < WEFT_ACT_WORDS) ++bits;
  return bits;
}
constexpr unsigned kAddrBits = addr_bits();
constexpr unsigned kBankWords = WEFT_ACT_WORDS / WEFT_ACT_BANKS;
constexpr unsigned kHalves = 2 * WEFT_ACT_BANKS;
unsigned half(unsigned addr) { return addr / kBankWords * 2 + addr % 2; }
using Word = std::array<uint8_t, kLanes>;

struct Client {
  bool valid = false;
  unsigned addr = 0;
  Word data{};           // to write
  bool granted = false;  // in the last cycle: a word is due
  Word due{};
  uint64_t grants = 0, waits = 0;
};

struct Bench {
  explicit Bench(uint64_t seed)
      : random(seed), top(std::make_unique<Vdut>()), memory(WEFT_ACT_WORDS) {
    top->eval();
    readers.resize(top->num_rd_o);
    writers.resize(top->num_wr_o);
    top->rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
    for (unsigned addr = 0; addr < WEFT_ACT_WORDS; ++addr) {
      offer(writers[0], addr);
      cycle();
    }
  }

  void offer(Client& client, unsigned addr) {
    client.valid = true;
    client.addr = addr;
    for (uint8_t& byte : client.data) byte = static_cast<uint8_t>(random.bits() >> 11);
  }

  void cycle() {
    Vdut& t = *top;
    t.rd_valid_i = 0;
    t.wr_valid_i = 0;
    for (unsigned i = 0; i < readers.size(); ++i) {
      t.rd_valid_i |= static_cast<uint8_t>(readers[i].valid << i);
      set_bits(t.rd_addr_i, kAddrBits * i, kAddrBits, readers[i].addr);
    }
    for (unsigned i = 0; i < writers.size(); ++i) {
      t.wr_valid_i |= static_cast<uint8_t>(writers[i].valid << i);
      set_bits(t.wr_addr_i, kAddrBits * i, kAddrBits, writers[i].addr);
      std::memcpy(reinterpret_cast<char*>(&t.wr_data_i) + i * kLanes, writers[i].data.data(),
                  kLanes);
    }
    t.clk_i = 0;
    t.eval();
    if (t.rst_ni) observe();
    t.clk_i = 1;
    t.eval();
  }

  // One client a half bank, taken in the order rd[0], wr[0], rd[1], wr[1] ...
  void observe() {
    Vdut& t = *top;
    expect((t.rd_ready_o & 1) == 1, "the first reader waits");
    for (unsigned i = 0; i < readers.size(); ++i) {
      expect(((t.rd_data_valid_o >> i) & 1) == readers[i].granted, "valid of read data");
      if (readers[i].granted) {
        const char* data = reinterpret_cast<const char*>(&t.rd_data_o) + i * kLanes;
        expect(std::memcmp(data, readers[i].due.data(), kLanes) == 0, "read data");
        ++compared;
      }
    }
    std::array<bool, kHalves> taken{};
    for (unsigned i = 0; i < std::max(readers.size(), writers.size()); ++i) {
      if (i < readers.size()) {
        Client& c = readers[i];
        serve(c, taken, (t.rd_ready_o >> i) & 1);
        if (c.granted) c.due = memory[c.addr];
      }
      if (i < writers.size()) serve(writers[i], taken, (t.wr_ready_o >> i) & 1);
    }
    // A half bank serves one client a cycle: no read of this cycle meets a write of this cycle.
    for (Client& c : writers) {
      if (c.granted) memory[c.addr] = c.data;
    }
  }

  void serve(Client& c, std::array<bool, kHalves>& taken, bool ready) {
    c.granted = false;
    if (!c.valid) return;
    bool& busy = taken[half(c.addr)];
    expect(ready == !busy, "grant");
    c.granted = !busy;
    busy = true;
    if (c.granted) {
      c.valid = false;
      ++c.grants;
    } else {
      ++c.waits;
    }
  }

  void expect(bool right, const char* what) {
    if (!right && wrong++ == 0) first_wrong = what;
  }

  Random random;
  std::unique_ptr<Vdut> top;
  std::vector<Word> memory;
  std::vector<Client> readers;
  std::vector<Client> writers;
  uint64_t compared = 0, wrong = 0;
  const char* first_wrong = "nothing";
};

}  // namespace

TEST_CASE("random traffic of all clients") {
  const uint64_t seed = bench_seed(0x5eed'0011);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  Random& random = bench.random;
  unsigned banks = 1, words = kBankWords, idle = 1;
  for (int i = 0; i < 400'000 && bench.wrong == 0; ++i) {
    if (i % 1000 == 0) {  // all banks to one, all words to a few, full load to little
      banks = 1u << random.in(0, std::countr_zero(unsigned{WEFT_ACT_BANKS}));
      words = random.one_in(2) ? 4 : kBankWords;
      idle = static_cast<unsigned>(random.in(1, 5));
    }
    auto visit = [&](Client& c) {
      if (c.valid || (idle > 1 && random.one_in(idle))) return;
      const auto bank = static_cast<unsigned>(random.in(0, banks - 1));
      bench.offer(c, bank * kBankWords + static_cast<unsigned>(random.in(0, words - 1)));
    };
    for (Client& c : bench.readers) visit(c);
    for (Client& c : bench.writers) visit(c);
    bench.cycle();
  }
  INFO("first wrong: " << bench.first_wrong);
  CHECK(bench.wrong == 0);
  CHECK(bench.compared > 200'000);
  for (const Client& c : bench.writers) CHECK((c.grants > 10'000 && c.waits > 10'000));
  for (unsigned i = 0; i < bench.readers.size(); ++i) {
    CHECK(bench.readers[i].grants > 10'000);
    CHECK((bench.readers[i].waits > 10'000) == (i > 0));
  }
}

TEST_CASE("different banks serve all clients in one cycle") {
  Bench bench(1);
  for (int i = 0; i < 1000; ++i) {
    unsigned bank = static_cast<unsigned>(i);
    auto next = [&] {
      return (bank++ % WEFT_ACT_BANKS) * kBankWords + static_cast<unsigned>(i) % kBankWords;
    };
    for (Client& c : bench.readers) bench.offer(c, next());
    for (Client& c : bench.writers) bench.offer(c, next());
    bench.cycle();
  }
  CHECK(bench.wrong == 0);
  for (const Client& c : bench.readers) CHECK(c.grants == 1000);
}

TEST_CASE("readers side by side in one bank are served together, two words apart they are not") {
  for (const unsigned apart : {1u, 2u, 3u}) {
    Bench bench(3);
    for (unsigned i = 0; i < 50; ++i) {
      bench.offer(bench.readers[0], i);
      if (!bench.readers[1].valid) bench.offer(bench.readers[1], i + apart);
      bench.cycle();
    }
    CHECK(bench.readers[0].grants == 50);
    CHECK((bench.readers[1].waits == 0) == (apart % 2 == 1));
    CHECK(bench.wrong == 0);
  }
}

TEST_CASE("a word keeps its place after the first reader starves the others") {
  Bench bench(2);
  for (int i = 0; i < 200; ++i) {
    bench.offer(bench.readers[0], (2 * static_cast<unsigned>(i) + 1) % kBankWords);
    if (!bench.writers[0].valid) bench.offer(bench.writers[0], 3);
    if (!bench.readers[1].valid) bench.offer(bench.readers[1], 3);
    bench.cycle();
  }
  CHECK(bench.readers[0].grants == 200);
  CHECK(bench.readers[1].grants == 0);
  for (int i = 0; i < 3; ++i) bench.cycle();
  // The write goes first; the read behind it sees it.
  CHECK(bench.readers[1].grants == 1);
  CHECK(bench.wrong == 0);
}
