// What must hold of a profile's files; each check gives what it found wrong, in words.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace weft::tb {

using nlohmann::json;
using Complaints = std::vector<std::string>;

inline std::vector<std::string> engine_names(const json& profile) {
  std::vector<std::string> names;
  for (const json& engine : profile.at("engines")) names.push_back(engine.at("name"));
  return names;
}

// Every descriptor once, none of no length, and an engine's one after the other.
inline Complaints check_slices(const json& profile) {
  Complaints found;
  const json& timeline = profile.at("timeline");
  const auto descriptors = profile.at("report").at("counters").at("descriptors").get<size_t>();
  std::vector<int> seen(descriptors);
  std::map<int, uint64_t> free;
  for (const json& s : timeline.at("slices")) {
    const auto index = s.at(0).get<size_t>();
    const uint64_t issue = s.at(4), begin = s.at(5), end = s.at(6);
    if (index >= descriptors || ++seen[index] != 1)
      found.push_back(fmt::format("descriptor {} is there again, or is none", index));
    if (issue > begin || begin >= end || end > timeline.at("cycles").get<uint64_t>())
      found.push_back(fmt::format("descriptor {}: issue {}, {} to {}", index, issue, begin, end));
    uint64_t& before = free[s.at(1).get<int>()];
    if (begin < before) found.push_back(fmt::format("descriptor {} overlaps", index));
    before = end;
  }
  for (size_t i = 0; i < seen.size(); ++i)
    if (seen[i] == 0) found.push_back(fmt::format("descriptor {} is missing", i));
  if (descriptors == 0) found.emplace_back("there are no descriptors");
  return found;
}

// What was sampled cycle by cycle adds up to what the hardware counted.
inline Complaints check_sums(const json& profile) {
  Complaints found;
  const auto equal = [&](const std::string& what, uint64_t ours, uint64_t counted) {
    if (ours != counted) found.push_back(fmt::format("{}: {}, not {}", what, ours, counted));
  };
  const json& report = profile.at("report");
  const json& counters = report.at("counters");
  const json& timeline = profile.at("timeline");
  uint64_t cycles = 0;
  for (const json& layer : profile.at("layers")) cycles += layer.at("cycles").get<uint64_t>();
  equal("cycles of all layers", cycles, report.at("cycles"));
  const std::vector<std::string> engines = engine_names(profile);
  for (size_t e = 0; e < engines.size(); ++e) {
    const json& names = profile.at("engines").at(e).at("activities");
    for (size_t a = 0; a < names.size(); ++a) {
      const std::string name = engines[e] + "_" + names[a].get<std::string>();
      uint64_t sum = 0;
      for (const json& layer : profile.at("layers"))
        sum += layer.at("activities").at(e).at(a).get<uint64_t>();
      equal(name, sum, counters.at(name));
    }
    uint64_t waits = 0;
    for (const json& w : timeline.at("waits")) {
      if (w.at(0).get<size_t>() == e) waits += w.at(2).get<uint64_t>() - w.at(1).get<uint64_t>();
    }
    equal(engines[e] + " waits", waits, counters.at(engines[e] + "_wait"));
  }
  return found;
}

// Bursts of data, all of them: descriptors and job entries are control's.
inline Complaints check_bursts(const json& profile) {
  Complaints found;
  std::map<bool, uint64_t> moved;
  std::map<bool, uint64_t> free;
  for (const json& b : profile.at("timeline").at("bursts")) {
    const bool write = b.at(0).get<int>() != 0;
    const uint64_t issue = b.at(2), first = b.at(3), end = b.at(4);
    moved[write] += b.at(6).get<uint64_t>();
    if (issue > first || first >= end || first < free[write])
      found.push_back(
          fmt::format("burst at {}: issue {}, {} to {}", b.at(5).dump(), issue, first, end));
    free[write] = end;
  }
  const json& report = profile.at("report");
  for (const bool write : {false, true}) {
    const auto counted = report.at(write ? "dram_write_bytes" : "dram_read_bytes").get<uint64_t>();
    // The entry is read before, and the record written behind what the job counts.
    if (moved[write] < counted || moved[write] > counted + 256)
      found.push_back(fmt::format("{} bytes in bursts, {} counted", moved[write], counted));
  }
  return found;
}

