// Depthwise engine against plain loops: the sums written to acc memory, errors, cycles.
#include <cstring>
#include <memory>

#include "../catch_compat.h"
#include "Vdut.h"
#include "bits.h"
#include "dw_conv.h"
#include "isa/activity.h"

using namespace weft::tb;
using weft::isa::Activity;

namespace {

struct Job {
  DwConv conv;
  Expected expected;
  uint64_t taken_at = 0, done_at = 0;
};

// How often a memory lets a client wait: one time in n; 0: never.
struct Stalls {
  unsigned act = 0, param = 0, acc = 0;
};

struct Bench {
  explicit Bench(uint64_t seed) : random(seed), top(std::make_unique<Vdut>()) {
    for (auto* memory : {&memories.act, &memories.param}) {
      for (Word& word : *memory) {
        for (int8_t& byte : word) byte = any_byte();
      }
    }
    top->rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
  }

  int8_t any_byte() {
    return random.one_in(4) ? (random.one_in(2) ? -128 : 127)
                            : static_cast<int8_t>(random.bits() >> 17);
  }

  void queue(const DwConv& conv) {
    Job job{conv, {}};
    if (error == kNone) {
      job.expected = reference(conv, memories);
      error = job.expected.error;
      if (error == kNone) ++good;
    }
    jobs.push_back(job);
  }

  template <class Port>
  void garbage(Port& port) {
    std::memset(&port, static_cast<int>(random.bits() & 0xff), sizeof(port));
  }
  bool stalled(unsigned n) { return n != 0 && random.one_in(n); }
  static unsigned half_bank(unsigned addr) {
    return addr / (WEFT_ACT_WORDS / WEFT_ACT_BANKS) * 2 + addr % 2;
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
    // Data stand for one cycle.
    for (size_t i = 0; i < 2; ++i) {
      if (act_read[i] >= 0) {
        const Word& word = memories.act[static_cast<size_t>(act_read[i])];
        std::memcpy(&t.act_rd_data_i[i], word.data(), kLanes);
      } else {
        garbage(t.act_rd_data_i[i]);
      }
    }
    if (param_read >= 0) {
      const Word& word = memories.param[static_cast<size_t>(param_read)];
      std::memcpy(&t.param_rd_data_i, word.data(), kLanes);
    } else {
      garbage(t.param_rd_data_i);
    }
    t.act_rd_ready_i = static_cast<uint8_t>(!stalled(stalls.act) | !stalled(stalls.act) << 1);
    t.param_rd_ready_i = !stalled(stalls.param);
    t.acc_wr_ready_i = !stalled(stalls.acc);
    t.clk_i = 0;
    t.eval();
    // Readers in the same half bank: the first one goes first.
    if (t.act_rd_valid_o == 3 && half_bank(t.act_rd_addr_o[0]) == half_bank(t.act_rd_addr_o[1])) {
      t.act_rd_ready_i &= 1;
      t.eval();
    }
    if (t.rst_ni) observe();
    t.clk_i = 1;
    t.eval();
    ++now;
  }

  void observe() {
    Vdut& t = *top;
    const auto activity = Activity(t.activity_o);
    expect((activity != Activity::kIdle) == (taken > done), "idle exactly when nothing is held");
    ++activities[static_cast<size_t>(activity)];
    if (t.desc_valid_i && t.desc_ready_o) {
      jobs[taken++].taken_at = now;
      offered = false;
    }
    for (size_t i = 0; i < 2; ++i) {
      const bool granted = (t.act_rd_valid_o & t.act_rd_ready_i) >> i & 1;
      act_read[i] = granted ? static_cast<int>(t.act_rd_addr_o[i]) : -1;
      reads += granted;
      expect(act_read[i] < kActWords, "act address");
    }
    const bool granted = t.param_rd_valid_o && t.param_rd_ready_i;
    param_read = granted ? static_cast<int>(t.param_rd_addr_o) : -1;
    if (t.done_o) finish();
    if (t.acc_wr_valid_o && t.acc_wr_ready_i) write();
    if (t.err_valid_o) {
      expect(get_bits(t.err_o, 66, 4) == error, "error code");
      expect(get_bits(t.err_o, 0, 64) == 0 && get_bits(t.err_o, 64, 2) == 0, "error address");
      expect(done == good, "error before earlier descriptors were done");
      expect(!t.acc_wr_valid_o, "an effect after an error");
    } else {
      expect(!failed, "an error went away");
    }
    failed = t.err_valid_o;
  }

