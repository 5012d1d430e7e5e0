// Numbers as tables show them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::runtime {

// a / b, or 0 where b is not above 0.
double ratio(double a, double b);
// 1234567 as 1,234,567.
std::string grouped(uint64_t value);
// 0.543 as "54.3 %"; "-" for 0.
std::string percent(double part);
// Rounded and grouped; "-" for 0: a backend without time.
std::string cycles_text(double cycles);
// {1, 28, 28, 1} as "1x28x28x1".
std::string shape_text(const std::vector<int>& shape);

}  // namespace weft::runtime
