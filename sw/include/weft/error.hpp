/// @file
/// The one error type: a kind for programs and a sentence for people.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

/// Everything of Weft.
namespace weft {

/// What went wrong, for programs. Later versions may add kinds.
enum class ErrorKind : uint8_t {
  kInvalidArgument,  ///< a caller's or user's value is not allowed
  kNotFound,         ///< a name or file that is not there
  kIo,               ///< the operating system refused a read or write
  kMalformedFile,    ///< a file is not what it claims to be
  kUnsupported,      ///< well-formed, but outside what Weft can do
  kMismatch,         ///< two things that must agree do not (hash, bytes)
  kDevice,           ///< the device reported an error
  kTimeout,          ///< something did not end within its limit
  kOutOfMemory,      ///< it does not fit
  kInternal,         ///< a defect of Weft itself
  kBusy,             ///< another holds what is needed, or a queue is full
  kCancelled,        ///< given up because the caller asked for it
};

/// The kind's name, "invalid_argument".
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
    case ErrorKind::kBusy: return "busy";
    case ErrorKind::kCancelled: return "cancelled";
  }
  return "unknown";
}

/// What every function of Weft throws; what() is the sentence.
class Error : public std::runtime_error {
 public:
  /// A whole sentence: what, where, and what to do.
  Error(ErrorKind kind, const std::string& sentence) : std::runtime_error(sentence), kind_(kind) {}

  /// What went wrong, for programs.
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace weft
