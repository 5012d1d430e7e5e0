#include "runtime/npy.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/files.h"
#include "runtime/zip.h"

namespace weft::runtime {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMostHeader = 1 << 16;
constexpr int64_t kMostElements = int64_t{1} << 30;
constexpr size_t kMostRank = 32;

// The header: a Python dictionary of three entries, read strictly.
class Header {
 public:
  Header(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  struct Entries {
    std::optional<std::string> descr;
    std::optional<bool> fortran;
    std::optional<std::vector<int64_t>> shape;
  };

  Entries read() {
    Entries entries;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !entries.descr) {
        skip_space();
        if (at_ < text_.size() && text_[at_] == '[') {
          fail(ErrorKind::kUnsupported,
               "{}: an array of records; plain int8, uint8, int32 and float32 are read", file_);
        }
        entries.descr = quoted();
      } else if (key == "fortran_order" && !entries.fortran) {
        entries.fortran = boolean();
      } else if (key == "shape" && !entries.shape) {
        entries.shape = tuple();
      } else {
        malformed(fmt::format("its header has an entry '{}' too many", key));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) malformed("its header goes on behind its end");
    if (!entries.descr || !entries.fortran || !entries.shape)
      malformed("its header lacks descr, fortran_order or shape");
    return entries;
  }

 private:
  [[noreturn]] void malformed(const std::string& what) const {
    fail(ErrorKind::kMalformedFile, "{}: not a sound .npy array: {}", file_, what);
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) malformed(fmt::format("its header has no '{}' at {}", c, at_));
  }
  std::string quoted() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    const size_t end =
        quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string_view::npos;
    if (end == std::string_view::npos)
      malformed(fmt::format("its header has no string at {}", at_));
    const std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip_space();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return word == "True";
    }
    malformed("fortran_order is neither True nor False");
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> shape;
    expect('(');
    while (!accept(')')) {
      shape.push_back(number());
      if (shape.size() > kMostRank) malformed(fmt::format("more than {} dimensions", kMostRank));
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return shape;
  }
  int64_t number() {
    skip_space();
    const size_t first = at_;
    int64_t value = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = std::min(value * 10 + (text_[at_++] - '0'), 2 * kMostElements);
    }
    if (at_ == first) malformed(fmt::format("its shape has no number at {}", first));
    return value;
  }

  std::string_view text_;
  const std::string& file_;
  size_t at_ = 0;
};

model::DataType type_of(const std::string& descr, const std::string& name) {
  if (descr == "|i1" || descr == "<i1" || descr == "=i1" || descr == "i1")
    return model::DataType::kInt8;
  if (descr == "|u1" || descr == "<u1" || descr == "=u1" || descr == "u1")
    return model::DataType::kUInt8;
  if (descr == "<i4") return model::DataType::kInt32;
  if (descr == "<f4") return model::DataType::kFloat32;
  fail(ErrorKind::kUnsupported,
       "{}: elements of type '{}'; int8, uint8, and int32 and float32 in little-endian order are "
       "read",
       name, descr);
}

bool begins_with(std::span<const uint8_t> bytes, std::string_view what) {
  return bytes.size() >= what.size() &&
         std::equal(what.begin(), what.end(), bytes.begin(),
                    [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

}  // namespace

Array parse_npy(std::span<const uint8_t> bytes, const std::string& name) {
  const auto malformed = [&](const std::string& what) {
    fail(ErrorKind::kMalformedFile, "{}: not a sound .npy array: {}", name, what);
  };
  if (!begins_with(bytes, kMagic)) malformed("it does not begin as one");
  if (bytes.size() < kMagic.size() + 4) malformed("truncated");
  const int major = bytes[6], minor = bytes[7];
  if ((major != 1 && major != 2) || minor != 0) {
    fail(ErrorKind::kUnsupported, "{}: version {}.{} of the .npy format; 1.0 and 2.0 are read",
         name, major, minor);
  }
  const size_t begin = major == 1 ? 10 : 12;
  if (bytes.size() < begin) malformed("truncated");
  const size_t length =
      major == 1 ? size_t{bytes[8]} | size_t{bytes[9]} << 8 : load_le32(bytes.data() + 8);
  if (length > kMostHeader || length > bytes.size() - begin) {
    malformed(fmt::format("a header of {} bytes in a file of {}", length, bytes.size()));
  }
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + begin, length);
  const Header::Entries entries = Header(header, name).read();
  if (*entries.fortran && entries.shape->size() > 1) {
    fail(ErrorKind::kUnsupported,
         "{}: the array is in Fortran order; save numpy.ascontiguousarray(array)", name);
  }
  Array array;
  array.type = type_of(*entries.descr, name);
  array.shape = *entries.shape;
  int64_t elements = 1;
  for (const int64_t extent : array.shape) {
    if (extent > kMostElements) malformed(fmt::format("a dimension of {} or more", kMostElements));
    elements = std::min(elements * extent, kMostElements + 1);  // stays too many, without overflow
  }
  const std::span<const uint8_t> data = bytes.subspan(begin + length);
  const uint64_t wanted =
      static_cast<uint64_t>(elements) * static_cast<uint64_t>(model::bytes_of(array.type));
  if (data.size() != wanted) {
    malformed(fmt::format("{}: {} bytes of data, its shape takes {}{}",
                          data.size() < wanted ? "truncated" : "too long", data.size(),
                          elements > kMostElements ? "more than " : "", wanted));
  }
  array.data.assign(data.begin(), data.end());
  return array;
}

std::vector<Array> read_arrays(const std::filesystem::path& file) {
  const std::vector<uint8_t> bytes = read_file(file);
  const std::string name = file.string();
  if (!begins_with(bytes, "PK")) return {parse_npy(bytes, name)};
  std::vector<Array> arrays;
  for (const ZipMember& member : read_zip(bytes, name)) {
    Array array = parse_npy(member.data, fmt::format("{}, member '{}'", name, member.name));
    array.name =
        member.name.ends_with(".npy") ? member.name.substr(0, member.name.size() - 4) : member.name;
    for (const Array& other : arrays) {
      if (other.name == array.name)
        fail(ErrorKind::kMalformedFile, "{}: two members are named '{}'", name, array.name);
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

}  // namespace weft::runtime
