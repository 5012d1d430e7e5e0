// A wave file read back: its signals by name, and their values.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include "gtkwave/fstapi.h"

namespace weft::tb {

class FstFile {
 public:
  explicit FstFile(const std::filesystem::path& path) : reader_(fstReaderOpen(path.c_str())) {
    if (reader_ == nullptr) throw std::runtime_error(path.string() + " is no FST file");
    while (const fstHier* item = fstReaderIterateHier(reader_)) {
      if (item->htyp == FST_HT_SCOPE) fstReaderPushScope(reader_, item->u.scope.name, nullptr);
      if (item->htyp == FST_HT_UPSCOPE) fstReaderPopScope(reader_);
      if (item->htyp != FST_HT_VAR) continue;
      std::string name = item->u.var.name;
      name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
      signals_[std::string(fstReaderGetCurrentFlatScope(reader_)) + "." + name] =
          item->u.var.handle;
    }
  }
  ~FstFile() { fstReaderClose(reader_); }
  FstFile(const FstFile&) = delete;
  FstFile& operator=(const FstFile&) = delete;

  // Names as "weft.weft_top.clk_i" and "weft.weft_top.m_axi_awlen_o[7:0]".
  const std::map<std::string, fstHandle>& signals() const { return signals_; }

  uint64_t first_time() const { return fstReaderGetStartTime(reader_); }
  uint64_t last_time() const { return fstReaderGetEndTime(reader_); }

  // The lowest 64 bits.
  uint64_t value(const std::string& name, uint64_t time) const {
    std::string buffer(4096, '\0');
    const char* bits =
        fstReaderGetValueFromHandleAtTime(reader_, time, signals_.at(name), buffer.data());
    uint64_t value = 0;
    for (; bits != nullptr && *bits != '\0'; ++bits) value = value << 1 | (*bits == '1' ? 1 : 0);
    return value;
  }

 private:
  void* reader_;
  std::map<std::string, fstHandle> signals_;
};

}  // namespace weft::tb
