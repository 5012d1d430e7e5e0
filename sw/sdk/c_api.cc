#include "sdk/c_api.h"

#include <cstring>
#include <new>

namespace weft::sdk {
namespace {

// As much as a sentence needs; no allocation, which could fail where memory is what is missing.
thread_local char last_error[4096] = "";

// Far above any tensor's: what is more was not meant.
constexpr size_t kMostDimensions = 16;

weft_status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument: return WEFT_INVALID_ARGUMENT;
    case ErrorKind::kNotFound: return WEFT_NOT_FOUND;
    case ErrorKind::kIo: return WEFT_IO;
    case ErrorKind::kMalformedFile: return WEFT_MALFORMED_FILE;
    case ErrorKind::kUnsupported: return WEFT_UNSUPPORTED;
    case ErrorKind::kMismatch: return WEFT_MISMATCH;
    case ErrorKind::kDevice: return WEFT_DEVICE;
    case ErrorKind::kTimeout: return WEFT_TIMEOUT;
    case ErrorKind::kOutOfMemory: return WEFT_OUT_OF_MEMORY;
    case ErrorKind::kInternal: return WEFT_INTERNAL;
    case ErrorKind::kBusy: return WEFT_BUSY;
    case ErrorKind::kCancelled: return WEFT_CANCELLED;
  }
  return WEFT_INTERNAL;
}

// A C program may put any number into an enumeration; in C++ it must not be read as one then.
template <class Enum>
int number_of(const Enum& value) {
  int number = 0;
  static_assert(sizeof(number) == sizeof(value));
  std::memcpy(&number, &value, sizeof(number));
  return number;
}

}  // namespace

weft_status failed(weft_status status, const char* sentence) noexcept {
  size_t i = 0;
  for (; sentence[i] != '\0' && i + 1 < sizeof(last_error); ++i) last_error[i] = sentence[i];
  last_error[i] = '\0';
  return status;
}

weft_status failed() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    return failed(status_of(error.kind()), error.what());
  } catch (const std::bad_alloc&) {
    return failed(WEFT_OUT_OF_MEMORY, "the host has no memory left");
  } catch (const std::exception& error) {
    return failed(WEFT_INTERNAL, error.what());
  } catch (...) {
    return failed(WEFT_INTERNAL, "something was thrown that says nothing of itself");
  }
}

ErrorKind kind_of(weft_status status) {
  for (int k = 0; k <= static_cast<int>(ErrorKind::kCancelled); ++k) {
    if (status_of(static_cast<ErrorKind>(k)) == status) return static_cast<ErrorKind>(k);
  }
  return ErrorKind::kDevice;
}

void need(const void* pointer, const char* argument) {
  if (pointer == nullptr) fail(ErrorKind::kInvalidArgument, "the argument `{}` is NULL", argument);
}

std::vector<Input> inputs_of(const weft_input* inputs, size_t count) {
  if (count > 0) need(inputs, "inputs");
  std::vector<Input> out;
  for (size_t i = 0; i < count; ++i) {
    const weft_input& in = inputs[i];
    const int type = number_of(in.type);
    if (type < WEFT_INT8 || type > WEFT_FLOAT32) {
      fail(ErrorKind::kInvalidArgument, "inputs[{}].type is {}, which is no type", i, type);
    }
    out.emplace_back(static_cast<DataType>(type), in.data, in.bytes);
    if (in.name != nullptr) out.back().name(in.name);
    if (in.shape != nullptr && (in.dimensions < 1 || in.dimensions > kMostDimensions)) {
      fail(ErrorKind::kInvalidArgument,
           "inputs[{}] has a shape of {} dimensions; 1 to {} are possible. Without one, leave "
           "`shape` "
           "NULL",
           i, in.dimensions, kMostDimensions);
    }
    if (in.shape != nullptr) out.back().shape({in.shape, in.shape + in.dimensions});
  }
  return out;
}

}  // namespace weft::sdk

using weft::sdk::guarded;
using weft::sdk::need;

extern "C" {

const char* weft_status_text(weft_status status) {
  const int number = weft::sdk::number_of(status);
  if (number == WEFT_OK) return "ok";
  if (number < WEFT_OK || number > WEFT_CANCELLED) return "unknown status";
  return weft::to_string(weft::sdk::kind_of(status));
}

const char* weft_last_error(void) { return weft::sdk::last_error; }

const char* weft_version(void) { return WEFT_VERSION; }

weft_status weft_result_output(const weft_result* result, size_t index, const void** data,
                               size_t* bytes) {
  return guarded([&] {
    need(result, "result");
    need(data, "data");
    const auto output = result->result.bytes(index);
    *data = output.data();
    if (bytes != nullptr) *bytes = output.size();
  });
}

weft_status weft_result_cycles(const weft_result* result, uint64_t* cycles) {
  return guarded([&] {
    need(result, "result");
    need(cycles, "cycles");
    *cycles = result->result.cycles();
  });
}

weft_status weft_result_counter(const weft_result* result, const char* name, uint64_t* value) {
  return guarded([&] {
    need(result, "result");
    need(name, "name");
    need(value, "value");
    const auto counters = result->result.counters();
    if (counters.empty()) {
      weft::fail(weft::ErrorKind::kNotFound,
                 "the counters of this run are not known: another inference was on the device");
    }
    const auto found = counters.find(name);
    if (found == counters.end()) {
      std::string names;
      for (const auto& [known, count] : counters) names += (names.empty() ? "" : ", ") + known;
      weft::fail(weft::ErrorKind::kNotFound, "there is no counter '{}'; there are {}", name, names);
    }
    *value = found->second;
  });
}

void weft_result_destroy(weft_result* result) { delete result; }

}  // extern "C"