  // Sums come in the order of descriptors and outputs.
  void write() {
    const Vdut& t = *top;
    expect(writing < jobs.size() && writing <= good, "more sums than wanted");
    if (writing >= jobs.size()) return;
    const Job& job = jobs[writing];
    expect(output < job.expected.entries.size(), "sums of an output that cannot be");
    if (output >= job.expected.entries.size()) return;
    expect(t.acc_wr_addr_o == static_cast<unsigned>(job.conv.acc_addr) + output, "acc address");
    for (unsigned c = 0; c < kLanes; ++c) {
      const auto sum = static_cast<int32_t>(get_bits(t.acc_wr_data_o, 32 * c, 32));
      expect(sum == job.expected.entries[output][c], "sums");
    }
    ++compared;
    if (++output == static_cast<size_t>(job.conv.outputs())) ++writing, output = 0;
  }

  void finish() {
    expect(done < good && writing > done, "done before the sums are in");
    expect(!top->err_valid_o, "done after an error");
    if (done < jobs.size()) jobs[done].done_at = now;
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
    for (int i = 0; i < 60; ++i) cycle();  // nothing more comes
    INFO("first wrong: " << first_wrong << " at " << wrong_at << ", taken " << taken << ", done "
                         << done << " of " << jobs.size() << ", output " << output);
    CHECK(ended);
    CHECK(wrong == 0);
    CHECK(done == good);
    if (error == kNone) CHECK(writing == jobs.size());
  }

  void forget() {
    jobs.clear();
    taken = done = good = writing = output = 0;
    error = kNone;
    offered = failed = false;
  }

  void clear() {
    top->clear_i = 1;
    cycle();  // what is written in this very cycle counts
    top->clear_i = 0;
    act_read = {-1, -1}, param_read = -1;
    forget();
  }

  uint64_t interval(size_t i) const { return jobs[i].done_at - jobs[i - 1].done_at; }
  // From the taking of the first descriptor to the end of the last.
  uint64_t cycles() const { return jobs.back().done_at - jobs.front().taken_at; }

  Random random;
  std::unique_ptr<Vdut> top;
  Memories memories;
  std::vector<Job> jobs;
  Stalls stalls;
  unsigned gap = 0;  // a descriptor comes one time in gap; 0, 1: at once
  size_t taken = 0, done = 0, good = 0, writing = 0, output = 0;
  uint64_t compared = 0, reads = 0, now = 0, wrong = 0, wrong_at = 0;
  unsigned error = kNone;
  std::array<int, 2> act_read{-1, -1};
  int param_read = -1;
  std::array<uint64_t, weft::isa::kNumActivities> activities{};
  bool offered = false, failed = false;
  const char* first_wrong = "nothing";
};

unsigned random_gap(Random& random) {
  return random.one_in(2) ? 0 : static_cast<unsigned>(random.in(2, random.one_in(3) ? 300 : 30));
}

// Each memory: never, seldom, or nearly always busy with others.
Stalls random_stalls(Random& random) {
  const unsigned kinds[] = {0, 0, 5, 2};
  auto any = [&] { return kinds[random.in(0, 3)]; };
  return {any(), any(), any()};
}

void random_batches(uint64_t fallback, int batches, DwConv (*draw)(Random&)) {
  const uint64_t seed = bench_seed(fallback);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int batch = 0; batch < batches; ++batch) {
    INFO("batch " << batch);
    bench.gap = random_gap(bench.random);
    bench.stalls = random_stalls(bench.random);
    for (auto i = bench.random.in(1, 14); i > 0; --i) bench.queue(draw(bench.random));
    bench.run(1'000'000);
    REQUIRE(bench.wrong == 0);
    bench.forget();
  }
  CHECK(bench.compared > 0);
}

