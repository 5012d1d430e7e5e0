// Writes the programs that the tests of asynchronous inference run: those are also built with
// sanitizers, and the compiler need not be.  make_programs DIRECTORY
#include <cstdio>
#include <exception>
#include <filesystem>

#include "compiled.h"
#include "mixed_graph.h"

int main(int argc, char** argv) {
  using namespace weft;
  if (argc != 2) return 2;
  try {
    const std::filesystem::path directory = argv[1];
    std::filesystem::create_directories(directory);
    program::save(tb::mnist_program("tiny"), directory / "mnist.weft");
    program::save(compiler::compile(tb::mixed_graph(), isa::find_config("tiny")),
                  directory / "mixed.weft");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_programs: %s\n", error.what());
    return 1;
  }
}
