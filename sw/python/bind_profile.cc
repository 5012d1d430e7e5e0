// Session.profile(): profile::Timeline as dicts and lists.
#include <pybind11/stl.h>

#include "base/error.h"
#include "profile/profile.h"
#include "profile/timeline.h"
#include "python/bind.h"

namespace weft::python {
namespace {

using profile::Activities;
using profile::EngineActivities;

py::dict by_activity(isa::Engine engine, const Activities& cycles) {
  py::dict out;
  for (size_t a = 0; a < cycles.size(); ++a) {
    out[profile::activity_name(engine, static_cast<isa::Activity>(a)).c_str()] = cycles[a];
  }
  return out;
}

py::dict by_engine(const EngineActivities& cycles) {
  py::dict out;
  for (size_t e = 0; e < cycles.size(); ++e) {
    const auto engine = static_cast<isa::Engine>(e);
    out[std::string(isa::to_string(engine)).c_str()] = by_activity(engine, cycles[e]);
  }
  return out;
}

// What the counters say of each engine, of the whole run.
EngineActivities whole_run(const driver::RunStatistics& statistics) {
  EngineActivities all{};
  for (size_t e = 0; e < all.size(); ++e) {
    for (size_t a = 0; a < all[e].size(); ++a) {
      all[e][a] = statistics.counters[static_cast<size_t>(
          isa::counter_of(static_cast<isa::Engine>(e), static_cast<isa::Activity>(a)))];
    }
  }
  return all;
}

py::list layers_of(const profile::Timeline& timeline, const program::Program& program,
                   const driver::RunStatistics& statistics) {
  py::list out;
  const bool alone = program.layers.size() == 1;
  for (size_t l = 0; l < program.layers.size(); ++l) {
    const program::Layer& layer = program.layers[l];
    const profile::LayerTime& time = timeline.layers[l];
    py::dict entry;
    entry["name"] = layer.name;
    entry["begin"] = time.begin;
    entry["end"] = time.end;
    entry["cycles"] = statistics.layer_cycles[l];
    entry["taken_cycles"] = profile::cycles_taken(time);
    entry["floor_cycles"] = alone ? layer.floor_alone() : layer.floor();
    entry["bound"] = profile::bound_of(program, l);
    entry["macs"] = layer.macs;
    // A model built for speed shows this of the whole run only.
    entry["engines"] =
        timeline.activities.empty() ? py::object(py::none()) : by_engine(time.activities);
    out.append(entry);
  }
  return out;
}

py::list slices_of(const profile::Timeline& timeline, const program::Program& program) {
  py::list out;
  for (const profile::Slice& slice : timeline.slices) {
    py::dict entry;
    entry["descriptor"] = slice.index;
    entry["engine"] = isa::to_string(slice.engine);
    entry["opcode"] = isa::to_string(slice.opcode);
    entry["layer"] = program.layers.at(slice.layer).name;
    entry["begin"] = slice.begin;
    entry["end"] = slice.end;
    out.append(entry);
  }
  return out;
}

}  // namespace

py::dict profile(const driver::Session& session, const program::Program& program) {
  const driver::RunStatistics& statistics = session.statistics();
  if (session.jobs().empty()) {
    fail(ErrorKind::kInvalidArgument,
         "no run was recorded; load the program with record=True and run it");
  }
  if (statistics.cycles == 0) {
    fail(ErrorKind::kUnsupported,
         "the device that ran has no time, so there is nothing to show; choose the backend rtl");
  }
  runtime::RunTrace trace{statistics, session.jobs(), {}};
  for (size_t r = 0; r < program.regions.size(); ++r)
    trace.regions.push_back(session.region_address(r));
  const profile::Timeline timeline = profile::make_timeline(program, trace);
  py::dict out;
  out["model"] = program.model;
  out["config"] = program.config;
  out["cycles"] = timeline.cycles;
  out["floor_cycles"] = program.floor_cycles();
  out["engines"] = by_engine(whole_run(statistics));
  out["layers"] = layers_of(timeline, program, statistics);
  out["slices"] = slices_of(timeline, program);
  return out;
}

}  // namespace weft::python
