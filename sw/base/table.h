// Tables for people: columns as wide as what is in them.
#pragma once

#include <string>
#include <vector>

namespace weft {

class Table {
 public:
  // A heading that begins with '>' is of a column of numbers: it is aligned to the right.
  explicit Table(std::vector<std::string> headings);
  // As many cells as there are headings.
  void row(std::vector<std::string> cells);
  // A line for the headings and one for each row, without blanks at the ends.
  std::string text() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace weft
