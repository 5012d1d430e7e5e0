// The profile for Perfetto and chrome://tracing.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "isa/disasm.h"
#include "profile/profile.h"
#include "runtime/wave_tables.h"

namespace weft::profile {
namespace {

using Json = nlohmann::ordered_json;

enum Process : int { kMachine = 1, kBus = 2, kSemaphores = 3 };
constexpr int kLayerThread = 0;  // engine e is thread e + 1
constexpr int kReadThread = 1, kWriteThread = 2;

// Events are in microseconds, a cycle is a nanosecond.
double time_of(uint64_t cycle) { return static_cast<double>(cycle) / 1000; }
int thread_of(isa::Engine engine) { return static_cast<int>(engine) + 1; }

class Trace {
 public:
  explicit Trace(const Profile& profile) : p_(profile) {}

  std::string write() {
    name_tracks();
    layers();
    descriptors();
    waits();
    bursts();
    semaphores();
    Json json;
    json["displayTimeUnit"] = "ns";
    json["otherData"] = {{"model", p_.report.model},
                         {"layer", p_.report.layer},
                         {"config", p_.report.config},
                         {"unit", "a cycle is a nanosecond"}};
    json["traceEvents"] = std::move(events_);
    return json.dump() + "\n";
  }

 private:
  void name(int process, int thread, const std::string& text) {
    const bool whole = thread < 0;
    Json event{{"ph", "M"}, {"name", whole ? "process_name" : "thread_name"}, {"pid", process}};
    if (!whole) event["tid"] = thread;
    event["args"]["name"] = text;
    events_.push_back(event);
    Json order{{"ph", "M"},
               {"name", whole ? "process_sort_index" : "thread_sort_index"},
               {"pid", process}};
    if (!whole) order["tid"] = thread;
    order["args"]["sort_index"] = whole ? process : thread;
    events_.push_back(order);
  }

  void name_tracks() {
    name(kMachine, -1, fmt::format("Weft {}: {}", p_.report.config, p_.report.model));
    name(kMachine, kLayerThread, "layer");
    for (const isa::NamedValue& engine : isa::kEngines)
      name(kMachine, thread_of(static_cast<isa::Engine>(engine.value)), std::string(engine.name));
    name(kBus, -1, "memory bus");
    name(kBus, kReadThread, "read");
    name(kBus, kWriteThread, "write");
    name(kSemaphores, -1, "semaphores");
  }

  void slice(int process, int thread, const std::string& name, const char* category, uint64_t begin,
             uint64_t end, Json args) {
    events_.push_back({{"ph", "X"},
                       {"pid", process},
                       {"tid", thread},
                       {"name", name},
                       {"cat", category},
                       {"ts", time_of(begin)},
                       {"dur", time_of(end - begin)},
                       {"args", std::move(args)}});
  }

  void layers() {
    for (size_t i = 0; i < p_.timeline.layers.size(); ++i) {
      const LayerTime& time = p_.timeline.layers[i];
      const runtime::LayerReport& l = p_.report.layers[i];
      if (time.end == time.begin) continue;
      slice(kMachine, kLayerThread, l.name, "layer", time.begin, time.end,
            {{"cycles", l.cycles},
             {"floor", l.floor_cycles},
             {"bound by", bound_of(*p_.program, i)}});
    }
  }

  void descriptors() {
    for (const Slice& s : p_.timeline.slices) {
      slice(kMachine, thread_of(s.engine),
            fmt::format("{} {}", p_.program->layers.at(s.layer).name, isa::to_string(s.opcode)),
            "descriptor", s.begin, s.end,
            {{"descriptor", s.index},
             {"layer", p_.program->layers.at(s.layer).name},
             {"issue", s.issue},
             {"begin", s.begin},
             {"end", s.end},
             {"fields", isa::disassemble(s.index, p_.program->descriptor(s.index))}});
    }
  }

  void waits() {
    for (const Activity& a : p_.timeline.activities) {
      if (a.activity != isa::Activity::kWait) continue;
      slice(kMachine, thread_of(a.engine), "wait", "wait", a.begin, a.end, Json::object());
    }
  }

