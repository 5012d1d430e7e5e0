// Models that are well-formed FlatBuffers with one thing wrong in them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/tflite.h"
#include "tb/catch_compat.h"
#include "tflite_builder.h"

namespace weft::tb {

struct Spoilt {
  const char* what;
  std::function<void(ModelSpec&)> spoil;
  std::vector<std::string> message;  // parts of it
};

// Pictures and kernels of `channels` channels, all weights alike.
inline void deepen(ModelSpec& m, int channels, uint8_t weight) {
  m.tensors[kImage].shape = {1, 4, 4, channels};
  m.tensors[kFilter].shape = {2, 3, 3, channels};
  m.tensors[kFilter].data.assign(static_cast<size_t>(18 * channels), weight);
}

// Each is refused, in words that name the place; the model itself is imported.
inline void expect_refused(const std::vector<Spoilt>& all, const ModelSpec& whole = small_model()) {
  REQUIRE_NOTHROW(model::import_tflite(write(whole), "spoilt"));
  for (const Spoilt& s : all) {
    ModelSpec spec = whole;
    s.spoil(spec);
    std::string message = "no error";
    try {
      model::import_tflite(write(spec), "spoilt");
    } catch (const Error& error) {
      message = error.what();
    }
    INFO(s.what);
    CHECK_THAT(message, Catch::Matchers::StartsWith("spoilt: "));
    for (const std::string& part : s.message) {
      CHECK_THAT(message, Catch::Matchers::ContainsSubstring(part));
    }
  }
}

}  // namespace weft::tb
