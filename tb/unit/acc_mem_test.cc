// Accumulator memory: sums, overwrites by either client and reads of every bank, as close together
// as allowed.
#include <array>
#include <memory>
#include <vector>

#include "../catch_compat.h"
#include "Vdut.h"
#include "bits.h"
#include "vector_bench.h"

using namespace weft::tb;

namespace {

constexpr unsigned kEntries = WEFT_ACC_BANKS * WEFT_ACC_DEPTH;
constexpr unsigned kSumBits = 16 + __builtin_ctz(WEFT_ROWS);
constexpr int64_t kSumMin = -(int64_t{1} << (kSumBits - 1)), kSumMax = -kSumMin - 1;
constexpr uint64_t kApart = 4;  // cycles between two accumulations of an entry
using Entry = std::array<int32_t, kLanes>;

unsigned bank(unsigned addr) { return addr / WEFT_ACC_DEPTH; }

struct Bench {
  explicit Bench(uint64_t seed)
      : random(seed), top(std::make_unique<Vdut>()), acc(kEntries), added_at(kEntries) {
    top->rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
    now = 100;
    for (unsigned addr = 0; addr < kEntries; ++addr) {
      add(addr, true, any_sums());
      cycle();
    }
    cycle();
  }

  Entry any_sums() {
    Entry sums;
    for (int32_t& sum : sums) {
      switch (random.in(0, 5)) {
        case 0: sum = static_cast<int32_t>(kSumMin); break;
        case 1: sum = static_cast<int32_t>(kSumMax); break;
        default: sum = static_cast<int32_t>(random.in(kSumMin, kSumMax)); break;
      }
    }
    return sums;
  }

  bool may_add(unsigned addr) const { return now - added_at[addr] >= kApart; }
  // In the cycle after an accumulation its sum is being written, in its own one an overwrite.
  bool may_read(unsigned addr) const {
    return now - added_at[addr] != 1 && !(writing && write_addr == addr);
  }
  // What two clients do to an entry must be apart.
  bool may_write(unsigned addr) const {
    return now - added_at[addr] >= kApart && !(adding && add_addr == addr) &&
           !(reading && read_addr == addr);
  }

  // For the cycle to come; a read of the same entry in it takes the old value.
  void add(unsigned addr, bool overwrite, const Entry& sums) {
    top->add_valid_i = 1;
    top->add_addr_i = addr;
    top->add_overwrite_i = overwrite;
    for (unsigned c = 0; c < kLanes; ++c) {
      set_bits(top->add_sums_i, kSumBits * c, kSumBits, static_cast<uint64_t>(int64_t{sums[c]}));
    }
    adding = true, add_addr = addr, add_overwrite = overwrite, add_sums = sums;
  }
  void read(unsigned addr) {
    top->rd_valid_i = 1;
    top->rd_addr_i = addr;
    reading = true, read_addr = addr;
  }

  void write(unsigned addr, const Entry& entry) {
    top->wr_valid_i = 1;
    top->wr_addr_i = addr;
    for (unsigned c = 0; c < kLanes; ++c) {
      set_bits(top->wr_data_i, 32 * c, 32, static_cast<uint32_t>(entry[c]));
    }
    writing = true, write_addr = addr, write_entry = entry;
  }

  void cycle() {
    Vdut& t = *top;
    t.clk_i = 0;
    t.eval();
    if (t.rst_ni) observe();
    t.clk_i = 1;
    t.eval();
    ++now;
    t.add_valid_i = t.rd_valid_i = t.wr_valid_i = 0;
    t.add_overwrite_i = random.one_in(2);
    adding = reading = writing = false;
  }

  void observe() {
    Vdut& t = *top;
    if (due_valid) {
      for (unsigned c = 0; c < kLanes; ++c) {
        const auto value = static_cast<int32_t>(get_bits(t.rd_data_o, 32 * c, 32));
        if (value != due[c]) ++wrong;
      }
      ++compared;
    }
    due_valid = false;
    granted = false;
    if (reading) {
      const bool ready = !(adding && !add_overwrite && bank(add_addr) == bank(read_addr));
      if (bool(t.rd_ready_o) != ready) ++wrong;
      granted = ready;
      if (ready) due = acc[read_addr], due_valid = true;
      ++(ready ? reads : waits);
    }
    written = false;
    if (writing) {
      const bool ready = !(summing && bank(sum_addr) == bank(write_addr));
      if (bool(t.wr_ready_o) != ready) ++wrong;
      written = ready;
      if (ready) acc[write_addr] = write_entry;
      ++(ready ? writes : write_waits);
    }
    summing = adding, sum_addr = add_addr;
    if (adding) {
      for (unsigned c = 0; c < kLanes; ++c) {
        const uint32_t old = add_overwrite ? 0 : static_cast<uint32_t>(acc[add_addr][c]);
        acc[add_addr][c] = static_cast<int32_t>(old + static_cast<uint32_t>(add_sums[c]));
      }
      added_at[add_addr] = now;
    }
  }

  // Reads everything.
  void compare_all() {
    cycle(), cycle();
    for (unsigned addr = 0; addr < kEntries; ++addr) {
      read(addr);
      cycle();
    }
    cycle();
    CHECK(wrong == 0);
    CHECK(compared >= kEntries);
  }

