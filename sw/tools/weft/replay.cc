// `weft replay`: the traffic of a recording once more, on any backend, or in words.
#include "record/replay.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/error.h"
#include "commands.h"
#include "runtime/devices.h"
#include "runtime/text.h"

namespace weft::tools {
namespace {

struct Options {
  std::string file, backend, config;
  std::optional<uint32_t> latency;
  std::optional<double> stalls;
  bool list = false, values = false;
};

std::string origin(const record::Header& h) {
  return fmt::format("recorded on {}, configuration {}, memory latency {}{}", h.backend, h.config,
                     h.options.latency_cycles,
                     h.options.stall_probability > 0
                         ? fmt::format(", stalls {}", h.options.stall_probability)
                         : "");
}

void print_broken_off(uint64_t events) {
  fmt::print("      the recording has no end: it was broken off behind event {}\n",
             runtime::grouped(events));
}

int list(const Options& o) {
  record::Listing listing(record::check_log(o.file));
  record::LogReader log(o.file);
  fmt::print("{}: {}\n\n{:>7}  {:>10}\n", o.file, origin(log.header()), "event", "cycle");
  while (const auto event = log.next()) fmt::print("{}", listing.line(*event));
  if (log.broken_off()) print_broken_off(log.events());
  return 0;
}

int report(const Options& o, const record::ReplayResult& r, bool same_time) {
  if (r.divergence) {
    fmt::print("FAIL  event {} of {}: {}\n", r.divergence->event, o.file, r.divergence->text);
    return 1;
  }
  if (r.registers + r.bytes + r.waits == 0) {
    fmt::print("FAIL  nothing of {} could be compared: it has no reads and no waits\n", o.file);
    return 1;
  }
  fmt::print(
      "PASS  {} register reads, {} bytes of memory and {} waits of {} jobs are as recorded{}\n",
      runtime::grouped(r.registers), runtime::grouped(r.bytes), runtime::grouped(r.waits),
      runtime::grouped(r.jobs),
      same_time && r.cycles > 0 ? fmt::format(", in the same {} cycles", runtime::grouped(r.cycles))
                                : "");
  if (!same_time) {
    fmt::print("      {} register reads that depend on time were not compared\n",
               runtime::grouped(r.of_time));
  }
  if (r.broken_off) print_broken_off(r.events);
  return 0;
}

int replay(const Options& o) {
  if (o.list) return list(o);
  const record::Header header = record::LogReader(o.file).header();
  const std::string backend = o.backend.empty() ? header.backend : o.backend;
  const std::string config = o.config.empty() ? header.config : o.config;
  if (config != header.config) {
    fail(ErrorKind::kMismatch,
         "{} is a recording of configuration {}; {} has other memories and runs other programs, so "
         "nothing of it can be compared. Record it on {}, too",
         o.file, header.config, config, config);
  }
  runtime::DeviceOptions options = header.options;
  if (o.latency) options.latency_cycles = *o.latency;
  if (o.stalls) options.stall_probability = *o.stalls;
  const auto device = runtime::make_device(backend, config, options);
  const bool same_time = !o.values && record::same_time(header, backend, options);
  fmt::print("{}: {}; replayed on {}, memory latency {}\n", o.file, origin(header), backend,
             options.latency_cycles);
  return report(o, record::replay(o.file, *device, same_time), same_time);
}

}  // namespace

void add_replay(CLI::App& app, const Environment&, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* sub =
      app.add_subcommand("replay", "Repeat a recorded run's traffic and compare all that is read");
  sub->add_option("file", o->file, "recording, made by `weft run --record`")->required();
  sub->add_option("-b,--backend", o->backend,
                  "rtl, emulator, systemc or systemc_lt (default: the recorded one)");
  sub->add_option("-c,--config", o->config,
                  "hardware configuration; only the recorded one can be compared");
  sub->add_option("--latency", o->latency,
                  "DRAM latency in cycles (default: the recorded one; rtl)");
  sub->add_option("--stalls", o->stalls,
                  "probability of a random bus stall (default: the recorded one; rtl)");
  sub->add_flag("--values", o->values,
                "compare values only, no cycles and counters, also where both must be the same");
  sub->add_flag("--list", o->list, "print the traffic; nothing is run");
  sub->footer("\nExample: weft replay mnist.weftlog --backend emulator\n");
  sub->callback([o, &action] { action = [o] { return replay(*o); }; });
}

}  // namespace weft::tools
