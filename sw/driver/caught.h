// Exceptions of code that may be anyone's, as Weft's own errors.
#pragma once

#include <exception>
#include <new>
#include <optional>

#include "base/error.h"

namespace weft::driver {

// What `call` throws. A Device may be anyone's, and so may what it throws.
template <class Call>
std::optional<Error> error_of(const Call& call) {
  try {
    call();
    return {};
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::kOutOfMemory, "the host's memory does not hold the inference");
  } catch (const std::exception& error) {
    return Error(ErrorKind::kDevice, fmt::format("the device's own code failed: {}", error.what()));
  } catch (...) {
    return Error(ErrorKind::kDevice, "the device's own code failed, and did not say how");
  }
}

}  // namespace weft::driver
