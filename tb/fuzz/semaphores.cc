// Semaphores of a random program: the needed ones, from what its instructions touch, and more.
#include <algorithm>
#include <random>

#include "base/error.h"
#include "program.h"

namespace weft::tb {
namespace {

constexpr size_t kSlots = isa::kSemaphoreSlots;
constexpr int kMostInSlot = 7;
constexpr int kMost = 255;
// Numbers that compiler::Synchroniser never gives out.
constexpr int kFirstFree = 25;

struct Plan {
  std::vector<isa::Header> headers;
  std::vector<size_t> engines;

  static size_t free_slots(const std::array<isa::SemaphoreSlot, kSlots>& slots) {
    return static_cast<size_t>(
        std::count_if(slots.begin(), slots.end(), [](const auto& s) { return s.count == 0; }));
  }
  // Adds `count` in any one free slot.
  static void put(std::array<isa::SemaphoreSlot, kSlots>& slots, int sem, int count,
                  std::mt19937_64& rng) {
    size_t at = rng() % kSlots;
    while (slots[at].count != 0) at = (at + 1) % kSlots;
    slots[at] = {static_cast<uint8_t>(sem), static_cast<uint8_t>(count)};
  }
};

int count_of(const std::array<isa::SemaphoreSlot, kSlots>& slots, int sem) {
  int count = 0;
  for (const auto& s : slots) count += s.sem == sem ? s.count : 0;
  return count;
}

void clear(std::array<isa::SemaphoreSlot, kSlots>& slots, int sem) {
  for (auto& s : slots) {
    if (s.sem == sem) s = {};
  }
}

// Makes larger the counts of the needed waits. The n-th wait on a semaphore is for a
// certain raise; it takes all that is raised up to there, so it may be any number, in several slots.
void enlarge(Plan& plan, std::mt19937_64& rng) {
  for (int sem = 0; sem < kFirstFree; ++sem) {
    std::vector<size_t> raises, waits;
    for (size_t i = 0; i < plan.headers.size(); ++i) {
      if (count_of(plan.headers[i].raise, sem) > 0) raises.push_back(i);
      if (count_of(plan.headers[i].wait, sem) > 0) waits.push_back(i);
    }
    for (size_t n = 0; n < waits.size(); ++n) {
      if (rng() % 4 != 0) continue;
      auto& raise = plan.headers[raises[n]].raise;
      auto& wait = plan.headers[waits[n]].wait;
      clear(raise, sem);
      clear(wait, sem);
      const size_t parts = 1 + rng() % Plan::free_slots(wait);
      const size_t most = std::min(parts, Plan::free_slots(raise)) * kMostInSlot;
      int total = 0;
      for (size_t p = 0; p < parts && total < static_cast<int>(most); ++p) {
        const int count =
            1 + static_cast<int>(rng() % static_cast<size_t>(std::min(
                                             kMostInSlot, static_cast<int>(most) - total)));
        Plan::put(wait, sem, count, rng);
        total += count;
      }
      // An earlier descriptor of the same engine, after the last wait's raise, may give some of it.
      size_t helper = raises[n];
      const size_t after = n == 0 ? 0 : raises[n - 1] + 1;
      for (size_t i = after; i < raises[n]; ++i) {
        const bool may = plan.engines[i] == plan.engines[raises[n]] &&
                         Plan::free_slots(plan.headers[i].raise) > 0;
        if (may && rng() % 4 == 0) helper = i;
      }
      if (helper != raises[n] && total > 1) {
        const int given =
            1 + static_cast<int>(rng() % static_cast<size_t>(std::min(total - 1, kMostInSlot)));
        Plan::put(plan.headers[helper].raise, sem, given, rng);
        total -= given;
      }
      while (total > 0) {
        const int count =
            Plan::free_slots(raise) == 1
                ? total
                : 1 + static_cast<int>(rng() % static_cast<size_t>(std::min(total, kMostInSlot)));
        if (count > kMostInSlot) {
          // Small first parts have used the slots up; as large as they can be it fits.
          const int all = total + count_of(raise, sem);
          clear(raise, sem);
          for (int left = all; left > 0; left -= kMostInSlot)
            Plan::put(raise, sem, std::min(left, kMostInSlot), rng);
          break;
        }
        Plan::put(raise, sem, count, rng);
        total -= count;
      }
    }
  }
}

// Semaphores that no hazard asks for, each from one engine to one other (or the same): with
// one giver and one taker, what is legal in program order is legal in every order.
void add_needless(Plan& plan, std::mt19937_64& rng) {
  for (int sem = kFirstFree; sem < isa::kNumSemaphores; ++sem) {
    const size_t giver = rng() % isa::kNumEngines, taker = rng() % isa::kNumEngines;
    const uint64_t eagerness =
        rng() % 5;  // of the taker; a lazy one lets the count reach its limit
    int value = 0;
    for (size_t i = 0; i < plan.headers.size(); ++i) {
      isa::Header& h = plan.headers[i];
      if (plan.engines[i] == taker && rng() % 5 < eagerness) {
        for (int slots = static_cast<int>(rng() % 3);
             slots >= 0 && value > 0 && Plan::free_slots(h.wait) > 0; --slots) {
          const int count =
              1 + static_cast<int>(rng() % static_cast<size_t>(std::min(value, kMostInSlot)));
          Plan::put(h.wait, sem, count, rng);
          value -= count;
        }
      }
      if (plan.engines[i] == giver && rng() % 3 != 0) {
        for (int slots = static_cast<int>(rng() % 3);
             slots >= 0 && value < kMost && Plan::free_slots(h.raise) > 0; --slots) {
          const int count =
              1 +
              static_cast<int>(rng() % static_cast<size_t>(std::min(kMost - value, kMostInSlot)));
          Plan::put(h.raise, sem, count, rng);
          value += count;
        }
      }
    }
  }
}

// In program order no semaphore may pass its limit: a raise that would waits for ever there.
bool within_limit(const Plan& plan) {
  std::array<int, isa::kNumSemaphores> value{};
  for (const isa::Header& h : plan.headers) {
    for (const auto& s : h.wait) value[s.sem] -= s.count;
    for (const auto& s : h.raise) value[s.sem] += s.count;
    for (int v : value) {
      if (v < 0 || v > kMost) return false;
    }
  }
  return true;
}

std::vector<isa::Bytes> encode_with(const Program& program,
                                    const std::vector<isa::Header>& headers) {
  std::vector<isa::Bytes> descriptors;
  for (size_t i = 0; i < headers.size(); ++i) {
    Instruction instruction = program.instructions[i];
    header(instruction).wait = headers[i].wait;
    header(instruction).raise = headers[i].raise;
    descriptors.push_back(encode(instruction));
  }
  return descriptors;
}

}  // namespace

std::vector<isa::Bytes> synchronise(const Program& program) {
  compiler::Hazards hazards(*program.config, program.window_bytes);
  compiler::Synchroniser synchroniser;
  Plan plan;
  for (const Instruction& instruction : program.instructions) {
    const auto accesses = footprint(program, instruction);
    if (!accesses)
      fail(ErrorKind::kInternal, "an instruction of random program {} is not legal", program.seed);
    const isa::Engine engine = engine_of(instruction);
    synchroniser.add(engine, hazards.add(engine, *accesses));
    plan.engines.push_back(static_cast<size_t>(engine_of(instruction)));
  }
  std::mt19937_64 rng(program.extras);
  for (const compiler::SemaphoreUse& use : std::move(synchroniser).finish()) {
    plan.headers.emplace_back();
    for (int sem : use.waits) Plan::put(plan.headers.back().wait, sem, 1, rng);
    for (int sem : use.raises) Plan::put(plan.headers.back().raise, sem, 1, rng);
  }
  if (program.extras != 0) {
    const Plan needed = plan;
    enlarge(plan, rng);
    if (!within_limit(plan)) plan = needed;
    add_needless(plan, rng);
  }
  if (!within_limit(plan))
    fail(ErrorKind::kInternal, "semaphores of random program {} pass their limit", program.seed);
  return encode_with(program, plan.headers);
}

std::vector<isa::Bytes> without_semaphores(const Program& program) {
  return encode_with(program, std::vector<isa::Header>(program.instructions.size()));
}

}  // namespace weft::tb
