// Inputs of verification runs: CIFAR-10's records, raw files, and those that are made.
#include "runtime/inputs.h"

#include <bit>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/bytes.h"
#include "base/error.h"
#include "model/cifar.h"
#include "one_op_graph.h"
#include "tb/catch_compat.h"
#include "tb/temporary_directory.h"

namespace weft::runtime {
namespace {

using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// Record i: label i % 10, red 0, 1, 2 ..., green one more, blue all i.
std::string record(int i) {
  std::string bytes(1, static_cast<char>(i % 10));
  for (int p = 0; p < 1024; ++p) bytes += static_cast<char>(p);
  for (int p = 0; p < 1024; ++p) bytes += static_cast<char>(p + 1);
  bytes.append(1024, static_cast<char>(i));
  return bytes;
}

model::Graph table(const std::vector<int>& shape) {
  return tb::one_op_graph("net", model::Lookup{}, shape, shape);
}

TEST_CASE("CIFAR-10's planes become pixels, less 128") {
  const tb::TemporaryDirectory place;
  write(place / "x.bin", record(3) + record(251));
  const model::CifarPictures pictures = model::read_cifar(place / "x.bin");
  REQUIRE(pictures.count == 2);
  CHECK(pictures.labels == std::vector<uint8_t>{3, 1});
  const auto last = model::quantize_cifar(pictures.picture(1));
  REQUIRE(last.size() == 3072);
  CHECK(last[0] == -128);
  CHECK(last[1] == -127);
  CHECK(last[2] == 123);
  CHECK(last[3 * 1023] == 127);
  CHECK(last[3 * 1023 + 1] == -128);  // 1024 in a byte
}

TEST_CASE("CIFAR-10's pictures are found, used where they fit, and else made up") {
  const tb::TemporaryDirectory place;
  const model::Graph graph = table({1, 32, 32, 3});
  InputRequest request;
  request.root = place / "project";
  request.count = 2;
  CHECK_THAT(make_inputs(graph, request).source, ContainsSubstring("random"));
  request.kind = InputKind::kCifar;
  CHECK_THROWS_WITH(make_inputs(graph, request),
                    ContainsSubstring("not found below ../shared/data"));
  write(place / "shared/data/cifar10/cifar10_test_b.bin", record(1) + record(2) + record(3));
  write(place / "shared/data/cifar10/cifar10_test_a.bin", record(7) + record(8));
  CHECK(make_inputs(graph, request).labels == std::vector<int>{7, 8});
  write(place / "shared/data/cifar10/test_batch.bin", record(4) + record(5) + record(6));
  request.kind = InputKind::kAuto;
  const InputSet set = make_inputs(graph, request);
  CHECK(set.labels == std::vector<int>{4, 5});
  CHECK_THAT(set.source, ContainsSubstring("CIFAR-10") && ContainsSubstring("pictures 0..1"));
  CHECK(make_inputs(table({1, 32, 32, 1}), request).labels.empty());
  request.kind = InputKind::kCifar;
  request.count = 0;
  CHECK(make_inputs(graph, request).labels.size() == 3);
  request.seed = 5;
  CHECK_THAT(make_inputs(graph, request).source, ContainsSubstring("seed 5"));
  request.count = 4;
  CHECK_THROWS_WITH(make_inputs(graph, request),
                    ContainsSubstring("4 pictures asked for") && ContainsSubstring("has 3"));
  request.count = 0;
  request.weft_data = (place / "elsewhere").string();
  CHECK_THROWS_WITH(make_inputs(graph, request), ContainsSubstring("WEFT_DATA"));
  write(place / "elsewhere/test_batch.bin", record(9));
  CHECK(make_inputs(graph, request).labels == std::vector<int>{9});
  request.data = (place / "nosuch").string();
  CHECK_THROWS_WITH(make_inputs(graph, request), ContainsSubstring("nosuch"));
  request.data = place.path().string();
  CHECK_THROWS_WITH(make_inputs(graph, request), ContainsSubstring("has no CIFAR-10 pictures"));
  CHECK_THROWS_WITH(make_inputs(table({1, 32, 32, 1}), request),
                    ContainsSubstring("does not take"));
}

TEST_CASE("A CIFAR-10 file that is none is refused by name") {
  const tb::TemporaryDirectory place;
  const std::string whole = record(1) + record(2);
  for (const std::string& bytes :
       {std::string(), whole.substr(1), whole + "x", whole.substr(0, 3072)}) {
    write(place / "x.bin", bytes);
    CHECK_THROWS_WITH(model::read_cifar(place / "x.bin"),
                      ContainsSubstring("x.bin") && ContainsSubstring("no multiple of 3073"));
  }
  std::string spoilt = whole;
  spoilt[3073] = 10;
  write(place / "x.bin", spoilt);
  CHECK_THROWS_WITH(model::read_cifar(place / "x.bin"),
                    ContainsSubstring("picture 1 has label 10"));
  CHECK_THROWS_WITH(model::read_cifar(place.path()), ContainsSubstring("is a directory"));
}

TEST_CASE("Raw files: samples of one input, or a file for each") {
  const tb::TemporaryDirectory place;
  write(place / "a.bin", "abcdef");
  write(place / "b.bin", "gh");
  InputRequest request;
  request.files = {place / "a.bin", place / "b.bin"};
  request.count = 0;
  const InputSet set = make_inputs(table({1, 2}), request);
  REQUIRE(set.inputs.size() == 4);
  CHECK(set.inputs[1] == NetworkInput{{'c', 'd'}});
  CHECK(set.inputs[3] == NetworkInput{{'g', 'h'}});
  request.count = 3;
  CHECK(make_inputs(table({1, 2}), request).inputs.size() == 3);
  request.count = 5;
  CHECK_THROWS_WITH(make_inputs(table({1, 2}), request), ContainsSubstring("have 4"));

  const model::Graph two = tb::many_input_graph("net", model::Concat{1}, {{1, 3}, {1, 1}}, {1, 4});
  request.count = 0;
  const InputSet both = make_inputs(two, request);
  REQUIRE(both.inputs.size() == 2);
  CHECK(both.inputs[1] == NetworkInput{{'d', 'e', 'f'}, {'h'}});
  request.files.pop_back();
  CHECK_THROWS_WITH(make_inputs(two, request),
                    ContainsSubstring("takes 2 inputs; 1 input file was given"));
  request.files.push_back(place / "a.bin");
  CHECK_THROWS_WITH(make_inputs(two, request),
                    ContainsSubstring("6 samples") && ContainsSubstring("has 2"));

  for (const char* bytes : {"", "abc"}) {
    write(place / "c.bin", bytes);
    request.files = {place / "c.bin"};
    CHECK_THROWS_WITH(make_inputs(table({1, 2}), request),
                      ContainsSubstring("c.bin") && ContainsSubstring("no multiple of the 2"));
  }
  request.files = {place / "nosuch.bin"};
  CHECK_THROWS_WITH(make_inputs(table({1, 2}), request), ContainsSubstring("nosuch.bin"));
  request.kind = InputKind::kRandom;
  CHECK_THROWS_WITH(make_inputs(table({1, 2}), request), ContainsSubstring("choose one"));
  request.kind = InputKind::kFiles;
  request.files.clear();
  CHECK_THROWS_WITH(make_inputs(table({1, 2}), request), ContainsSubstring("0 input files"));
}

TEST_CASE("Full-range inputs hold both ends, the zero point, extremes in turn, random") {
  model::Graph graph = tb::many_input_graph("net", model::Concat{1}, {{1, 500}, {1, 50}}, {1, 550});
  graph.tensors[0].quantization = {{0.5F}, {-7}, 0};
  InputRequest request;
  request.kind = InputKind::kFullRange;
  request.count = 5;
  const InputSet set = make_inputs(graph, request);
  REQUIRE(set.inputs.size() == 5);
  for (size_t i = 0; i < 5; ++i) {
    REQUIRE(set.inputs[i].size() == 2);
    CHECK(set.inputs[i][1].size() == 50);
    std::array<std::vector<int>, 5> blocks;
    for (size_t e = 0; e < 500; ++e) blocks[(e / 100 + i) % 5].push_back(set.inputs[i][0][e]);
    CHECK(std::set<int>(blocks[0].begin(), blocks[0].end()) == std::set<int>{-128});
    CHECK(std::set<int>(blocks[1].begin(), blocks[1].end()) == std::set<int>{127});
    CHECK(std::set<int>(blocks[2].begin(), blocks[2].end()) == std::set<int>{-7});
    CHECK(std::set<int>(blocks[3].begin(), blocks[3].end()) == std::set<int>{-128, 127});
    CHECK(blocks[3][0] != blocks[3][1]);
    CHECK(std::set<int>(blocks[4].begin(), blocks[4].end()).size() > 50);
  }
  request.count = 0;
  CHECK_THROWS_WITH(make_inputs(graph, request), ContainsSubstring("at least 1"));
}

TEST_CASE("Inputs of float32 and uint8 are made in their own range") {
  model::Graph graph = tb::one_op_graph("net", model::Quantize{0.25F, 10}, {1, 1000}, {1, 1000});
  graph.tensors[0].type = model::DataType::kFloat32;
  InputRequest request;
  request.kind = InputKind::kFullRange;
  const InputSet set = make_inputs(graph, request);
  REQUIRE(set.inputs[0][0].size() == 4000);
  float least = 0, largest = 0;
  int halves = 0;
  for (size_t i = 0; i < 1000; ++i) {
    const auto* at = reinterpret_cast<const uint8_t*>(set.inputs[0][0].data()) + 4 * i;
    const float real = std::bit_cast<float>(load_le32(at));
    least = std::min(least, real);
    largest = std::max(largest, real);
    const float steps = real / 0.25F;
    halves += steps != std::floor(steps) ? 1 : 0;
  }
  CHECK(least < -138 * 0.25F);  // beyond what is not saturated
  CHECK(largest > 117 * 0.25F);
  CHECK(halves > 100);

  graph = tb::one_op_graph("net", model::Requantize{128, 0, {1 << 30, 1}, {}}, {1, 600}, {1, 600});
  graph.tensors[0].type = model::DataType::kUInt8;
  request.kind = InputKind::kRandom;
  CHECK_THAT(make_inputs(graph, request).source, ContainsSubstring("uint8"));
  graph.tensors[0].type = model::DataType::kInt16;
  CHECK_THROWS_WITH(make_inputs(graph, request), ContainsSubstring("int16"));
}

TEST_CASE("Kinds of inputs have names") {
  for (const char* name : {"auto", "digits", "cifar", "files", "random", "full-range"})
    CHECK_NOTHROW(input_kind(name));
  CHECK_THROWS_WITH(input_kind("nosuch"),
                    ContainsSubstring("'nosuch'") && ContainsSubstring("full-range"));
  CHECK(labelled_kind(table({1, 28, 28, 1})) == InputKind::kDigits);
  CHECK(labelled_kind(table({1, 32, 32, 3})) == InputKind::kCifar);
  CHECK_THROWS_WITH(labelled_kind(table({1, 96, 96, 3})), ContainsSubstring("'net'"));
}

}  // namespace
}  // namespace weft::runtime
