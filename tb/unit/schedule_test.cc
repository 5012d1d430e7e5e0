// The schedule: a legal order, and banks that nobody shares, for any tasks.
#include "compiler/schedule.h"

#include <algorithm>
#include <map>
#include <random>

#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

int pick(std::mt19937_64& rng, int most) {
  return static_cast<int>(rng() % static_cast<uint64_t>(most));
}

// Sums made by one of two engines, in one to three tasks, then finished; transfers between.
std::vector<Task> random_tasks(uint64_t seed, bool both) {
  std::mt19937_64 rng(seed);
  std::vector<Task> tasks;
  const auto add = [&](isa::Engine engine, int bank, std::vector<int> after) {
    const int size = static_cast<int>(tasks.size());
    for (int extra = pick(rng, 3); extra > 0 && size > 0; --extra) after.push_back(pick(rng, size));
    std::sort(after.begin(), after.end());
    after.erase(std::unique(after.begin(), after.end()), after.end());
    tasks.push_back({engine, 1 + pick(rng, 300), pick(rng, 100), after, bank});
    return size;
  };
  for (int bank = 0; bank < 60; ++bank) {
    const isa::Engine maker =
        both && pick(rng, 2) == 0 ? isa::Engine::kDepthwise : isa::Engine::kArray;
    int last = add(maker, bank, {});
    for (int more = pick(rng, 3); more > 0; --more) {
      add(pick(rng, 2) == 0 ? isa::Engine::kLoad : isa::Engine::kStore, -1, {});
      last = add(maker, bank, {});
    }
    add(isa::Engine::kVector, bank, {last});
  }
  return tasks;
}

TEST_CASE("what depends on a task comes after it, and a bank is left before it is taken") {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const std::vector<Task> tasks = random_tasks(seed, seed % 2 == 0);
    isa::HardwareConfig config = isa::find_config("base");
    config.acc_banks = 1 << (seed / 2 % 4);
    const Schedule plan = schedule(tasks, config);
    REQUIRE(plan.order.size() == tasks.size());
    std::vector<int> place(tasks.size(), -1);
    for (size_t i = 0; i < plan.order.size(); ++i)
      place[static_cast<size_t>(plan.order[i])] = static_cast<int>(i);
    std::map<int, std::pair<int, int>> span;  // of a virtual bank: first and last place
    for (size_t t = 0; t < tasks.size(); ++t) {
      REQUIRE(place[t] >= 0);
      for (const int before : tasks[t].after) CHECK(place[static_cast<size_t>(before)] < place[t]);
      if (tasks[t].acc_bank < 0) continue;
      auto [at, fresh] = span.try_emplace(tasks[t].acc_bank, place[t], place[t]);
      if (!fresh)
        at->second = {std::min(at->second.first, place[t]), std::max(at->second.second, place[t])};
    }
    for (const auto& [x, xs] : span) {
      for (const auto& [y, ys] : span) {
        const bool apart = xs.second < ys.first || ys.second < xs.first;
        if (x < y &&
            plan.acc_banks.at(static_cast<size_t>(x)) == plan.acc_banks.at(static_cast<size_t>(y)))
          CHECK(apart);
      }
    }
  }
}

TEST_CASE("array and depthwise engine keep their order; a ready pass overtakes one that is not") {
  // The array's first tile takes long.
  const std::vector<Task> tasks = {
      {isa::Engine::kArray, 500, 10, {}, 0},  {isa::Engine::kDepthwise, 10, 10, {}, 1},
      {isa::Engine::kVector, 10, 10, {0}, 0}, {isa::Engine::kVector, 10, 10, {1}, 1},
      {isa::Engine::kArray, 10, 10, {}, 2},   {isa::Engine::kVector, 10, 10, {4}, 2}};
  const Schedule plan = schedule(tasks, isa::find_config("base"));
  CHECK(plan.order == std::vector<int>{0, 1, 3, 4, 2, 5});
}

}  // namespace
}  // namespace weft::compiler
