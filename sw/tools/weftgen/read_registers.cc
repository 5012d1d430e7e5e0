#include <algorithm>
#include <bit>

#include "tools/weftgen/facts.h"
#include "tools/weftgen/yaml_map.h"

namespace weft::gen {
namespace {

constexpr int kRegisterBytes = 4;
constexpr int kRegisterBits = 32;
constexpr int kCounterBytes = 8;

std::vector<RegisterField> read_fields(const YamlMap& parent) {
  std::vector<RegisterField> fields;
  for (const YAML::Node& node : parent.list("fields")) {
    const YamlMap map(parent.path(), node, "register field", {"name", "bit", "bits", "doc"},
                      {"access", "timing"});
    RegisterField f;
    f.name = map.name();
    f.bit = static_cast<int>(map.integer("bit", 0, kRegisterBits - 1));
    f.bits = static_cast<int>(map.integer("bits", 1, kRegisterBits - f.bit));
    f.doc = map.text("doc");
    f.pulse = map.has("access") && map.one_of("access", {"pulse"}) == "pulse";
    if (map.has("timing")) f.timing = map.one_of("timing", {"busy", "progress", "jobs"});
    for (const RegisterField& other : fields) {
      if (other.name == f.name)
        map.refuse("name", "'{}' is given twice; field names of a register are unique", f.name);
      if (f.bit < other.bit + other.bits && other.bit < f.bit + f.bits) {
        map.refuse(
            "bit",
            "field '{}' (bits {} to {}) overlaps '{}' (bits {} to {}); fields may not share bits",
            f.name, f.bit, f.bit + f.bits - 1, other.name, other.bit, other.bit + other.bits - 1);
      }
    }
    fields.push_back(f);
  }
  return fields;
}

Register read_register(const Registers& all, const std::string& path, const YAML::Node& node) {
  const YamlMap map(path, node, "register", {"name", "offset", "access", "doc"},
                    {"reset", "fields", "zero_bits"});
  Register r;
  r.name = map.name();
  r.offset = map.integer("offset");
  r.access = map.one_of("access", {"ro", "rw", "w1c", "wo"});
  r.doc = map.text("doc");
  if (r.offset % kRegisterBytes != 0) {
    map.refuse("offset", "{:#x} is not aligned; registers lie at multiples of {}", r.offset,
               kRegisterBytes);
  }
  if (r.offset < 0 || r.offset + kRegisterBytes > all.address_bytes) {
    map.refuse("offset", "{:#x} lies outside; address_bytes allows 0 to {:#x}", r.offset,
               all.address_bytes - kRegisterBytes);
  }
  if (map.has("reset")) r.reset = map.integer("reset", 0, (int64_t{1} << kRegisterBits) - 1);
  r.fields = read_fields(map);
  if (map.has("zero_bits")) r.zero_bits = static_cast<int>(map.integer("zero_bits", 1, 31));
  if (r.zero_bits > 0 && !r.fields.empty())
    map.refuse("zero_bits", "is for a register without fields; '{}' has some", r.name);
  for (const Register& other : all.registers) {
    if (other.name == r.name)
      map.refuse("name", "'{}' is given twice; register names are unique", r.name);
    if (other.offset == r.offset) {
      map.refuse("offset", "{:#x} is that of '{}' already; each register has its own", r.offset,
                 other.name);
    }
  }
  return r;
}

void read_counters(const YamlMap& top, Registers& all) {
  const YamlMap map(top.path(), top.child("counters"), "counters", {"base", "list"});
  for (const YAML::Node& node : map.list("list")) {
    const YamlMap entry(top.path(), node, "counter", {"name", "unit", "doc"});
    const Counter c{entry.name(), entry.text("unit"), entry.text("doc")};
    for (const Counter& other : all.counters) {
      if (other.name == c.name)
        entry.refuse("name", "'{}' is given twice; counter names are unique", c.name);
    }
    all.counters.push_back(c);
  }
  if (all.counters.size() > 256)
    map.refuse("list", "has {} counters; at most 256 are allowed", all.counters.size());
  const int64_t bytes = kCounterBytes * static_cast<int64_t>(all.counters.size());
  all.counter_base = map.integer("base");
  if (all.counter_base % kCounterBytes != 0) {
    map.refuse("base", "{:#x} is not aligned; counters lie at multiples of {}", all.counter_base,
               kCounterBytes);
  }
  if (all.counter_base < 0 || all.counter_base + bytes > all.address_bytes) {
    map.refuse("base", "{} counters from {:#x} end at {:#x}; address_bytes allows up to {:#x}",
               all.counters.size(), all.counter_base, all.counter_base + bytes, all.address_bytes);
  }
  for (const Register& r : all.registers) {
    if (r.offset + kRegisterBytes > all.counter_base && r.offset < all.counter_base + bytes) {
      map.refuse(
          "base",
          "counters {:#x} to {:#x} overlap register '{}' at {:#x}; they may not share addresses",
          all.counter_base, all.counter_base + bytes - 1, r.name, r.offset);
    }
  }
}

}  // namespace

Registers read_registers(const std::string& path) {
  const YAML::Node root = load_yaml(path);
  const YamlMap map(path, root, "register map",
                    {"version", "address_bytes", "registers", "counters"});
  map.integer("version", 1, 1);
  Registers all;
  all.address_bytes = map.integer("address_bytes", 8, 65536);
  if (!std::has_single_bit(static_cast<uint64_t>(all.address_bytes))) {
    map.refuse("address_bytes", "is {}; a power of two is required", all.address_bytes);
  }
  for (const YAML::Node& node : map.list("registers"))
    all.registers.push_back(read_register(all, path, node));
  read_counters(map, all);
  return all;
}

}  // namespace weft::gen
