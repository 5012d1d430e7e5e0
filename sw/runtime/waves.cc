#include "runtime/waves.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/error.h"

namespace weft::runtime {
namespace {

bool parse_cycle(std::string_view text, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

WaveWindow parse_window(const std::string& text) {
  if (text == "all") return {};
  WaveWindow window;
  const size_t colon = text.find(':');
  if (colon == std::string::npos ||
      !parse_cycle(std::string_view(text).substr(0, colon), window.first) ||
      !parse_cycle(std::string_view(text).substr(colon + 1), window.last)) {
    fail(
        ErrorKind::kInvalidArgument,
        "'{}' is no window of cycles; give the first and the last as in 1000:2500, or all, or auto",
        text);
  }
  if (window.last < window.first) {
    fail(ErrorKind::kInvalidArgument,
         "the window of cycles {} ends before it begins; the first comes first", text);
  }
  return window;
}

WaveWindow window_round(uint64_t cycle) {
  constexpr uint64_t kBefore = 2000, kAfter = 500;
  return {cycle - std::min(cycle, kBefore), cycle + kAfter};
}

std::optional<WrongWrite> recorded_failure(const std::filesystem::path& path,
                                           const std::string& repeat) {
  std::ifstream in(path);
  if (!in) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(in);
    if (json.at("repeat") != repeat || !json.contains("first_difference")) return std::nullopt;
    const auto& difference = json["first_difference"];
    if (!difference.contains("write")) return std::nullopt;
    return wrong_write_from_json(difference["write"]);
  } catch (const nlohmann::json::exception&) {
    fail(ErrorKind::kMalformedFile, "{} is not a report of weft verify; run it again without waves",
         path.string());
  }
}

std::vector<int> coordinate_of(size_t element, const std::vector<int>& shape) {
  std::vector<int> at(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    at[d] = static_cast<int>(element % static_cast<size_t>(shape[d]));
    element /= static_cast<size_t>(shape[d]);
  }
  return at;
}

WrongWrite first_wrong_write(const std::vector<WrongByte>& bytes,
                             const std::vector<driver::MemoryWrite>& writes, uint64_t end) {
  std::unordered_map<uint64_t, uint64_t> last;  // by address: the cycle of its last write
  for (const WrongByte& b : bytes) last.emplace(b.address, end);
  std::unordered_set<uint64_t> written;
  for (const driver::MemoryWrite& w : writes) {
    for (unsigned i = 0; i < 64; ++i) {
      if ((w.bytes >> i & 1) == 0) continue;
      const auto found = last.find(w.address + i);
      if (found == last.end()) continue;
      found->second = w.cycle;
      written.insert(w.address + i);
    }
  }
  const auto rank = [&](const WrongByte& b) {
    return std::pair(written.count(b.address) == 0, last.at(b.address));
  };
  const WrongByte& first =
      *std::min_element(bytes.begin(), bytes.end(),
                        [&](const WrongByte& a, const WrongByte& b) { return rank(a) < rank(b); });
  WrongWrite result;
  result.cycle = last.at(first.address);
  result.written = written.count(first.address) != 0;
  result.tensor = first.tensor->name;
  result.coordinate = coordinate_of(first.element, first.tensor->shape);
  return result;
}

void prepare_wave_file(const std::filesystem::path& file) {
  if (file.extension() != ".fst") {
    fail(ErrorKind::kInvalidArgument, "waves are written in the format FST; call the file {}.fst",
         file.string());
  }
  std::error_code ignored;  // the attempt to write says what is wrong
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  std::filesystem::remove(std::filesystem::path(file).replace_extension(".gtkw"), ignored);
  if (!std::ofstream(file, std::ios::binary | std::ios::trunc)) {
    fail(ErrorKind::kIo, "cannot write the waves to {}; is its directory there and writable?",
         file.string());
  }
  std::filesystem::remove(file, ignored);
}

}  // namespace weft::runtime
