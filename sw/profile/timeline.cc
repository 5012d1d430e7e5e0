#include "profile/timeline.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"

namespace weft::profile {
namespace {

// What lies where in the device's memory, by first address.
class MemoryNames {
 public:
  MemoryNames(const program::Program& program, const std::vector<uint64_t>& regions) {
    for (size_t r = 0; r < program.regions.size(); ++r) {
      const uint64_t bytes = program.regions[r].bytes;
      const bool code = static_cast<int>(r) == program.descriptor_region;
      if (bytes > 0) add(regions.at(r), bytes, code ? "descriptors" : program.regions[r].name, 2);
    }
    for (const program::Tensor& t : program.tensors) {
      if (t.transient) continue;  // others lie there, too: the region's name has to do
      add(regions.at(static_cast<size_t>(t.region)) + t.offset, t.stored_bytes(), t.name, 1);
    }
    for (uint32_t i = 0; i < program.descriptor_count; ++i) {
      const auto bytes = program.descriptor(i);
      const auto header = isa::decode_fields<isa::Header>(bytes);
      if (static_cast<isa::Opcode>(header.opcode) != isa::Opcode::kLoad) continue;
      const isa::TransferDesc d = isa::decode_transfer(bytes);
      const auto memory = static_cast<isa::Memory>(d.mem);
      if (memory == isa::Memory::kAct) continue;
      const uint64_t length = uint64_t{d.dram_run} * d.dram_count1 * d.dram_count2;
      add(regions.at(d.region) + d.dram_offset, length,
          fmt::format("{} {}", program.layers.at(header.layer).name,
                      memory == isa::Memory::kWgt ? "weights" : "parameters"),
          0);
    }
  }

  std::string find(uint64_t address) const {
    for (const auto& map : places_) {
      const auto next = map.upper_bound(address);
      if (next == map.begin()) continue;
      const auto& [first, place] = *std::prev(next);
      if (address < first + place.first) return place.second;
    }
    return "job";
  }

 private:
  void add(uint64_t address, uint64_t bytes, const std::string& name, size_t rank) {
    places_[rank].emplace(address, std::pair(bytes, name));
  }
  // The most particular first; a burst begins at a whole beat, so perhaps a little before its place.
  std::array<std::map<uint64_t, std::pair<uint64_t, std::string>>, 3> places_;
};

// The slices of a job, each engine's in order of time.
void add_slices(const program::Program& program, const driver::JobTrace& job,
                const std::vector<uint64_t>& times, Timeline& timeline) {
  std::map<uint32_t, Slice> open;  // by index in the job
  std::array<uint64_t, isa::kNumEngines> free{};
  for (size_t i = 0; i < job.events.size(); ++i) {
    const driver::TraceEvent& event = job.events[i];
    if (event.index >= job.count) continue;
    if (!event.done) {
      const uint32_t index = job.first + event.index;
      const auto header = isa::decode_fields<isa::Header>(program.descriptor(index));
      Slice& slice = open[event.index];
      slice.index = index;
      slice.opcode = static_cast<isa::Opcode>(header.opcode);
      slice.engine = static_cast<isa::Engine>(event.engine);
      slice.layer = header.layer;
      slice.issue = times[i];
      continue;
    }
    const auto found = open.find(event.index);
    if (found == open.end()) {
      fail(ErrorKind::kInternal, "descriptor {} ended without having begun",
           job.first + event.index);
    }
    Slice slice = found->second;
    open.erase(found);
    slice.begin = std::max(slice.issue, free[event.engine]);
    slice.end = free[event.engine] = times[i];
    timeline.slices.push_back(slice);
  }
  if (!open.empty()) {
    fail(ErrorKind::kInternal, "descriptor {} began and did not end", open.begin()->second.index);
  }
}

void add_activities(const driver::JobTrace& job, uint64_t origin, uint64_t begin,
                    Timeline& timeline) {
  std::array<std::optional<Activity>, isa::kNumEngines> open;
  const auto close = [&](size_t engine, uint64_t at) {
    if (!open[engine]) return;
    open[engine]->end = at;
    if (at > open[engine]->begin) timeline.activities.push_back(*open[engine]);
    open[engine].reset();
  };
  for (const driver::ActivityChange& change : job.activity) {
    const uint64_t at = begin + change.cycle - origin;
    close(change.engine, at);
    if (change.activity >= isa::kNumActivities) continue;
    open[change.engine] = Activity{static_cast<isa::Engine>(change.engine),
                                   static_cast<isa::Activity>(change.activity), at, at};
  }
  for (size_t e = 0; e < open.size(); ++e) close(e, begin + job.cycles);
}

void share_activities(Timeline& timeline) {
  for (const Activity& a : timeline.activities) {
    // Layers lie one after the other.
    auto layer = std::partition_point(timeline.layers.begin(), timeline.layers.end(),
                                      [&](const LayerTime& l) { return l.end <= a.begin; });
    for (; layer != timeline.layers.end() && layer->begin < a.end; ++layer) {
      const uint64_t first = std::max(a.begin, layer->begin), last = std::min(a.end, layer->end);
      if (last > first) {
        layer->activities[static_cast<size_t>(a.engine)][static_cast<size_t>(a.activity)] +=
            last - first;
      }
    }
  }
}

}  // namespace

uint64_t cycles_taken(const LayerTime& layer) {
  return std::max(layer.end - layer.begin, *std::max_element(layer.held.begin(), layer.held.end()));
}

Timeline make_timeline(const program::Program& program, const runtime::RunTrace& trace) {
  Timeline timeline;
  const MemoryNames names(program, trace.regions);
  for (const driver::JobTrace& job : trace.jobs) {
    // Cycles are counted from the job's fetch, a little behind the doorbell.
    uint64_t origin = job.start;
    for (const driver::ActivityChange& change : job.activity) {
      if (change.activity >= isa::kNumActivities) continue;
      origin = change.cycle;
      break;
    }
    const uint64_t begin = timeline.cycles;
    const auto time_of = [&](uint64_t cycle) {
      return begin + (cycle > origin ? cycle - origin : 0);
    };
    timeline.job_begins.push_back(begin);
    std::vector<uint64_t> times;
    for (const driver::TraceEvent& event : job.events) times.push_back(time_of(event.cycle));
    add_slices(program, job, times, timeline);
    for (const driver::MemoryBurst& b : job.bursts) {
      timeline.bursts.push_back({names.find(b.address), time_of(b.issue), time_of(b.first),
                                 time_of(b.last) + 1, b.address, b.bytes, b.write});
    }
    add_activities(job, origin, begin, timeline);
    timeline.cycles += job.cycles;
  }
  const auto by_engine = [](const auto& a, const auto& b) { return a.engine < b.engine; };
  std::stable_sort(timeline.slices.begin(), timeline.slices.end(), by_engine);
  std::stable_sort(timeline.activities.begin(), timeline.activities.end(), by_engine);
  uint64_t before = 0;
  for (const uint64_t cycles : trace.statistics.layer_cycles) {
    timeline.layers.push_back({before, before + cycles, {}, {}});
    before += cycles;
  }
  for (const Slice& s : timeline.slices) {
    timeline.layers.at(s.layer).held[static_cast<size_t>(s.engine)] += s.end - s.begin;
  }
  share_activities(timeline);
  return timeline;
}

}  // namespace weft::profile
