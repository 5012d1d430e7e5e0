#include "compiler/schedule.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>

#include "base/error.h"

namespace weft::compiler {
namespace {

constexpr size_t kEngines = 5;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

size_t index_of(isa::Engine engine) { return static_cast<size_t>(engine); }

bool keeps_order(isa::Engine engine) {
  return engine == isa::Engine::kArray || engine == isa::Engine::kDepthwise;
}

// Banks of the accumulators: who has which, and since when each is free.
class Banks {
 public:
  Banks(const std::vector<Task>& tasks, const isa::HardwareConfig& config)
      : banks_(static_cast<size_t>(config.acc_banks)) {
    bool both[2] = {false, false};
    for (const Task& t : tasks) {
      if (t.acc_bank < 0) continue;
      const auto unit = static_cast<size_t>(t.acc_bank);
      if (units_.size() <= unit) units_.resize(unit + 1);
      ++units_[unit].left;
      if (t.engine == isa::Engine::kArray) both[0] = true;
      if (t.engine == isa::Engine::kDepthwise) both[1] = true;
    }
    // One engine leaves the other what that needs to go on; of fewer banks than this they are given in
    // the order of the program, which cannot get stuck.
    constexpr int kLeast = 4;
    in_order_ = config.acc_banks < kLeast;
    const bool share = both[0] && both[1] && !in_order_;
    most_[index_of(isa::Engine::kArray)] = config.acc_banks - (share ? 1 : 0);
    most_[index_of(isa::Engine::kDepthwise)] = config.acc_banks - (share ? 2 : 0);
  }

  bool has(int unit) const { return units_[static_cast<size_t>(unit)].bank >= 0; }

  // From when on `engine` could have a bank for `unit`; kNever: not before something else is done.
  int64_t free_from(isa::Engine engine, int unit) const {
    const std::optional<size_t> bank = choose(engine, unit);
    return bank ? banks_[*bank].free : kNever;
  }
  void take(isa::Engine engine, int unit) {
    const size_t bank = choose(engine, unit).value();
    banks_[bank] = {kNever, engine};
    units_[static_cast<size_t>(unit)].bank = static_cast<int>(bank);
    ++taken_;
  }
  // A task of `unit` ends at `end`.
  void done(int unit, int64_t end) {
    Unit& u = units_[static_cast<size_t>(unit)];
    if (--u.left == 0) banks_[static_cast<size_t>(u.bank)].free = end;
  }

  std::vector<int> result() const {
    std::vector<int> banks;
    for (const Unit& u : units_) banks.push_back(u.bank);
    return banks;
  }

 private:
  struct Bank {
    int64_t free = 0;
    isa::Engine owner = isa::Engine::kArray;
  };
  struct Unit {
    int bank = -1;
    int left = 0;  // tasks
  };

  // The bank that is free for longest.
  std::optional<size_t> choose(isa::Engine engine, int unit) const {
    if (in_order_ && unit != taken_) return std::nullopt;
    int mine = 0;
    std::optional<size_t> best;
    for (size_t b = 0; b < banks_.size(); ++b) {
      if (banks_[b].free == kNever) {
        mine += banks_[b].owner == engine ? 1 : 0;
      } else if (!best || banks_[b].free < banks_[*best].free) {
        best = b;
      }
    }
    return mine < most_[index_of(engine)] ? best : std::nullopt;
  }

  std::vector<Bank> banks_;
  std::vector<Unit> units_;
  std::array<int, kEngines> most_{};
  bool in_order_ = false;
  int taken_ = 0;
};

class Scheduler {
 public:
  Scheduler(const std::vector<Task>& tasks, const isa::HardwareConfig& config)
      : tasks_(tasks),
        banks_(tasks, config),
        start_(tasks.size(), 0),
        ready_(tasks.size(), 0),
        missing_(tasks.size(), 0),
        then_(tasks.size()) {
    for (size_t i = 0; i < tasks.size(); ++i) {
      if (keeps_order(tasks[i].engine))
        queue_[index_of(tasks[i].engine)].push_back(static_cast<int>(i));
      missing_[i] = static_cast<int>(tasks[i].after.size());
      for (const int before : tasks[i].after)
        then_[static_cast<size_t>(before)].push_back(static_cast<int>(i));
      if (missing_[i] == 0) becomes_ready(static_cast<int>(i));
    }
  }

