// The file of a recording: what is written is read, a broken-off one up to its end, and no spoilt one
// gets past the reader or makes it crash.
#include <fstream>
#include <random>

#include "base/error.h"
#include "base/files.h"
#include "record/describe.h"
#include "record/format.h"
#include "tb/catch_compat.h"
#include "tb/sys/command.h"
#include "tb/sys/recorded_run.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;
using record::Event;
using record::EventKind;
using tb::DeviceBench;

void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Events that could be read; `broken_off`: whether there was no end.
uint64_t count_events(const std::filesystem::path& path, bool& broken_off) {
  record::LogReader reader(path);
  while (reader.next()) {
  }
  broken_off = reader.broken_off();
  return reader.events();
}

// A log with one event of each kind and its header.
record::Header small_log(const std::filesystem::path& path) {
  record::Header header;
  header.backend = "rtl";
  header.config = "tiny";
  header.config_hash = 0x0123456789abcdef;
  header.isa_version = 1;
  header.memory_base = uint64_t{1} << 36;
  header.options.memory_bytes = 4096;
  header.options.stall_probability = 0.25;
  header.options.seed = 99;
  record::LogWriter writer(path, header);
  Event event;
  event.cycle = 7;
  for (const EventKind kind : {EventKind::kReadRegister, EventKind::kWriteRegister}) {
    event.kind = kind;
    event.offset = 0x40;
    event.value = 0xdeadbeef;
    event.refused = kind == EventKind::kWriteRegister;
    writer.write(event);
  }
  event.refused = false;
  for (const size_t bytes : {0, 3, 4096}) {
    event.kind = bytes == 3 ? EventKind::kReadMemory : EventKind::kWriteMemory;
    event.address = header.memory_base;
    event.data.assign(bytes, 0x5a);
    writer.write(event);
  }
  event = {};
  event.kind = EventKind::kWait;
  event.max_cycles = 1234;
  event.interrupt = true;
  writer.write(event);
  event = {};
  event.kind = EventKind::kName;
  event.address = header.memory_base + 64;
  event.bytes = 128;
  event.text = "tensor 'x'";
  writer.write(event);
  writer.write({});
  return header;
}

constexpr uint64_t kSmallEvents = 8;

TEST_CASE("a log gives back what was written, and the large is packed") {
  const tb::TemporaryDirectory directory;
  const record::Header header = small_log(directory / "log");
  CHECK(std::filesystem::file_size(directory / "log") < 600);
  record::LogReader reader(directory / "log");
  CHECK(reader.header().backend == header.backend);
  CHECK(reader.header().config == header.config);
  CHECK(reader.header().config_hash == header.config_hash);
  CHECK(reader.header().memory_base == header.memory_base);
  CHECK(reader.header().options.memory_bytes == 4096);
  CHECK(reader.header().options.stall_probability == 0.25);
  CHECK(reader.header().options.seed == 99);
  Event event = *reader.next();
  CHECK(event.kind == EventKind::kReadRegister);
  CHECK(event.cycle == 7);
  CHECK(event.offset == 0x40);
  CHECK(event.value == 0xdeadbeef);
  CHECK(!event.refused);
  CHECK(reader.next()->refused);
  CHECK(reader.next()->data.empty());
  CHECK(reader.next()->data == std::vector<uint8_t>(3, 0x5a));
  CHECK(reader.next()->data == std::vector<uint8_t>(4096, 0x5a));
  event = *reader.next();
  CHECK(event.interrupt);
  CHECK(event.max_cycles == 1234);
  event = *reader.next();
  CHECK(event.text == "tensor 'x'");
  CHECK(event.bytes == 128);
  CHECK(reader.next()->kind == EventKind::kEnd);
  CHECK(!reader.next());
  CHECK(!reader.broken_off());
}

TEST_CASE("a log that is cut off is read up to there") {
  const tb::TemporaryDirectory directory;
  small_log(directory / "log");
  const std::string whole = tb::contents(directory / "log");
  uint64_t before = 0, cuts = 0;
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    write_bytes(directory / "cut", std::string_view(whole).substr(0, bytes));
    bool broken_off = false;
    try {
      const uint64_t events = count_events(directory / "cut", broken_off);
      CHECK(broken_off);
      CHECK(events >= before);
      CHECK(events < kSmallEvents);
      before = events;
      ++cuts;
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kMalformedFile);  // in the header
      CHECK(cuts == 0);
    }
  }
  CHECK(before == kSmallEvents - 1);
}

TEST_CASE("the log of a host that was killed has all it did") {
  const tb::TemporaryDirectory directory;
  {
    DeviceBench bench(tb::recorded_device("emulator", DeviceBench::options(), directory / "log"));
    REQUIRE(bench.copies_exactly(1));
    // As the operating system has it while the recording goes on.
    std::filesystem::copy_file(directory / "log", directory / "killed");
  }
  bool broken_off = false;
  const uint64_t killed = count_events(directory / "killed", broken_off);
  CHECK(broken_off);
  const uint64_t whole = count_events(directory / "log", broken_off);
  CHECK(!broken_off);
  CHECK(whole == killed + 2);  // the queue's last write, and the end
}

