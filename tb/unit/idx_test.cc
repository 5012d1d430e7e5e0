// IDX files, where digits are found, and how pixels become int8.
#include "model/idx.h"

#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "tb/catch_compat.h"

namespace weft::model {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<uint8_t>;

// A directory that goes with its test.
struct Scratch {
  Scratch() {
    std::string name = (fs::temp_directory_path() / "weft_idx_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
  fs::path path;
};

void put(const fs::path& path, const Bytes& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
}

void put_packed(const fs::path& path, const Bytes& bytes) {
  fs::create_directories(path.parent_path());
  const gzFile file = gzopen(path.string().c_str(), "wb");
  REQUIRE(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) ==
          static_cast<int>(bytes.size()));
  REQUIRE(gzclose(file) == Z_OK);
}

Bytes take(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

void word(Bytes& to, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<uint8_t>(value >> shift));
}

// `count` pictures of 2 x 3.
Bytes images(uint32_t count) {
  Bytes bytes;
  for (const uint32_t w : {0x803U, count, 2U, 3U}) word(bytes, w);
  for (uint32_t i = 0; i < 6 * count; ++i) bytes.push_back(static_cast<uint8_t>(7 * i));
  return bytes;
}

Bytes labels(uint32_t count) {
  Bytes bytes;
  for (const uint32_t w : {0x801U, count}) word(bytes, w);
  for (uint32_t i = 0; i < count; ++i) bytes.push_back(static_cast<uint8_t>(i % 10));
  return bytes;
}

template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("IDX files are read plain and packed") {
  const Scratch scratch;
  const bool packed = GENERATE(false, true);
  const auto write = packed ? put_packed : put;
  write(scratch.path / "i", images(3));
  write(scratch.path / "l", labels(3));
  const Digits digits = read_digits(scratch.path / "i", scratch.path / "l");
  CHECK(digits.count == 3);
  CHECK(digits.rows == 2);
  CHECK(digits.cols == 3);
  REQUIRE(digits.pixels.size() == 18);
  CHECK(digits.pixels[17] == 119);
  CHECK(digits.labels == Bytes{0, 1, 2});
}

TEST_CASE("A damaged IDX file is refused by name and reason") {
  const Scratch scratch;
  const fs::path i = scratch.path / "pictures", l = scratch.path / "classes";
  Bytes picture_bytes = images(3), label_bytes = labels(3);
  std::string file = i.string(), reason;
  SECTION("wrong magic") {
    picture_bytes[3] = 1;
    reason = "0x00000801";
  }
  SECTION("labels where images belong") {
    picture_bytes = label_bytes;
    reason = "not an IDX file of images";
  }
  SECTION("empty") {
    picture_bytes.clear();
    reason = "truncated: 0 bytes";
  }
  SECTION("inside the header") {
    picture_bytes.resize(15);
    reason = "the header alone has 16";
  }
  SECTION("one byte short") {
    picture_bytes.pop_back();
    reason = "truncated: 17 bytes of data, the header announces 18";
  }
  SECTION("one byte too many") {
    label_bytes.push_back(0);
    file = l.string();
    reason = "too long: 4 bytes of data, the header announces 3";
  }
  SECTION("zero pictures") {
    picture_bytes = images(0);
    reason = "dimension 0 is 0";
  }
  SECTION("a size that overflows") {
    for (size_t k = 4; k < 16; ++k) picture_bytes[k] = k % 4 == 0 ? 0x0f : 0xff;
    reason = "the header announces";
  }
  SECTION("another number of labels") {
    label_bytes = labels(4);
    file = l.string();
    reason = "4 labels, but";
  }
  put(i, picture_bytes);
  put(l, label_bytes);
  const std::string message = message_of([&] { read_digits(i, l); });
  CHECK_THAT(message, Catch::Matchers::ContainsSubstring(file));
  CHECK_THAT(message, Catch::Matchers::ContainsSubstring(reason));
}

TEST_CASE("Every truncation of a packed file is refused") {
  const Scratch scratch;
  const fs::path i = scratch.path / "i.gz", l = scratch.path / "l.gz";
  put_packed(i, images(40));
  put_packed(l, labels(40));
  const Bytes whole = take(i);
  REQUIRE(whole.size() > 30);
  for (size_t size = 0; size < whole.size(); ++size) {
    put(i, Bytes(whole.begin(), whole.begin() + static_cast<long>(size)));
    INFO("truncated to " << size << " of " << whole.size());
    CHECK_THAT(message_of([&] { read_digits(i, l); }),
               Catch::Matchers::ContainsSubstring(i.string()));
  }
  Bytes damaged = whole;
  damaged[damaged.size() - 6] ^= 1;  // its checksum
  put(i, damaged);
  CHECK_THAT(message_of([&] { read_digits(i, l); }),
             Catch::Matchers::ContainsSubstring("cannot be unpacked"));
  fs::remove(l);
  CHECK_THAT(message_of([&] { put(i, whole), read_digits(i, l); }),
             Catch::Matchers::ContainsSubstring("no such file"));
}

TEST_CASE("Digits are found in the order that is promised") {
  const Scratch scratch;
  const fs::path root = scratch.path / "weft", given = scratch.path / "given",
                 data = scratch.path / "env";
  const auto place = [](const fs::path& directory, const std::string& stem, uint32_t count) {
    put_packed(directory / (stem + "-images-idx3-ubyte.gz"), images(count));
    put(directory / (stem + "-labels-idx1-ubyte"), labels(count));
  };
  const auto count = [&](const fs::path& directory, const fs::path& weft_data) {
    return find_digits(directory.string(), weft_data.string(), root).count;
  };
  fs::create_directories(root);
  CHECK_THAT(message_of([&] { count("", ""); }), Catch::Matchers::ContainsSubstring("make data"));
  place(root / "data", "digits", 1);
  CHECK(count("", "") == 1);
  CHECK(find_digits("", "", root).source == "the project's own digits (data)");
  place(root / "data/mnist", "t10k", 2);
  CHECK(count("", "") == 2);
  CHECK(find_digits("", "", root).source == "MNIST test digits (data/mnist)");
  place(scratch.path / "shared/data/mnist", "t10k", 3);
  CHECK(count("", "") == 3);
  CHECK_THAT(message_of([&] { count("", data); }), Catch::Matchers::ContainsSubstring("WEFT_DATA"));
  place(data, "t10k", 4);
  CHECK(count("", data) == 4);
  place(data / "mnist", "t10k", 5);
  CHECK(count("", data) == 5);
  CHECK_THAT(message_of([&] { count(given, data); }),
             Catch::Matchers::ContainsSubstring(given.string()));
  place(given, "digits", 6);
  CHECK(count(given, data) == 6);
  fs::remove(given / "digits-labels-idx1-ubyte");
  CHECK_THAT(message_of([&] { count(given, data); }),
             Catch::Matchers::ContainsSubstring("digits-labels"));
}

TEST_CASE("The project's own digits are whole and balanced") {
  const Digits digits = find_digits(WEFT_SOURCE_DIR "/data", "", WEFT_SOURCE_DIR);
  REQUIRE(digits.count == 200);
  CHECK(digits.rows == 28);
  CHECK(digits.cols == 28);
  int seen[10] = {};
  for (const uint8_t label : digits.labels) {
    REQUIRE(label < 10);
    ++seen[label];
  }
  for (const int n : seen) CHECK(n == 20);
}

Tensor like(size_t pixels, float scale, int zero) {
  Tensor tensor;
  tensor.name = "image";
  tensor.shape = {1, static_cast<int>(pixels)};
  tensor.quantization = {{scale}, {zero}, 0};
  return tensor;
}

TEST_CASE("Pixels become int8 by the tensor's scale and zero point") {
  Bytes all(256);
  for (size_t p = 0; p < 256; ++p) all[p] = static_cast<uint8_t>(p);
  const auto plain = quantize_pixels(all, like(256, 1.0F / 255, -128));
  for (int p = 0; p < 256; ++p) CHECK(plain[static_cast<size_t>(p)] == p - 128);

  // 255 -> 1.0: 2 steps of 0.5 above zero; 128 / 255 / 0.5 = 1.004 -> 1; 63 / 255 / 0.5 = 0.494 ->
  // 0.
  CHECK(quantize_pixels(Bytes{255, 128, 64, 63}, like(4, 0.5F, 3)) ==
        std::vector<int8_t>{5, 4, 4, 3});
  // A tie goes away from zero: 51 / 255 / 0.4 = 0.5 -> 1.
  CHECK(quantize_pixels(Bytes{51}, like(1, 0.4F, 0)) == std::vector<int8_t>{1});
  // Saturation, also with a scale whose quotient leaves every integer.
  CHECK(quantize_pixels(Bytes{255, 1, 0}, like(3, 1e-3F, 100)) ==
        std::vector<int8_t>{127, 104, 100});
  CHECK(quantize_pixels(Bytes{255, 1, 0}, like(3, 1e-37F, -128)) ==
        std::vector<int8_t>{127, 127, -128});
}

TEST_CASE("Pixels that do not suit the tensor are refused") {
  Tensor tensor = like(4, 0.5F, 0);
  CHECK_THAT(message_of([&] { quantize_pixels(Bytes(3), tensor); }),
             Catch::Matchers::ContainsSubstring("'image', which takes 4"));
  tensor.quantization = {};
  CHECK_THAT(message_of([&] { quantize_pixels(Bytes(4), tensor); }),
             Catch::Matchers::ContainsSubstring("'image'"));
}

}  // namespace
}  // namespace weft::model
