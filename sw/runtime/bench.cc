#include "runtime/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/table.h"
#include "runtime/text.h"
#include "weft_gen/configs.h"

namespace weft::runtime {
namespace {

using Json = nlohmann::ordered_json;

double macs_per_second(const Report& r) {
  return ratio(static_cast<double>(r.macs - r.host_macs) * static_cast<double>(r.inputs),
               r.host_seconds);
}

// Of the device's layers; none where the backend has no time.
struct LayersWithin {
  size_t layers = 0, within = 0;
};
LayersWithin layers_within(const Report& r) {
  LayersWithin count;
  if (r.cycles == 0) return count;
  for (const LayerReport& l : r.layers) {
    if (l.bar_cycles == 0) continue;
    ++count.layers;
    count.within += l.within_bar(r.inputs) ? 1 : 0;
  }
  return count;
}

uint64_t bar_of(const Bench& bench, const std::string& network) {
  const auto at = bench.bars.find(network);
  return at == bench.bars.end() ? 0 : at->second;
}

bool over_bar(const Report& r, uint64_t bar) { return bar > 0 && r.cycles > bar * r.inputs; }

std::string remark_on(const SuiteRow& row, uint64_t bar) {
  if (!row.report->ok()) {
    return fmt::format("FAIL: {} of {} bytes differ", grouped(row.report->mismatches),
                       grouped(row.report->bytes_compared));
  }
  return over_bar(*row.report, bar) ? "over its bar" : "";
}

Json json_of(const SuiteRow& row, uint64_t bar) {
  Json json;
  json["network"] = row.entry.name;
  json["about"] = row.entry.about;
  json["absent"] = row.absent.empty() ? Json(nullptr) : Json(row.absent);
  if (!row.refused.empty()) json["refused"] = row.refused;
  if (!row.report) return json;
  const Report& r = *row.report;
  const bool timed = r.cycles > 0;
  json["pass"] = r.ok();
  json["inputs"] = r.inputs;
  json["input_source"] = r.input_source;
  json["bytes_compared"] = r.bytes_compared;
  json["mismatches"] = r.mismatches;
  json["cycles"] = r.cycles_per_input();
  json["floor_cycles"] = r.floor_cycles;
  json["utilisation"] = r.utilisation();
  json["bar_cycles"] = bar > 0 ? Json(bar) : Json(nullptr);
  json["within_bar"] = bar > 0 && timed ? Json(!over_bar(r, bar)) : Json(nullptr);
  json["macs"] = r.macs - r.host_macs;
  json["host_macs"] = r.host_macs;
  json["seconds"] = r.host_seconds;
  json["cycles_per_second"] = r.cycles_per_second();
  json["macs_per_second"] = macs_per_second(r);
  json["process_peak_bytes"] = r.process_peak_bytes;
  const LayersWithin count = layers_within(r);
  json["layers_within_bar"] = timed ? Json(count.within) : Json(nullptr);
  json["layers"] = Json::array();
  for (const LayerReport& l : r.layers) {
    const bool judged = timed && l.bar_cycles > 0;
    json["layers"].push_back(
        {{"layer", l.name},
         {"cycles", ratio(static_cast<double>(l.cycles), static_cast<double>(r.inputs))},
         {"floor_cycles", l.floor_cycles},
         {"bar_cycles", l.bar_cycles},
         {"within_bar", judged ? Json(l.within_bar(r.inputs)) : Json(nullptr)}});
  }
  return json;
}

}  // namespace

std::string to_text(const Bench& bench) {
  const Suite& suite = bench.suite;
  std::string text = fmt::format(
      "configuration {} · backend {} · one device\n{}, {} cores, load {:.1f}; {}; Verilator {}{}; "
      "revision "
      "{}\n\n",
      suite.config, suite.backend, bench.machine.cpu, bench.machine.cores, bench.machine.load,
      bench.tools.compiler, bench.tools.verilator,
      bench.tools.benchmark ? "" : "; NOT the benchmark build, which is several times as fast",
      bench.revision);
  Table table({"network", ">inputs", ">cycles", ">floor", ">utilisation", ">bar", ">layers in bar",
               ">seconds", ">cycles/s", ">M MAC/s", ">MiB", "remark"});
  size_t ran = 0, wrong = 0, absent = 0;
  uint64_t compared = 0;
  for (const SuiteRow& row : suite.rows) {
    const std::string& name = row.entry.name;
    if (!row.report) {
      ++(row.absent.empty() ? wrong : absent);
      const std::string why = row.absent.empty() ? "FAIL: " + row.refused : "absent: " + row.absent;
      table.row({name, "", "", "", "", "", "", "", "", "", "", why});
      continue;
    }
    const Report& r = *row.report;
    ++ran;
    wrong += r.ok() ? 0 : 1;
    compared += r.bytes_compared;
    const uint64_t bar = bar_of(bench, name);
    const LayersWithin count = layers_within(r);
    table.row({name, grouped(r.inputs), cycles_text(r.cycles_per_input()), grouped(r.floor_cycles),
               percent(r.utilisation()), bar > 0 ? grouped(bar) : "-",
               count.layers > 0 ? fmt::format("{} of {}", count.within, count.layers) : "-",
               fmt::format("{:.2f}", r.host_seconds), cycles_text(r.cycles_per_second()),
               cycles_text(macs_per_second(r) / 1e6),
               fmt::format("{:.1f}", static_cast<double>(r.process_peak_bytes) / (1 << 20)),
               remark_on(row, bar)});
  }
  text += table.text();
  text +=
      "\ncycles and floor are for one input; seconds, and what is counted a second, are the "
      "simulation's,\nwithout compilation and golden model; MiB: the largest resident set\n";
  const std::string left_out = absent > 0 ? fmt::format("; {} absent", absent) : "";
  if (suite.pass()) {
    return text +
           fmt::format(
               "PASS  {} networks, all {} bytes compared are equal to the golden model's{}\n", ran,
               grouped(compared), left_out);
  }
  if (wrong > 0) return text + fmt::format("FAIL  {} networks{}\n", wrong, left_out);
  return text + fmt::format("FAIL  nothing was compared{}\n", left_out);
}

std::string to_json(const Bench& bench) {
  Json json;
  json["config"] = bench.suite.config;
  json["config_hash"] = fmt::format("{:016x}", isa::find_config(bench.suite.config).config_hash);
  json["backend"] = bench.suite.backend;
  json["revision"] = bench.revision;
  json["machine"] = {{"cpu", bench.machine.cpu},
                     {"cores", bench.machine.cores},
                     {"system", bench.machine.system},
                     {"load", bench.machine.load}};
  json["tools"] = {{"compiler", bench.tools.compiler},
                   {"flags", bench.tools.flags},
                   {"verilator", bench.tools.verilator},
                   {"benchmark_build", bench.tools.benchmark}};
  json["pass"] = bench.suite.pass();
  json["networks"] = Json::array();
  for (const SuiteRow& row : bench.suite.rows)
    json["networks"].push_back(json_of(row, bar_of(bench, row.entry.name)));
  return json.dump(2) + "\n";
}

}  // namespace weft::runtime
