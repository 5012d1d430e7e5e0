// The compiler's report as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/table.h"
#include "compiler/report.h"

namespace weft::compiler {
namespace {

using Json = nlohmann::ordered_json;

std::string number(uint64_t value) { return std::to_string(value); }
std::string number(int value) { return std::to_string(value); }

std::string staging_text(const Staging& staging) {
  return staging.addr.empty() ? "on chip"
                              : fmt::format("{} x {}", staging.addr.size(), staging.words);
}

std::string placement_text(const CompileReport& r) {
  std::string text = fmt::format(
      "placement: {} of {} MACs on the device; {} job{} of the device, {} step{} of the host\n",
      r.macs - r.host_macs, r.macs, r.jobs, r.jobs == 1 ? "" : "s", r.host_steps,
      r.host_steps == 1 ? "" : "s");
  Table table({"layer", "kind", "where", ">MACs", ">share"});
  for (const LayerPlace& l : r.layers) {
    table.row({l.name, l.kind, to_string(l.where), number(l.macs),
               fmt::format("{:.1f} %", 100 * l.share)});
  }
  text += table.text();
  for (const LayerPlace& l : r.layers) {
    if (l.where != model::RunsOn::kHost) continue;
    text += fmt::format(
        "{} is on the host, between jobs: {}; it reads {} and writes {} bytes of activations in "
        "DRAM\n",
        l.name, l.reason, l.read_bytes, l.write_bytes);
  }
  return text;
}

std::string cuts_text(const CompileReport& r) {
  std::string text = fmt::format(
      "\ntiles: a chunk (rows x columns x blocks of {} channels) is staged at a time; a tile (rows "
      "x columns) is what an\naccumulator bank holds or a vector pass takes; weights (held: all at "
      "once, block: those of a block, stream: in pieces\nof at most so many) and parameters are in "
      "words, of {} and {} in rings\n",
      r.block_channels, r.wgt_words, r.param_words);
  Table table({"layer", ">output", ">chunk", ">tile", ">K tiles", "weights", ">words",
               ">parameters", ">inputs, words", ">output, words"});
  for (const LayerCut& c : r.cuts) {
    std::string inputs;
    for (const Staging& in : c.in) inputs += (inputs.empty() ? "" : ", ") + staging_text(in);
    const bool array = c.k_tiles > 0;
    table.row({c.name, fmt::format("{}x{}x{}x{}", c.out.n, c.out.h, c.out.w, c.out.c),
               fmt::format("{}x{}x{}", c.chunk_h, c.chunk_w, c.chunk_blocks),
               fmt::format("{}x{}", c.tile_h, c.tile_w),
               array ? fmt::format("{}{}", c.k_tiles, c.shallow ? " packed" : "") : "-",
               array ? c.weights : "-", array ? number(c.weight_words) : "-",
               number(c.parameter_words), inputs, staging_text(c.out_staging)});
  }
  return r.cuts.empty() ? "" : text + table.text();
}

std::string act_text(const CompileReport& r) {
  if (r.act.empty()) return "";
  std::string text = fmt::format(
      "\nact memory: {} words of {} bytes; most in use at a time: {} ({:.1f} %), in {}\n",
      r.act_words, r.word_bytes, r.act_peak_words, 100.0 * r.act_peak_words / r.act_words,
      r.layers[r.act_peak_layer].name);
  Table table({">address", ">words", "from layer", "to layer", "content"});
  for (const ActBuffer& b : r.act) {
    table.row({number(b.addr), number(b.words), r.layers[b.first].name, r.layers[b.last].name,
               b.content});
  }
  return text + table.text();
}

std::string dram_text(const CompileReport& r) {
  std::string text =
      fmt::format("\nDRAM: {} bytes; every region is there all the time\n", r.dram_bytes);
  Table table({"region", ">offset", ">bytes", "role", "tensor"});
  for (const DramRegion& region : r.regions) {
    table.row({region.name, "", number(region.bytes), "", ""});
    for (const DramTensor& t : r.tensors) {
      if (t.region == region.name)
        table.row({"", number(t.offset), number(t.bytes), t.role, t.name});
    }
  }
  return text + table.text();
}

Json staging_json(const Staging& staging) {
  return {{"buffers", staging.addr.size()}, {"words", staging.words}};
}

Json placement_json(const CompileReport& r) {
  Json all = Json::array();
  for (const LayerPlace& l : r.layers) {
    Json entry{{"layer", l.name},
               {"kind", l.kind},
               {"where", to_string(l.where)},
               {"macs", l.macs},
               {"share", l.share}};
    if (l.where == model::RunsOn::kHost) {
      entry["reason"] = l.reason;
      entry["read_bytes"] = l.read_bytes;
      entry["write_bytes"] = l.write_bytes;
    }
    all.push_back(std::move(entry));
  }
  return all;
}

Json cuts_json(const CompileReport& r) {
  Json all = Json::array();
  for (const LayerCut& c : r.cuts) {
    Json entry{{"layer", c.name},
               {"output", {c.out.n, c.out.h, c.out.w, c.out.c}},
               {"chunk", {c.chunk_h, c.chunk_w, c.chunk_blocks}},
               {"tile", {c.tile_h, c.tile_w}},
               {"k_tiles", c.k_tiles},
               {"packed", c.shallow},
               {"weights", c.weights.empty() ? Json(nullptr) : Json(c.weights)},
               {"weight_words", c.weight_words},
               {"parameter_words", c.parameter_words},
               {"inputs", Json::array()},
               {"output_staging", staging_json(c.out_staging)}};
    for (const Staging& in : c.in) entry["inputs"].push_back(staging_json(in));
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace

std::string to_text(const CompileReport& r) {
  return placement_text(r) + cuts_text(r) + act_text(r) + dram_text(r);
}

std::string to_json(const CompileReport& r) {
  Json json{{"model", r.model},
            {"config", r.config},
            {"macs", r.macs},
            {"host_macs", r.host_macs},
            {"jobs", r.jobs},
            {"host_steps", r.host_steps},
            {"layers", placement_json(r)},
            {"tiles", cuts_json(r)}};
  json["act"] = {{"words", r.act_words},
                 {"word_bytes", r.word_bytes},
                 {"peak_words", r.act_peak_words},
                 {"peak_layer", r.layers[r.act_peak_layer].name},
                 {"buffers", Json::array()}};
  for (const ActBuffer& b : r.act) {
    json["act"]["buffers"].push_back({{"address", b.addr},
                                      {"words", b.words},
                                      {"from", r.layers[b.first].name},
                                      {"to", r.layers[b.last].name},
                                      {"content", b.content}});
  }
  json["dram"] = {{"bytes", r.dram_bytes}, {"regions", Json::array()}, {"tensors", Json::array()}};
  for (const DramRegion& region : r.regions)
    json["dram"]["regions"].push_back({{"name", region.name}, {"bytes", region.bytes}});
  for (const DramTensor& t : r.tensors) {
    json["dram"]["tensors"].push_back({{"name", t.name},
                                       {"role", t.role},
                                       {"region", t.region},
                                       {"offset", t.offset},
                                       {"bytes", t.bytes}});
  }
  return json.dump(2) + "\n";
}

}  // namespace weft::compiler
