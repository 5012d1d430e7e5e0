#include "model/cifar.h"

#include <algorithm>
#include <system_error>

#include "base/error.h"
#include "base/files.h"

namespace weft::model {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPlane = size_t{kCifarSide} * kCifarSide;
constexpr size_t kRecord = 1 + kCifarPixelBytes;

std::optional<fs::path> file_in(const fs::path& directory) {
  std::error_code ignored;
  if (fs::is_regular_file(directory / "test_batch.bin", ignored))
    return directory / "test_batch.bin";
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("cifar10_test") && name.ends_with(".bin")) files.push_back(entry.path());
  }
  if (files.empty()) return std::nullopt;
  return *std::min_element(files.begin(), files.end());
}

}  // namespace

CifarPictures read_cifar(const fs::path& file) {
  const std::vector<uint8_t> bytes = read_file(file);
  const std::string name = file.string();
  if (bytes.empty() || bytes.size() % kRecord != 0) {
    fail(ErrorKind::kMalformedFile,
         "{}: not CIFAR-10's binary records: {} bytes are no multiple of {} (a label and 32 x 32 "
         "pixels of three colours)",
         name, bytes.size(), kRecord);
  }
  CifarPictures pictures;
  pictures.count = static_cast<int>(bytes.size() / kRecord);
  pictures.pixels.resize(static_cast<size_t>(pictures.count) * kCifarPixelBytes);
  for (int i = 0; i < pictures.count; ++i) {
    const uint8_t* record = bytes.data() + static_cast<size_t>(i) * kRecord;
    if (*record >= kCifarClasses.size()) {
      fail(ErrorKind::kMalformedFile, "{}: picture {} has label {}; CIFAR-10 has 0 to {}", name, i,
           *record, kCifarClasses.size() - 1);
    }
    pictures.labels.push_back(*record);
    uint8_t* out = pictures.pixels.data() + static_cast<size_t>(i) * kCifarPixelBytes;
    for (size_t p = 0; p < kPlane; ++p) {
      for (size_t c = 0; c < 3; ++c) out[3 * p + c] = record[1 + c * kPlane + p];
    }
  }
  pictures.source = fmt::format("CIFAR-10 test pictures ({})", name);
  return pictures;
}

std::optional<CifarPictures> find_cifar(const std::string& place, const std::string& weft_data,
                                        const fs::path& root) {
  std::error_code ignored;
  if (!place.empty()) {
    if (!fs::is_directory(place, ignored)) return read_cifar(place);
    if (const auto file = file_in(place)) return read_cifar(*file);
    fail(ErrorKind::kNotFound, "{} has no CIFAR-10 pictures (test_batch.bin or cifar10_test*.bin)",
         place);
  }
  std::vector<fs::path> places;
  if (!weft_data.empty()) {
    places = {fs::path(weft_data) / "cifar10", weft_data};
  } else {
    places = {(root / "../shared/data/cifar10").lexically_normal(), root / "data/cifar10"};
  }
  for (const fs::path& directory : places) {
    const auto file = file_in(directory);
    if (!file) continue;
    CifarPictures pictures = read_cifar(*file);
    pictures.source = fmt::format("CIFAR-10 test pictures ({})", file->filename().string());
    return pictures;
  }
  return std::nullopt;
}

std::vector<int8_t> quantize_cifar(std::span<const uint8_t> picture) {
  std::vector<int8_t> bytes;
  bytes.reserve(picture.size());
  for (const uint8_t p : picture) bytes.push_back(static_cast<int8_t>(p - 128));
  return bytes;
}

}  // namespace weft::model
