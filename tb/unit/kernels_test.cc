// Every set of the emulator's kernels that this processor runs against the plain one, and that
// against sums written out here.
#include <algorithm>
#include <random>
#include <vector>

#include "emulator/kernels.h"
#include "quant/rounding.h"
#include "tb/catch_compat.h"

namespace {

using namespace weft;
using emulator::Kernels;

constexpr int kLanes[] = {4, 8, 16, 32};

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int32_t between(int64_t least, int64_t most) {
    return static_cast<int32_t>(std::uniform_int_distribution<int64_t>(least, most)(engine_));
  }
  // Bytes of the whole range, or of its ends alone.
  std::vector<int8_t> bytes(size_t count, bool extreme) {
    std::vector<int8_t> values(count);
    for (int8_t& v : values) {
      v = static_cast<int8_t>(extreme ? (between(0, 1) != 0 ? -128 : 127) : between(-128, 127));
    }
    return values;
  }
  // 32-bit numbers near the ends, near nought, or anywhere.
  int32_t word() {
    constexpr int64_t kMin = INT32_MIN, kMax = INT32_MAX;
    switch (between(0, 3)) {
      case 0: return between(kMin, kMin + 300);
      case 1: return between(kMax - 300, kMax);
      case 2: return between(-300, 300);
      default: return between(kMin, kMax);
    }
  }

 private:
  std::mt19937 engine_;
};

// Some runs of words in `memory`: of one word, of many, of the same word again.
std::vector<emulator::Run> some_runs(Random& random, const std::vector<int8_t>& memory, int lanes) {
  std::vector<emulator::Run> runs;
  const int words = static_cast<int>(memory.size()) / lanes;
  for (int n = random.between(1, 6); n > 0; --n) {
    const int count = random.between(1, 9), step = random.between(0, 3);
    const int first = random.between(0, words - 1 - (count - 1) * step);
    runs.push_back({memory.data() + first * lanes, step * lanes, count});
  }
  return runs;
}

int words_of(const std::vector<emulator::Run>& runs) {
  int words = 0;
  for (const emulator::Run& run : runs) words += run.count;
  return words;
}

int32_t wrapped(int64_t value) { return static_cast<int32_t>(static_cast<uint32_t>(value)); }

TEST_CASE("every set multiplies K tiles and taps to the bit") {
  Random random(1);
  for (const int lanes : kLanes) {
    REQUIRE(std::string(emulator::kernels_of(lanes)[0].name) == "plain");
    for (int trial = 0; trial < 120; ++trial) {
      const size_t width = static_cast<size_t>(lanes);
      std::vector<int8_t> memory = random.bytes(64 * width, trial % 3 == 1);
      std::vector<int8_t> weights = random.bytes(width * width, trial % 3 == 1);
      if (trial % 3 == 2) {  // all of one sign: the largest sums there are
        std::fill(memory.begin(), memory.end(), int8_t{-128});
        std::fill(weights.begin(), weights.end(), static_cast<int8_t>(trial % 2 == 0 ? -128 : 127));
      }
      const auto runs = some_runs(random, memory, lanes);
      std::vector<int32_t> before(static_cast<size_t>(words_of(runs)) * width);
      for (int32_t& v : before) v = random.word();

      std::vector<int32_t> tile = before, taps = before;
      size_t at = 0;
      for (const emulator::Run& run : runs) {
        for (int i = 0; i < run.count; ++i) {
          const int8_t* word = run.first + i * run.step;
          for (size_t c = 0; c < width; ++c, ++at) {
            int64_t sum = 0;
            for (size_t r = 0; r < width; ++r) sum += word[r] * weights[r * width + c];
            tile[at] = wrapped(tile[at] + sum);
            taps[at] = wrapped(int64_t{taps[at]} + word[c] * weights[c]);
          }
        }
      }
      for (const Kernels& kernels : emulator::kernels_of(lanes)) {
        INFO(kernels.name << ", " << lanes << " lanes, trial " << trial);
        std::vector<int32_t> got = before;
        kernels.multiply(runs, weights.data(), got.data());
        REQUIRE(got == tile);
        got = before;
        kernels.weigh(runs, weights.data(), got.data());
        REQUIRE(got == taps);
      }
    }
  }
}

