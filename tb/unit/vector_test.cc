// Vector engine against plain loops: every write in order, its bytes, its time of done, no other.
#include <cstring>
#include <memory>

#include "../catch_compat.h"
#include "Vdut.h"
#include "isa/activity.h"
#include "vector_pass.h"

using namespace weft::tb;
using weft::isa::Activity;

namespace {

struct Stalls {  // a request is refused (or a descriptor kept back) n - 1 times in n; 0, 1: never
  unsigned desc = 0, acc = 0, act_rd = 0, act_wr = 0;
};

struct Bench {
  explicit Bench(uint64_t seed) : random(seed), top(std::make_unique<Vdut>()) {
    for (Word& word : memories.act) fill(word);
    // Blocks of nine words with multipliers of all sorts.
    for (int block = 0; block < kParamWords / 9; ++block) {
      for (unsigned c = 0; c < kLanes; ++c) put_params(block, c, random_lane(random));
    }
    for (Entry& entry : memories.acc) {
      for (int32_t& v : entry) v = random_sum(random, static_cast<int>(random.in(0, 20)));
    }
    image = memories.act;
    top->rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
  }

  void fill(Word& word) {
    for (uint8_t& byte : word) byte = static_cast<uint8_t>(random.bits() >> 21);
  }

  void put_params(int block, unsigned c, const LaneParams& lane) {
    for (unsigned b = 0; b < 4; ++b) {
      const unsigned at = 4 * c + b;
      const auto base = static_cast<size_t>(9 * block);
      memories.param[base + at / kLanes][at % kLanes] =
          static_cast<uint8_t>(static_cast<uint32_t>(lane.bias) >> (8 * b));
      memories.param[base + 4 + at / kLanes][at % kLanes] =
          static_cast<uint8_t>(static_cast<uint32_t>(lane.multiplier) >> (8 * b));
    }
    memories.param[static_cast<size_t>(9 * block) + 8][c] = static_cast<uint8_t>(lane.right_shift);
  }

  void queue(const Pass& pass) {
    passes.push_back(pass);
    Expected e = reference(pass, memories);
    if (error == kNone) {
      writes.insert(writes.end(), e.writes.begin(), e.writes.end());
      for (const Write& w : e.writes) image[static_cast<size_t>(w.addr)] = w.data;
      taps += e.taps;
      error = e.error;
      if (error == kNone) last_write.push_back(writes.size());
    }
  }

  // The word of the read granted in the last cycle, or what must not be used.
  template <class Port, class Data>
  void give(Port& port, int granted, const std::vector<Data>& memory) {
    if (granted >= 0) {
      std::memcpy(&port, &memory[static_cast<size_t>(granted)], sizeof(Data));
    } else {
      std::memset(&port, static_cast<int>(random.bits() & 0xff), sizeof(Data));
    }
  }
  bool go(unsigned stall) { return stall <= 1 || random.one_in(stall); }

  void cycle() {
    Vdut& t = *top;
    offered = next_desc < passes.size() && (offered || go(stalls.desc));
    t.desc_valid_i = offered;
    if (offered) {
      const auto d = passes[next_desc].encode();
      std::memcpy(&t.desc_i, d.data(), 64);
    } else {
      std::memset(&t.desc_i, static_cast<int>(random.bits() & 0xff), 64);
    }
    t.acc_rd_ready_i = go(stalls.acc);
    t.act_rd_ready_i = go(stalls.act_rd);
    t.act_wr_ready_i = go(stalls.act_wr);
    give(t.acc_rd_data_i, acc_granted, memories.acc);
    give(t.act_rd_data_i, act_granted, memories.act);
    give(t.param_rd_data_i, param_granted, memories.param);
    t.clk_i = 0;
    t.eval();
    if (t.rst_ni) observe();
    t.clk_i = 1;
    t.eval();
    ++now;
  }