  Schedule run() {
    for (size_t n = 0; n < tasks_.size(); ++n) {
      int best = -1;
      int64_t best_start = kNever;
      for (size_t e = 0; e < kEngines; ++e) {
        const int task = candidate(e);
        const int64_t start = task < 0 ? kNever : earliest(task);
        if (start < best_start) {
          best = task;
          best_start = start;
        }
      }
      if (best < 0)
        fail(ErrorKind::kInternal, "{} of {} descriptors cannot be ordered", tasks_.size() - n,
             tasks_.size());
      commit(best, best_start);
    }
    Schedule result;
    result.order.resize(tasks_.size());
    for (size_t i = 0; i < tasks_.size(); ++i) result.order[i] = static_cast<int>(i);
    std::stable_sort(result.order.begin(), result.order.end(), [&](int x, int y) {
      return start_[static_cast<size_t>(x)] < start_[static_cast<size_t>(y)];
    });
    result.acc_banks = banks_.result();
    return result;
  }

 private:
  const Task& task(int index) const { return tasks_[static_cast<size_t>(index)]; }

  void becomes_ready(int index) {
    if (!keeps_order(task(index).engine)) able_[index_of(task(index).engine)].insert(index);
  }

  // What engine `e` would do next, -1: nothing yet.
  int candidate(size_t e) const {
    if (!keeps_order(static_cast<isa::Engine>(e))) {
      int soonest = -1;
      for (const int t : able_[e]) {
        const int64_t ready = ready_[static_cast<size_t>(t)];
        if (ready <= free_[e]) return t;
        if (soonest < 0 || ready < ready_[static_cast<size_t>(soonest)]) soonest = t;
      }
      return soonest;
    }
    if (next_[e] == queue_[e].size()) return -1;
    const int t = queue_[e][next_[e]];
    return missing_[static_cast<size_t>(t)] == 0 ? t : -1;
  }

  int64_t earliest(int index) const {
    const Task& t = task(index);
    int64_t start = std::max(free_[index_of(t.engine)], ready_[static_cast<size_t>(index)]);
    if (t.acc_bank < 0 || banks_.has(t.acc_bank)) return start;
    return std::max(start, banks_.free_from(t.engine, t.acc_bank));
  }

  void commit(int index, int64_t start) {
    const Task& t = task(index);
    const size_t e = index_of(t.engine);
    if (t.acc_bank >= 0 && !banks_.has(t.acc_bank)) banks_.take(t.engine, t.acc_bank);
    const int64_t done = start + t.busy + t.latency;
    if (t.acc_bank >= 0) banks_.done(t.acc_bank, done);
    start_[static_cast<size_t>(index)] = start;
    free_[e] = start + t.busy;
    if (keeps_order(t.engine)) {
      ++next_[e];
    } else {
      able_[e].erase(index);
    }
    for (const int later : then_[static_cast<size_t>(index)]) {
      const auto l = static_cast<size_t>(later);
      ready_[l] = std::max(ready_[l], done);
      if (--missing_[l] == 0) becomes_ready(later);
    }
  }

  const std::vector<Task>& tasks_;
  Banks banks_;
  std::vector<int64_t> start_, ready_;
  std::vector<int> missing_;                      // tasks that must come first and have not
  std::vector<std::vector<int>> then_;            // who waits for a task
  std::array<std::vector<int>, kEngines> queue_;  // of those that keep their order
  std::array<size_t, kEngines> next_{};
  std::array<int64_t, kEngines> free_{};
  std::array<std::set<int>, kEngines>
      able_;  // whose order is free: tasks that wait for nothing else
};

}  // namespace

int most_open_banks(const isa::HardwareConfig& config) { return std::max(1, config.acc_banks / 2); }

Schedule schedule(const std::vector<Task>& tasks, const isa::HardwareConfig& config) {
  return Scheduler(tasks, config).run();
}

}  // namespace weft::compiler
