// Array engine against plain loops: the sums in acc memory at each done, errors, cycles.
#include <cstring>
#include <memory>

#include "../catch_compat.h"
#include "Vdut.h"
#include "array_conv.h"
#include "bits.h"
#include "isa/activity.h"

using namespace weft::tb;
using weft::isa::Activity;

namespace {

constexpr unsigned kSumBits = 16 + __builtin_ctz(WEFT_ROWS);

struct Job {
  Conv conv;
  Expected expected;
  uint64_t last_add = 0;  // number of its last accumulation, from 1
  uint64_t taken_at = 0, done_at = 0;
};

struct Bench {
  explicit Bench(uint64_t seed)
      : random(seed), top(std::make_unique<Vdut>()), acc(kAccEntries), owner(kAccEntries) {
    for (auto* memory : {&memories.act, &memories.wgt}) {
      for (Word& word : *memory) {
        for (int8_t& byte : word) byte = any_byte();
      }
    }
    for (Entry& entry : acc) {
      for (int32_t& v : entry) v = static_cast<int32_t>(random.bits());
    }
    image = acc;
    top->rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
  }

  int8_t any_byte() {
    return random.one_in(8) ? (random.one_in(2) ? -128 : 127)
                            : static_cast<int8_t>(random.bits() >> 17);
  }

  void queue(const Conv& conv) {
    Job job{conv, {}};
    if (error == kNone) {
      job.expected = reference(conv, memories, image);
      error = job.expected.error;
      if (error == kNone) {
        std::copy(job.expected.entries.begin(), job.expected.entries.end(),
                  image.begin() + conv.acc_addr);
        adds_due += static_cast<uint64_t>(conv.outputs()) * static_cast<uint64_t>(conv.k_tiles());
        job.last_add = adds_due;
        ++good;
      }
    }
    jobs.push_back(job);
  }

  template <class Port>
  void garbage(Port& port) {
    std::memset(&port, static_cast<int>(random.bits() & 0xff), sizeof(port));
  }

  void cycle() {
    Vdut& t = *top;
    offered = taken < jobs.size() && (offered || gap <= 1 || random.one_in(gap));
    t.desc_valid_i = offered;
    if (offered) {
      const auto d = jobs[taken].conv.encode();
      std::memcpy(&t.desc_i, d.data(), 64);
    } else {
      garbage(t.desc_i);
    }
    // Act data stand for one cycle, weights until the next read.
    if (act_read >= 0) {
      std::memcpy(&t.act_rd_data_i, memories.act[static_cast<size_t>(act_read)].data(), kLanes);
    } else {
      garbage(t.act_rd_data_i);
    }
    if (wgt_read >= 0) {
      std::memcpy(&t.wgt_rd_data_i, memories.wgt[static_cast<size_t>(wgt_read)].data(), kLanes);
    }
    t.clk_i = 0;
    t.eval();
    if (t.rst_ni) observe();
    t.clk_i = 1;
    t.eval();
    ++now;
  }

  void observe() {
    Vdut& t = *top;
    expect((Activity(t.activity_o) != Activity::kIdle) == (taken > done),
           "idle exactly when nothing is held");
    if (t.desc_valid_i && t.desc_ready_o) {
      jobs[taken++].taken_at = now;
      offered = false;
    }
    act_read = t.act_rd_valid_o ? static_cast<int>(t.act_rd_addr_o) : -1;
    if (t.wgt_rd_en_o) wgt_read = static_cast<int>(t.wgt_rd_addr_o);
    vectors += (Activity(t.activity_o) == Activity::kBusy);
    if (t.done_o) finish();
    if (t.acc_add_valid_o) add();
    if (t.err_valid_o) {
      expect(get_bits(t.err_o, 66, 4) == error, "error code");
      expect(get_bits(t.err_o, 0, 64) == 0 && get_bits(t.err_o, 64, 2) == 0, "error address");
      expect(done == good, "error before earlier descriptors were done");
      expect(!t.acc_add_valid_o, "an effect after an error");
    } else {
      expect(!failed, "an error went away");
    }
    failed = t.err_valid_o;
  }

