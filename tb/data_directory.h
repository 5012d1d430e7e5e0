// Data from elsewhere, which is no part of the project: tests that need it skip, in words, where it is not.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace weft::tb {

// $WEFT_DATA, or shared/data beside the project.
inline std::filesystem::path data_directory() {
  const char* data = std::getenv("WEFT_DATA");
  return data && *data ? data : WEFT_SOURCE_DIR "/../shared/data";
}

}  // namespace weft::tb
