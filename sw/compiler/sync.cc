#include "compiler/sync.h"

#include <algorithm>

#include "base/error.h"

namespace weft::compiler {
namespace {

constexpr size_t kSlots = isa::kSemaphoreSlots;

}  // namespace

Synchroniser::Synchroniser() {
  for (Clock& c : issued_) c.fill(-1);
}

int Synchroniser::semaphore(isa::Engine producer, isa::Engine consumer) {
  return static_cast<int>(producer) * static_cast<int>(kEngines) + static_cast<int>(consumer);
}

// Whether descriptor `index` may raise a semaphore of `consumer`'s that then stands at `most` or less. On one
// semaphore the nth wait takes the nth raise: what is raised and not yet taken once `index` has raised it
// is what later descriptors wait for.
bool Synchroniser::has_room(int index, isa::Engine consumer, int most) const {
  const auto i = static_cast<size_t>(index);
  if (uses_[i].raises.size() >= kSlots) return false;
  const std::vector<int>& takers = takers_[static_cast<size_t>(semaphore(engine_at(i), consumer))];
  const auto later = std::upper_bound(takers.begin(), takers.end(), index);
  return takers.end() - later < most;
}

// The descriptor itself, or, when its raises are used up or its semaphore is nearly at its maximum, the
// first later one that ends after it. Where none has room the last one is left, for which room is kept:
// who has waited for that needs none of those before.
int Synchroniser::raiser(size_t engine, int index, isa::Engine consumer) const {
  const int end = static_cast<int>(done_.size());
  const auto ends_after = [&](int i) { return done_[static_cast<size_t>(i)][engine] >= index; };
  for (int i = index; i < end; ++i) {
    if (ends_after(i) && has_room(i, consumer, isa::kSemaphoreMax - 1)) return i;
  }
  for (int i = end - 1; i > index; --i) {
    if (ends_after(i) && has_room(i, consumer, isa::kSemaphoreMax)) return i;
  }
  return index;
}

// Lets one of `hosts`, which the descriptor under construction will follow, wait for `index` in its place: whose
// waits are not used up, and which is the last so far to take that semaphore, so that the order of
// raises and takers stays.
bool Synchroniser::wait_elsewhere(int index, const std::vector<int>& hosts) {
  const size_t producer = engine_of_[static_cast<size_t>(index)];
  for (const int host : hosts) {
    const auto h = static_cast<size_t>(host);
    if (host <= index || uses_[h].waits.size() >= kSlots) continue;
    const isa::Engine consumer = engine_at(h);
    const int sem = semaphore(engine_at(static_cast<size_t>(index)), consumer);
    std::vector<int>& takers = takers_[static_cast<size_t>(sem)];
    if ((!takers.empty() && takers.back() >= host) ||
        !has_room(index, consumer, isa::kSemaphoreMax - 1))
      continue;
    takers.push_back(host);
    uses_[h].waits.push_back(sem);
    uses_[static_cast<size_t>(index)].raises.push_back(sem);
    done_[h][producer] = std::max(done_[h][producer], index);
    return true;
  }
  return false;
}

void Synchroniser::add(isa::Engine engine_id, const std::vector<Hazard>& hazards) {
  const auto engine = static_cast<size_t>(engine_id);
  const int me = static_cast<int>(engine_of_.size());
  Clock needed;
  needed.fill(-1);
  for (const Hazard& h : hazards) {
    const size_t e = engine_of_[static_cast<size_t>(h.index)];
    if (e != engine || h.own_read) needed[e] = std::max(needed[e], h.index);
  }

  uses_.emplace_back();
  Clock& known = issued_[engine];
  // Latest first: waiting for it may already include the others.
  std::array<size_t, kEngines> order{0, 1, 2, 3, 4};
  std::sort(order.begin(), order.end(), [&](size_t x, size_t y) { return needed[x] > needed[y]; });
  // Who comes before this one in any case: its engine's last, and those it waits for.
  std::vector<int> hosts;
  for (int i = me - 1; i >= 0 && hosts.empty(); --i) {
    if (engine_of_[static_cast<size_t>(i)] == engine) hosts.push_back(i);
  }
  for (size_t producer : order) {
    if (needed[producer] <= known[producer]) continue;
    if (uses_.back().waits.size() == kSlots && wait_elsewhere(needed[producer], hosts)) {
      known[producer] = needed[producer];
      continue;
    }
    const int index = raiser(producer, needed[producer], engine_id);
    const int sem = semaphore(engine_at(static_cast<size_t>(index)), engine_id);
    takers_[static_cast<size_t>(sem)].push_back(me);
    uses_.back().waits.push_back(sem);
    uses_[static_cast<size_t>(index)].raises.push_back(sem);
    hosts.push_back(index);
    for (size_t e = 0; e < kEngines; ++e) {
      known[e] = std::max(known[e], done_[static_cast<size_t>(index)][e]);
    }
  }
  // An engine finishes in order, so when this one is done all before it on the engine are.
  Clock done = known;
  done[engine] = me;
  done_.push_back(done);
  engine_of_.push_back(static_cast<uint8_t>(engine));
}

std::vector<SemaphoreUse> Synchroniser::finish() && {
  for (size_t i = 0; i < uses_.size(); ++i) {
    if (uses_[i].waits.size() > kSlots || uses_[i].raises.size() > kSlots) {
      fail(ErrorKind::kInternal, "descriptor {} needs {} waits and {} raises; {} each are there", i,
           uses_[i].waits.size(), uses_[i].raises.size(), kSlots);
    }
  }
  return std::move(uses_);
}

}  // namespace weft::compiler
