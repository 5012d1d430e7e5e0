// What each sanitizer is there to find.  planted race|leak|overflow
#include <cstring>
#include <thread>

namespace {
int shared_count = 0;
int* volatile lost = nullptr;
}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  if (std::strcmp(argv[1], "race") == 0) {
    const auto count = [] {
      for (int i = 0; i < 1000; ++i) ++shared_count;
    };
    std::thread other(count);
    count();
    other.join();
  } else if (std::strcmp(argv[1], "leak") == 0) {
    lost = new int[10];
    lost = nullptr;
  } else {
    volatile int* few = new volatile int[static_cast<size_t>(argc)];
    few[argc] = 1;
    delete[] few;
  }
  return 0;
}
