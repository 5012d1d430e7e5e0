// The importer against files that are damaged or foreign: it answers with an Error or with a
// graph for which check() holds. Nothing else.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "base/error.h"
#include "model/tflite.h"
#include "tb/catch_compat.h"
#include "tflite_builder.h"

namespace weft::model {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes shipped() {
  std::ifstream in(WEFT_SOURCE_DIR "/models/mnist_convnet.tflite", std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

enum class Outcome { kRefused, kImported };

// Anything but Error leaves the test as a failure; so does a graph that check() refuses.
Outcome attempt(const Bytes& bytes) {
  try {
    const Graph graph = import_tflite(bytes, "hostile");
    check(graph);
    return Outcome::kImported;
  } catch (const Error& error) {
    CHECK((error.kind() == ErrorKind::kMalformedFile || error.kind() == ErrorKind::kUnsupported));
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("hostile: "));
    return Outcome::kRefused;
  }
}

uint64_t seed() {
  const char* given = std::getenv("WEFT_SEED");
  return given ? std::strtoull(given, nullptr, 0) : 1;
}

TEST_CASE("Every truncation of the shipped network is refused") {
  const Bytes whole = shipped();
  REQUIRE(attempt(whole) == Outcome::kImported);
  std::vector<size_t> sizes;
  for (size_t i = 0; i < 200; ++i) sizes.push_back(whole.size() * i / 200);
  for (size_t i = 0; i < 64; ++i) sizes.push_back(i);
  for (size_t i = 1; i < 64; ++i) sizes.push_back(whole.size() - i);
  for (const size_t size : sizes) {
    INFO("truncated to " << size << " bytes");
    // The very last bytes may be padding that nothing refers to.
    const Outcome outcome = attempt(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)));
    CHECK((outcome == Outcome::kRefused || size + 8 > whole.size()));
  }
}

TEST_CASE("Flipped bytes never do harm") {
  const bool small = GENERATE(false, true);
  const Bytes whole = small ? tb::write(tb::small_model()) : shipped();
  const int rounds = small ? 20000 : 2500;
  std::mt19937_64 rng(seed());
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    INFO("WEFT_SEED=" << seed() << ", round " << round);
    Bytes bytes = whole;
    const int flips = 1 + static_cast<int>(rng() % 3);
    for (int i = 0; i < flips; ++i) {
      // Most of the shipped file is weights; its structure is in the first KiB and the last fifth.
      size_t at = rng() % bytes.size();
      if (!small) at = rng() % 2 ? rng() % 1024 : bytes.size() - 1 - rng() % (bytes.size() / 5);
      bytes[at] = rng() % 2 ? static_cast<uint8_t>(bytes[at] ^ (1U << rng() % 8))
                            : static_cast<uint8_t>(rng());
    }
    refused += attempt(bytes) == Outcome::kRefused ? 1 : 0;
  }
  // Both must happen, or the flips hit nothing.
  CHECK(refused > rounds / 50);
  CHECK(refused < rounds);
}

TEST_CASE("Foreign, empty and absent files are refused") {
  CHECK_THROWS_WITH(import_tflite(Bytes{}, "x"), Catch::Matchers::ContainsSubstring("empty"));
  const std::string text = "#!/bin/sh\necho not a model at all\n";
  CHECK_THROWS_WITH(import_tflite(Bytes(text.begin(), text.end()), "x"),
                    Catch::Matchers::ContainsSubstring("not a TensorFlow Lite"));
  CHECK_THROWS_WITH(import_tflite(Bytes{8, 0, 0, 0, 'T', 'F', 'L', '3'}, "x"),
                    Catch::Matchers::ContainsSubstring("damaged"));
  const std::filesystem::path absent = "no/such/model.tflite";
  CHECK_THROWS_WITH(import_tflite(absent),
                    Catch::Matchers::ContainsSubstring("no/such/model.tflite"));
  CHECK_THROWS_AS(import_tflite(std::filesystem::path(WEFT_SOURCE_DIR)), Error);
}

}  // namespace
}  // namespace weft::model