  void observe() {
    Vdut& t = *top;
    // The descriptor that failed stays unfinished.
    expect((Activity(t.activity_o) != Activity::kIdle) == (next_desc > done),
           "idle exactly when nothing is held");
    if (t.desc_valid_i && t.desc_ready_o) {
      if (next_desc == 0) first_taken = now;
      ++next_desc;
      offered = false;
    }
    acc_granted = t.acc_rd_valid_o && t.acc_rd_ready_i ? static_cast<int>(t.acc_rd_addr_o) : -1;
    act_granted = t.act_rd_valid_o && t.act_rd_ready_i ? static_cast<int>(t.act_rd_addr_o) : -1;
    param_granted = t.param_rd_en_o ? static_cast<int>(t.param_rd_addr_o) : -1;
    taps_taken += (Activity(t.activity_o) == Activity::kBusy);
    expect((Activity(t.activity_o) == Activity::kBusy) == (acc_granted >= 0 || act_granted >= 0),
           "busy when a word is taken");
    if (t.done_o) {
      expect(done < last_write.size() && written >= last_write[done] && !t.err_valid_o, "done");
      ++done;
      last_done = now;
    }
    if (t.act_wr_valid_o && t.act_wr_ready_i) {
      Word data;
      std::memcpy(data.data(), &t.act_wr_data_o, sizeof(data));
      expect(written < writes.size() && writes[written].addr == static_cast<int>(t.act_wr_addr_o) &&
                 writes[written].data == data,
             "write");
      memories.act[t.act_wr_addr_o] = data;
      ++written;
    }
    if (t.err_valid_o) {
      expect((t.err_o[2] & 0x3ff) == error << 2, "error code");
      expect(done == last_write.size(), "error before earlier passes were done");
    }
  }

  // Reads what it or a queued pass writes, or writes where others read: a matter of time then.
  bool meets(const Pass& pass) const {
    const Expected e = reference(pass, memories);
    std::vector<bool> written_words(kActWords);
    for (const Write& w : writes) written_words[static_cast<size_t>(w.addr)] = true;
    for (const Write& w : e.writes) {
      if (w.addr < kSourceWords) return true;
      written_words[static_cast<size_t>(w.addr)] = true;
    }
    for (int addr : e.act_reads) {
      if (written_words[static_cast<size_t>(addr)]) return true;
    }
    return false;
  }

  void expect(bool right, const char* what) {
    if (right) return;
    if (wrong++ == 0) first_wrong = what;
  }

  void run(uint64_t limit) {
    const uint64_t end = now + limit;
    auto at_end = [&] { return error != kNone ? bool(top->err_valid_o) : done == passes.size(); };
    while (now < end && wrong == 0 && !at_end()) cycle();
    const bool ended = at_end();
    for (int i = 0; i < 30; ++i) cycle();  // nothing more comes
    CHECK(ended);
    INFO("first wrong: " << first_wrong << ", descriptors taken " << next_desc << ", done " << done
                         << ", present opcode " << (done < passes.size() ? passes[done].op : 0));
    CHECK(wrong == 0);
    CHECK(written == writes.size());
    CHECK(done == last_write.size());
    if (error == kNone) CHECK(taps_taken == taps);
    const bool same_image = image == memories.act;
    CHECK(same_image);
  }

  void forget() {  // after a clear
    passes.clear(), writes.clear(), last_write.clear();
    next_desc = done = written = 0;
    taps = taps_taken = 0;
    error = kNone;
    offered = false;
    image = memories.act;
  }

  void clear() {
    top->clear_i = 1;
    // What is written in this very cycle was asked for before.
    cycle();
    top->clear_i = 0;
    acc_granted = act_granted = param_granted = -1;
    forget();
  }

  Random random;
  std::unique_ptr<Vdut> top;
  Memories memories;
  std::vector<Word> image;
  Stalls stalls;
  std::vector<Pass> passes;
  std::vector<Write> writes;
  std::vector<size_t> last_write;
  size_t next_desc = 0, done = 0, written = 0;
  unsigned error = kNone;
  uint64_t taps = 0, taps_taken = 0, wrong = 0, now = 0, first_taken = 0, last_done = 0;
  int acc_granted = -1, act_granted = -1, param_granted = -1;
  bool offered = false;
  const char* first_wrong = "nothing";
};

Stalls random_stalls(Random& random) {
  auto any = [&] { return random.one_in(2) ? 0u : static_cast<unsigned>(random.in(1, 5)); };
  Stalls s{any(), any(), any(), any()};
  return random.one_in(4) ? Stalls{} : s;
}

Pass plain_pass(int out_h, int out_w, int win, Op op) {
  Pass p;
  p.op = op;
  p.out_h = out_h, p.out_w = out_w;
  p.win_h = p.win_w = p.stride_y = p.stride_x = win;
  p.src_h = out_h * win, p.src_w = out_w * win;
  p.src_row_pitch = p.src_w, p.src_col_pitch = 1;
  p.dst_row_pitch = out_w, p.dst_col_pitch = 1;
  p.src2_addr = kSourceWords / 2;
  p.src2_row_pitch = out_w, p.src2_col_pitch = 1;
  p.sources = {SourceParams{3, 1 << 30, 0}, SourceParams{-7, 0x60000000, 1}};
  return p;
}

}  // namespace

