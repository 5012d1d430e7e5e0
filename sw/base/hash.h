// FNV-1a, 64 bit: for fingerprints that must be the same everywhere; not for security.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weft {

inline constexpr uint64_t kFnv1aSeed = 0xcbf29ce484222325ULL;
inline constexpr uint64_t kFnv1aPrime = 0x100000001b3ULL;

// `seed` chains calls: the hash of a concatenation is the hash of its parts in turn.
constexpr uint64_t fnv1a(std::string_view text, uint64_t seed = kFnv1aSeed) {
  for (const char c : text) seed = (seed ^ static_cast<uint8_t>(c)) * kFnv1aPrime;
  return seed;
}

constexpr uint64_t fnv1a(std::span<const uint8_t> bytes, uint64_t seed = kFnv1aSeed) {
  for (const uint8_t byte : bytes) seed = (seed ^ byte) * kFnv1aPrime;
  return seed;
}

}  // namespace weft
