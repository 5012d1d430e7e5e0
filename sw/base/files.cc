#include "base/files.h"

#include <unistd.h>

#include <fstream>
#include <string>
#include <system_error>

#include "base/error.h"

namespace weft {

void write_file(const std::filesystem::path& path, std::string_view contents) {
  std::error_code error;
  std::filesystem::path temporary = path;
  temporary += ".part" + std::to_string(getpid());
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(contents.data(), static_cast<std::streamsize>(contents.size()));
    out.close();
    if (!out) {
      std::filesystem::remove(temporary, error);
      fail(ErrorKind::kIo,
           "cannot write {}; is its directory there and writable, and the disk not full?",
           path.string());
    }
  }
  std::filesystem::rename(temporary, path, error);
  if (error) {
    const std::string why = error.message();
    std::filesystem::remove(temporary, error);
    fail(ErrorKind::kIo, "cannot write {}: {}", path.string(), why);
  }
}

void write_file(const std::filesystem::path& path, std::span<const uint8_t> contents) {
  write_file(path,
             std::string_view(reinterpret_cast<const char*>(contents.data()), contents.size()));
}

std::vector<uint8_t> read_file(const std::filesystem::path& path, size_t most) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    fail(ErrorKind::kNotFound, "{}: there is no such file", path.string());
  }
  if (std::filesystem::is_directory(path, error)) {
    fail(ErrorKind::kIo, "{} is a directory; name a file of it", path.string());
  }
  std::ifstream in(path, std::ios::binary);
  std::vector<uint8_t> bytes;
  constexpr size_t kChunk = size_t{1} << 20;
  while (in && bytes.size() <= most) {
    const size_t before = bytes.size();
    bytes.resize(before + kChunk);
    in.read(reinterpret_cast<char*>(bytes.data() + before), kChunk);
    bytes.resize(before + static_cast<size_t>(in.gcount()));
  }
  if (bytes.size() > most) {
    fail(ErrorKind::kMalformedFile, "{}: more than {} bytes", path.string(), most);
  }
  if (!in.eof()) fail(ErrorKind::kIo, "{}: cannot be read", path.string());
  return bytes;
}

}  // namespace weft
