// Parameters as the machine reads them.
#include "compiler/pack.h"

#include <cstdlib>

#include "base/bytes.h"
#include "quant/average.h"
#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

// What lane `lane` of a block of nine words finds.
quant::Reciprocal division(const std::vector<uint8_t>& unit, int lanes, int lane) {
  const auto word = [&](int first) {
    return static_cast<int32_t>(load_le32(unit.data() + 4 * (first * lanes + lane)));
  };
  return {word(0), word(1), unit.at(static_cast<size_t>(8 * lanes + lane))};
}

// An average pool of one window of h x w over its whole image.
Layer average_of(int h, int w) {
  Layer layer;
  layer.kind = LayerKind::kVector;
  layer.opcode = isa::Opcode::kAvgpool;
  layer.pool = {h, w, 1, 1, 1, 1, 0, 0};
  layer.mid = {1, h, w, 4};
  layer.out = layer.whole = {1, 1, 1, 4};
  return layer;
}

TEST_CASE("an average pool's division is exact for every number of taps up to 4096") {
  constexpr int kLanes = 4;
  for (int n = 1; n <= 4096; ++n) {
    const auto units = pack_parameters(average_of(1, n), kLanes);
    REQUIRE(units.size() == 1);
    REQUIRE(units[0].size() == 9 * kLanes);
    const quant::Reciprocal by = division(units[0], kLanes, n % kLanes);
    bool exact = true;
    const auto check = [&](int64_t sum) {
      if (sum < -128LL * n || sum > 127LL * n) return;
      // To the nearest, ties away from zero, as the reference kernel divides.
      const int64_t want = sum >= 0 ? (sum + n / 2) / n : (sum - n / 2) / n;
      exact = exact && quant::average(static_cast<int32_t>(sum), by) == want;
    };
    // Round both ends, zero, and where the quotient steps, near zero and near the ends.
    for (const int64_t q : {-128, -127, -64, -1, 0, 1, 2, 63, 126, 127}) {
      for (const int64_t part : {0, n / 2, (n + 1) / 2, n - 1}) {
        for (int64_t d = -1; d <= 1; ++d) check(q * n + part + d);
      }
    }
    INFO(n << " taps: bias " << by.bias << ", multiplier " << by.multiplier << ", shift "
           << by.right_shift);
    REQUIRE(exact);
  }
}

TEST_CASE("an average pool has a unit for each number of taps inside") {
  // 3 x 3 windows at stride 2 over 5 x 4, padded by one on top and left: rows 2 and 3 taps, columns 2 and 3.
  Layer layer = average_of(3, 3);
  layer.pool = {3, 3, 2, 2, 1, 1, 1, 1};
  layer.mid = {1, 5, 4, 4};
  layer.out = layer.whole = {1, 3, 2, 4};
  CHECK(taps_inside(layer.pool, true, 0, 5) == 2);
  CHECK(taps_inside(layer.pool, true, 1, 5) == 3);
  CHECK(taps_inside(layer.pool, true, 2, 5) == 2);
  CHECK(taps_inside(layer.pool, false, 1, 4) == 3);
  const auto units = pack_parameters(layer, 8);
  REQUIRE(units.size() == 3);
  for (const int taps : {4, 6, 9}) {
    const int unit = average_unit(layer, taps);
    CHECK(division(units.at(static_cast<size_t>(unit)), 8, 7).bias == 2 * (taps / 2));
  }
  CHECK(average_unit(layer, 4) == 0);
  CHECK(average_unit(layer, 9) == 2);
}

TEST_CASE("packed kernel rows: whole where K tiles touch four at most, else four after four") {
  Layer layer;
  layer.kernel.h = 10;
  layer.kernel.w = 4;
  layer.operands.resize(1);
  layer.operands[0].view.c = 1;
  const auto ends = [&](int lanes) {
    std::vector<int> rows;
    for (const Range& r : packed_rows(layer, lanes)) rows.push_back(r.end);
    return rows;
  };
  CHECK(ends(16) == std::vector<int>{10});
  CHECK(ends(32) == std::vector<int>{4, 8, 10});
  CHECK(packed_tiles(layer, {0, 10}, 16) == 3);
  CHECK(packed_tiles(layer, {8, 10}, 32) == 1);
  layer.kernel.w = 3;
  CHECK(ends(16) == std::vector<int>{4, 8, 10});
}

}  // namespace
}  // namespace weft::compiler
