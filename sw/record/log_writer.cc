#include "base/error.h"
#include "record/format.h"
#include "record/log.h"

namespace weft::record {
namespace {

// Below this, deflating costs more than it saves.
constexpr size_t kSmall = 64;

std::vector<uint8_t> encode(const Header& h) {
  std::vector<uint8_t> bytes;
  put(bytes, h.config_hash, 8);
  put(bytes, h.isa_version, 4);
  put(bytes, h.memory_base, 8);
  put(bytes, h.options.memory_bytes, 8);
  put(bytes, h.options.error_window_bytes, 8);
  put(bytes, h.options.latency_cycles, 4);
  put(bytes, h.options.bandwidth_num, 4);
  put(bytes, h.options.bandwidth_den, 4);
  put(bytes, std::bit_cast<uint64_t>(h.options.stall_probability), 8);
  put(bytes, std::bit_cast<uint64_t>(h.options.hold_probability), 8);
  put(bytes, h.options.queue_limit, 4);
  put(bytes, h.options.seed, 8);
  put(bytes, h.backend);
  put(bytes, h.config);
  return bytes;
}

// Empty where it would not become smaller.
std::vector<uint8_t> deflated(const std::vector<uint8_t>& data) {
  if (data.size() < kSmall) return {};
  uLongf size = compressBound(data.size());
  std::vector<uint8_t> packed(size);
  if (compress2(packed.data(), &size, data.data(), data.size(), Z_BEST_SPEED) != Z_OK ||
      size >= data.size()) {
    return {};
  }
  packed.resize(size);
  return packed;
}

void put_memory(std::vector<uint8_t>& bytes, const Event& event,
                const std::vector<uint8_t>& stored) {
  put(bytes, event.address, 8);
  put(bytes, event.data.size(), 8);
  put(bytes, stored.size(), 4);
  // Of its own: how much is to be read must be known to be right before it is read.
  put(bytes, check_of(bytes), kCheckBytes);
  bytes.insert(bytes.end(), stored.begin(), stored.end());
}

}  // namespace

LogWriter::LogWriter(const std::filesystem::path& path, const Header& header) : path_(path) {
  if (header.options.memory_bytes > kMostMemory) {
    fail(ErrorKind::kUnsupported,
         "a device with {} bytes of memory is not recorded; at most {} can be",
         header.options.memory_bytes, kMostMemory);
  }
  out_.open(path, std::ios::binary | std::ios::trunc);
  std::vector<uint8_t> bytes(kMagic, kMagic + kMagicBytes);
  const std::vector<uint8_t> encoded = encode(header);
  put(bytes, kVersion, 4);
  put(bytes, encoded.size(), 4);
  bytes.insert(bytes.end(), encoded.begin(), encoded.end());
  put(bytes, check_of(bytes), kCheckBytes);
  append(bytes);
}

void LogWriter::write(const Event& event) {
  const std::vector<uint8_t> packed = deflated(event.data);
  std::vector<uint8_t> bytes;
  put(bytes, static_cast<uint8_t>(event.kind), 1);
  put(bytes,
      (event.refused ? kRefused : 0) | (event.interrupt ? kInterrupt : 0) |
          (packed.empty() ? 0 : kDeflated),
      1);
  put(bytes, event.cycle, 8);
  switch (event.kind) {
    case EventKind::kReadRegister:
    case EventKind::kWriteRegister:
      put(bytes, event.offset, 4);
      put(bytes, event.value, 4);
      break;
    case EventKind::kReadMemory:
    case EventKind::kWriteMemory:
      put_memory(bytes, event, packed.empty() ? event.data : packed);
      break;
    case EventKind::kWait: put(bytes, event.max_cycles, 8); break;
    case EventKind::kName:
      put(bytes, event.address, 8);
      put(bytes, event.bytes, 8);
      put(bytes, event.text);
      break;
    case EventKind::kEnd: break;
  }
  put(bytes, check_of(bytes), kCheckBytes);
  append(bytes);
}

void LogWriter::append(const std::vector<uint8_t>& bytes) {
  out_.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  out_.flush();
  if (!out_) {
    fail(ErrorKind::kIo,
         "the recording {} cannot be written; is there room, and may you write there?",
         path_.string());
  }
}

}  // namespace weft::record
