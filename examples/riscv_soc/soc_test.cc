// The system itself, with programs of a few instructions: what a program may do wrong ends in words.
#include "soc.h"

#include "base/bytes.h"
#include "base/error.h"
#include "runtime/devices.h"
#include "tb/catch_compat.h"

namespace weft::soc {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr uint32_t kLoadBoard = 0x100102b7;  // lui t0, 0x10010
constexpr uint32_t kLoadWeft = 0x400002b7;   // lui t0, 0x40000
constexpr uint32_t kLoadNothing = 0x500002b7;
constexpr uint32_t kLoadUart = 0x100002b7;
constexpr uint32_t kFive = 0x00500313;      // li t1, 5
constexpr uint32_t kLetter = 0x04100313;    // li t1, 'A'
constexpr uint32_t kNewline = 0x00a00313;   // li t1, '\n'
constexpr uint32_t kStore = 0x0062a023;     // sw t1, 0(t0)
constexpr uint32_t kLoad = 0x0002a303;      // lw t1, 0(t0)
constexpr uint32_t kLoadByte = 0x00028303;  // lb t1, 0(t0)
constexpr uint32_t kLoadFar = 0x4002a303;   // lw t1, 1024(t0): no register any more
constexpr uint32_t kStay = 0x0000006f;      // j .
constexpr uint32_t kWfi = 0x10500073;
constexpr uint32_t kBack = 0xffdff06f;  // j .-4

struct Outcome {
  int code = 0;
  std::vector<std::string> lines;
};

Outcome run(const std::vector<uint32_t>& instructions, const char* backend = "emulator") {
  std::vector<uint8_t> program(4 * instructions.size());
  for (size_t i = 0; i < instructions.size(); ++i) store_le32(&program[4 * i], instructions[i]);
  driver::DeviceOptions options;
  options.memory_bytes = 1 << 16;
  const auto device = runtime::make_device(backend, "tiny", options);
  Outcome outcome;
  Soc soc(*device, program, {}, [&](const std::string& line) { outcome.lines.push_back(line); });
  outcome.code = soc.run(20'000);
  CHECK(soc.cycles() < 20'000);
  return outcome;
}

TEST_CASE("a program prints, and ends with its exit code") {
  const Outcome outcome =
      run({kLoadUart, kLetter, kStore, kStore, kNewline, kStore, kLetter, kStore,  //
           kLoadBoard, kFive, kStore, kStay});
  CHECK(outcome.code == 5);
  CHECK(outcome.lines == std::vector<std::string>{"AA", "A"});
}

TEST_CASE("what a program does wrong is told") {
  CHECK_THROWS_WITH(run({kLoadNothing, kLoad}), ContainsSubstring("the program at 0x80000004"));
  CHECK_THROWS_WITH(run({0}), ContainsSubstring("exception 2 near 0x8000000"));
  CHECK_THROWS_WITH(run({kLoadWeft, kLoadByte, kStay}),
                    ContainsSubstring("read by 32 bits, not 1 bytes"));
  for (const char* backend : {"emulator", "rtl"})
    CHECK_THROWS_AS(run({kLoadWeft, kLoadFar, kStay}, backend), Error);
  CHECK_THROWS_WITH(run({kLoadBoard, kLoad, kStay}),
                    ContainsSubstring("the board has nothing to read at 0x0"));
}

TEST_CASE("a program that does not end, awake or asleep, runs out of time") {
  for (const char* backend : {"emulator", "rtl"}) {
    CHECK_THROWS_WITH(run({kStay}, backend), ContainsSubstring("within 20000 cycles"));
    CHECK_THROWS_WITH(run({kWfi, kBack}, backend), ContainsSubstring("nothing wakes it"));
  }
}

TEST_CASE("a program that is too large is refused") {
  CHECK_THROWS_WITH(run(std::vector<uint32_t>(600'000)), ContainsSubstring("does not fit"));
}

}  // namespace
}  // namespace weft::soc
