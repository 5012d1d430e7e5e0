#include "compiler/scratch.h"

#include <random>

#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

TEST_CASE("tensors that live at the same time never share DRAM; those far apart do") {
  ScratchMap map(true);
  CHECK(map.place(640, 0, 1) == 0);
  CHECK(map.place(640, 1, 2) == 640);
  CHECK(map.place(1280, 4, 6) == 1280);
  CHECK(map.place(640, 9, 10) == 0);  // three layers after the first two
  CHECK(map.place(640, 9, 12) == 640);
  CHECK(map.size() == 2560);
  CHECK(map.overwritten() == std::vector<bool>{true, true, false, false, false});

  ScratchMap kept(false);
  CHECK(kept.place(64, 0, 0) == 0);
  CHECK(kept.place(64, 100, 100) == 64);
  CHECK(kept.overwritten() == std::vector<bool>{false, false});
}

TEST_CASE("random lifetimes") {
  std::mt19937_64 rng(1);
  struct Placed {
    uint64_t begin, end;
    int first, last;
  };
  for (int round = 0; round < 100; ++round) {
    ScratchMap map(true);
    std::vector<Placed> placed;
    for (int i = 0; i < 40; ++i) {
      const uint64_t bytes = 64 * (1 + rng() % 50);
      const int last = i + static_cast<int>(rng() % 6);
      const uint64_t begin = map.place(bytes, i, last);
      for (const Placed& p : placed) {
        const bool together = i <= p.last && p.first <= last;
        const bool overlap = begin < p.end && p.begin < begin + bytes;
        CHECK_FALSE((together && overlap));
      }
      placed.push_back({begin, begin + bytes, i, last});
      CHECK(begin + bytes <= map.size());
    }
  }
}

}  // namespace
}  // namespace weft::compiler