  void add() {
    Vdut& t = *top;
    const unsigned addr = t.acc_add_addr_o;
    expect(addr < kAccEntries, "acc address");
    if (addr >= kAccEntries) return;
    ++adds;
    while (adding < good && adds > jobs[adding].last_add) ++adding;
    expect(adding < good || error != kNone, "more accumulations than wanted");
    if (adding >= jobs.size()) return;
    const Conv& conv = jobs[adding].conv;
    expect(static_cast<int>(addr) >= conv.acc_addr &&
               static_cast<int>(addr) < conv.acc_addr + conv.outputs(),
           "accumulation outside its descriptor's entries");
    // What acc memory needs between two accumulations of an entry, of which the second reads.
    for (const auto& [at, last] : recent) {
      if (last == addr && now - at < 4 && !t.acc_add_overwrite_o) expect(false, "entry too soon");
    }
    recent[recent_next++ % recent.size()] = {now, addr};
    owner[addr] = adding;
    Entry& entry = acc[addr];
    for (unsigned c = 0; c < kLanes; ++c) {
      const auto raw = static_cast<uint32_t>(get_bits(t.acc_add_sums_o, kSumBits * c, kSumBits));
      const auto sum =
          static_cast<uint32_t>(static_cast<int32_t>(raw << (32 - kSumBits)) >> (32 - kSumBits));
      entry[c] = static_cast<int32_t>(
          (t.acc_add_overwrite_o ? 0u : static_cast<uint32_t>(entry[c])) + sum);
    }
    last_add_at = now;
    // An accumulation can be read two cycles later, a done engine's effects from the next cycle.
    if (adds == jobs[adding].last_add) ended_at[adding % ended_at.size()] = now;
  }

  void finish() {
    expect(
        done < good && adds >= jobs[done].last_add && now >= ended_at[done % ended_at.size()] + 1,
        "done before the sums are in");
    expect(!top->err_valid_o, "done after an error");
    if (done < good) {
      Job& job = jobs[done];
      job.done_at = now;
      for (size_t i = 0; i < job.expected.entries.size(); ++i) {
        const size_t addr = static_cast<size_t>(job.conv.acc_addr) + i;
        if (owner[addr] != done) continue;  // the next one has been here
        expect(acc[addr] == job.expected.entries[i], "sums");
        ++compared;
      }
    }
    ++done;
  }

  void expect(bool right, const char* what) {
    if (right) return;
    if (wrong++ == 0) first_wrong = what, wrong_at = now;
  }

  bool at_end() const { return error != kNone ? bool(top->err_valid_o) : done == jobs.size(); }

  void run(uint64_t limit) {
    const uint64_t end = now + limit;
    while (now < end && wrong == 0 && !at_end()) cycle();
    const bool ended = at_end();
    for (int i = 0; i < 4 * kRows + 20; ++i) cycle();  // nothing more comes
    INFO("first wrong: " << first_wrong << " at " << wrong_at << ", taken " << taken << ", done "
                         << done << " of " << jobs.size());
    CHECK(ended);
    CHECK(wrong == 0);
    CHECK(done == good);
    if (error == kNone) {
      CHECK(adds == adds_due);
      CHECK(vectors == adds_due);
    }
    // Of the descriptor that failed, some sums may be there.
    if (error != kNone && adds > adds_due) {
      const Conv& conv = jobs[good].conv;
      std::copy_n(acc.begin() + conv.acc_addr, conv.outputs(), image.begin() + conv.acc_addr);
    }
    const bool same_image = image == acc;
    CHECK(same_image);
  }

  void forget() {
    jobs.clear();
    taken = done = good = adding = 0;
    adds = adds_due = vectors = 0;
    error = kNone;
    offered = failed = false;
    image = acc;
    std::fill(owner.begin(), owner.end(), SIZE_MAX);
  }

  void clear() {
    top->clear_i = 1;
    cycle();  // what is added in this very cycle counts
    top->clear_i = 0;
    act_read = -1;
    forget();
  }

  uint64_t interval(size_t i) const { return jobs[i].done_at - jobs[i - 1].done_at; }

  Random random;
  std::unique_ptr<Vdut> top;
  Memories memories;
  std::vector<Entry> acc, image;  // acc memory as it is, and as it is to be in the end
  std::vector<size_t> owner;      // the job that accumulated there last
  std::vector<Job> jobs;
  unsigned gap = 0;  // a descriptor comes one time in gap; 0, 1: at once
  size_t taken = 0, done = 0, good = 0, adding = 0;
  uint64_t adds = 0, adds_due = 0, vectors = 0, compared = 0, now = 0, last_add_at = 0;
  uint64_t wrong = 0, wrong_at = 0;
  std::array<std::pair<uint64_t, unsigned>, 4> recent{};
  size_t recent_next = 0;
  std::array<uint64_t, 16> ended_at{};
  unsigned error = kNone;
  int act_read = -1, wgt_read = -1;
  bool offered = false, failed = false;
  const char* first_wrong = "nothing";
};

unsigned random_gap(Random& random) {
  return random.one_in(2) ? 0 : static_cast<unsigned>(random.in(2, random.one_in(3) ? 300 : 30));
}

void random_batches(uint64_t fallback, int batches, Conv (*draw)(Random&)) {
  const uint64_t seed = bench_seed(fallback);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  // An array of 32 x 32 takes four times as long for one.
  for (int batch = 0; batch < (kRows > 16 ? batches / 4 : batches); ++batch) {
    INFO("batch " << batch);
    bench.gap = random_gap(bench.random);
    for (auto i = bench.random.in(1, 14); i > 0; --i) bench.queue(draw(bench.random));
    bench.run(1'000'000);
    REQUIRE(bench.wrong == 0);
    bench.forget();
  }
  CHECK(bench.compared > 0);
}

// An image of in_h x in_w positions of kc blocks, without padding.
Conv plain_conv(int out_h, int out_w, int kernel, int kc) {
  Conv d;
  d.out_h = out_h, d.out_w = out_w;
  d.kh = d.kw = kernel;
  d.kc = kc;
  d.in_h = out_h + kernel - 1, d.in_w = out_w + kernel - 1;
  d.in_blk_pitch = 1, d.in_col_pitch = kc, d.in_row_pitch = d.in_w * kc;
  return d;
}

}  // namespace

