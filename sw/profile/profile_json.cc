// The profile as a file, which the page shows.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "isa/disasm.h"
#include "profile/profile.h"
#include "runtime/text.h"

namespace weft::profile {
namespace {

using Json = nlohmann::ordered_json;
using runtime::ratio;

// What engines did, and what the bus moved, is told in this many equal parts of the run.
constexpr uint64_t kBins = 1200;
// More bursts than these are only told by part.
constexpr size_t kMostBursts = 50000;

Json machine_json(const Profile& p) {
  const isa::HardwareConfig& c = isa::find_config(p.report.config);
  return {{"config", p.report.config},
          {"array_macs", c.rows * c.cols},
          {"depthwise_macs", c.cols * 3},
          {"lanes", c.cols},
          {"bus_bytes", c.bus_bytes()},
          {"word_bytes", c.word_bytes()},
          {"act_words", c.act_words},
          {"act_banks", c.act_banks},
          {"latency_cycles", p.device.latency_cycles}};
}

Json engines_json() {
  Json engines = Json::array();
  for (int e = 0; e < isa::kNumEngines; ++e) {
    const auto engine = static_cast<isa::Engine>(e);
    Json names = Json::array(), docs = Json::array();
    for (int a = 0; a < isa::kNumActivities; ++a) {
      const auto activity = static_cast<isa::Activity>(a);
      names.push_back(activity_name(engine, activity));
      docs.push_back(regs::kCounters[static_cast<size_t>(isa::counter_of(engine, activity))].doc);
    }
    engines.push_back({{"name", isa::to_string(engine)}, {"activities", names}, {"docs", docs}});
  }
  return engines;
}

Json layers_json(const Profile& p) {
  Json layers = Json::array();
  const bool alone = p.program->layers.size() == 1;
  for (size_t i = 0; i < p.report.layers.size(); ++i) {
    const runtime::LayerReport& r = p.report.layers[i];
    const program::Layer& l = p.program->layers[i];
    const LayerTime& time = p.timeline.layers.at(i);
    const uint64_t taken = cycles_taken(time);
    const auto macs = static_cast<double>(r.macs);
    const uint64_t bytes = r.dram_read_bytes + r.dram_write_bytes;
    Json layer{
        {"name", r.name},
        {"kind", l.kind},
        {"shape", r.shape},
        {"host", r.host.empty() ? Json(nullptr) : Json(r.host)},
        {"begin", time.begin},
        {"end", time.end},
        {"cycles", r.cycles},
        {"engine_cycles", time.held},
        {"taken_cycles", taken},
        {"floor_cycles", r.floor_cycles},
        {"bound", bound_of(*p.program, i)},
        {"floors",
         {{"array", l.floor_array},
          {"depthwise", l.floor_depthwise},
          {"vector", l.floor_vector},
          {"bus", alone ? l.floor_bus_alone : l.floor_bus}}},
        {"utilisation", ratio(static_cast<double>(r.floor_cycles), static_cast<double>(taken))},
        {"macs", r.macs},
        {"macs_per_cycle", r.host.empty() ? ratio(macs, static_cast<double>(taken)) : 0},
        {"dram_read_bytes", r.dram_read_bytes},
        {"dram_write_bytes", r.dram_write_bytes},
        {"macs_per_byte",
         bytes > 0 ? Json(ratio(macs, static_cast<double>(bytes))) : Json(nullptr)}};
    layer["activities"] = p.timeline.activities.empty() ? Json(nullptr) : Json(time.activities);
    layers.push_back(std::move(layer));
  }
  return layers;
}

// By part of the run; the values of a part add up to what happened in it.
class Bins {
 public:
  explicit Bins(uint64_t cycles) : width_(std::max<uint64_t>(1, (cycles + kBins - 1) / kBins)) {
    values_.resize(static_cast<size_t>((cycles + width_ - 1) / width_));
  }
  // `amount` for each cycle of [begin, end).
  void add(uint64_t begin, uint64_t end, double amount) {
    end = std::min<uint64_t>(end, values_.size() * width_);
    for (uint64_t at = begin; at < end;) {
      const uint64_t next = std::min(end, (at / width_ + 1) * width_);
      values_[at / width_] += amount * static_cast<double>(next - at);
      at = next;
    }
  }
  uint64_t width() const { return width_; }
  Json json() const {
    Json out = Json::array();
    for (const double v : values_) out.push_back(static_cast<uint64_t>(v + 0.5));
    return out;
  }

 private:
  uint64_t width_;
  std::vector<double> values_;
};

Json bins_json(const Timeline& t) {
  Bins read(t.cycles), write(t.cycles);
  for (const Burst& b : t.bursts) {
    (b.write ? write : read)
        .add(b.first, b.end,
             ratio(static_cast<double>(b.bytes), static_cast<double>(b.end - b.first)));
  }
  std::vector<std::vector<Bins>> engines(isa::kNumEngines,
                                         std::vector<Bins>(isa::kNumActivities, Bins(t.cycles)));
  for (const Activity& a : t.activities)
    engines[static_cast<size_t>(a.engine)][static_cast<size_t>(a.activity)].add(a.begin, a.end, 1);
  Json json{{"width", read.width()}, {"read", read.json()}, {"write", write.json()}};
  if (t.activities.empty()) return json;
  for (const auto& engine : engines) {
    Json lanes = Json::array();
    for (const Bins& lane : engine) lanes.push_back(lane.json());
    json["engines"].push_back(std::move(lanes));
  }
  return json;
}

Json timeline_json(const Profile& p) {
  const Timeline& t = p.timeline;
  Json slices = Json::array(), waits = Json::array(), bursts = Json::array(), held = Json::array();
  for (const Slice& s : t.slices) {
    slices.push_back({s.index, static_cast<int>(s.engine), s.layer, isa::to_string(s.opcode),
                      s.issue, s.begin, s.end});
  }
  for (const Activity& a : t.activities) {
    if (a.activity == isa::Activity::kWait)
      waits.push_back({static_cast<int>(a.engine), a.begin, a.end});
  }
  Json names = Json::array();
  if (t.bursts.size() <= kMostBursts) {
    std::map<std::string, size_t> index;
    for (const Burst& b : t.bursts) {
      const auto [found, fresh] = index.emplace(b.what, index.size());
      if (fresh) names.push_back(b.what);
      bursts.push_back(
          {b.write ? 1 : 0, found->second, b.issue, b.first, b.end, b.address, b.bytes});
    }
  }
  for (const Held& h : p.held) {
    held.push_back({h.first, h.words, h.layer, static_cast<int>(h.holding), h.begin, h.end});
  }
  return {{"cycles", t.cycles},
          {"job_begins", t.job_begins},
          {"burst_count", t.bursts.size()},
          {"slice_fields", {"descriptor", "engine", "layer", "opcode", "issue", "begin", "end"}},
          {"slices", slices},
          {"wait_fields", {"engine", "begin", "end"}},
          {"waits", waits},
          {"burst_fields", {"write", "name", "issue", "first", "end", "address", "bytes"}},
          {"burst_names", names},
          {"bursts", bursts},
          {"held_fields", {"word", "words", "layer", "holding", "begin", "end"}},
          {"holdings", {"input", "output", "tensor"}},
          {"held", held},
          {"bins", bins_json(t)}};
}

}  // namespace

std::string to_json(const Profile& p) {
  Json json;
  json["report"] = Json::parse(runtime::to_json(p.report));
  json["machine"] = machine_json(p);
  json["engines"] = engines_json();
  json["layers"] = layers_json(p);
  json["timeline"] = timeline_json(p);
  return json.dump() + "\n";
}

}  // namespace weft::profile
