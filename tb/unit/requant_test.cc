// Requantisation lanes against gemmlowp's formulas: both parameter sets in turn, the next one
// written while values of the present one are under way.
#include <array>
#include <deque>
#include <memory>

#include "../catch_compat.h"
#include "Vdut.h"
#include "bits.h"
#include "vector_bench.h"

using namespace weft::tb;

namespace {

// As weft_pkg's vec_lane_op_e has them.
enum LaneOp : unsigned { kPlain, kAverage, kLookup, kFirst, kSecond, kPair };

struct Block {
  std::array<LaneParams, kLanes> lanes;
  PassParams pass;
  unsigned valid_lanes = kLanes;
  bool identity = false;
  LaneOp op = kPlain;  // kPair: of sums
  std::array<SourceParams, 2> sources;
  bool subtract = false;
};

using Values = std::array<int32_t, kLanes>;

struct Bench {
  explicit Bench(uint64_t seed) : random(seed), top(std::make_unique<Vdut>()) {
    top->rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top->rst_ni = 1;
  }

  void cycle() {
    top->byte_i = bytes_now;  // a table answers in the cycle after the question
    bytes_now = bytes_next;
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
    top->start_i = 0;
    top->param_valid_i = 0;
    top->valid_i = 0;
    if (top->valid_o) {
      if (expected.empty()) {
        ++wrong;
      } else {
        for (unsigned c = 0; c < kLanes; ++c) {
          wrong += get_bits(top->y_o, 8 * c, 8) != expected.front()[c];
          ++compared;
        }
        expected.pop_front();
      }
    }
  }

  void open(unsigned set, const Block& block) {
    top->start_i = 1;
    top->start_set_i = set;
    top->start_identity_i = block.identity;
    top->start_zero_point_i = static_cast<uint8_t>(block.pass.zero_point);
    top->start_clamp_min_i = static_cast<uint8_t>(block.pass.clamp_min);
    top->start_clamp_max_i = static_cast<uint8_t>(block.pass.clamp_max);
    top->start_lanes_i = static_cast<uint8_t>(block.valid_lanes);
    top->start_subtract_i = block.subtract;
    for (size_t i = 0; i < 2; ++i) {
      top->start_source_multiplier_i[i] = static_cast<uint32_t>(block.sources[i].multiplier);
      top->start_source_shift_i[i] = static_cast<uint8_t>(block.sources[i].right_shift);
    }
  }

  void put_param(unsigned set, unsigned index, const Block& block) {
    top->param_valid_i = 1;
    top->param_set_i = set;
    top->param_index_i = index;
    for (unsigned b = 0; b < kLanes; ++b) {
      const unsigned lane = (index % 4) * (kLanes / 4) + b / 4;
      const int32_t value = index < 4 ? block.lanes[lane].bias : block.lanes[lane].multiplier;
      const auto byte = static_cast<uint8_t>(static_cast<uint32_t>(value) >> (8 * (b % 4)));
      set_bits(top->param_data_i, 8 * b, 8,
               index == 8 ? static_cast<uint8_t>(block.lanes[b].right_shift) : byte);
    }
  }

  void give(unsigned set, LaneOp op, const Values& values) {
    for (unsigned c = 0; c < kLanes; ++c) top->v_i[c] = static_cast<uint32_t>(values[c]);
    top->valid_i = 1;
    top->set_i = set;
    top->op_i = op;
  }

  void expect(const Block& block, std::array<uint8_t, kLanes> y) {
    for (unsigned c = block.valid_lanes; c < kLanes; ++c) y[c] = 0;
    expected.push_back(y);
  }

  // One value of a block that is not of sums.
  void put_value(unsigned set, const Block& block) {
    std::array<uint8_t, kLanes> y{};
    Values values{};
    for (unsigned c = 0; c < kLanes; ++c) {
      const LaneParams& lane = block.lanes[c];
      int32_t& v = values[c];
      const auto byte = static_cast<int8_t>(random.bits());
      if (block.op == kLookup) {
        v = static_cast<int32_t>(random.bits());
        set_bits(bytes_next, 8 * c, 8, static_cast<uint8_t>(byte));
        y[c] = clamp_byte(byte, block.pass);
      } else if (block.identity) {
        v = 2 * byte;
        y[c] = clamp_byte(byte, block.pass);
      } else if (block.op == kAverage) {
        v = static_cast<int32_t>(random.in(-(1 << 24), 1 << 24) >> random.in(0, 24));
        y[c] = average(v, lane, block.pass);
      } else {
        const int32_t sum = random_sum(random, lane.right_shift);
        v = static_cast<int32_t>(static_cast<uint32_t>(sum) - static_cast<uint32_t>(lane.bias));
        y[c] = requantise(v, lane, block.pass);
      }
    }
    give(set, block.op, values);
    expect(block, y);
  }

  // The next term of a sum.
  void put_term(unsigned set, const Block& block) {
    Values values{};
    const size_t source = second ? 1 : 0;
    for (unsigned c = 0; c < kLanes; ++c) {
      const int q = static_cast<int8_t>(random.bits());
      values[c] = (q - block.sources[source].zero_point) * (1 << 20);
      const int32_t term = rescale_term(q, block.sources[source]);
      if (second) {
        pending.back()[c] += block.subtract ? -term : term;
      } else {
        first_term[c] = term;
      }
    }
    give(set, second ? kSecond : kFirst, values);
    second = !second;
  }

