// Semaphores from hazards: every one is waited for, and no count passes what the hardware holds.
#include "compiler/sync.h"

#include <algorithm>
#include <map>

#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

constexpr int kMany = 3 * isa::kSemaphoreMax;

struct Step {
  isa::Engine engine;
  std::vector<Access> accesses;
};

Access word(bool write, int64_t at) { return {Space::kAct, write, at, 1}; }

// Walks the program in its order: every wait is met. Gives the highest count there was.
int highest_count(const std::vector<SemaphoreUse>& uses) {
  std::map<int, int> counts;
  int highest = 0;
  for (const SemaphoreUse& use : uses) {
    for (const int sem : use.waits) {
      --counts[sem];
      CHECK(counts[sem] >= 0);
    }
    for (const int sem : use.raises) highest = std::max(highest, ++counts[sem]);
  }
  return highest;
}

std::vector<SemaphoreUse> uses_of(const std::vector<Step>& steps) {
  Hazards hazards(isa::find_config("base"), 0);
  Synchroniser sync;
  for (const Step& s : steps) sync.add(s.engine, hazards.add(s.engine, s.accesses));
  return std::move(sync).finish();
}

// By descriptor of `reader`: how many of `writer`'s its waits make sure of, in whatever order engines run.
std::vector<int> assured(const std::vector<Step>& steps, const std::vector<SemaphoreUse>& uses,
                         isa::Engine writer, isa::Engine reader) {
  const int sem = Synchroniser::semaphore(writer, reader);
  std::vector<int> after_raise;  // of the writer's descriptors, by raise
  int written = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].engine == writer) ++written;
    const auto raises = std::count(uses[i].raises.begin(), uses[i].raises.end(), sem);
    for (int64_t r = 0; r < raises; ++r) after_raise.push_back(written);
  }
  std::vector<int> result;
  size_t taken = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].engine != reader) continue;
    taken += static_cast<size_t>(std::count(uses[i].waits.begin(), uses[i].waits.end(), sem));
    result.push_back(taken == 0 ? 0 : after_raise.at(taken - 1));
  }
  return result;
}

TEST_CASE("more hazards than a semaphore counts, each reader a step behind its writer") {
  std::vector<Step> steps;
  for (int i = 0; i < kMany; ++i) steps.push_back({isa::Engine::kLoad, {word(true, i)}});
  for (int i = 0; i < kMany; ++i) steps.push_back({isa::Engine::kArray, {word(false, i)}});
  const std::vector<SemaphoreUse> uses = uses_of(steps);
  CHECK(highest_count(uses) == isa::kSemaphoreMax);  // all of it is used
  const std::vector<int> loaded = assured(steps, uses, isa::Engine::kLoad, isa::Engine::kArray);
  REQUIRE(loaded.size() == kMany);
  for (int i = 0; i < kMany; ++i) CHECK(loaded[static_cast<size_t>(i)] >= i + 1);
}

TEST_CASE("the vector engine waits for itself, however many passes lie between") {
  std::vector<Step> steps;
  for (int i = 0; i < kMany; ++i) steps.push_back({isa::Engine::kVector, {word(true, i)}});
  for (int i = 0; i < kMany; ++i)
    steps.push_back({isa::Engine::kVector, {word(false, i), word(true, kMany + i)}});
  const std::vector<SemaphoreUse> uses = uses_of(steps);
  CHECK(highest_count(uses) <= isa::kSemaphoreMax);
  const std::vector<int> passed = assured(steps, uses, isa::Engine::kVector, isa::Engine::kVector);
  for (int i = 0; i < kMany; ++i) CHECK(passed[static_cast<size_t>(kMany + i)] >= i + 1);
}

TEST_CASE("a descriptor that depends on all five engines leaves a wait to one that it follows") {
  const std::vector<Step> steps = {{isa::Engine::kLoad, {word(true, 0)}},
                                   {isa::Engine::kArray, {{Space::kAcc, true, 0, 1}}},
                                   {isa::Engine::kDepthwise, {{Space::kAcc, true, 1, 1}}},
                                   {isa::Engine::kVector, {word(true, 1)}},
                                   {isa::Engine::kStore, {word(false, 2)}},
                                   {isa::Engine::kVector,
                                    {word(false, 0),
                                     {Space::kAcc, false, 0, 1},
                                     {Space::kAcc, false, 1, 1},
                                     word(false, 1),
                                     word(true, 2)}}};
  const std::vector<SemaphoreUse> uses = uses_of(steps);
  CHECK(highest_count(uses) == 1);
  CHECK(uses[5].waits.size() == 4);
  // The load is left to one that comes later and that the last one waits for or follows.
  int elsewhere = 0;
  for (size_t i = 1; i < 5; ++i) {
    for (const int sem : uses[i].waits)
      elsewhere += sem == Synchroniser::semaphore(isa::Engine::kLoad, steps[i].engine);
  }
  CHECK(elsewhere == 1);
}

}  // namespace
}  // namespace weft::compiler
