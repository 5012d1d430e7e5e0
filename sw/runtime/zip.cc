#include "runtime/zip.h"

#include <zlib.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"

namespace weft::runtime {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kEnd = 0x06054b50;
constexpr size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kMostComment = 65535;
constexpr uint64_t kMostBytes = uint64_t{1} << 30;  // of all members
constexpr uint16_t kStored = 0, kDeflated = 8;

class Archive {
 public:
  Archive(std::span<const uint8_t> bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::vector<ZipMember> members() {
    const size_t end = find_end();
    const uint32_t count = half(end + 10);
    size_t at = word(end + 16);
    if (count == 0xffff || at == 0xffffffff) unsupported("it is in the ZIP64 form");
    std::vector<ZipMember> members;
    for (uint32_t i = 0; i < count; ++i) {
      need(at, kCentralBytes, "its directory");
      if (word(at) != kCentralHeader) malformed("entry {} of its directory is none", i);
      const size_t name_bytes = half(at + 28);
      const size_t rest = name_bytes + half(at + 30) + half(at + 32);
      need(at + kCentralBytes, rest, "its directory");
      members.push_back(member(at, text(at + kCentralBytes, name_bytes)));
      at += kCentralBytes + rest;
    }
    return members;
  }

 private:
  template <class... Args>
  [[noreturn]] void malformed(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorKind::kMalformedFile, "{}: not a sound zip archive: {}", name_,
         fmt::format(format, std::forward<Args>(args)...));
  }
  [[noreturn]] void unsupported(const std::string& what) const {
    fail(ErrorKind::kUnsupported, "{}: {}; write it with numpy.savez or numpy.savez_compressed",
         name_, what);
  }
  void need(size_t at, size_t count, const char* what) const {
    if (at > bytes_.size() || count > bytes_.size() - at) malformed("truncated in {}", what);
  }
  uint32_t word(size_t at) const { return load_le32(bytes_.data() + at); }
  uint32_t half(size_t at) const { return uint32_t{bytes_[at]} | uint32_t{bytes_[at + 1]} << 8; }
  std::string text(size_t at, size_t count) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + at, count};
  }

  size_t find_end() const {
    if (bytes_.size() < kEndBytes) malformed("it has {} bytes", bytes_.size());
    const size_t last = bytes_.size() - kEndBytes;
    for (size_t back = 0; back <= std::min(last, kMostComment); ++back) {
      if (word(last - back) == kEnd) return last - back;
    }
    malformed("its directory is missing; was it cut short?");
  }

  ZipMember member(size_t entry, std::string name) {
    const uint32_t flags = half(entry + 8), method = half(entry + 10), crc = word(entry + 16);
    const uint32_t packed = word(entry + 20), unpacked = word(entry + 24), local = word(entry + 42);
    if (packed == 0xffffffff || unpacked == 0xffffffff || local == 0xffffffff) {
      unsupported(fmt::format("member '{}' is in the ZIP64 form", name));
    }
    if ((flags & 1) != 0) unsupported(fmt::format("member '{}' is encrypted", name));
    if (method != kStored && method != kDeflated) {
      unsupported(fmt::format("member '{}' has compression method {}", name, method));
    }
    total_ += unpacked;
    if (total_ > kMostBytes)
      unsupported(fmt::format("it unpacks to more than {} bytes", kMostBytes));
    need(local, kLocalBytes, "a member's header");
    if (word(local) != kLocalHeader) malformed("member '{}' has no header of its own", name);
    const size_t data = local + kLocalBytes + half(local + 26) + half(local + 28);
    need(data, packed, "a member");
    ZipMember member{std::move(name), {}};
    const std::span<const uint8_t> from = bytes_.subspan(data, packed);
    if (method == kStored) {
      if (packed != unpacked)
        malformed("member '{}' is stored in {} bytes, but has {}", member.name, packed, unpacked);
      member.data.assign(from.begin(), from.end());
    } else {
      member.data = inflated(from, unpacked, member.name);
    }
    if (crc32(0, member.data.data(), static_cast<uInt>(member.data.size())) != crc) {
      malformed("member '{}' does not have its CRC", member.name);
    }
    return member;
  }

  std::vector<uint8_t> inflated(std::span<const uint8_t> from, uint32_t size,
                                const std::string& member) const {
    // Deflate makes at most 1032 bytes of one: what claims more is not worth the memory.
    if (size / 1032 > from.size()) malformed("member '{}' cannot unpack to {} bytes", member, size);
    std::vector<uint8_t> out(size);
    uint8_t nothing = 0;
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
      fail(ErrorKind::kOutOfMemory, "zlib cannot begin to unpack {}", name_);
    stream.next_in = const_cast<Bytef*>(from.data());
    stream.avail_in = static_cast<uInt>(from.size());
    stream.next_out = out.empty() ? &nothing : out.data();
    stream.avail_out = size;
    const int result = inflate(&stream, Z_FINISH);
    const bool whole = result == Z_STREAM_END && stream.total_out == size;
    inflateEnd(&stream);
    if (!whole) malformed("member '{}' does not unpack to its {} bytes", member, size);
    return out;
  }

  std::span<const uint8_t> bytes_;
  const std::string& name_;
  uint64_t total_ = 0;
};

}  // namespace

std::vector<ZipMember> read_zip(std::span<const uint8_t> bytes, const std::string& name) {
  return Archive(bytes, name).members();
}

}  // namespace weft::runtime
