#include "runtime/wave_tables.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "isa/activity.h"
#include "isa/disasm.h"

namespace weft::runtime {
namespace {

// A number that means none: all ones, in the views of sim/waves.
constexpr uint32_t kNone = ~uint32_t{0};
constexpr uint16_t kNoLayer = 0xffff;

std::string layer_name(const program::Program& program, uint32_t layer) {
  return layer < program.layers.size() ? program.layers[layer].name
                                       : fmt::format("layer {}", layer);
}

// The line of `weft disasm`, with the layer's name: "12 conv conv1 ...".
std::string descriptor_text(const program::Program& program, uint32_t index) {
  const auto bytes = program.descriptor(index);
  const auto header = isa::decode_fields<isa::Header>(bytes);
  std::string line = isa::disassemble(index, bytes);
  const std::string number = fmt::format("layer {}", header.layer);
  if (const size_t at = line.find(number); at != std::string::npos) {
    line.replace(at, number.size(), layer_name(program, header.layer));
  }
  std::string text;
  for (const char c : line) {
    if (c != ' ' || (!text.empty() && text.back() != ' ')) text += c;
  }
  return text;
}

std::string waits_text(const program::Program& program, uint32_t index,
                       const std::map<int, SemaphoreEnds>& ends) {
  const auto header = isa::decode_fields<isa::Header>(program.descriptor(index));
  std::string text = fmt::format("{} waits for", index);
  for (const isa::SemaphoreSlot& s : header.wait) {
    if (s.count == 0) continue;
    for (const std::string& raiser : ends.at(s.sem).raisers) text += " " + raiser;
    if (s.count > 1) text += fmt::format(" x{}", s.count);
  }
  return text;
}

// Colours alternate, so that neighbours are told apart at a glance.
std::string_view shade(uint32_t number) {
  constexpr std::array<std::string_view, 2> kShades{"?DarkSlateGray?", "?MidnightBlue?"};
  return kShades[number % kShades.size()];
}

// By number of isa::Activity, with the words of the performance counters ("load_bank": bank).
std::string activity_table(isa::Engine engine) {
  std::string table;
  for (int a = 0; a < isa::kNumActivities; ++a) {
    const auto activity = static_cast<isa::Activity>(a);
    const auto counter = static_cast<size_t>(isa::counter_of(engine, activity));
    const std::string_view name = regs::kCounters[counter].name;
    std::string_view colour = "?DarkOrange4?";
    if (activity == isa::Activity::kBusy) colour = "?DarkGreen?";
    if (activity == isa::Activity::kLatency) colour = "?DarkSlateGray?";
    if (activity == isa::Activity::kWait) colour = "?DarkRed?";
    if (activity == isa::Activity::kIdle) {
      table += fmt::format("{} -\n", a);
    } else {
      table += fmt::format("{} {}{}\n", a, colour, name.substr(name.find('_') + 1));
    }
  }
  return table;
}

}  // namespace

std::map<int, SemaphoreEnds> semaphore_ends(const program::Program& program) {
  std::map<int, SemaphoreEnds> ends;
  for (uint32_t i = 0; i < program.descriptor_count; ++i) {
    const auto header = isa::decode_fields<isa::Header>(program.descriptor(i));
    const isa::OpcodeInfo* opcode = isa::find_opcode(header.opcode);
    if (opcode == nullptr) continue;
    const std::string engine(isa::to_string(opcode->engine));
    for (const isa::SemaphoreSlot& s : header.raise) {
      if (s.count != 0) ends[s.sem].raisers.insert(engine);
    }
    for (const isa::SemaphoreSlot& s : header.wait) {
      if (s.count != 0) ends[s.sem].takers.insert(engine);
    }
  }
  return ends;
}

std::map<std::string, std::string> wave_tables(const program::Program& program) {
  const std::map<int, SemaphoreEnds> ends = semaphore_ends(program);
  std::string layers, descriptors, waits;
  for (uint32_t l = 0; l < program.layers.size(); ++l) {
    layers += fmt::format("{} {}{}\n", l, shade(l), layer_name(program, l));
  }
  layers += fmt::format("{} -\n", kNoLayer);
  for (uint32_t i = 0; i < program.descriptor_count; ++i) {
    descriptors += fmt::format("{} {}{}\n", i, shade(i), descriptor_text(program, i));
    waits += fmt::format("{} ?DarkRed?{}\n", i, waits_text(program, i, ends));
  }
  descriptors += fmt::format("{} -\n", kNone);
  waits += fmt::format("{} -\n", kNone);
  std::map<std::string, std::string> tables{
      {"layer", layers}, {"desc", descriptors}, {"waits", waits}};
  for (int e = 0; e < isa::kNumEngines; ++e) {
    const auto engine = static_cast<isa::Engine>(e);
    tables.emplace(isa::to_string(engine), activity_table(engine));
  }
  return tables;
}

}  // namespace weft::runtime
