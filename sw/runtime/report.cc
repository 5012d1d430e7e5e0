#include "runtime/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/files.h"
#include "isa/activity.h"
#include "runtime/text.h"

namespace weft::runtime {
namespace {

using Json = nlohmann::ordered_json;

double utilisation_of(const LayerReport& layer, uint64_t inputs) {
  return ratio(static_cast<double>(layer.floor_cycles) * static_cast<double>(inputs),
               static_cast<double>(layer.cycles));
}

constexpr const char* kRow = "{:<16} {:>12} {:>9} {:>9} {:>11} {:>10} {:>10} {:>10} {:>10}\n";

// What each engine did, for one input: busy, then what it waited for.
std::string engines_text(const Report& r) {
  std::string text = fmt::format("\n{:<16} {:>12}  {}\n", "engine", "busy", "otherwise");
  for (const isa::NamedValue& engine : isa::kEngines) {
    std::vector<std::string> parts;
    std::string busy;
    for (int a = 0; a < isa::kNumActivities; ++a) {
      const auto which =
          isa::counter_of(static_cast<isa::Engine>(engine.value), static_cast<isa::Activity>(a));
      const double cycles = ratio(static_cast<double>(r.counters[static_cast<size_t>(which)]),
                                  static_cast<double>(r.inputs));
      if (a == 0) busy = grouped(static_cast<uint64_t>(cycles + 0.5));
      if (a == 0 || cycles == 0) continue;
      const std::string_view name =
          regs::kCounters[static_cast<size_t>(which)].name.substr(engine.name.size() + 1);
      parts.push_back(fmt::format("{} {}", name, cycles_text(cycles)));
    }
    text += fmt::format("{:<16} {:>12}  {}\n", engine.name, busy, fmt::join(parts, ", "));
  }
  return text;
}

Json expected_json(const ExpectedReport& e) {
  Json json{{"file", e.file},           {"output", e.output},       {"values", e.values},
            {"differing", e.differing}, {"tolerance", e.tolerance}, {"beyond_tolerance", e.beyond},
            {"pass", e.pass()}};
  // JSON has no infinity.
  const auto number = [](double v) {
    return std::isfinite(v) ? Json(v) : Json(fmt::format("{}", v));
  };
  if (e.differing > 0) {
    json["largest_difference"] = number(e.largest);
    json["first"] = {{"input", e.input},
                     {"coordinate", e.coordinate},
                     {"ours", number(e.ours)},
                     {"theirs", number(e.theirs)}};
  }
  return json;
}

std::string expected_text(const ExpectedReport& e, const std::string& backend) {
  if (e.differing == 0) {
    return fmt::format("PASS  all {} values of output '{}' are equal to those of {}\n",
                       grouped(e.values), e.output, e.file);
  }
  std::string text = fmt::format(
      "{}  {} of {} values ({:.2f} %) of output '{}' differ from {}, by at most {}; first: input "
      "{}, at [{}]: {} {}, file {}\n",
      e.pass() ? "PASS" : "FAIL", grouped(e.differing), grouped(e.values),
      100 * ratio(static_cast<double>(e.differing), static_cast<double>(e.values)), e.output,
      e.file, e.largest, e.input, fmt::join(e.coordinate, ", "), backend, e.ours, e.theirs);
  if (e.off_by_one) {
    text += fmt::format(
        "      Every difference is 1: such is the rounding of another engine. Weft rounds twice, "
        "as the TensorFlow Lite\n"
        "      Micro reference kernels do. XNNPACK, TensorFlow Lite's default, and ONNX Runtime "
        "rescale in float32, others\n"
        "      round once; that moves about 0.3 % of a layer's bytes by 1, and later layers carry "
        "it on.{}\n",
        e.pass() ? fmt::format(" The tolerance is {}.", e.tolerance)
                 : " --tolerance 1 lets it pass.");
  } else if (e.pass()) {
    text += fmt::format("      No difference is larger than the tolerance, {}.\n", e.tolerance);
  } else if (e.tolerance > 0) {
    text += fmt::format("      {} of them by more than the tolerance, {}.\n", grouped(e.beyond),
                        e.tolerance);
  }
  return text;
}

// The part of act memory that the program uses.
double act_peak(const Report& r) {
  return ratio(static_cast<double>(r.act_peak_words), static_cast<double>(r.act_words));
}

// Why layers are on the host, reason by reason.
std::string host_text(const Report& r) {
  std::vector<std::pair<std::string, std::string>> reasons;  // in order of the layers
  for (const LayerReport& l : r.layers) {
    if (l.host.empty()) continue;
    const auto same = std::find_if(reasons.begin(), reasons.end(),
                                   [&](const auto& e) { return e.first == l.host; });
    if (same == reasons.end()) {
      reasons.emplace_back(l.host, l.name);
    } else {
      same->second += ", " + l.name;
    }
  }
  std::string text;
  for (const auto& [reason, names] : reasons)
    text += fmt::format("on the host: {}: {}\n", names, reason);
  return text;
}

}  // namespace

bool Report::ok() const {
  return pass && std::all_of(expected.begin(), expected.end(),
                             [](const ExpectedReport& e) { return e.pass(); });
}

double Report::cycles_per_input() const {
  return ratio(static_cast<double>(cycles), static_cast<double>(inputs));
}

double Report::utilisation() const {
  return ratio(static_cast<double>(floor_cycles), cycles_per_input());
}

double Report::cycles_per_second() const {
  return ratio(static_cast<double>(cycles), host_seconds);
}

std::string to_json(const Report& r) {
  Json json;
  json["model"] = r.model;
  json["layer"] = r.layer;
  json["config"] = r.config;
  json["backend"] = r.backend;
  json["input_source"] = r.input_source;
  json["inputs"] = r.inputs;
  json["bytes_compared"] = r.bytes_compared;
  json["mismatches"] = r.mismatches;
  json["pass"] = r.ok();
  json["cycles"] = r.cycles;
  json["cycles_per_input"] = r.cycles_per_input();
  json["batch"] = r.batch;
  json["floor_cycles"] = r.floor_cycles;
  json["utilisation"] = r.utilisation();
  json["macs"] = r.macs;
  json["host_macs"] = r.host_macs;
  json["dram_read_bytes"] = r.dram_read_bytes;
  json["dram_write_bytes"] = r.dram_write_bytes;
  json["act_peak_words"] = r.act_peak_words;
  json["act_words"] = r.act_words;
  json["act_peak"] = act_peak(r);
  json["dram_bytes"] = r.dram_bytes;
  json["process_peak_bytes"] = r.process_peak_bytes;
  json["host_seconds"] = r.host_seconds;
  json["host_op_seconds"] = r.host_op_seconds;
  json["cycles_per_second"] = r.cycles_per_second();
  json["counters"] = Json::object();
  for (size_t i = 0; i < r.counters.size(); ++i)
    json["counters"][std::string(regs::kCounters[i].name)] = r.counters[i];
  json["layers"] = Json::array();
  for (const LayerReport& layer : r.layers) {
    Json entry;
    entry["layer"] = layer.name;
    entry["shape"] = layer.shape;
    entry["bytes_compared"] = layer.bytes_compared;
    entry["mismatches"] = layer.mismatches;
    // Nothing was compared of a tensor that stays on chip: neither pass nor fail.
    entry["pass"] = layer.bytes_compared > 0 ? Json(layer.mismatches == 0) : Json(nullptr);
    entry["cycles"] = layer.cycles;
    entry["cycles_per_input"] =
        ratio(static_cast<double>(layer.cycles), static_cast<double>(r.inputs));
    entry["floor_cycles"] = layer.floor_cycles;
    entry["utilisation"] = utilisation_of(layer, r.inputs);
    entry["bar_cycles"] = layer.bar_cycles;
    entry["within_bar"] =
        r.cycles > 0 && layer.bar_cycles > 0 ? Json(layer.within_bar(r.inputs)) : Json(nullptr);
    entry["macs"] = layer.macs;
    entry["host"] = layer.host.empty() ? Json(nullptr) : Json(layer.host);
    entry["dram_read_bytes"] = layer.dram_read_bytes;
    entry["dram_write_bytes"] = layer.dram_write_bytes;
    json["layers"].push_back(std::move(entry));
  }
  if (r.difference) {
    json["first_difference"] = {
        {"tensor", r.difference->tensor}, {"layer", r.difference->layer},
        {"input", r.difference->input},   {"coordinate", r.difference->coordinate},
        {"golden", r.difference->golden}, {"device", r.difference->device}};
    if (const auto& write = r.difference->write) {
      json["first_difference"]["write"] = {{"cycle", write->cycle},
                                           {"written", write->written},
                                           {"tensor", write->tensor},
                                           {"coordinate", write->coordinate},
                                           {"first_input", write->first_input},
                                           {"last_input", write->last_input}};
    }
  }
  for (const ExpectedReport& e : r.expected) json["expected"].push_back(expected_json(e));
  json["repeat"] = r.repeat;
  return json.dump(2) + "\n";
}

WrongWrite wrong_write_from_json(const nlohmann::json& json) {
  WrongWrite write;
  json.at("cycle").get_to(write.cycle);
  json.at("written").get_to(write.written);
  json.at("tensor").get_to(write.tensor);
  json.at("coordinate").get_to(write.coordinate);
  json.at("first_input").get_to(write.first_input);
  json.at("last_input").get_to(write.last_input);
  return write;
}

std::filesystem::path report_path(const Report& report, const std::filesystem::path& directory) {
  return directory /
         fmt::format("{}-{}-{}-{}.json", report.model, report.layer, report.config, report.backend);
}

std::filesystem::path write_json(const Report& report, const std::filesystem::path& directory) {
  const auto path = report_path(report, directory);
  std::error_code ignored;  // write_file says what is wrong
  std::filesystem::create_directories(directory, ignored);
  write_file(path, to_json(report));
  return path;
}

std::string to_text(const Report& r) {
  std::string text;
  text +=
      fmt::format("{} · layer {} · configuration {} · backend {} · {} input{}: {}\n\n", r.model,
                  r.layer, r.config, r.backend, r.inputs, r.inputs == 1 ? "" : "s", r.input_source);
  text += fmt::format(kRow, "layer", "shape", "cycles", "floor", "utilisation", "read B",
                      "written B", "compared B", "mismatches");
  for (const LayerReport& l : r.layers) {
    const double cycles = ratio(static_cast<double>(l.cycles), static_cast<double>(r.inputs));
    text += fmt::format(kRow, l.name, shape_text(l.shape), cycles_text(cycles),
                        grouped(l.floor_cycles), percent(utilisation_of(l, r.inputs)),
                        grouped(l.dram_read_bytes), grouped(l.dram_write_bytes),
                        !l.host.empty()        ? "on the host"
                        : l.bytes_compared > 0 ? grouped(l.bytes_compared)
                                               : "on chip",
                        l.bytes_compared > 0 ? grouped(l.mismatches) : "");
  }
  if (r.layers.size() > 1) {
    text += fmt::format(kRow, "total", "", cycles_text(r.cycles_per_input()),
                        grouped(r.floor_cycles), percent(r.utilisation()),
                        grouped(r.dram_read_bytes / std::max<uint64_t>(1, r.inputs)),
                        grouped(r.dram_write_bytes / std::max<uint64_t>(1, r.inputs)),
                        grouped(r.bytes_compared), grouped(r.mismatches));
  }
  if (r.cycles > 0) text += engines_text(r);
  text += fmt::format(
      "\ncycles, bytes moved and MACs are for one input; compared bytes for all {}\n", r.inputs);
  text += fmt::format("{} MACs on the device, {} on the host\n", grouped(r.macs - r.host_macs),
                      grouped(r.host_macs));
  text += host_text(r);
  text +=
      fmt::format("peaks: act memory {} of {} words ({}), DRAM {} bytes", grouped(r.act_peak_words),
                  grouped(r.act_words), percent(act_peak(r)), grouped(r.dram_bytes));
  if (r.process_peak_bytes > 0) {
    text += fmt::format(", this process {:.1f} MiB",
                        static_cast<double>(r.process_peak_bytes) / (1 << 20));
  }
  text += "\n";
  if (r.batch > 1 && r.cycles > 0) {
    text += fmt::format("an input is a batch of {} images: {} cycles an image\n", r.batch,
                        cycles_text(r.cycles_per_input() / r.batch));
  }
  if (r.cycles > 0) {
    text += fmt::format("{} cycles in {:.2f} s: {} cycles/s\n", grouped(r.cycles), r.host_seconds,
                        grouped(static_cast<uint64_t>(r.cycles_per_second())));
  }
  if (r.difference) {
    const Difference& d = *r.difference;
    text += fmt::format(
        "FAIL  {} of {} bytes differ; first: layer {}, tensor '{}', input {}, at [{}]: golden {}, "
        "{} {}\n"
        "      repeat: {}\n",
        grouped(r.mismatches), grouped(r.bytes_compared), d.layer, d.tensor, d.input,
        fmt::join(d.coordinate, ", "), d.golden, r.backend, d.device, r.repeat);
    if (d.write) {
      text +=
          fmt::format("      {} {}: {}\n",
                      d.write->written ? "the first wrong byte was written in cycle"
                                       : "no wrong byte was ever written; the run ended in cycle",
                      d.write->cycle, r.waves);
    }
  } else if (r.pass) {
    text += fmt::format("PASS  all {} bytes compared are equal to the golden model's\n",
                        grouped(r.bytes_compared));
  } else {
    text += fmt::format("FAIL  nothing was compared\n      repeat: {}\n", r.repeat);
  }
  for (const ExpectedReport& e : r.expected) text += expected_text(e, r.backend);
  return text;
}

}  // namespace weft::runtime