// out_h x out_w outputs of a 3 x 3 kernel, block-planar, padded as TFLite's SAME pads an even input.
DwConv same_conv(int out_h, int out_w, int stride) {
  DwConv d;
  d.out_h = out_h, d.out_w = out_w;
  d.kh = d.kw = 3;
  d.stride_y = d.stride_x = stride;
  d.in_h = out_h * stride, d.in_w = out_w * stride;
  d.y0 = d.x0 = stride == 1 ? -1 : 0;
  d.in_row_pitch = d.in_w;
  return d;
}

}  // namespace

TEST_CASE("random depthwise tiles, back to back") { random_batches(0x5eed'0401, 250, random_dw); }

TEST_CASE("tiles of few outputs follow each other closely") {
  random_batches(0x5eed'0402, 250, [](Random& random) {
    for (;;) {
      DwConv d = random_dw(random);
      d.out_h = 1;
      d.out_w = static_cast<int>(random.in(1, 3));
      if (place(random, d)) return d;
    }
  });
}

TEST_CASE("every small kernel at every stride and width") {
  const uint64_t seed = bench_seed(0x5eed'0403);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int kh : {1, 2, 4, 5}) {
    for (int kw = 1; kw <= 10; ++kw) {
      for (int stride = 1; stride <= 3; ++stride) {
        for (int out_w : {1, 2, 3, 4, 5, 8}) {
          for (int pad : {0, 1, kw - 1}) {
            DwConv d;
            d.kh = kh, d.kw = kw;
            d.stride_x = d.stride_y = stride;
            d.out_h = 2, d.out_w = out_w;
            d.x0 = d.y0 = -pad;
            d.in_w = std::max(1, (out_w - 1) * stride + kw - 2 * pad);
            d.in_h = std::max(1, stride + kh - 2 * pad);
            d.in_row_pitch = d.in_w;
            d.pad_value = -77;
            if (place(bench.random, d)) bench.queue(d);
          }
        }
      }
    }
  }
  REQUIRE(bench.error == kNone);
  bench.run(4'000'000);
}

TEST_CASE("sums of the largest kernels at the ends of the range") {
  for (const auto& [kh, kw] : {std::pair{32, 3}, {1, 96}, {4, 24}, {8, 12}}) {
    Bench bench(5);
    for (Word& word : bench.memories.act) word.fill(-128);
    for (Word& word : bench.memories.param) word.fill(-128);
    for (size_t i = 0; i < bench.memories.param.size(); ++i) bench.memories.param[i][1] = 127;
    DwConv d;
    d.kh = kh, d.kw = kw;
    d.in_h = kh, d.in_w = kw + 1;
    d.out_w = 2;
    d.in_row_pitch = d.in_w;
    bench.queue(d);
    REQUIRE(bench.error == kNone);
    CHECK(bench.jobs[0].expected.entries[0][0] == 96 * 128 * 128);
    CHECK(bench.jobs[0].expected.entries[0][1] == -96 * 128 * 127);
    bench.run(4000);
  }
}

TEST_CASE("errors come in order and stop the engine until it is cleared") {
  const uint64_t seed = bench_seed(0x5eed'0404);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  std::array<int, 3> seen{};
  for (int batch = 0; batch < 1500; ++batch) {
    Random& r = bench.random;
    bench.gap = random_gap(r);
    bench.stalls = random_stalls(r);
    for (auto i = r.in(0, 3); i > 0; --i) bench.queue(random_dw(r));
    DwConv d = random_dw(r);
    int* const minima[] = {&d.in_h,     &d.in_w,  &d.out_h, &d.out_w, &d.stride_y,
                           &d.stride_x, &d.dil_y, &d.dil_x, &d.kh,    &d.kw};
    const int reserved[][2] = {{8, 15}, {22 * 8, 24 * 8 - 1}, {38 * 8, 40 * 8 - 1}, {45 * 8, 511}};
    const int large[][2] = {{33, 1}, {1, 97}, {11, 7}, {17, 4}, {255, 255}, {3, 31}, {5, 20}};
    switch (r.in(0, 8)) {
      case 0: *minima[r.in(0, 9)] = 0; break;
      case 1: {
        const auto& range = reserved[r.in(0, 3)];
        d.reserved_bit = static_cast<int>(r.in(range[0], range[1]));
        break;
      }
      case 2: d.in_addr = static_cast<int>(r.in(0, 65535)); break;
      case 3: d.in_addr = static_cast<int>((d.in_addr + r.in(-30, 30)) & 0xffff); break;
      case 4: d.param_addr = static_cast<int>(kParamWords - d.kh * d.kw + r.in(-1, 1)); break;
      case 5: d.acc_addr = static_cast<int>(kAccEntries - d.outputs() + r.in(-1, 1)); break;
      case 6: d.in_w = static_cast<int>(r.in(1, 65535)); break;
      case 7: d.x0 = static_cast<int>(r.in(-32768, 32767)); break;
      default: {
        const auto& kernel = large[r.in(0, 6)];
        d.kh = kernel[0], d.kw = kernel[1];
        break;
      }
    }
    d.param_addr = std::max(d.param_addr, 0), d.acc_addr = std::max(d.acc_addr, 0);
    bench.queue(d);
    ++seen[bench.error / 2];
    for (int i = 0; i < 2; ++i) bench.queue(random_dw(r));
    INFO("batch " << batch << " error " << bench.error);
    bench.run(400'000);
    REQUIRE(bench.wrong == 0);
    bench.clear();
  }
  CHECK(seen[0] > 50);
  CHECK(seen[1] > 100);
  CHECK(seen[2] > 100);
}

TEST_CASE("words that no output uses may lie outside act memory") {
  Bench bench(8);
  DwConv d = same_conv(1, 5, 1);  // seven words of a row; the last of a pair is the memory's last
  d.kh = 1;
  d.y0 = d.x0 = 0;
  d.in_w = 65535;
  d.in_addr = kActWords - 7;
  bench.queue(d);
  d.kw = 1, d.stride_x = 2, d.out_w = 4;  // every other word
  bench.queue(d);
  d.kw = 5, d.stride_x = 1, d.out_w = 3;
  bench.queue(d);
  CHECK(bench.error == kNone);
  bench.run(1000);
}

TEST_CASE("a word that only the last output uses must be in act memory") {
  for (const int kw : {1, 2, 3, 4, 5}) {
    for (const int stride : {1, 2, 3}) {
      for (const int out_w : {1, 2, 3, 4}) {
        for (const bool there : {true, false}) {
          INFO("kw " << kw << " stride " << stride << " out_w " << out_w);
          Bench bench(14);
          DwConv d;
          d.kw = kw, d.stride_x = stride, d.out_w = out_w;
          d.in_w = (out_w - 1) * stride + kw;
          d.in_addr = kActWords - d.in_w + !there;
          bench.queue(d);
          CHECK(bench.error == (there ? kNone : kChipRange));
          bench.run(1000);
        }
      }
    }
  }
}

TEST_CASE("a clear at any time leaves an engine that works") {
  const uint64_t seed = bench_seed(0x5eed'0405);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  for (int batch = 0; batch < 400; ++batch) {
    INFO("batch " << batch);
    bench.gap = random_gap(bench.random);
    bench.stalls = random_stalls(bench.random);
    for (int i = 0; i < 4; ++i) bench.queue(random_dw(bench.random));
    for (auto i = bench.random.in(1, 150); i > 0; --i) bench.cycle();
    CHECK(bench.wrong == 0);
    bench.clear();
    bench.queue(random_dw(bench.random));
    bench.run(400'000);
    REQUIRE(bench.wrong == 0);
    bench.forget();
  }
}

// The bar: 40 of 48 products a cycle over whole tiles of one acc bank, start-up included. It is for
// tiles of 256 outputs; in smaller ones start-up and row starts weigh more.
TEST_CASE("3x3 tiles keep five of six multipliers busy at strides 1 and 2") {
  const int side = WEFT_ACC_DEPTH < 256 ? 8 : 16;
  for (const int stride : {1, 2}) {
    for (const int tiles : {1, 4}) {
      for (const int width : {side, side / 2}) {
        Bench bench(15);
        const DwConv d = same_conv(WEFT_ACC_DEPTH / width, width, stride);
        if (d.in_h * d.in_w > kActWords) continue;
        for (int i = 0; i < tiles; ++i) {
          bench.queue(d);
          bench.jobs.back().conv.acc_addr = i % WEFT_ACC_BANKS * WEFT_ACC_DEPTH;
        }
        bench.run(20'000);
        const double products = 9.0 * tiles * WEFT_ACC_DEPTH / static_cast<double>(bench.cycles());
        INFO("stride " << stride << ", " << tiles << " tiles of " << d.out_h << " x " << d.out_w
                       << ": " << bench.cycles() << " cycles, " << products
                       << " of 3 taps a cycle");
        CHECK(products >= (WEFT_ACC_DEPTH < 256 ? 2.0 : 3 * 40.0 / 48));
        if (std::getenv("WEFT_PRINT") != nullptr) {
          std::printf("stride %d, %d tiles of %d x %d: %llu cycles, %.2f MAC/cycle\n", stride,
                      tiles, d.out_h, d.out_w, static_cast<unsigned long long>(bench.cycles()),
                      products * kRows);
        }
      }
    }
  }
}

TEST_CASE("at stride 1 rows of two outputs and more cost no cycle of their own") {
  for (const int width : {2, 3, 5, 7}) {
    Bench bench(16);
    const DwConv d = same_conv(8, width, 1);
    for (int i = 0; i < 6; ++i) bench.queue(d);
    bench.run(20'000);
    INFO("width " << width);
    for (size_t i = 2; i < 6; ++i) {
      CHECK(bench.interval(i) == static_cast<uint64_t>(d.outputs()) * 3);
    }
  }
}

TEST_CASE("at stride 2 a row costs a cycle more for each kernel row") {
  for (const int width : {2, 3, 5, 8}) {
    Bench bench(18);
    const DwConv d = same_conv(8, width, 2);
    for (int i = 0; i < 6; ++i) bench.queue(d);
    bench.run(20'000);
    INFO("width " << width);
    for (size_t i = 2; i < 6; ++i) {
      CHECK(bench.interval(i) == static_cast<uint64_t>(d.outputs() + d.out_h) * 3);
    }
  }
}

TEST_CASE("an engine says what it waits for") {
  const DwConv d = same_conv(8, 8, 1);
  const uint64_t steps = static_cast<uint64_t>(d.outputs()) * 3;
  struct Case {
    Stalls stalls;
    Activity waits;
  };
  for (const auto& [stalls, waits] :
       {Case{{2, 0, 0}, Activity::kSource}, Case{{0, 0, 2}, Activity::kSink},
        Case{{0, 2, 0}, Activity::kOperand}}) {
    Bench bench(19);
    bench.stalls = stalls;
    for (int i = 0; i < 3; ++i) bench.queue(d);
    bench.run(20'000);
    const auto count = [&](Activity a) { return bench.activities[static_cast<size_t>(a)]; };
    CHECK(count(Activity::kBusy) == 3 * steps);
    CHECK(count(waits) > (waits == Activity::kOperand ? 0u : steps / 8));
    if (waits != Activity::kSource) CHECK(count(Activity::kSource) < steps / 8);
    if (waits != Activity::kSink) CHECK(count(Activity::kSink) == 0);
  }
}

TEST_CASE("a sliding tile reads each word of its rows once for each kernel row") {
  Bench bench(17);
  DwConv d = same_conv(4, 7, 1);
  d.y0 = d.x0 = 0;
  d.in_h = 6, d.in_w = 9, d.in_row_pitch = 9;
  bench.queue(d);
  bench.run(1000);
  CHECK(bench.reads == 4u * 3 * 9);
}
