#include "profile/profile.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/error.h"
#include "runtime/text.h"

namespace weft::profile {
namespace {

using runtime::cycles_text;
using runtime::grouped;
using runtime::percent;
using runtime::ratio;

constexpr const char* kRow =
    "{:<16} {:>14} {:>11} {:>11} {:>11} {:>9} {:>11} {:>9} {:>10} {:>10}  {}\n";
constexpr const char* kEngineRow = "{:<16} {:>20} {:>20} {:>20} {:>20} {:>20}\n";

// "83 % (acts 10)": busy, and what the engine waited for most, idleness apart.
std::string engine_text(isa::Engine engine, const Activities& a) {
  uint64_t all = 0;
  for (const uint64_t cycles : a) all += cycles;
  if (all == 0) return "-";
  const auto part = [&](uint64_t cycles) {
    return 100 * static_cast<double>(cycles) / static_cast<double>(all);
  };
  size_t most = 1;
  for (size_t i = 1; i < a.size(); ++i) {
    if (static_cast<isa::Activity>(i) != isa::Activity::kIdle && a[i] > a[most]) most = i;
  }
  std::string text = fmt::format("{:.0f} %", part(a[0]));
  if (a[most] > 0) {
    text += fmt::format(" ({} {:.0f})", activity_name(engine, static_cast<isa::Activity>(most)),
                        part(a[most]));
  }
  return text;
}

EngineActivities whole_run(const runtime::Report& report) {
  EngineActivities all{};
  for (size_t e = 0; e < all.size(); ++e) {
    for (size_t a = 0; a < all[e].size(); ++a) {
      all[e][a] = report.counters[static_cast<size_t>(
          isa::counter_of(static_cast<isa::Engine>(e), static_cast<isa::Activity>(a)))];
    }
  }
  return all;
}

std::string engine_row(const std::string& name, const EngineActivities& all) {
  std::array<std::string, isa::kNumEngines> cells;
  for (size_t e = 0; e < cells.size(); ++e)
    cells[e] = engine_text(static_cast<isa::Engine>(e), all[e]);
  return fmt::format(kEngineRow, name, cells[0], cells[1], cells[2], cells[3], cells[4]);
}

}  // namespace

Profile make_profile(const program::Program& program, const runtime::Report& report,
                     const driver::DeviceOptions& device) {
  if (!report.ok() || report.inputs != 1 || !report.trace) {
    fail(ErrorKind::kInvalidArgument,
         "a profile is of one input whose run was traced and passed; layer {} of {} was not",
         report.layer, report.model);
  }
  if (report.cycles == 0) {
    fail(ErrorKind::kUnsupported,
         "the model of {} that ran has no time, so there is nothing to show", report.config);
  }
  Profile profile{&program, report, device, make_timeline(program, *report.trace), {}};
  profile.held = act_occupancy(program, profile.timeline);
  return profile;
}

std::string bound_of(const program::Program& program, size_t layer) {
  const program::Layer& l = program.layers.at(layer);
  const uint64_t bus = program.layers.size() == 1 ? l.floor_bus_alone : l.floor_bus;
  const std::array<std::pair<uint64_t, const char*>, 4> floors{{{l.floor_array, "array"},
                                                                {l.floor_depthwise, "depthwise"},
                                                                {l.floor_vector, "vector"},
                                                                {bus, "bus"}}};
  const auto most = std::max_element(
      floors.begin(), floors.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return most->first > 0 && l.host.empty() ? most->second : "-";
}

std::string activity_name(isa::Engine engine, isa::Activity activity) {
  const auto counter = static_cast<size_t>(isa::counter_of(engine, activity));
  return std::string(regs::kCounters[counter].name.substr(isa::to_string(engine).size() + 1));
}

std::string to_text(const Profile& p) {
  const runtime::Report& r = p.report;
  std::string text =
      fmt::format("{} · layer {} · configuration {} · {} · memory latency {} cycles\n\n", r.model,
                  r.layer, r.config, r.input_source, p.device.latency_cycles);
  text += fmt::format(kRow, "layer", "shape", "cycles", "taken", "floor", "bound by", "utilisation",
                      "MAC/cycle", "read B", "written B", "on");
  const auto row = [&](const std::string& name, const std::string& shape, double cycles,
                       double taken, uint64_t floor, const std::string& bound, uint64_t macs,
                       uint64_t read, uint64_t written, const std::string& on) {
    const double rate = ratio(static_cast<double>(macs), taken);
    text += fmt::format(kRow, name, shape, cycles_text(cycles), cycles_text(taken), grouped(floor),
                        bound, percent(ratio(static_cast<double>(floor), taken)),
                        rate > 0 ? fmt::format("{:.1f}", rate) : "-", grouped(read),
                        grouped(written), on);
  };
  for (size_t i = 0; i < r.layers.size(); ++i) {
    const runtime::LayerReport& l = r.layers[i];
    row(l.name, runtime::shape_text(l.shape), static_cast<double>(l.cycles),
        static_cast<double>(cycles_taken(p.timeline.layers.at(i))), l.floor_cycles,
        bound_of(*p.program, i), l.host.empty() ? l.macs : 0, l.dram_read_bytes, l.dram_write_bytes,
        l.host.empty() ? "device" : "host: " + l.host);
  }
  if (r.layers.size() > 1) {
    row("total", "", r.cycles_per_input(), r.cycles_per_input(), r.floor_cycles, "",
        r.macs - r.host_macs, r.dram_read_bytes, r.dram_write_bytes, "");
  }

  text +=
      "cycles: from the end of the layer before; taken: those, or what the layer's busiest engine "
      "took "
      "for it, if more\n";
  text += "\nEngines: busy, and the most that each waited for, in % of the time\n";
  std::array<std::string, isa::kNumEngines> names;
  for (size_t e = 0; e < names.size(); ++e) names[e] = isa::to_string(static_cast<isa::Engine>(e));
  text += fmt::format(kEngineRow, "layer", names[0], names[1], names[2], names[3], names[4]);
  if (!p.timeline.activities.empty() && r.layers.size() > 1) {
    for (size_t i = 0; i < r.layers.size(); ++i) {
      if (r.layers[i].cycles > 0)
        text += engine_row(r.layers[i].name, p.timeline.layers.at(i).activities);
    }
  }
  text += engine_row("whole run", whole_run(r));
  if (p.timeline.activities.empty())
    text += "(this build of the model does not show its engines layer by layer)\n";
  return text;
}

}  // namespace weft::profile
