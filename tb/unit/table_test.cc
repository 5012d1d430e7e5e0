#include "base/table.h"

#include "tb/catch_compat.h"

namespace weft {
namespace {

TEST_CASE("columns are as wide as what is in them, without blanks at the ends") {
  Table table({"name", ">bytes", "why"});
  table.row({"a", "1234567", ""});
  table.row({"longer", "8", "because"});
  CHECK(table.text() ==
        "name      bytes  why\n"
        "a       1234567\n"
        "longer        8  because\n");
  CHECK(Table({"a", ">b"}).text() == "a  b\n");
}

}  // namespace
}  // namespace weft
