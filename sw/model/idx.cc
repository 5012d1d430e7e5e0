#include "model/idx.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <system_error>

#include "base/error.h"

namespace weft::model {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kImagesMagic = 0x803;  // unsigned bytes, three dimensions
constexpr uint32_t kLabelsMagic = 0x801;
constexpr size_t kMaxBytes = size_t{1} << 28;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The whole file; zlib passes a plain one through.
std::vector<uint8_t> read_all(const fs::path& path) {
  const std::string name = path.string();
  if (!is_there(path)) fail(ErrorKind::kNotFound, "{}: there is no such file", name);
  const gzFile file = gzopen(name.c_str(), "rb");
  if (!file) fail(ErrorKind::kIo, "{}: cannot be read", name);
  std::vector<uint8_t> bytes;
  constexpr unsigned kChunk = 1U << 20;
  int got = 0;
  do {
    bytes.resize(bytes.size() + kChunk);
    got = gzread(file, bytes.data() + bytes.size() - kChunk, kChunk);
    bytes.resize(bytes.size() - kChunk + static_cast<size_t>(std::max(got, 0)));
  } while (got > 0 && bytes.size() <= kMaxBytes);
  int code = Z_OK;
  const std::string reason = gzerror(file, &code);
  // A gzip stream that stops early shows itself only when the file is closed.
  const int closed = gzclose(file);
  if (got < 0) fail(ErrorKind::kMalformedFile, "{}: cannot be unpacked ({})", name, reason);
  if (bytes.size() > kMaxBytes) {
    fail(ErrorKind::kMalformedFile, "{}: unpacks to more than {} bytes", name, kMaxBytes);
  }
  if (code != Z_OK || closed != Z_OK) {
    fail(ErrorKind::kMalformedFile, "{}: truncated (the gzip stream stops early)", name);
  }
  return bytes;
}

struct Idx {
  std::vector<int> extents;
  std::vector<uint8_t> data;
};

uint32_t big_endian(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

Idx read_idx(const fs::path& path, uint32_t magic, const char* what) {
  std::vector<uint8_t> bytes = read_all(path);
  const std::string name = path.string();
  const size_t rank = magic & 0xff;
  const size_t header = 4 + 4 * rank;
  if (bytes.size() >= 4 && big_endian(bytes.data()) != magic) {
    fail(ErrorKind::kMalformedFile, "{}: not an IDX file of {}: begins with {:#010x}, not {:#010x}",
         name, what, big_endian(bytes.data()), magic);
  }
  if (bytes.size() < header) {
    fail(ErrorKind::kMalformedFile, "{}: truncated: {} bytes, the header alone has {}", name,
         bytes.size(), header);
  }
  Idx idx;
  size_t elements = 1;
  for (size_t i = 0; i < rank; ++i) {
    const uint32_t extent = big_endian(bytes.data() + 4 + 4 * i);
    if (extent == 0 || extent > kMaxBytes) {
      fail(ErrorKind::kMalformedFile, "{}: the header's dimension {} is {}", name, i, extent);
    }
    elements = std::min(elements * extent, 2 * kMaxBytes);  // stays too many, without overflow
    idx.extents.push_back(static_cast<int>(extent));
  }
  if (bytes.size() - header != elements) {
    fail(ErrorKind::kMalformedFile, "{}: {}: {} bytes of data, the header announces {}", name,
         bytes.size() - header < elements ? "truncated" : "too long", bytes.size() - header,
         elements);
  }
  idx.data.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  return idx;
}

// `stem`-images-idx3-ubyte with its labels, gzipped or plain; nothing if the images are not there.
std::optional<Digits> digits_in(const fs::path& directory, const std::string& stem) {
  const fs::path images = directory / (stem + "-images-idx3-ubyte");
  const fs::path labels = directory / (stem + "-labels-idx1-ubyte");
  const auto packed_or_plain = [](const fs::path& path) {
    const fs::path packed = path.string() + ".gz";
    return is_there(packed) || !is_there(path) ? packed : path;
  };
  if (!is_there(packed_or_plain(images))) return std::nullopt;
  return read_digits(packed_or_plain(images), packed_or_plain(labels));
}

// MNIST's or the project's own digits of a directory; `shown` is how messages call it.
std::optional<Digits> digits_of(const fs::path& directory, const std::string& shown) {
  for (const char* stem : {"t10k", "digits"}) {
    std::optional<Digits> digits = digits_in(directory, stem);
    if (!digits) continue;
    digits->source = fmt::format(
        "{} ({})", std::string(stem) == "t10k" ? "MNIST test digits" : "the project's own digits",
        shown);
    return digits;
  }
  return std::nullopt;
}

}  // namespace

Digits read_digits(const fs::path& images, const fs::path& labels) {
  Idx pictures = read_idx(images, kImagesMagic, "images");
  Idx classes = read_idx(labels, kLabelsMagic, "labels");
  if (classes.extents[0] != pictures.extents[0]) {
    fail(ErrorKind::kMalformedFile, "{}: {} labels, but {} has {} images", labels.string(),
         classes.extents[0], images.string(), pictures.extents[0]);
  }
  Digits digits;
  digits.count = pictures.extents[0];
  digits.rows = pictures.extents[1];
  digits.cols = pictures.extents[2];
  digits.pixels = std::move(pictures.data);
  digits.labels = std::move(classes.data);
  digits.source = fmt::format("digits of {}", images.string());
  return digits;
}

Digits find_digits(const std::string& directory, const std::string& weft_data,
                   const fs::path& root) {
  if (!directory.empty()) {
    if (auto digits = digits_of(directory, directory)) return *digits;
    fail(ErrorKind::kNotFound,
         "{} has no digits (t10k-images-idx3-ubyte.gz or digits-images-idx3-ubyte.gz)", directory);
  }
  if (!weft_data.empty()) {
    const fs::path mnist = fs::path(weft_data) / "mnist";
    if (auto digits = digits_of(mnist, mnist.string())) return *digits;
    if (auto digits = digits_of(weft_data, weft_data)) return *digits;
    fail(ErrorKind::kNotFound,
         "WEFT_DATA is {}, which has no digits (mnist/t10k-images-idx3-ubyte.gz); correct it or "
         "unset it",
         weft_data);
  }
  for (const char* place : {"../shared/data/mnist", "data/mnist", "data"}) {
    if (auto digits = digits_of((root / place).lexically_normal(), place)) return *digits;
  }
  fail(ErrorKind::kNotFound, "{} has no digits; `make data` fetches MNIST's",
       (root / "data").string());
}

std::vector<int8_t> quantize_pixels(std::span<const uint8_t> pixels, const Tensor& input) {
  if (input.type != DataType::kInt8 || input.quantization.scales.size() != 1 ||
      input.quantization.zero_points.size() != 1) {
    fail(ErrorKind::kInvalidArgument,
         "tensor '{}' does not take pixels: it is not int8 with one scale", input.name);
  }
  if (static_cast<int64_t>(pixels.size()) != input.elements()) {
    fail(ErrorKind::kMismatch, "{} pixels for tensor '{}', which takes {}", pixels.size(),
         input.name, input.elements());
  }
  const float scale = input.quantization.scales[0];
  const int32_t zero = input.quantization.zero_points[0];
  std::vector<int8_t> bytes;
  bytes.reserve(pixels.size());
  for (const uint8_t p : pixels) {
    // Capped before the cast, and past all of int8 from any zero point.
    const float steps = std::min(std::round(static_cast<float>(p) / 255.0F / scale), 512.0F);
    bytes.push_back(static_cast<int8_t>(std::clamp(zero + static_cast<int32_t>(steps), -128, 127)));
  }
  return bytes;
}

}  // namespace weft::model