TEST_CASE("random blocked convolutions, back to back") {
  random_batches(0x5eed'0201, 120, random_blocked);
}

TEST_CASE("random shallow convolutions, back to back") {
  random_batches(0x5eed'0202, 120, random_shallow);
}

TEST_CASE("random convolutions of both kinds, back to back") {
  random_batches(0x5eed'0203, 120, random_conv);
}

TEST_CASE("tiny tiles follow each other closely") {
  random_batches(0x5eed'0204, 200, [](Random& random) {
    for (;;) {
      Conv d = random_conv(random);
      d.out_h = 1;
      d.out_w = static_cast<int>(random.in(1, 3));
      if (!d.shallow) d.kh = d.kw = 1;
      if (place(random, d)) return d;
    }
  });
}

TEST_CASE("an entry accumulated by two descriptors in a row keeps both") {
  for (int m : {1, 2, 3, 4, 5, kRows, kRows + 1}) {
    for (int overlap : {1, 2, 3}) {
      if (overlap > m) continue;
      INFO("M=" << m << " overlap " << overlap);
      Bench bench(7);
      for (int i = 0; i < 6; ++i) {
        Conv d = plain_conv(1, m, 1, 1);
        d.accumulate = true;
        d.acc_addr = i * (m - overlap);
        bench.queue(d);
      }
      bench.run(2000);
    }
  }
}

TEST_CASE("errors come in order and stop the engine until it is cleared") {
  const uint64_t seed = bench_seed(0x5eed'0205);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  std::array<int, 3> seen{};
  for (int batch = 0; batch < (kRows > 16 ? 400 : 1500); ++batch) {
    Random& r = bench.random;
    bench.gap = random_gap(r);
    for (auto i = r.in(0, 3); i > 0; --i) bench.queue(random_conv(r));
    Conv d = random_conv(r);
    int* const minima[] = {&d.in_h,  &d.in_w,  &d.out_h, &d.out_w, &d.stride_y, &d.stride_x,
                           &d.dil_y, &d.dil_x, &d.kh,    &d.kw,    &d.kc};
    switch (r.in(0, 9)) {
      case 0: *minima[r.in(0, 10)] = 0; break;
      case 1:
        d.reserved_bit = static_cast<int>(r.one_in(4) ? r.in(10, 15) : r.in(45 * 8, 511));
        break;
      case 2: d.in_addr = static_cast<int>(r.in(0, 65535)); break;
      case 3: d.in_addr = static_cast<int>((d.in_addr + r.in(-30, 30)) & 0xffff); break;
      case 4: d.wgt_addr = static_cast<int>(kWgtWords - d.k_tiles() * kRows + r.in(-1, 1)); break;
      case 5: d.acc_addr = static_cast<int>(kAccEntries - d.outputs() + r.in(-1, 1)); break;
      case 6: d.in_w = static_cast<int>(r.in(1, 65535)); break;
      case 7: d.x0 = static_cast<int>(r.in(-32768, 32767)); break;
      case 8:
        if (d.shallow) d.kc += static_cast<int>(r.one_in(2) ? 1 : -1);
        if (d.kc == 0) d.wgt_addr = 65535;  // the code of a zero field, whatever else is wrong
        break;
      default:
        if (d.shallow) {
          d.kh = static_cast<int>(r.in(4, 20)), d.kw = static_cast<int>(r.in(1, 12));
          d.kc = (d.kh * d.kw + kRows - 1) / kRows;
        }
        break;
    }
    if (d.wgt_addr < 0) d.wgt_addr = 0;
    if (d.acc_addr < 0) d.acc_addr = 0;
    bench.queue(d);
    ++seen[bench.error / 2];
    for (int i = 0; i < 2; ++i) bench.queue(random_conv(r));
    INFO("batch " << batch << " error " << bench.error << " shallow " << d.shallow);
    bench.run(400'000);
    REQUIRE(bench.wrong == 0);
    bench.clear();
  }
  CHECK(seen[0] > 50);
  CHECK(seen[1] > 100);
  CHECK(seen[2] > (kRows > 16 ? 25 : 100));
}

TEST_CASE("words that no output uses may lie outside act memory") {
  // Outputs of one byte, two words apart: every other word of the row is skipped.
  Bench bench(8);
  Conv d;
  set_shallow(d, 1, 1, 1, 1);
  d.stride_x = 2 * kRows;
  d.out_w = 2;
  d.in_w = 3 * kRows + 5;  // a third and fourth word that are not there
  d.in_addr = kActWords - 3;
  bench.queue(d);
  d.in_w = 65535;
  d.x0 = -2 * kRows;
  d.out_w = 2;
  d.in_addr = kActWords - 1;
  bench.queue(d);
  CHECK(bench.error == kNone);
  bench.run(1000);
}

TEST_CASE("a word that only the last output reaches must be in act memory") {
  for (bool there : {true, false}) {
    Bench bench(14);
    Conv d;
    set_shallow(d, 1, 3, 1, 1);
    d.out_w = kRows - 1;  // the last one takes the last two bytes of a word, and one of the next
    d.in_w = kRows + 1;
    d.in_addr = kActWords - 1 - there;
    bench.queue(d);
    CHECK(bench.error == (there ? kNone : kChipRange));
    bench.run(1000);
  }
}

TEST_CASE("a clear at any time leaves an engine that works") {
  const uint64_t seed = bench_seed(0x5eed'0206);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int batch = 0; batch < (kRows > 16 ? 100 : 400); ++batch) {
    INFO("batch " << batch);
    bench.gap = random_gap(bench.random);
    for (int i = 0; i < 4; ++i) bench.queue(random_conv(bench.random));
    for (auto i = bench.random.in(1, 150); i > 0; --i) bench.cycle();
    CHECK(bench.wrong == 0);
    bench.clear();
    bench.queue(random_conv(bench.random));
    bench.run(400'000);
    REQUIRE(bench.wrong == 0);
    bench.forget();
  }
}

TEST_CASE("blocked tiles of 121 outputs follow each other without a gap") {
  Bench bench(9);
  for (int i = 0; i < 6; ++i) {
    Conv d = plain_conv(11, 11, 3, 2);
    d.accumulate = i % 2 == 1;
    bench.queue(d);
  }
  bench.run(20'000);
  for (size_t i = 1; i < 6; ++i) CHECK(bench.interval(i) == 18 * 121);
}

TEST_CASE("tiles of one output take R cycles") {
  Bench bench(10);
  for (int i = 0; i < 6; ++i) bench.queue(plain_conv(1, 1, 1, 32));
  bench.run(20'000);
  for (size_t i = 1; i < 6; ++i) CHECK(bench.interval(i) == 32u * kRows);
}

TEST_CASE("descriptors of one tile and one output take R cycles, or the ten of the set-up") {
  Bench bench(11);
  for (int i = 0; i < 40; ++i) bench.queue(plain_conv(1, 1, 1, 1));
  bench.run(20'000);
  for (size_t i = 10; i < 40; ++i) CHECK(bench.interval(i) == std::max(10u, 1u * kRows));
}

TEST_CASE("shallow rows follow each other without a gap, tiles with one cycle between") {
  constexpr int kOutRows = 4;
  Bench bench(12);
  Conv d;
  set_shallow(d, 3, 3, 1, 1);
  d.in_h = kOutRows + 2, d.in_w = 28;
  d.in_row_pitch = (28 + kRows - 1) / kRows;
  d.out_h = kOutRows, d.out_w = 26;
  for (int i = 0; i < 6; ++i) bench.queue(d);
  bench.run(20'000);
  for (size_t i = 2; i < 6; ++i) {
    CAPTURE(bench.interval(i));
    CHECK(bench.interval(i) == static_cast<uint64_t>(d.kc) * (26 * kOutRows + 1));
  }
}

TEST_CASE("from a descriptor to its first sums and its end") {
  Bench bench(13);
  bench.queue(plain_conv(1, 1, 1, 1));
  bench.run(1000);
  const uint64_t cycles = bench.jobs[0].done_at - bench.jobs[0].taken_at;
  CAPTURE(cycles);
  CHECK(cycles <= 3u * kRows + 13);
}
