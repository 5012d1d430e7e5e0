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
      fail(ErrorKind::kIo, "cannot write {}; is its directory there and writable, and the disk not full?", path.string());
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
  write_file(path, std::string_view(reinterpret_cast<const char*>(contents.data()), contents.size()));
}

}  // namespace weft
