// Writes docs/operators.md: weftops <file>.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "model/operators.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: weftops <markdown file to write>\n");
    return 2;
  }
  try {
    const std::string text = weft::model::operators_markdown();
    weft::write_file(argv[1], {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  } catch (const weft::Error& error) {
    fmt::print(stderr, "weftops: {}\n", error.what());
    return 1;
  }
  return 0;
}
