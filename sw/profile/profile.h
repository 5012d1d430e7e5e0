// A profile: where the cycles of one verified run went. One JSON file, of which the table and the
// page are views, and a trace for Perfetto and chrome://tracing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "driver/backend.h"
#include "profile/occupancy.h"
#include "profile/timeline.h"
#include "program/program.h"
#include "runtime/report.h"

namespace weft::profile {

struct Profile {
  const program::Program* program = nullptr;
  runtime::Report report;
  driver::DeviceOptions device;
  Timeline timeline;
  std::vector<Held> held;
};

// `report`: of a run of one input on the backend rtl that passed, with its trace. `program` must
// outlive the profile. Error(invalid_argument) for any other report.
Profile make_profile(const program::Program& program, const runtime::Report& report,
                     const driver::DeviceOptions& device);

// The resource a layer's floor is that of: "array", "depthwise", "vector", "bus"; "-" without one.
std::string bound_of(const program::Program& program, size_t layer);

// The words of the performance counters: of an engine, by number of isa::Activity.
std::string activity_name(isa::Engine engine, isa::Activity activity);

// Tables for a terminal.
std::string to_text(const Profile& profile);
// docs/profile.md says what is in it.
std::string to_json(const Profile& profile);
// A page that needs nothing else: to_json and what shows it.
std::string to_page(const Profile& profile);
// In Chrome's trace event format; a cycle is a nanosecond.
std::string to_trace(const Profile& profile);

}  // namespace weft::profile
