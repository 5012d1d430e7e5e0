// The one error type: a code for programs and a sentence for people. The sentence
// names the thing (file, layer, tensor, register) and the way out.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace weft {

enum class ErrorKind : uint8_t {
  kInvalidArgument,  // a caller's or user's value is not allowed
  kNotFound,         // a name or file that is not there
  kIo,               // the operating system refused a read or write
  kMalformedFile,    // a file is not what it claims to be
  kUnsupported,      // well-formed, but outside what Weft can do
  kMismatch,         // two things that must agree do not (hash, bytes)
  kDevice,           // the device reported an error
  kTimeout,          // something did not end within its limit
  kOutOfMemory,      // it does not fit
  kInternal,         // a defect of Weft itself
};

constexpr const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument: return "invalid_argument";
    case ErrorKind::kNotFound: return "not_found";
    case ErrorKind::kIo: return "io";
    case ErrorKind::kMalformedFile: return "malformed_file";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kMismatch: return "mismatch";
    case ErrorKind::kDevice: return "device";
    case ErrorKind::kTimeout: return "timeout";
    case ErrorKind::kOutOfMemory: return "out_of_memory";
    case ErrorKind::kInternal: return "internal";
  }
  return "unknown";
}

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& sentence) : std::runtime_error(sentence), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// Throws Error with a formatted sentence.
template <class... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace weft
