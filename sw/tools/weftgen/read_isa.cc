#include <algorithm>
#include <set>

#include "tools/weftgen/facts.h"
#include "tools/weftgen/yaml_map.h"

namespace weft::gen {

int64_t Field::lowest() const {
  if (min) return *min;
  return is_signed ? -(int64_t{1} << (bits - 1)) : 0;
}

int64_t Field::highest() const {
  if (max) return *max;
  const int magnitude = is_signed ? bits - 1 : bits;
  if (magnitude >= 63) return std::numeric_limits<int64_t>::max();
  return (int64_t{1} << magnitude) - 1;
}

int Isa::slots() const {
  return static_cast<int>(std::count_if(header.begin(), header.end(), [](const Field& f) {
    return f.name.starts_with("wait") && f.name.ends_with("_sem");
  }));
}

namespace {

// What a field may be, and where: descriptors hold numbers, jobs also wide tables.
struct Place {
  int bytes;                       // of the whole
  std::set<int> wide;              // widths allowed from 8 bits up
  const std::vector<Field>* head;  // fields that come first, or null
};

const std::set<int> kDescriptorWidths = {8, 16, 24, 32, 48};
const std::set<int> kJobWidths = {8, 16, 24, 32, 48, 64, 1024};

void check_range(const YamlMap& map, Field& field) {
  Field whole = field;
  whole.min = whole.max = std::nullopt;
  for (const std::string_view key : {"min", "max"}) {
    if (!map.has(key)) continue;
    const int64_t value = map.integer(key);
    if (value < whole.lowest() || value > whole.highest()) {
      map.refuse(key, "{} does not fit {} {} bits; allowed is {} to {}", value,
                 field.is_signed ? "signed" : "unsigned", field.bits, whole.lowest(),
                 whole.highest());
    }
    (key == "min" ? field.min : field.max) = value;
  }
  if (field.lowest() > field.highest()) {
    map.refuse("min", "{} is above max {}; min may not pass max", field.lowest(), field.highest());
  }
}

void check_clash(const YamlMap& map, const Field& field, const std::vector<Field>& others,
                 std::string_view where) {
  for (const Field& other : others) {
    if (other.name == field.name) {
      map.refuse("name", "'{}' is given twice{}; field names are unique", field.name, where);
    }
    if (field.first_bit() < other.end_bit() && other.first_bit() < field.end_bit()) {
      map.refuse("byte",
                 "field '{}' (byte {} bit {}, {} bits) overlaps '{}' (byte {} bit {}, {} bits){}; "
                 "fields may not share bits",
                 field.name, field.byte, field.bit, field.bits, other.name, other.byte, other.bit,
                 other.bits, where);
    }
  }
}

Field read_field(const std::string& path, const YAML::Node& node, const Place& place,
                 const std::vector<Field>& siblings) {
  const YamlMap map(path, node, "field", {"name", "byte", "bits", "doc"},
                    {"bit", "signed", "unit", "min", "max"});
  Field f;
  f.name = map.name();
  if (f.name.starts_with("rsvd") || f.name == "header") {
    map.refuse("name", "'{}' is not free; 'header' and names that begin with 'rsvd' are taken",
               f.name);
  }
  f.byte = static_cast<int>(map.integer("byte", 0, 65535));
  f.bits = static_cast<int>(map.integer("bits", 1, 65535));
  if (f.bits < 8) {
    f.bit = map.has("bit") ? static_cast<int>(map.integer("bit", 0, 8 - f.bits)) : 0;
  } else {
    if (!place.wide.contains(f.bits)) {
      map.refuse("bits", "is {}; allowed are 1 to 7 and {}", f.bits, fmt::join(place.wide, ", "));
    }
    if (map.has("bit"))
      map.refuse("bit", "given for a field of {} bits; only fields narrower than 8 bits have it",
                 f.bits);
  }
  if (f.end_bit() > place.bytes * 8) {
    map.refuse("byte", "field '{}' ends at byte {}; the last byte is {}", f.name,
               (f.end_bit() - 1) / 8, place.bytes - 1);
  }
  f.is_signed = map.flag("signed");
  if (f.is_signed && f.bits > 64)
    map.refuse("signed", "given for a field of {} bits; at most 64 can be signed", f.bits);
  f.unit = map.text("unit");
  f.doc = map.text("doc");
  if (f.bits <= 64) check_range(map, f);
  if (place.head != nullptr) check_clash(map, f, *place.head, " of the header");
  check_clash(map, f, siblings, "");
  return f;
}

std::vector<Field> read_fields(const YamlMap& parent, std::string_view key, const Place& place) {
  std::vector<Field> fields;
  for (const YAML::Node& node : parent.list(key)) {
    fields.push_back(read_field(parent.path(), node, place, fields));
  }
  return fields;
}

// name, a number and doc; names and numbers unique. `key` is what the number is called.
std::vector<Item> read_items(const YamlMap& parent, std::string_view list, std::string_view key,
                             int64_t max) {
  std::vector<Item> items;
  for (const YAML::Node& node : parent.list(list)) {
    const YamlMap map(parent.path(), node, std::string(list) + " entry", {"name", key, "doc"});
    const Item item{map.name(), map.integer(key, 0, max), map.text("doc")};
    for (const Item& other : items) {
      if (other.name == item.name)
        map.refuse("name", "'{}' is given twice; names of {} are unique", item.name, list);
      if (other.value == item.value) {
        map.refuse(key, "{} is that of '{}' already; each of {} has its own", item.value,
                   other.name, list);
      }
    }
    items.push_back(item);
  }
  return items;
}

void check_header(const YamlMap& top, const Isa& isa) {
  const auto has = [&](const std::string& name) {
    return std::any_of(isa.header.begin(), isa.header.end(),
                       [&](const Field& f) { return f.name == name; });
  };
  std::vector<std::string> expected = {"opcode", "flags", "layer"};
  for (int slot = 0; slot < std::max(isa.slots(), 1); ++slot) {
    for (const char* kind : {"wait", "raise"}) {
      expected.push_back(fmt::format("{}{}_sem", kind, slot));
      expected.push_back(fmt::format("{}{}_count", kind, slot));
    }
  }
  for (const std::string& name : expected) {
    if (!has(name))
      top.refuse("header", "field '{}' is missing; the header holds {}", name,
                 fmt::join(expected, ", "));
  }
  if (expected.size() != isa.header.size()) {
    top.refuse("header", "has {} fields; the header holds {}", isa.header.size(),
               fmt::join(expected, ", "));
  }
  for (const Field& f : isa.header) {
    if ((f.name == "opcode" || f.name == "flags") && f.bits != 8) {
      top.refuse("header", "field '{}' has {} bits; 8 are required", f.name, f.bits);
    }
    if (f.name.ends_with("_sem") && (int64_t{1} << f.bits) != isa.semaphore_count) {
      top.refuse("header", "field '{}' has {} bits; it must name exactly semaphores.count = {}",
                 f.name, f.bits, isa.semaphore_count);
    }
  }
}

void read_formats(const YamlMap& top, Isa& isa) {
  const YAML::Node node = top.child("formats");
  if (!node.IsMap() || node.size() == 0)
    top.refuse("formats", "a mapping of format names is expected");
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string name = entry.first.Scalar();
    if (!seen.insert(name).second) {
      fail(ErrorKind::kMalformedFile, "{}:{}: {}: format given twice; each may stand once",
           top.path(), entry.first.Mark().line + 1, name);
    }
    const YamlMap map(top.path(), entry.second, "format", {"doc", "fields"}, {"flags"});
    isa.formats.push_back(
        {name, map.text("doc"), read_items(map, "flags", "bit", 7),
         read_fields(map, "fields", {isa.descriptor_bytes, kDescriptorWidths, &isa.header})});
  }
}

template <class List>
void require_name(const YamlMap& map, std::string_view key, const std::string& name,
                  const List& list) {
  std::vector<std::string> names;
  for (const auto& item : list) names.push_back(item.name);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    map.refuse(key, "'{}' is not known; allowed are {}", name, fmt::join(names, ", "));
  }
}