// The events of a trace: descriptors as the profile has them, one thread's slices one after the
// other, arrows forwards, counts never below zero.
inline Complaints check_trace(const json& trace, const json& profile) {
  Complaints found;
  const auto nanoseconds = [](const json& microseconds) {
    return static_cast<int64_t>(std::llround(microseconds.get<double>() * 1000));
  };
  std::map<uint32_t, int> seen;
  std::map<std::pair<int, int>, std::vector<std::pair<int64_t, int64_t>>> threads;
  std::map<int, int64_t> arrows;
  size_t layers = 0, ends = 0;
  for (const json& event : trace.at("traceEvents")) {
    const std::string phase = event.at("ph");
    if (phase == "X") {
      const int64_t begin = nanoseconds(event.at("ts")), length = nanoseconds(event.at("dur"));
      if (begin < 0 || length <= 0)
        found.push_back(fmt::format("slice {} of {} ns", event.at("name").dump(), length));
      threads[{event.at("pid"), event.at("tid")}].emplace_back(begin, begin + length);
      layers += event.at("cat") == "layer" ? 1 : 0;
      if (event.at("cat") != "descriptor") continue;
      const json& args = event.at("args");
      ++seen[args.at("descriptor").get<uint32_t>()];
      if (begin != args.at("begin") || begin + length != args.at("end") ||
          args.at("issue") > args.at("begin"))
        found.push_back(
            fmt::format("descriptor {} is not where it says", args.at("descriptor").dump()));
    } else if (phase == "s") {
      arrows[event.at("id")] = nanoseconds(event.at("ts"));
    } else if (phase == "f") {
      ++ends;
      const auto from = arrows.find(event.at("id"));
      if (from == arrows.end() || from->second > nanoseconds(event.at("ts")))
        found.push_back(
            fmt::format("arrow {} goes backwards, or from nowhere", event.at("id").dump()));
    } else if (phase == "C") {
      for (const auto& [name, value] : event.at("args").items())
        if (value < 0)
          found.push_back(
              fmt::format("{} of {} is {}", name, event.at("name").dump(), value.dump()));
    }
  }
  for (auto& [thread, slices] : threads) {
    std::sort(slices.begin(), slices.end());
    for (size_t i = 1; i < slices.size(); ++i) {
      if (slices[i].first < slices[i - 1].second)
        found.push_back(fmt::format("thread {} of {}: slices overlap in cycle {}", thread.second,
                                    thread.first, slices[i].first));
    }
  }
  const json& slices = profile.at("timeline").at("slices");
  for (const json& s : slices) {
    if (seen[s.at(0).get<uint32_t>()] != 1)
      found.push_back(
          fmt::format("descriptor {} is there {} times", s.at(0).dump(), seen[s.at(0)]));
  }
  if (seen.size() != slices.size() || layers == 0 || arrows.empty() || ends != arrows.size())
    found.push_back(fmt::format("{} descriptors, {} layers, {} arrows with {} ends", seen.size(),
                                layers, arrows.size(), ends));
  return found;
}

inline std::string grouped_text(int64_t value) {
  std::string digits = std::to_string(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

// The page as a browser has it in the end: nothing went wrong, and each number that says where it
// comes from is the profile's.
inline Complaints check_page(const std::string& dom, const json& profile) {
  Complaints found;
  if (dom.find("data-state=\"ready\"") == std::string::npos)
    found.emplace_back("the page did not come to its end");
  if (dom.find("class=\"page-error\"") != std::string::npos)
    found.push_back("the page shows an error: " +
                    dom.substr(dom.find("class=\"page-error\""), 120));
  size_t numbers = 0;
  const std::string mark = "data-path=\"";
  for (size_t at = dom.find(mark); at != std::string::npos; at = dom.find(mark, at + 1)) {
    const auto between = [&](const std::string& before, const std::string& after) {
      const size_t first = dom.find(before, at) + before.size();
      return dom.substr(first, dom.find(after, first) - first);
    };
    const std::string path = between(mark, "\""), format = between("data-format=\"", "\""),
                      text = between(">", "<");
    std::string pointer = "/" + path;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    const json& value = profile.at(json::json_pointer(pointer));
    const std::string want = format == "whole" ? grouped_text(value.get<int64_t>())
                             : format == "percent"
                                 ? fmt::format("{:.1f} %", 100 * value.get<double>())
                                 : fmt::format("{:.1f}", value.get<double>());
    if (text != want) found.push_back(fmt::format("{} is {}, the page says {}", path, want, text));
    ++numbers;
  }
  // Totals, and of each layer cycles, floor, MACs and traffic in the table alone.
  if (numbers < 6 + 5 * profile.at("layers").size())
    found.push_back(fmt::format("only {} numbers are on the page", numbers));
  return found;
}

}  // namespace weft::tb
