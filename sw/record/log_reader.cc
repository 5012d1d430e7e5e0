#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.h"
#include "record/format.h"
#include "record/log.h"

namespace weft::record {
namespace {

constexpr uint64_t kLine = 64;

// Texts go to terminals: nothing in them moves the cursor, or does worse.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

Header parse_header(Parser& p) {
  Header h;
  h.config_hash = p.number(8);
  h.isa_version = p.word();
  h.memory_base = p.number(8);
  h.options.memory_bytes = p.number(8);
  h.options.error_window_bytes = p.number(8);
  h.options.latency_cycles = p.word();
  h.options.bandwidth_num = p.word();
  h.options.bandwidth_den = p.word();
  h.options.stall_probability = p.real();
  h.options.hold_probability = p.real();
  h.options.queue_limit = p.word();
  h.options.seed = p.number(8);
  h.backend = printable(p.text());
  h.config = printable(p.text());
  return h;
}

bool plausible(const Header& h) {
  const driver::DeviceOptions& o = h.options;
  const auto is_size = [](uint64_t bytes) { return bytes % kLine == 0 && bytes <= kMostMemory; };
  return is_size(o.memory_bytes) && is_size(o.error_window_bytes) && o.memory_bytes > 0 &&
         h.memory_base <= ~uint64_t{0} - 2 * kMostMemory && std::isfinite(o.stall_probability) &&
         std::isfinite(o.hold_probability) && !h.backend.empty() && !h.config.empty();
}

// Bytes behind the head and before the check; of memory up to the data's own.
size_t body_bytes(EventKind kind) {
  switch (kind) {
    case EventKind::kReadRegister:
    case EventKind::kWriteRegister:
    case EventKind::kWait: return 8;
    case EventKind::kReadMemory:
    case EventKind::kWriteMemory: return 20 + kCheckBytes;
    case EventKind::kName: return 18;  // up to its text
    case EventKind::kEnd: return 0;
  }
  return 0;
}

bool is_memory(EventKind kind) {
  return kind == EventKind::kReadMemory || kind == EventKind::kWriteMemory;
}

// The flags an event of the kind can have.
uint8_t flags_of(EventKind kind) {
  if (is_memory(kind)) return kDeflated;
  if (kind == EventKind::kWait) return kRefused | kInterrupt;
  return kind == EventKind::kName || kind == EventKind::kEnd ? 0 : kRefused;
}

uint32_t last_check(std::span<const uint8_t> bytes) {
  return load_le32(bytes.data() + bytes.size() - kCheckBytes);
}

}  // namespace

LogReader::LogReader(const std::filesystem::path& path) : path_(path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    fail(ErrorKind::kNotFound, "there is no recording {}", path.string());
  left_ = std::filesystem::file_size(path, error);
  in_.open(path, std::ios::binary);
  if (error || !in_) fail(ErrorKind::kIo, "the recording {} cannot be read", path.string());
  std::vector<uint8_t> bytes;
  const auto no_log = [&](const char* what) {
    fail(ErrorKind::kMalformedFile, "{} is no recording of Weft's: {}", path.string(), what);
  };
  if (!get(kPrologueBytes, bytes) ||
      std::string_view(reinterpret_cast<const char*>(bytes.data()), kMagicBytes) != kMagic) {
    no_log("it does not begin as one");
  }
  const uint32_t version = load_le32(bytes.data() + kMagicBytes);
  if (version != kVersion) {
    fail(ErrorKind::kUnsupported, "{} is a recording of version {}; this program reads version {}",
         path.string(), version, kVersion);
  }
  const uint32_t size = load_le32(bytes.data() + kMagicBytes + 4);
  if (size > kMostHeader || !get(size + kCheckBytes, bytes)) no_log("its header is cut off");
  const std::span<const uint8_t> checked(bytes.data(), bytes.size() - kCheckBytes);
  if (check_of(checked) != last_check(bytes)) no_log("its header is damaged");
  Parser parser(checked.subspan(kPrologueBytes));
  header_ = parse_header(parser);
  if (!parser.good() || !plausible(header_)) no_log("its header makes no sense");
}

void LogReader::damaged(const std::string& what) const {
  fail(ErrorKind::kMalformedFile, "the recording {} is damaged: event {} {}", path_.string(),
       events_, what);
}

bool LogReader::get(size_t bytes, std::vector<uint8_t>& to) {
  if (left_ < bytes) return false;
  const size_t at = to.size();
  to.resize(at + bytes);
  in_.read(reinterpret_cast<char*>(to.data() + at), static_cast<std::streamsize>(bytes));
  if (!in_) fail(ErrorKind::kIo, "the recording {} cannot be read to its end", path_.string());
  left_ -= bytes;
  return true;
}

std::optional<Event> LogReader::next() {
  if (left_ == 0) return std::nullopt;
  if (ended_) damaged("stands behind its end");
  Event event;
  if (!read_event(event)) {
    left_ = 0;  // begun, and broken off
    return std::nullopt;
  }
  ++events_;
  ended_ = event.kind == EventKind::kEnd;
  return event;
}

bool LogReader::read_event(Event& event) {
  std::vector<uint8_t> bytes;
  if (!get(kEventHeadBytes, bytes)) return false;
  event.kind = static_cast<EventKind>(bytes[0]);
  if (bytes[0] < static_cast<uint8_t>(EventKind::kReadRegister) ||
      bytes[0] > static_cast<uint8_t>(EventKind::kEnd)) {
    damaged(fmt::format("is of no kind there is ({})", bytes[0]));
  }
  if (!get(body_bytes(event.kind), bytes)) return false;
  const size_t behind = bytes.size();
  size_t rest = 0;
  if (is_memory(event.kind)) {
    check_sum(bytes);
    rest = load_le32(bytes.data() + behind - kCheckBytes - 4);
  } else if (event.kind == EventKind::kName) {
    rest = load_le16(bytes.data() + behind - 2);
  }
  if (!get(rest + kCheckBytes, bytes)) return false;
  check_sum(bytes);

  const uint8_t flags = bytes[1];
  if ((flags & ~flags_of(event.kind)) != 0)
    damaged(fmt::format("has marks that its kind has not ({:#x})", flags));
  event.refused = (flags & kRefused) != 0;
  event.interrupt = (flags & kInterrupt) != 0;
  Parser parser({bytes.data() + 2, behind - 2});
  event.cycle = parser.number(8);
  switch (event.kind) {
    case EventKind::kReadRegister:
    case EventKind::kWriteRegister:
      event.offset = parser.word();
      event.value = parser.word();
      break;
    case EventKind::kReadMemory:
    case EventKind::kWriteMemory:
      event.address = parser.number(8);
      unpack({bytes.data() + behind, rest}, parser.number(8), (flags & kDeflated) != 0, event);
      break;
    case EventKind::kWait: event.max_cycles = parser.number(8); break;
    case EventKind::kName:
      event.address = parser.number(8);
      event.bytes = parser.number(8);
      event.text = printable({reinterpret_cast<const char*>(bytes.data()) + behind, rest});
      break;
    case EventKind::kEnd: break;
  }
  return true;
}

void LogReader::check_sum(const std::vector<uint8_t>& bytes) const {
  if (check_of({bytes.data(), bytes.size() - kCheckBytes}) != last_check(bytes))
    damaged("has a wrong check sum");
}

void LogReader::unpack(std::span<const uint8_t> stored, uint64_t whole, bool deflated,
                       Event& event) const {
  const uint64_t at = event.address - header_.memory_base;
  if (event.address < header_.memory_base || at > header_.options.memory_bytes ||
      whole > header_.options.memory_bytes - at) {
    damaged(fmt::format("has {} bytes at {:#x}, which are not in the device's memory", whole,
                        event.address));
  }
  if (!deflated) {
    if (stored.size() != whole) damaged(fmt::format("holds {} of {} bytes", stored.size(), whole));
    event.data.assign(stored.begin(), stored.end());
    return;
  }
  constexpr uint64_t kMostRatio = 2000;  // deflate packs about a thousand bytes into one
  if (whole / kMostRatio > stored.size())
    damaged(fmt::format("holds too little for {} bytes", whole));
  event.data.resize(whole);
  uLongf size = whole;
  if (uncompress(event.data.data(), &size, stored.data(), stored.size()) != Z_OK || size != whole)
    damaged("has data that cannot be unpacked");
}

}  // namespace weft::record