void read_opcodes(const YamlMap& top, Isa& isa) {
  for (const YAML::Node& node : top.list("opcodes")) {
    const YamlMap map(top.path(), node, "opcode", {"name", "value", "engine", "format", "doc"});
    const Opcode op{map.name(), map.integer("value", 1, 255), map.name("engine"),
                    map.name("format"), map.text("doc")};
    require_name(map, "engine", op.engine, isa.engines);
    require_name(map, "format", op.format, isa.formats);
    for (const Opcode& other : isa.opcodes) {
      if (other.name == op.name)
        map.refuse("name", "'{}' is given twice; opcode names are unique", op.name);
      if (other.value == op.value)
        map.refuse("value", "{:#x} is that of '{}' already; each opcode has its own", op.value,
                   other.name);
    }
    isa.opcodes.push_back(op);
  }
}

}  // namespace

Isa read_isa(const std::string& path) {
  const YAML::Node root = load_yaml(path);
  const YamlMap top(path, root, "instruction set",
                    {"version", "descriptor_bytes", "engines", "memories", "semaphores", "regions",
                     "header", "formats", "opcodes", "job", "errors"});
  Isa isa;
  isa.version = top.integer("version", 1, 65535);
  isa.descriptor_bytes = static_cast<int>(top.one_of("descriptor_bytes", {64}));
  isa.engines = read_items(top, "engines", "value", 6);  // 7 stands for control
  for (size_t i = 0; i < isa.engines.size(); ++i) {
    if (isa.engines[i].value != static_cast<int64_t>(i)) {
      top.refuse("engines",
                 "'{}' has value {} at place {}; engines are numbered 0, 1, 2 ... as listed",
                 isa.engines[i].name, isa.engines[i].value, i);
    }
  }
  isa.memories = read_items(top, "memories", "value", 3);
  const YamlMap semaphores(path, top.child("semaphores"), "semaphores", {"count", "max_value"});
  isa.semaphore_count = semaphores.one_of("count", {2, 4, 8, 16, 32, 64});
  isa.semaphore_max = semaphores.integer("max_value", 1, 65535);
  isa.regions = top.one_of("regions", {1, 2, 4, 8});
  isa.header = read_fields(top, "header", {isa.descriptor_bytes, kDescriptorWidths, nullptr});
  check_header(top, isa);
  read_formats(top, isa);
  read_opcodes(top, isa);
  const YamlMap job(path, top.child("job"), "job", {"bytes", "done_magic", "fields"});
  isa.job_bytes = static_cast<int>(job.one_of("bytes", {64, 128, 256, 512}));
  isa.job_done_magic = job.integer("done_magic", 1);
  isa.job = read_fields(job, "fields", {isa.job_bytes, kJobWidths, nullptr});
  isa.errors = read_items(top, "errors", "value", 255);
  return isa;
}

}  // namespace weft::gen
