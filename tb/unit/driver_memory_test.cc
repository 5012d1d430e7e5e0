// Device memory in pieces: lines of 64 bytes, first fit, freed pieces grown together.
#include <map>
#include <random>

#include "base/error.h"
#include "compiled.h"
#include "driver/forwarding_device.h"
#include "driver/memory.h"
#include "runtime/devices.h"
#include "tb/catch_compat.h"

namespace weft::driver {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr uint64_t kLine = 64;

std::unique_ptr<Device> device_of(uint64_t bytes) {
  DeviceOptions options;
  options.memory_bytes = bytes;
  return runtime::make_device("emulator", "tiny", options);
}

// Someone's own, which nobody has checked.
struct Odd final : ForwardingDevice {
  Odd(uint64_t b, uint64_t n) : ForwardingDevice(device_of(1 << 16)), base(b), bytes(n) {}
  uint64_t memory_base() const override { return base; }
  uint64_t memory_bytes() const override { return bytes; }
  const uint64_t base, bytes;
};

TEST_CASE("a device whose memory is no whole lines is refused") {
  const uint64_t last = ~uint64_t{0};
  const std::pair<uint64_t, uint64_t> wrong[] = {
      {4096, 1000}, {4096 + 32, 1024}, {last - 1023, 2048}, {last - 1023, 1024}};
  for (const auto& [base, bytes] : wrong) {
    Odd device(base, bytes);
    CHECK_THROWS_WITH(MemoryPool(device), ContainsSubstring("multiples of 64"));
  }
  Odd top(last - 2047, 1024), none(4096, 0);
  CHECK(MemoryPool(top).allocate(1024).address() == last - 2047);
  MemoryPool empty(none);
  CHECK_THROWS_WITH(empty.allocate(1), ContainsSubstring("0 of 0 are free"));
}

TEST_CASE("pieces are whole lines inside the device's memory, apart from each other") {
  const auto device = device_of(1 << 16);
  MemoryPool pool(*device);
  const uint64_t sizes[] = {1, 63, 64, 65, 1000, 4096};
  std::vector<Buffer> buffers;
  for (const uint64_t size : sizes) {
    buffers.push_back(pool.allocate(size));
    const Buffer& b = buffers.back();
    CHECK(b.address() % kLine == 0);
    CHECK(b.bytes() >= size);
    CHECK(b.bytes() < size + kLine);
    CHECK(b.address() >= device->memory_base());
    CHECK(b.address() + b.bytes() <= device->memory_base() + device->memory_bytes());
    for (size_t i = 0; i + 1 < buffers.size(); ++i) {
      CHECK((b.address() >= buffers[i].address() + buffers[i].bytes() ||
             b.address() + b.bytes() <= buffers[i].address()));
    }
  }
  CHECK(pool.allocate(0).bytes() == 0);
}

TEST_CASE("what does not fit is refused with what there is, and freed memory grows together") {
  const auto device = device_of(1024);
  MemoryPool pool(*device);
  CHECK_THROWS_WITH(pool.allocate(1025),
                    ContainsSubstring("1025 bytes") && ContainsSubstring("1024 of 1024 are free"));
  CHECK_THROWS_AS(pool.allocate(~uint64_t{0}), Error);
  CHECK_THROWS_AS(pool.allocate(~uint64_t{0} - 63), Error);

  std::vector<Buffer> quarters;
  for (int i = 0; i < 4; ++i) quarters.push_back(pool.allocate(256));
  CHECK_THROWS_WITH(pool.allocate(1), ContainsSubstring("0 of 1024 are free"));
  quarters[0] = {};
  quarters[2] = {};
  CHECK_THROWS_WITH(pool.allocate(257), ContainsSubstring("in one piece; 512 of 1024 are free"));
  quarters[1] = {};  // between two gaps
  CHECK(pool.allocate(768).address() == device->memory_base());
  quarters[3] = {};
  CHECK(pool.allocate(1024).address() == device->memory_base());
  CHECK(pool.allocate(1024).bytes() == 1024);
}

TEST_CASE("allocation at random against a model of the memory") {
  constexpr uint64_t kLines = 256;
  const auto device = device_of(kLines * kLine);
  MemoryPool pool(*device);
  std::mt19937_64 rng(tb::seed());
  std::vector<bool> taken(kLines, false);
  std::vector<Buffer> live;
  const auto mark = [&](const Buffer& b, bool value) {
    for (uint64_t l = 0; l < b.bytes() / kLine; ++l) {
      const size_t line = (b.address() - device->memory_base()) / kLine + l;
      REQUIRE(line < kLines);
      REQUIRE(taken[line] != value);
      taken[line] = value;
    }
  };
  // First fit: the first run of free lines that is long enough.
  const auto expected = [&](uint64_t lines) {
    uint64_t run = 0;
    for (uint64_t l = 0; l < kLines; ++l) {
      run = taken[l] ? 0 : run + 1;
      if (run == lines) return static_cast<int64_t>(l + 1 - lines);
    }
    return int64_t{-1};
  };
  int full = 0;
  for (int step = 0; step < 4000; ++step) {
    INFO("WEFT_SEED=" << tb::seed() << ", step " << step);
    if (!live.empty() && rng() % 2 == 0) {
      const size_t i = rng() % live.size();
      mark(live[i], false);
      // The last one moves into its place, which frees what was there.
      live[i] = std::move(live.back());
      live.pop_back();
      continue;
    }
    const uint64_t bytes = 1 + rng() % (40 * kLine);
    const uint64_t lines = (bytes + kLine - 1) / kLine;
    const int64_t at = expected(lines);
    if (at < 0) {
      ++full;
      CHECK_THROWS_AS(pool.allocate(bytes), Error);
      continue;
    }
    Buffer b = pool.allocate(bytes);
    REQUIRE(b.address() == device->memory_base() + static_cast<uint64_t>(at) * kLine);
    REQUIRE(b.bytes() == lines * kLine);
    mark(b, true);
    live.push_back(std::move(b));
  }
  CHECK(full > 10);
  live.clear();
  CHECK(pool.allocate(kLines * kLine).bytes() == kLines * kLine);
}

TEST_CASE("a buffer keeps to its bytes") {
  const auto device = device_of(4096);
  MemoryPool pool(*device);
  Buffer before = pool.allocate(64), b = pool.allocate(128), after = pool.allocate(64);
  std::vector<uint8_t> ones(128, 1), out(128);
  before.write(0, std::vector<uint8_t>(64, 7));
  after.write(0, std::vector<uint8_t>(64, 7));
  b.write(0, ones);
  b.write(127, std::vector<uint8_t>{9});
  b.read(0, out);
  ones[127] = 9;
  CHECK(out == ones);
  CHECK_NOTHROW(b.write(128, {}));
  CHECK_THROWS_WITH(b.write(1, ones),
                    ContainsSubstring("128 bytes at offset 1 are not in a buffer of 128"));
  CHECK_THROWS_AS(b.write(129, {}), Error);
  CHECK_THROWS_AS(b.write(~uint64_t{0}, std::vector<uint8_t>(2)), Error);
  CHECK_THROWS_AS(b.read(1, out), Error);
  CHECK_THROWS_AS(b.read(~uint64_t{0}, out), Error);
  for (Buffer* beside : {&before, &after}) {
    std::vector<uint8_t> bytes(64);
    beside->read(0, bytes);
    CHECK(bytes == std::vector<uint8_t>(64, 7));
  }
}

TEST_CASE("a buffer that was moved from is empty, and frees nothing") {
  const auto device = device_of(128);
  MemoryPool pool(*device);
  std::vector<uint8_t> byte(1, 5);
  Buffer a = pool.allocate(128);
  a.write(0, byte);
  {
    Buffer b = std::move(a);
    CHECK(b.bytes() == 128);
    CHECK(a.bytes() == 0);
    CHECK(a.address() == 0);
    CHECK_THROWS_AS(a.write(0, byte), Error);
    CHECK_THROWS_AS(a.read(0, byte), Error);
    a = {};
    CHECK_THROWS_AS(pool.allocate(64), Error);
    Buffer c;
    CHECK_THROWS_AS(c.read(0, byte), Error);
    c = std::move(b);
    c.read(0, byte);
    CHECK(byte[0] == 5);
    CHECK_THROWS_AS(pool.allocate(64), Error);
  }
  CHECK(pool.allocate(128).bytes() == 128);
}

}  // namespace
}  // namespace weft::driver
