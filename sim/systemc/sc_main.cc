// libsystemc refers to sc_main, for programs that leave main() to it. Those that only use the backends
// have none; a program's own stands in the place of this one.
#include <cstdio>

#include <systemc>

extern "C" __attribute__((weak)) int sc_main(int, char*[]) {
  std::fputs("This program has neither a main() nor an sc_main() of its own.\n", stderr);
  return 1;
}