  Random random;
  std::unique_ptr<Vdut> top;
  std::vector<Entry> acc;
  std::vector<uint64_t> added_at;
  Entry add_sums{}, due{};
  bool adding = false, add_overwrite = false, reading = false, due_valid = false, granted = false;
  unsigned add_addr = 0, read_addr = 0;
  uint64_t now = 0, compared = 0, wrong = 0, reads = 0, waits = 0;
  Entry write_entry{};
  bool writing = false, written = false, summing = false;  // a sum is written in this cycle
  unsigned write_addr = 0, sum_addr = 0;
  uint64_t writes = 0, write_waits = 0;
};

}  // namespace

TEST_CASE("random accumulations, overwrites and reads") {
  const uint64_t seed = bench_seed(0x5eed'0301);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  Random& random = bench.random;
  unsigned span = kEntries, add_idle = 1, overwrites = 2;
  bool pending = false, write_pending = false;
  unsigned wanted = 0, target = 0;
  Entry entry{};
  for (int i = 0; i < 200'000 && bench.wrong == 0; ++i) {
    if (i % 500 == 0) {  // all entries or few; busy or not
      span = random.one_in(2) ? kEntries : static_cast<unsigned>(random.in(5, 12));
      add_idle = static_cast<unsigned>(random.in(1, 3));
      overwrites = static_cast<unsigned>(random.in(1, 5));
    }
    auto any = [&] {
      const auto at = static_cast<unsigned>(random.in(0, span - 1));
      return span == kEntries ? at : (at + WEFT_ACC_DEPTH - 3) % kEntries;  // round a bank's end
    };
    if (random.one_in(add_idle)) {
      const unsigned addr = any();
      if (bench.may_add(addr) && !(write_pending && addr == target)) {
        bench.add(addr, random.one_in(overwrites), bench.any_sums());
      }
    }
    if (!write_pending && random.one_in(3)) {
      target = any();
      for (int32_t& v : entry) v = static_cast<int32_t>(random.bits());
      write_pending = bench.may_write(target);
    }
    if (write_pending) bench.write(target, entry);
    if (!pending) wanted = any();
    pending = pending || random.one_in(2);
    if (pending && bench.may_read(wanted)) bench.read(wanted);
    bench.cycle();
    if (bench.granted) pending = false;
    if (bench.written) write_pending = false;
  }
  CHECK(bench.reads > 10'000);
  CHECK(bench.waits > 1'000);
  CHECK(bench.writes > 10'000);
  CHECK(bench.write_waits > 1'000);
  bench.compare_all();
}

TEST_CASE("an overwrite waits only for a sum that is written to the same bank") {
  Bench bench(5);
  const unsigned other = WEFT_ACC_DEPTH;
  for (const auto& [add, overwrite, write, granted] : {std::tuple{7u, false, 8u, false},
                                                       {7u, true, 8u, false},
                                                       {7u, false, other, true},
                                                       {other + 1, true, other, false},
                                                       {kEntries - 1, false, 0u, true}}) {
    bench.add(add, overwrite, bench.any_sums());
    bench.write(write, bench.any_sums());
    bench.cycle();  // the accumulation reads: no hindrance
    CHECK(bench.written);
    bench.write(write, bench.any_sums());
    bench.cycle();
    CHECK(bench.written == granted);
    if (!granted) {
      bench.write(write, bench.write_entry);
      bench.cycle();
      CHECK(bench.written);
    }
    bench.read(write);
    bench.cycle();
    for (int i = 0; i < 4; ++i) bench.cycle();
  }
  bench.compare_all();
}

TEST_CASE("an entry accumulates every four cycles and can be read after two") {
  Bench bench(2);
  for (int i = 0; i < 200; ++i) {
    bench.add(5, i == 0, bench.any_sums());
    bench.cycle();
    bench.cycle();
    bench.read(5);
    bench.cycle();
    CHECK(bench.granted);
    bench.cycle();
  }
  CHECK(bench.wrong == 0);
  CHECK(bench.compared == 200);
}

TEST_CASE("a read waits only for an accumulation that reads the same bank") {
  Bench bench(3);
  const unsigned other = WEFT_ACC_DEPTH;
  for (const auto& [add, overwrite, read, granted] : {std::tuple{7u, false, 8u, false},
                                                      {7u, true, 8u, true},
                                                      {7u, false, other, true},
                                                      {other + 1, false, other, false},
                                                      {kEntries - 1, false, 0u, true}}) {
    bench.add(add, overwrite, bench.any_sums());
    bench.read(read);
    bench.cycle();
    CHECK(bench.granted == granted);
    for (int i = 0; i < 4; ++i) bench.cycle();
  }
  bench.compare_all();
}

TEST_CASE("sums wrap at 32 bits") {
  Bench bench(4);
  Entry up, down;
  up.fill(static_cast<int32_t>(kSumMax)), down.fill(static_cast<int32_t>(kSumMin));
  bool wrapped_up = false, wrapped_down = false;
  const int64_t rounds = (int64_t{1} << 31) / kSumMax + 2;
  for (int64_t i = 0; i < rounds; ++i) {
    for (unsigned entry = 0; entry < 4; ++entry) {
      const int32_t before = bench.acc[entry][0];
      bench.add(entry, i == 0, entry & 1 ? down : up);
      bench.cycle();
      if (i > 0 && !(entry & 1)) wrapped_up |= bench.acc[entry][0] < before;
      if (i > 0 && (entry & 1)) wrapped_down |= bench.acc[entry][0] > before;
    }
  }
  CHECK(wrapped_up);
  CHECK(wrapped_down);
  bench.compare_all();
}
