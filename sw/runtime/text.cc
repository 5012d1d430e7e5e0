#include "runtime/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::runtime {

double ratio(double a, double b) { return b > 0 ? a / b : 0.0; }

std::string grouped(uint64_t value) {
  std::string digits = std::to_string(value);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<size_t>(i), ",");
  }
  return digits;
}

std::string percent(double part) { return part > 0 ? fmt::format("{:.1f} %", part * 100) : "-"; }

std::string cycles_text(double cycles) {
  return cycles > 0 ? grouped(static_cast<uint64_t>(cycles + 0.5)) : "-";
}

std::string shape_text(const std::vector<int>& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

}  // namespace weft::runtime
