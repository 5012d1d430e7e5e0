// Throwing weft::Error with a formatted sentence, which names the thing (file, layer, tensor,
// register) and the way out.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "weft/error.hpp"

namespace weft {

// Throws Error with a formatted sentence.
template <class... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace weft