TEST_CASE("a bit that is turned is noticed, in whichever byte") {
  const tb::TemporaryDirectory directory;
  small_log(directory / "log");
  const std::string whole = tb::contents(directory / "log");
  uint64_t noticed = 0, cut = 0;
  for (size_t byte = 0; byte < whole.size(); ++byte) {
    std::string spoilt = whole;
    spoilt[byte] = static_cast<char>(spoilt[byte] ^ (1 << byte % 8));
    write_bytes(directory / "spoilt", spoilt);
    bool broken_off = false;
    try {
      count_events(directory / "spoilt", broken_off);
      // A kind or a length that wants more than there is: that looks as if it were cut.
      INFO("byte " << byte);
      CHECK(broken_off);
      ++cut;
    } catch (const Error& error) {
      CHECK((error.kind() == ErrorKind::kMalformedFile || error.kind() == ErrorKind::kUnsupported));
      ++noticed;
    }
  }
  CHECK(noticed > 95 * (noticed + cut) / 100);
}

// Puts right the check sums of a log in which bytes were changed, as one who means harm would.
std::string resealed(std::string log) {
  auto* bytes = reinterpret_cast<uint8_t*>(log.data());
  const auto seal = [&](size_t from, size_t to) {
    if (to + 4 <= log.size()) store_le32(bytes + to, record::check_of({bytes + from, to - from}));
  };
  const size_t header = load_le32(bytes + 12);
  if (16 + header + 4 > log.size()) return log;
  seal(0, 16 + header);
  for (size_t at = 16 + header + 4; at + 10 <= log.size();) {
    size_t end = at + 10;
    if (bytes[at] <= 2 || bytes[at] == 5) end += 8;
    if (bytes[at] == 6) end += 18 + (end + 18 <= log.size() ? load_le16(bytes + end + 16) : 0U);
    if (bytes[at] == 3 || bytes[at] == 4) {
      if (end + 24 > log.size()) break;
      seal(at, end + 20);
      end += 24 + load_le32(bytes + end + 16);
    }
    seal(at, end);
    at = end + 4;
  }
  return log;
}

TEST_CASE("logs made to do harm are refused or read, and nothing else") {
  const tb::TemporaryDirectory directory;
  small_log(directory / "log");
  const std::string whole = tb::contents(directory / "log");
  CHECK(resealed(whole) == whole);
  std::mt19937_64 random(1);
  uint64_t refused = 0, read = 0;
  for (int i = 0; i < 1000; ++i) {
    std::string spoilt = whole;
    for (uint64_t n = random() % 4 + 1; n > 0; --n)
      spoilt[random() % spoilt.size()] = static_cast<char>(random() % 3 == 0 ? 0xff : random());
    write_bytes(directory / "spoilt", i % 2 == 0 ? resealed(resealed(spoilt)) : spoilt);
    try {
      record::Listing listing(record::check_log(directory / "spoilt"));
      record::LogReader reader(directory / "spoilt");
      while (const auto event = reader.next()) listing.line(*event);
      ++read;
    } catch (const Error& error) {
      CHECK((error.kind() == ErrorKind::kMalformedFile || error.kind() == ErrorKind::kUnsupported));
      ++refused;
    }
  }
  CHECK(read > 25);
  CHECK(refused > 250);
}

TEST_CASE("texts of a log do nothing to a terminal") {
  const tb::TemporaryDirectory directory;
  record::Header header;
  header.backend = "rtl\x1b[2J";
  header.config = "tiny\n";
  header.options.memory_bytes = 1 << 20;
  {
    record::LogWriter writer(directory / "log", header);
    record::Event name;
    name.kind = EventKind::kName;
    name.text = "caf\xc3\xa9\r\x7f";
    writer.write(name);
  }
  record::LogReader reader(directory / "log");
  CHECK(reader.header().backend == "rtl?[2J");
  CHECK(reader.header().config == "tiny?");
  CHECK(reader.next()->text == "caf\xc3\xa9??");
}

TEST_CASE("what is no log is said to be none") {
  const tb::TemporaryDirectory directory;
  const auto fails = [&](ErrorKind kind, const char* part) {
    try {
      record::LogReader reader(directory / "file");
      FAIL("it was opened");
    } catch (const Error& error) {
      CHECK(error.kind() == kind);
      CHECK_THAT(error.what(), ContainsSubstring(part));
    }
  };
  fails(ErrorKind::kNotFound, "there is no recording");
  write_bytes(directory / "file", "");
  fails(ErrorKind::kMalformedFile, "does not begin as one");
  write_bytes(directory / "file", "a text that is longer than the beginning of a log");
  fails(ErrorKind::kMalformedFile, "does not begin as one");
  write_bytes(directory / "file", std::string("WEFTLOG\n\2\0\0\0\0\0\0\0", 16));
  fails(ErrorKind::kUnsupported, "version 2; this program reads version 1");
  write_bytes(directory / "file", std::string("WEFTLOG\n\1\0\0\0\377\377\0\0", 16));
  fails(ErrorKind::kMalformedFile, "its header is cut off");
}

TEST_CASE("a recording that cannot be written says so before anything runs") {
  const tb::TemporaryDirectory directory;
  const auto options = DeviceBench::options();
  CHECK_THROWS_AS(tb::recorded_device("emulator", options, directory / "no/such/log"), Error);
  if (std::filesystem::exists("/dev/full")) {
    try {
      tb::recorded_device("emulator", options, "/dev/full");
      FAIL("it was written");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kIo);
      CHECK_THAT(error.what(), ContainsSubstring("/dev/full cannot be written"));
    }
  }
}

}  // namespace
}  // namespace weft
