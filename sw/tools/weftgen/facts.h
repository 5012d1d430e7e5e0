// What the YAML files of configs/ say, checked and in plain structs: all that the
// writers of weftgen see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft::gen {

// A name with its number and meaning: engines, memories, errors, flags (value: bit).
struct Item {
  std::string name;
  int64_t value = 0;
  std::string doc;
};

struct Field {
  std::string name;
  int byte = 0;
  int bit = 0;  // inside the byte
  int bits = 0;
  bool is_signed = false;
  std::string unit;
  std::optional<int64_t> min;  // as the file gives them
  std::optional<int64_t> max;
  std::string doc;

  int first_bit() const { return byte * 8 + bit; }
  int end_bit() const { return first_bit() + bits; }
  int64_t lowest() const;   // min, or what the width allows
  int64_t highest() const;  // max, or what the width allows
};

struct Format {
  std::string name;
  std::string doc;
  std::vector<Item> flags;
  std::vector<Field> fields;
};

struct Opcode {
  std::string name;
  int64_t value = 0;
  std::string engine;
  std::string format;
  std::string doc;
};

struct Isa {
  int64_t version = 0;
  int descriptor_bytes = 0;
  std::vector<Item> engines;
  std::vector<Item> memories;
  int64_t semaphore_count = 0;
  int64_t semaphore_max = 0;
  int64_t regions = 0;
  std::vector<Field> header;
  std::vector<Format> formats;
  std::vector<Opcode> opcodes;
  int job_bytes = 0;
  int64_t job_done_magic = 0;
  std::vector<Field> job;
  std::vector<Item> errors;

  // Wait slots (and raise slots) of the header.
  int slots() const;
};

struct RegisterField {
  std::string name;
  int bit = 0;
  int bits = 0;
  bool pulse = false;  // writing 1 does something at once; reads as zero
  std::string timing;  // "", or as the file has it: how it may differ with the device's speed
  std::string doc;
};

struct Register {
  std::string name;
  int64_t offset = 0;
  std::string access;
  std::optional<int64_t> reset;
  int zero_bits = 0;  // so many of the lowest are always zero
  std::string doc;
  std::vector<RegisterField> fields;
};

struct Counter {
  std::string name;
  std::string unit;
  std::string doc;
};

struct Registers {
  int64_t address_bytes = 0;
  std::vector<Register> registers;
  int64_t counter_base = 0;
  std::vector<Counter> counters;
};

struct Hardware {
  std::string name;
  std::string file;  // "base.yaml"
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t act_bytes = 0;
  int64_t act_banks = 0;
  int64_t wgt_bytes = 0;
  int64_t acc_banks = 0;
  int64_t acc_depth = 0;
  int64_t param_bytes = 0;
  int64_t bus_bits = 0;
  int64_t queue_depth = 0;

  int64_t act_words() const { return act_bytes / rows; }
  int64_t wgt_words() const { return wgt_bytes / cols; }
  int64_t param_words() const { return param_bytes / cols; }
};

// Reads and checks one file. Errors are Error(malformed_file) with a sentence of the form
// "file:line: key: what is wrong; what is allowed", Error(not_found) when it is missing.
Isa read_isa(const std::string& path);
Registers read_registers(const std::string& path);
Hardware read_hardware(const std::string& path);

// Fingerprint of what hardware and software must agree on: the configuration's numbers and
// every name, position, width and value of instruction set and registers. Names of
// configurations, comments and doc strings do not count.
uint64_t config_hash(const Hardware& hardware, const Isa& isa, const Registers& registers);

}  // namespace weft::gen