  void bursts() {
    // In a direction data come in order, so that slices of data never overlap; what is open does.
    std::map<uint64_t, std::array<int, 2>> open;
    for (const Burst& b : p_.timeline.bursts) {
      slice(kBus, b.write ? kWriteThread : kReadThread, b.what, "burst", b.first, b.end,
            {{"address", fmt::format("{:#x}", b.address)},
             {"bytes", b.bytes},
             {"issue", b.issue},
             {"first", b.first},
             {"end", b.end}});
      ++open[b.issue][b.write ? 1 : 0];
      --open[b.end][b.write ? 1 : 0];
    }
    std::array<int, 2> now{};
    for (const auto& [cycle, change] : open) {
      now[0] += change[0];
      now[1] += change[1];
      events_.push_back({{"ph", "C"},
                         {"pid", static_cast<int>(kBus)},
                         {"name", "bursts open"},
                         {"ts", time_of(cycle)},
                         {"args", {{"read", now[0]}, {"write", now[1]}}}});
    }
  }

  // Counts, and an arrow from the raise that let a descriptor go to that descriptor.
  void semaphores() {
    struct Change {
      uint64_t cycle;
      bool take;  // after the raises of the cycle
      const Slice* slice;
      isa::SemaphoreSlot slot;
    };
    std::vector<Change> changes;
    for (const Slice& s : p_.timeline.slices) {
      const auto header = isa::decode_fields<isa::Header>(p_.program->descriptor(s.index));
      for (const isa::SemaphoreSlot& slot : header.raise)
        if (slot.count > 0) changes.push_back({s.end, false, &s, slot});
      for (const isa::SemaphoreSlot& slot : header.wait)
        if (slot.count > 0) changes.push_back({s.issue, true, &s, slot});
    }
    std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
      return std::pair(a.cycle, a.take) < std::pair(b.cycle, b.take);
    });
    const auto ends = runtime::semaphore_ends(*p_.program);
    std::map<uint32_t, std::vector<const Slice*>> tokens;  // raised and not taken, oldest first
    int flow = 0;
    size_t job = 0;
    for (const Change& c : changes) {
      // All are zero when a job begins.
      for (; job < p_.timeline.job_begins.size() && p_.timeline.job_begins[job] < c.cycle; ++job)
        tokens.clear();
      std::vector<const Slice*>& left = tokens[c.slot.sem];
      if (!c.take) {
        left.insert(left.end(), c.slot.count, c.slice);
      } else {
        const size_t taken = std::min<size_t>(left.size(), c.slot.count);
        if (taken > 0) arrow(++flow, c.slot.sem, *left[taken - 1], *c.slice);
        left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(taken));
      }
      const runtime::SemaphoreEnds& who = ends.at(static_cast<int>(c.slot.sem));
      events_.push_back(
          {{"ph", "C"},
           {"pid", static_cast<int>(kSemaphores)},
           {"name", fmt::format("{} {} > {}", c.slot.sem, fmt::join(who.raisers, ", "),
                                fmt::join(who.takers, ", "))},
           {"ts", time_of(c.cycle)},
           {"args", {{"count", left.size()}}}});
    }
  }

  void arrow(int id, uint32_t semaphore, const Slice& from, const Slice& to) {
    const std::string name = fmt::format("semaphore {}", semaphore);
    const auto end = [&](const char* phase, const Slice& slice, uint64_t cycle) {
      return Json{{"ph", phase},
                  {"id", id},
                  {"name", name},
                  {"cat", "semaphore"},
                  {"pid", static_cast<int>(kMachine)},
                  {"tid", thread_of(slice.engine)},
                  {"ts", time_of(cycle)}};
    };
    events_.push_back(end("s", from, from.end - 1));
    Json last = end("f", to, to.begin);
    last["bp"] = "e";
    events_.push_back(std::move(last));
  }

  const Profile& p_;
  Json events_ = Json::array();
};

}  // namespace

std::string to_trace(const Profile& profile) { return Trace(profile).write(); }

}  // namespace weft::profile
