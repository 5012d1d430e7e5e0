// An operator's attributes as integers and back.
#include "model/attributes.h"

#include <limits>

#include "base/error.h"
#include "tb/catch_compat.h"

namespace weft::model {
namespace {

using Catch::Matchers::ContainsSubstring;

// Every field another number: what is lost, or in another's place, shows.
const std::vector<Attributes>& all_kinds() {
  static const std::vector<Attributes> kAll = [] {
    const std::vector<Rescale> two = {{0x7fffffff, -31}, {1 << 30, 3}};
    std::array<int8_t, 256> table;
    for (size_t i = 0; i < table.size(); ++i) table[i] = static_cast<int8_t>(255 - i);
    std::vector<Attributes> all;
    all.push_back(Conv2d{1, 2, 3, 4, 5, {6, 7, 8, 9}, -10, 11, {-12, 13}, two});
    all.push_back(DepthwiseConv2d{1, 2, 3, 4, 5, {6, 7, 8, 9}, -10, 11, {-12, 13}, two});
    all.push_back(TransposeConv{1, 2, 3, 4, -5, 6, {-7, 8}, two});
    all.push_back(FullyConnected{-1, 2, -3, {-4, 5}, two});
    all.push_back(BatchMatMul{true, false, {-1, 2}, 3, {-4, 5}, two[0]});
    all.push_back(Add{true, 19, {-1, 2}, {two[0], two[1]}, -3, {6, -7}, {-4, 5}});
    all.push_back(Mul{{-1, 2}, -3, two[1], {-4, 5}});
    all.push_back(MaxMin{false});
    all.push_back(MaxPool2d{1, 2, 3, 4, {5, 6, 7, 8}, {-9, 10}});
    all.push_back(AveragePool2d{1, 2, 3, 4, {5, 6, 7, 8}, {-9, 10}});
    all.push_back(Mean{{1, 2, 4}, -3, 5, two[0]});
    all.push_back(Softmax{1, 2, std::numeric_limits<int32_t>::min()});
    all.push_back(Lookup{table});
    all.push_back(Requantize{-1, 200, two[0], {0, 255}});
    all.push_back(Quantize{0.1F, -2});
    all.push_back(Dequantize{std::numeric_limits<float>::denorm_min(), 2});
    all.push_back(Reshape{});
    all.push_back(Pad{{1, 2, 3}, {4, 5, 6}, -7});
    all.push_back(Concat{3});
    all.push_back(Transpose{{3, 1, 2, 0}});
    all.push_back(StridedSlice{{1, 2}, {-3, 4}, {5, 6}});
    return all;
  }();
  return kAll;
}

// By hand, so that no field is forgotten on both ways alike.
TEST_CASE("the integers of some kinds are these") {
  CHECK(to_integers(Softmax{1, 2, -3}) == std::vector<int32_t>{1, 2, -3});
  CHECK(to_integers(Reshape{}).empty());
  CHECK(to_integers(Pad{{1, 2}, {3, 4}, -5}) == std::vector<int32_t>{2, 1, 2, 2, 3, 4, -5});
  CHECK(to_integers(Quantize{1.0F, 7}) == std::vector<int32_t>{0x3f800000, 7});
  CHECK(to_integers(Conv2d{1, 2, 3, 4, 5, {6, 7, 8, 9}, -10, 11, {-12, 13}, {{14, -15}}}) ==
        std::vector<int32_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, -10, 11, -12, 13, 1, 14, -15});
}

TEST_CASE("every kind comes back as it was") {
  CHECK(all_kinds().size() == std::variant_size_v<Attributes>);
  for (size_t i = 0; i < all_kinds().size(); ++i) {
    const Attributes& a = all_kinds()[i];
    INFO(kind_of(a));
    CHECK(a.index() == i);  // each once
    const std::vector<int32_t> integers = to_integers(a);
    const Attributes again = from_integers(kind_of(a), integers);
    CHECK(again.index() == i);
    CHECK(to_integers(again) == integers);
  }
  const auto slice =
      std::get<StridedSlice>(from_integers("strided_slice", to_integers(all_kinds().back())));
  CHECK(slice.stride == std::vector<int>{-3, 4});
  const auto conv = std::get<Conv2d>(from_integers("conv2d", to_integers(all_kinds().front())));
  CHECK(conv.dilation_w == 4);
  CHECK(conv.padding.right == 9);
  CHECK(conv.rescale.at(1).shift == 3);
}

TEST_CASE("too few integers and too many are refused, for every kind") {
  for (const Attributes& a : all_kinds()) {
    const std::string kind = kind_of(a);
    INFO(kind);
    std::vector<int32_t> integers = to_integers(a);
    for (size_t n = 0; n < integers.size(); ++n) {
      const std::span<const int32_t> cut(integers.data(), n);
      CHECK_THROWS_WITH(from_integers(kind, cut), ContainsSubstring("cut short"));
    }
    integers.push_back(0);
    CHECK_THROWS_WITH(from_integers(kind, integers),
                      ContainsSubstring(kind) && ContainsSubstring("too many"));
  }
}

TEST_CASE("lists of impossible lengths and unknown kinds are refused") {
  const auto refused = [](const std::string& kind, std::vector<int32_t> integers,
                          const char* words) {
    try {
      from_integers(kind, integers);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kMalformedFile);
      CHECK_THAT(error.what(), ContainsSubstring(words));
    }
  };
  refused("transpose", {-1}, "a list of -1");
  refused("transpose", {std::numeric_limits<int32_t>::min()}, "cut short");
  refused("transpose", {std::numeric_limits<int32_t>::max(), 1, 2}, "cut short");
  refused("pad", {0, 3, 1, 2}, "a list of 3");
  for (const char* kind : {"", "soft", "softmax ", "Softmax", "conv2d1"})
    refused(kind, {1, 2, 3}, "no operator is called");
}

}  // namespace
}  // namespace weft::model