TEST_CASE("every set joins taps to the bit") {
  using emulator::Join;
  Random random(2);
  for (const int lanes : kLanes) {
    const size_t width = static_cast<size_t>(lanes);
    for (int trial = 0; trial < 60; ++trial) {
      const std::vector<int8_t> act = random.bytes(width, trial % 2 == 0);
      std::vector<int32_t> acc(width), before(width);
      for (int32_t& v : acc) v = random.word();
      for (int32_t& v : before) v = random.word();
      for (const Join how : {Join::kFirst, Join::kSum, Join::kMaximum}) {
        const auto joined = [&](int32_t value, int32_t tap) {
          if (how == Join::kFirst) return tap;
          return how == Join::kSum ? wrapped(int64_t{value} + tap) : std::max(value, tap);
        };
        std::vector<int32_t> of_act, of_acc;
        for (size_t c = 0; c < width; ++c) {
          of_act.push_back(joined(before[c], act[c]));
          of_acc.push_back(joined(before[c], acc[c]));
        }
        for (const Kernels& kernels : emulator::kernels_of(lanes)) {
          INFO(kernels.name << ", " << lanes << " lanes, trial " << trial);
          std::vector<int32_t> got = before;
          kernels.join_act(how, act.data(), got.data());
          REQUIRE(got == of_act);
          got = before;
          kernels.join_acc(how, acc.data(), got.data());
          REQUIRE(got == of_acc);
        }
      }
    }
  }
}

emulator::PassConstants some_constants(Random& random, isa::Opcode opcode, int lanes,
                                       const uint8_t* table) {
  emulator::PassConstants pass;
  pass.opcode = opcode;
  pass.subtract = random.between(0, 1) != 0;
  pass.valid_lanes = random.between(1, lanes);
  pass.table = table;
  for (size_t c = 0; c < static_cast<size_t>(lanes); ++c) {
    pass.bias[c] = random.word();
    pass.multiplier[c] = random.word() & 0x7fffffff;
    pass.right_shift[c] = random.between(0, 31);
  }
  pass.zero_point = random.between(-128, 127);
  pass.clamp_min = random.between(-128, 127);
  pass.clamp_max = random.between(-128, 127);
  pass.src_zero_point = random.between(-128, 127);
  pass.src2_zero_point = random.between(-128, 127);
  pass.src_multiplier = random.word() & 0x7fffffff;
  pass.src2_multiplier = random.word() & 0x7fffffff;
  pass.src_right_shift = random.between(0, 31);
  pass.src2_right_shift = random.between(0, 31);
  return pass;
}

// requant in 64 bits, as configs/isa.yaml has it.
int8_t requantised(const emulator::PassConstants& pass, int32_t value, size_t c) {
  const int64_t scaled = quant::multiply_by_quantized_multiplier(
      wrapped(int64_t{value} + pass.bias[c]), pass.multiplier[c], -pass.right_shift[c]);
  return static_cast<int8_t>(std::min<int64_t>(
      std::max<int64_t>(scaled + pass.zero_point, pass.clamp_min), pass.clamp_max));
}

TEST_CASE("every set finishes every vector pass to the bit, in place, too") {
  using isa::Opcode;
  Random random(3);
  std::vector<uint8_t> table(256);
  for (size_t i = 0; i < table.size(); ++i) table[i] = static_cast<uint8_t>(37 * i + 11);
  for (const int lanes : kLanes) {
    const size_t width = static_cast<size_t>(lanes);
    for (const Opcode opcode :
         {Opcode::kRequant, Opcode::kMaxpool, Opcode::kMean, Opcode::kAvgpool, Opcode::kLut,
          Opcode::kAdd, Opcode::kMul, Opcode::kMaximum, Opcode::kMinimum}) {
      const bool wide =
          opcode == Opcode::kRequant || opcode == Opcode::kMean || opcode == Opcode::kAvgpool;
      for (int trial = 0; trial < 200; ++trial) {
        const emulator::PassConstants pass = some_constants(random, opcode, lanes, table.data());
        const std::vector<int8_t> second = random.bytes(width, trial % 2 == 0);
        std::vector<int32_t> value(width);
        for (int32_t& v : value) v = wide ? random.word() : random.between(-128, 127);
        std::vector<int8_t> want(width);
        emulator::kernels_of(lanes)[0].finish(pass, value.data(), second.data(), want.data());
        for (size_t c = 0; c < width && opcode == Opcode::kRequant; ++c) {
          const bool valid = c < static_cast<size_t>(pass.valid_lanes);
          REQUIRE(want[c] == (valid ? requantised(pass, value[c], c) : 0));
        }
        for (const Kernels& kernels : emulator::kernels_of(lanes)) {
          INFO(kernels.name << ", " << lanes << " lanes, opcode " << static_cast<int>(opcode)
                            << ", trial " << trial);
          std::vector<int8_t> got = second;
          kernels.finish(pass, value.data(), got.data(), got.data());
          REQUIRE(got == want);
        }
      }
    }
  }
}

}  // namespace