  // One cycle of a block of sums: four cycles after its second term a sum has its turn.
  void sum_cycle(unsigned set, const Block& block, bool more) {
    due <<= 1;
    if ((due & 16) != 0) {
      std::array<uint8_t, kLanes> y{};
      for (unsigned c = 0; c < kLanes; ++c)
        y[c] = requantise(pending.front()[c], block.lanes[c], block.pass);
      pending.pop_front();
      Values any{};
      for (int32_t& v : any) v = static_cast<int32_t>(random.bits());
      give(set, kPair, any);
      expect(block, y);
    } else if (more && !random.one_in(8)) {
      if (second) pending.push_back(first_term), due |= 1;
      put_term(set, block);
    }
  }

  Block random_block() {
    Block block;
    for (LaneParams& lane : block.lanes) lane = random_lane(random);
    block.pass = random_pass(random);
    block.valid_lanes = static_cast<unsigned>(random.one_in(3) ? random.in(1, 64) : kLanes);
    for (SourceParams& source : block.sources) source = random_source(random);
    block.subtract = random.one_in(2);
    switch (random.in(0, 7)) {
      case 0: block.identity = true; break;
      case 1: block.identity = true, block.op = kLookup; break;
      case 2: block.op = kAverage; break;
      case 3: block.op = kPair; break;
      default: break;
    }
    if (block.identity) block.pass.zero_point = static_cast<int>(random.in(-128, 127));
    return block;
  }

  Random random;
  std::unique_ptr<Vdut> top;
  std::deque<std::array<uint8_t, kLanes>> expected;
  std::remove_reference_t<decltype(Vdut::byte_i)> bytes_now{}, bytes_next{};
  Values first_term{};
  std::deque<Values> pending;  // sums that have had their second term
  unsigned due = 0;            // bit n: a second term n cycles ago
  bool second = false;
  uint64_t compared = 0, wrong = 0;
};

}  // namespace

TEST_CASE("requantisation lanes follow gemmlowp in all corners") {
  const uint64_t seed = bench_seed(0x5eed'0001);
  INFO("WEFT_SEED=" << seed);
  Bench bench(seed);
  constexpr uint64_t kCases = 20'000'000;
  Block present = bench.random_block();
  bench.open(0, present);
  bench.cycle();
  for (unsigned i = 0; i < 9; ++i) {
    if (!present.identity) bench.put_param(0, i, present);
    bench.cycle();
  }
  unsigned set = 0;
  while (bench.compared < kCases && bench.wrong == 0) {
    // The other set is free four cycles into this block; it is written while values run.
    const Block next = bench.random_block();
    for (unsigned i = 0; i < 24; ++i) {
      if (i == 4) bench.open(1 - set, next);
      if (i >= 5 && i < 14 && !next.identity) bench.put_param(1 - set, i - 5, next);
      if (present.op == kPair) {
        bench.sum_cycle(set, present, true);
      } else if (!bench.random.one_in(8)) {
        bench.put_value(set, present);
      }
      bench.cycle();
    }
    while (bench.second || !bench.pending.empty()) {
      bench.sum_cycle(set, present, bench.second);
      bench.cycle();
    }
    present = next;
    set = 1 - set;
  }
  for (int i = 0; i < 6; ++i) bench.cycle();
  CHECK(bench.wrong == 0);
  CHECK(bench.compared >= kCases);
  CHECK(bench.expected.empty());
}

TEST_CASE("every shift rounds ties away from zero") {
  Bench bench(1);
  uint64_t planned = 0;
  for (int e = 0; e <= 31; ++e) {
    Block block;
    for (unsigned c = 0; c < kLanes; ++c) block.lanes[c] = {0, 1 << 30, e};
    bench.open(0, block);
    bench.cycle();
    for (unsigned i = 0; i < 9; ++i) {
      bench.put_param(0, i, block);
      bench.cycle();
    }
    // x / 2 = k * 2^e + half, with neighbours on both sides.
    const int64_t half = e == 0 ? 0 : int64_t{1} << (e - 1);
    for (int64_t k = -3; k <= 3; ++k) {
      for (int64_t near = -2; near <= 2; ++near) {
        const int64_t x = 2 * (k * (int64_t{1} << e) + half) + near;
        if (x != static_cast<int32_t>(x)) continue;
        std::array<uint8_t, kLanes> y{};
        // The exact tie, by hand: k + 1/2 goes to k + 1, or to k below zero.
        const bool tie = near == 0 && e > 0;
        for (unsigned c = 0; c < kLanes; ++c) {
          bench.top->v_i[c] = static_cast<uint32_t>(x);
          y[c] = tie ? static_cast<uint8_t>(k >= 0 ? k + 1 : k)
                     : requantise(static_cast<int32_t>(x), block.lanes[c], block.pass);
        }
        bench.top->valid_i = 1;
        bench.top->set_i = 0;
        bench.top->op_i = kPlain;
        bench.expected.push_back(y);
        planned += kLanes;
        bench.cycle();
      }
    }
    for (int i = 0; i < 4; ++i) bench.cycle();
  }
  CHECK(bench.wrong == 0);
  CHECK(bench.compared == planned);
}

TEST_CASE("a clear drops the values under way") {
  Bench bench(2);
  Block block;
  for (unsigned c = 0; c < kLanes; ++c) block.lanes[c] = {0, 1 << 30, 0};
  bench.open(1, block);
  bench.cycle();
  bench.put_value(1, block);
  bench.cycle();
  bench.put_value(1, block);
  bench.top->clear_i = 1;
  bench.cycle();
  bench.top->clear_i = 0;
  bench.expected.clear();
  for (int i = 0; i < 8; ++i) bench.cycle();
  CHECK(bench.wrong == 0);
  CHECK(bench.compared == 0);
}