TEST_CASE("random passes, back to back, with stalls on all ports") {
  const uint64_t seed = bench_seed(0x5eed'0002);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int batch = 0; batch < 500; ++batch) {
    INFO("batch " << batch);
    bench.stalls = random_stalls(bench.random);
    const auto count = bench.random.in(1, 12);
    for (int i = 0; i < count; ++i) bench.queue(random_pass_in_range(bench.random));
    bench.run(1'000'000);
    REQUIRE(bench.wrong == 0);
    bench.forget();
  }
}

TEST_CASE("tiny passes follow each other through both parameter sets") {
  const uint64_t seed = bench_seed(0x5eed'0003);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int batch = 0; batch < 150; ++batch) {
    bench.stalls = random_stalls(bench.random);
    for (int i = 0; i < 60; ++i) {
      Pass p = random_pass_in_range(bench.random);
      p.out_h = 1;
      p.out_w = static_cast<int>(bench.random.in(1, std::min(p.out_w, 3)));
      bench.queue(p);
    }
    bench.run(200'000);
    REQUIRE(bench.wrong == 0);
    bench.forget();
  }
}

TEST_CASE("extents of 16 bits and windows of 8 bits") {
  Bench bench(4);
  Pass p = plain_pass(1, 3, 1, kMaxpool);
  p.src_w = p.src_h = 65535;  // far beyond what is read: pitches of zero keep it in the memory
  p.src_row_pitch = p.src_col_pitch = 0;
  p.win_h = 255, p.win_w = 255;
  p.stride_x = 255;
  p.x0 = -254, p.y0 = -254;
  bench.queue(p);
  p.x0 = 32767, p.y0 = 32767;
  bench.queue(p);
  p.win_h = p.win_w = 1;
  p.x0 = 0, p.y0 = 0;
  p.out_w = 257, p.out_h = 2;  // 256 * 255 = 65280
  p.dst_row_pitch = 257;
  bench.queue(p);
  // The last windows reach past the end of a source as wide, then as high, as can be.
  p.x0 = 100, p.win_w = 255;
  p.out_h = 1;
  bench.queue(p);
  p.x0 = 0, p.win_w = 1, p.out_w = 1;
  p.y0 = 100, p.win_h = 255, p.stride_y = 255, p.out_h = 257;
  p.dst_row_pitch = 1;
  bench.queue(p);
  bench.run(1'000'000);
}

TEST_CASE("errors come in order and stop the engine until it is cleared") {
  const uint64_t seed = bench_seed(0x5eed'0005);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  std::array<int, 3> seen{};
  for (int batch = 0; batch < 5000; ++batch) {
    bench.stalls = random_stalls(bench.random);
    const auto before = bench.random.in(0, 3);
    for (int i = 0; i < before; ++i) {
      Pass p = random_pass_in_range(bench.random);
      p.out_h = std::min(p.out_h, 3);
      bench.queue(p);
    }
    Pass p = random_pass_in_range(bench.random);
    p.out_h = std::min(p.out_h, 5);
    Random& r = bench.random;
    int* const minima[] = {&p.src_h, &p.src_w,    &p.out_h,    &p.out_w,      &p.win_h,
                           &p.win_w, &p.stride_y, &p.stride_x, &p.valid_lanes};
    switch (r.in(0, 13)) {
      case 0: *minima[r.in(0, 8)] = 0; break;
      case 1: p.valid_lanes = static_cast<int>(r.in(65, 255)); break;
      case 2:
        p.reserved_bit =
            static_cast<int>(r.one_in(2) ? r.in(9, 15) : 62 * 8 + 5 + r.in(0, 2) + 8 * r.in(0, 1));
        break;
      case 3:
        p.param_addr =
            static_cast<int>(r.one_in(2) ? kParamWords - r.in(0, 9) : r.in(kParamWords, 65535));
        break;
      case 4:
        p.src_addr = static_cast<int>((p.from_act() ? kActWords : kAccEntries) - r.in(0, 30));
        break;
      case 5: p.dst_addr = static_cast<int>(kActWords - r.in(0, 30)); break;
      case 6: p.src_addr = static_cast<int>(r.in(0, 65535)); break;
      case 7: p.x0 = static_cast<int>(r.one_in(2) ? r.in(-20, -1) : r.in(-32768, 32767)); break;
      case 8: p.y0 = static_cast<int>(r.one_in(2) ? r.in(-20, -1) : r.in(-32768, 32767)); break;
      case 9:
        p.src2_addr = static_cast<int>(r.one_in(2) ? kActWords - r.in(0, 30) : r.in(0, 65535));
        break;
      case 10:
        p.sources[static_cast<size_t>(r.in(0, 1))].multiplier |=
            std::numeric_limits<int32_t>::min();
        break;
      case 11: (r.one_in(2) ? p.win_h : p.win_w) = static_cast<int>(r.in(1, 3)); break;
      case 12: p.src_w = static_cast<int>(r.in(1, p.src_w)); break;
      default: p.src_h = static_cast<int>(r.in(1, p.src_h)); break;
    }
    if (bench.meets(p)) continue;
    bench.queue(p);
    ++seen[bench.error / 2];
    for (int i = 0; i < 2; ++i) bench.queue(random_pass_in_range(bench.random));
    INFO("batch " << batch << " error " << bench.error);
    bench.run(200'000);
    REQUIRE(bench.wrong == 0);
    bench.clear();
  }
  CHECK(seen[0] > 50);
  CHECK(seen[1] > 100);
  CHECK(seen[2] > 100);
}

TEST_CASE("an output without a tap on each side is refused") {
  for (int side = 0; side < 4; ++side) {
    for (Op op : {kRequant, kMaxpool, kMean, kAvgpool}) {
      INFO("side " << side);
      Bench bench(6);
      Pass p = plain_pass(3, 3, 2, op);
      if (side == 0) p.x0 = -2;
      if (side == 1) p.y0 = -2;
      if (side == 2) p.src_w = 4;
      if (side == 3) p.src_h = 4;
      bench.queue(p);
      CHECK(bench.error == kBadDescriptor);
      bench.run(1000);
      CHECK(bench.written == (side == 2 ? 2 : side == 3 ? 6 : 0));
    }
  }
}

TEST_CASE("a clear at any time leaves an engine that works") {
  const uint64_t seed = bench_seed(0x5eed'0007);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int batch = 0; batch < 500; ++batch) {
    INFO("batch " << batch);
    bench.stalls = random_stalls(bench.random);
    for (int i = 0; i < 4; ++i) bench.queue(random_pass_in_range(bench.random));
    const auto cycles = bench.random.in(1, 90);
    for (int i = 0; i < cycles; ++i) bench.cycle();
    CHECK(bench.wrong == 0);
    bench.clear();
    Pass p = random_pass_in_range(bench.random);
    bench.queue(p);
    bench.run(200'000);
    REQUIRE(bench.wrong == 0);
    bench.forget();
  }
}

TEST_CASE("a pass of 121 entries takes 121 + 15 cycles at most") {
  Bench bench(8);
  bench.queue(plain_pass(11, 11, 1, kRequant));
  bench.run(1000);
  const uint64_t cycles = bench.last_done - bench.first_taken;
  CAPTURE(cycles);
  CHECK(cycles <= 121 + 15);
}

// Cycles from the first descriptor taken to the last done.
uint64_t cycles_of(const std::vector<Pass>& passes) {
  Bench bench(9);
  for (const Pass& p : passes) bench.queue(p);
  bench.run(20'000);
  return bench.last_done - bench.first_taken;
}

TEST_CASE("a stream of windows takes a cycle a tap") {
  for (Op op : {kRequant, kMaxpool, kMean, kAvgpool}) {
    const uint64_t cycles =
        cycles_of(std::vector<Pass>(8, plain_pass(4, 13, 2, op)));  // 208 words each
    CAPTURE(op, cycles);
    CHECK(cycles <= 8 * 208 + 30);
  }
}

TEST_CASE("a sum takes three cycles a word, a product, greater or lesser two, a table one") {
  for (Op op : {kAdd, kMul, kMaximum, kMinimum}) {
    const uint64_t words = op == kAdd ? 3 : 2;
    const uint64_t cycles = cycles_of(std::vector<Pass>(8, plain_pass(8, 13, 1, op)));
    CAPTURE(op, cycles);
    CHECK(cycles >= 8 * 104 * words);
    CHECK(cycles <= 8 * 104 * words + 30);
  }
  // Each waits for the one before it, then reads its table.
  const uint64_t cycles = cycles_of(std::vector<Pass>(3, plain_pass(8, 13, 1, kLut)));
  CAPTURE(cycles);
  CHECK(cycles <= 3 * (104 + 256 / kLanes + 20));
}

TEST_CASE("after a sum other passes wait four cycles") {
  std::vector<Pass> passes;
  for (int i = 0; i < 20; ++i) passes.push_back(plain_pass(1, 15, 1, i % 2 == 0 ? kAdd : kRequant));
  const uint64_t cycles = cycles_of(passes);
  CAPTURE(cycles);
  CHECK(cycles <= 10 * (45 + 4 + 15) + 30);
}

// Windows at an edge have fewer taps: a pass for each number of them, divided as C divides.
TEST_CASE("averages are the reference kernels' for every number of taps up to 400") {
  const uint64_t seed = bench_seed(0x5eed'000b);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int rows = 1; rows <= 20; ++rows) {
    for (int columns = 1; columns <= 20; ++columns) {
      const int taps = rows * columns;
      const int shift = 31 - __builtin_clz(static_cast<unsigned>(taps));
      const int64_t power = int64_t{1} << (30 + shift);
      const LaneParams lane{taps / 2 * 2, static_cast<int32_t>((power + taps - 1) / taps), shift};
      for (unsigned c = 0; c < kLanes; ++c) bench.put_params(0, c, lane);
      // Bytes that are all low, all high, or anything.
      for (size_t i = 0; i < 500; ++i) {
        for (uint8_t& byte : bench.memories.act[i]) {
          const int v = static_cast<int>(bench.random.in(-128, 127));
          byte = static_cast<uint8_t>(i < 150 ? std::min(v, -120) : i < 300 ? std::max(v, 120) : v);
        }
      }
      Pass p;
      p.op = kAvgpool;
      p.win_h = rows, p.win_w = columns;
      p.src_h = rows, p.src_w = 400;
      p.src_col_pitch = 1, p.src_row_pitch = columns;
      p.out_w = 8, p.stride_x = 4, p.dst_col_pitch = 1;
      bench.image = bench.memories.act;
      bench.queue(p);
      for (int ox = 0; ox < p.out_w; ++ox) {
        for (unsigned c = 0; c < kLanes; ++c) {
          int32_t sum = 0;
          for (int wy = 0; wy < rows; ++wy) {
            for (int wx = 0; wx < columns; ++wx) {
              sum += static_cast<int8_t>(
                  bench.memories.act[static_cast<size_t>(wy * columns + ox * 4 + wx)][c]);
            }
          }
          const auto y = static_cast<int8_t>(bench.writes[static_cast<size_t>(ox)].data[c]);
          bench.expect(y == divide_by_count(sum, taps), "average");
        }
      }
      bench.run(100'000);
      REQUIRE(bench.wrong == 0);
      bench.forget();
    }
  }
}

TEST_CASE("passes of 13 entries have no gaps, passes of one take nine cycles") {
  for (int entries : {13, 1}) {
    Bench bench(10);
    for (int i = 0; i < 50; ++i) bench.queue(plain_pass(1, entries, 1, kRequant));
    bench.run(5000);
    const uint64_t cycles = bench.last_done - bench.first_taken;
    CAPTURE(cycles);
    CHECK(cycles <= static_cast<uint64_t>(50 * std::max(entries, 9) + 15));
  }
}
