#include <bit>
#include <filesystem>

#include "tools/weftgen/facts.h"
#include "tools/weftgen/yaml_map.h"

namespace weft::gen {
namespace {

constexpr int64_t kMaxWords = 65536;  // descriptors name words with 16 bits
constexpr int64_t kMaxBytes = int64_t{1} << 40;

int64_t power_of_two(const YamlMap& map, std::string_view key, int64_t min, int64_t max) {
  const int64_t value = map.integer(key, min, max);
  if (!std::has_single_bit(static_cast<uint64_t>(value))) {
    map.refuse(key, "is {}; a power of two is required", value);
  }
  return value;
}

// A memory of `word`-byte words: a power of two that 16-bit word addresses reach.
int64_t memory_bytes(const YamlMap& map, std::string_view key, int64_t word, int64_t min_words) {
  const int64_t bytes = power_of_two(map, key, 1, kMaxBytes);
  const int64_t words = bytes / word;
  if (words > kMaxWords) {
    map.refuse(
        key, "is {} bytes = {} words of {} bytes; 16-bit word addresses reach {} words = {} bytes",
        bytes, words, word, kMaxWords, kMaxWords * word);
  }
  if (words < min_words) {
    map.refuse(key, "is {} bytes = {} words of {} bytes; at least {} words = {} bytes are needed",
               bytes, words, word, min_words, min_words * word);
  }
  return bytes;
}

}  // namespace

Hardware read_hardware(const std::string& path) {
  const YAML::Node root = load_yaml(path);
  const YamlMap map(
      path, root, "hardware configuration",
      {"name", "array_rows_elems", "array_cols_elems", "act_bytes", "act_banks", "wgt_bytes",
       "acc_banks", "acc_depth_entries", "param_bytes", "bus_bits", "queue_depth_descs"});
  Hardware h;
  h.file = std::filesystem::path(path).filename().string();
  h.name = map.name();
  const std::string stem = std::filesystem::path(path).stem().string();
  if (h.name != stem) {
    map.refuse("name", "is '{}' in file '{}'; it must be the file's name without .yaml, '{}'",
               h.name, h.file, stem);
  }
  h.rows = map.one_of("array_rows_elems", {4, 8, 16, 32});
  h.cols = map.integer("array_cols_elems");
  if (h.cols != h.rows) {
    map.refuse("array_cols_elems", "is {} while array_rows_elems is {}; the array is square, so {}",
               h.cols, h.rows, h.rows);
  }
  h.act_banks = power_of_two(map, "act_banks", 1, 64);
  // A bank of one word would have no address bits.
  h.act_bytes = memory_bytes(map, "act_bytes", h.rows, 2 * h.act_banks);
  h.wgt_bytes = memory_bytes(map, "wgt_bytes", h.cols, 2 * h.rows);
  h.acc_banks = power_of_two(map, "acc_banks", 1, 64);
  h.acc_depth = power_of_two(map, "acc_depth_entries", 2, kMaxWords);
  if (h.acc_banks * h.acc_depth > kMaxWords) {
    map.refuse(
        "acc_depth_entries",
        "is {} in {} banks = {} entries; 16-bit entry addresses reach {}, so at most {} a bank",
        h.acc_depth, h.acc_banks, h.acc_banks * h.acc_depth, kMaxWords, kMaxWords / h.acc_banks);
  }
  h.param_bytes = memory_bytes(map, "param_bytes", h.cols, 16);  // a nine-word block and more
  h.bus_bits = map.integer("bus_bits");
  if (h.bus_bits != 8 * h.rows) {
    map.refuse("bus_bits",
               "is {} with array_rows_elems {}; one on-chip word a beat needs 8 x {} = {}",
               h.bus_bits, h.rows, h.rows, 8 * h.rows);
  }
  h.queue_depth = power_of_two(map, "queue_depth_descs", 2, 256);
  return h;
}

}  // namespace weft::gen
