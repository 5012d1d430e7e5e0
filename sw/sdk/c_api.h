// What the C functions share: the handles, and the border that no exception crosses.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "weft/weft.h"
#include "weft/weft.hpp"

struct weft_device {
  weft::Device device;
};
struct weft_program {
  weft::Program program;
};
struct weft_session {
  weft::Session session;
};
struct weft_result {
  weft::Result result;
};
struct weft_queue {
  weft::InferQueue queue;
};
struct weft_request {
  weft::InferRequest request;
};

namespace weft::sdk {

// Sets the thread's last error.
weft_status failed(weft_status status, const char* sentence) noexcept;
// Of the exception that is being handled.
weft_status failed() noexcept;

ErrorKind kind_of(weft_status status);

// Runs `call`; its exception becomes a status.
template <class Call>
weft_status guarded(const Call& call) noexcept {
  try {
    call();
    return WEFT_OK;
  } catch (...) {
    return failed();
  }
}

// Error(invalid_argument) that says which argument of which function is null.
void need(const void* pointer, const char* argument);

std::vector<Input> inputs_of(const weft_input* inputs, size_t count);

// Takes over as many bytes of a caller's struct as its version of the header had.
template <class Struct>
void take(Struct& to, const Struct& from, const char* name) {
  if (from.struct_bytes < sizeof(size_t) || from.struct_bytes > sizeof(Struct)) {
    fail(ErrorKind::kInvalidArgument,
         "{} has struct_bytes {}; this library knows {} bytes of it. Set it up with the header's "
         "own "
         "function or size",
         name, from.struct_bytes, sizeof(Struct));
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(&from);
  std::copy_n(bytes, from.struct_bytes, reinterpret_cast<unsigned char*>(&to));
}

}  // namespace weft::sdk
