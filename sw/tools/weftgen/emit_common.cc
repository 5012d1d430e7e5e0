#include <algorithm>
#include <cctype>

#include "base/hash.h"
#include "tools/weftgen/emit.h"

#include <fmt/format.h>

namespace weft::gen {

std::string upper_case(const std::string& name) {
  std::string out = name;
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

std::string camel_case(const std::string& name) {
  std::string out;
  bool start = true;
  for (const char c : name) {
    if (c != '_') out += start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    start = c == '_';
  }
  return out;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::vector<Field> all_fields(const Isa& isa, const Format& format) {
  std::vector<Field> fields = isa.header;
  fields.insert(fields.end(), format.fields.begin(), format.fields.end());
  std::sort(fields.begin(), fields.end(),
            [](const Field& a, const Field& b) { return a.first_bit() < b.first_bit(); });
  return fields;
}

std::vector<uint8_t> reserved_mask(const Isa& isa, const Format& format) {
  std::vector<uint8_t> mask(static_cast<size_t>(isa.descriptor_bytes), 0xff);
  const auto clear = [&](int bit) {
    mask[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(1 << (bit % 8)));
  };
  for (const Field& f : all_fields(isa, format)) {
    if (f.name == "flags") continue;
    for (int bit = f.first_bit(); bit < f.end_bit(); ++bit) clear(bit);
  }
  const auto flags = std::find_if(isa.header.begin(), isa.header.end(),
                                  [](const Field& f) { return f.name == "flags"; });
  for (const Item& flag : format.flags) clear(flags->first_bit() + static_cast<int>(flag.value));
  return mask;
}

namespace {

void add_items(std::string& text, std::string_view kind, const std::vector<Item>& items) {
  for (const Item& i : items) text += fmt::format("{} {} {}\n", kind, i.name, i.value);
}

void add_fields(std::string& text, std::string_view where, const std::vector<Field>& fields) {
  for (const Field& f : fields) {
    text += fmt::format("{} {} {} {} {} {}\n", where, f.name, f.first_bit(), f.bits,
                        f.is_signed ? "signed" : "unsigned", f.lowest());
  }
}

}  // namespace

uint64_t config_hash(const Hardware& h, const Isa& isa, const Registers& registers) {
  std::string text =
      fmt::format("rows {}\ncols {}\nact {} {}\nwgt {}\nacc {} {}\nparam {}\nbus {}\nqueue {}\n",
                  h.rows, h.cols, h.act_bytes, h.act_banks, h.wgt_bytes, h.acc_banks, h.acc_depth,
                  h.param_bytes, h.bus_bits, h.queue_depth);
  text += fmt::format("isa {} {}\nsemaphores {} {}\nregions {}\njob {} {}\n", isa.version,
                      isa.descriptor_bytes, isa.semaphore_count, isa.semaphore_max, isa.regions,
                      isa.job_bytes, isa.job_done_magic);
  add_items(text, "engine", isa.engines);
  add_items(text, "memory", isa.memories);
  add_items(text, "error", isa.errors);
  add_fields(text, "header", isa.header);
  for (const Format& f : isa.formats) {
    add_items(text, f.name + " flag", f.flags);
    add_fields(text, f.name, f.fields);
  }
  for (const Opcode& o : isa.opcodes)
    text += fmt::format("opcode {} {} {} {}\n", o.name, o.value, o.engine, o.format);
  add_fields(text, "job", isa.job);
  for (const Register& r : registers.registers) {
    text += fmt::format("register {} {} {}\n", r.name, r.offset, r.access);
    for (const RegisterField& f : r.fields)
      text += fmt::format("register {} {} {} {}\n", r.name, f.name, f.bit, f.bits);
  }
  text += fmt::format("counters {}\n", registers.counter_base);
  for (const Counter& c : registers.counters) text += fmt::format("counter {}\n", c.name);
  return fnv1a(text);
}

}  // namespace weft::gen
