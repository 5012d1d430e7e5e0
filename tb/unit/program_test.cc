// The program file: what is written comes back; what is damaged or foreign is refused in words.
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <random>

#include "base/error.h"
#include "compiled.h"
#include "tb/catch_compat.h"
#include "tb/temporary_directory.h"

namespace weft::program {
namespace {

using Catch::Matchers::ContainsSubstring;
using Bytes = std::vector<uint8_t>;

void check_equal(const HostTensor& a, const HostTensor& b) {
  CHECK(a.tensor == b.tensor);
  CHECK(a.shape == b.shape);
  CHECK(a.type == b.type);
  CHECK(a.data == b.data);
  CHECK(a.absent == b.absent);
}

void check_equal(const Step& a, const Step& b) {
  CHECK(a.first == b.first);
  CHECK(a.count == b.count);
  REQUIRE(a.host.has_value() == b.host.has_value());
  if (!a.host) return;
  CHECK(a.host->layer == b.host->layer);
  CHECK(a.host->kind == b.host->kind);
  CHECK(a.host->attributes == b.host->attributes);
  REQUIRE(a.host->inputs.size() == b.host->inputs.size());
  for (size_t i = 0; i < a.host->inputs.size(); ++i)
    check_equal(a.host->inputs[i], b.host->inputs[i]);
  check_equal(a.host->output, b.host->output);
}

// Field by field, so that a failure says which.
void check_equal(const Program& a, const Program& b) {
  CHECK(a.model == b.model);
  CHECK(a.config == b.config);
  CHECK(a.config_hash == b.config_hash);
  CHECK(a.descriptor_region == b.descriptor_region);
  CHECK(a.descriptor_offset == b.descriptor_offset);
  CHECK(a.descriptor_count == b.descriptor_count);
  CHECK(a.act_peak_words == b.act_peak_words);
  REQUIRE(a.regions.size() == b.regions.size());
  for (size_t i = 0; i < a.regions.size(); ++i) {
    INFO("region " << i);
    CHECK(a.regions[i].name == b.regions[i].name);
    CHECK(a.regions[i].bytes == b.regions[i].bytes);
    CHECK(a.regions[i].readable == b.regions[i].readable);
    CHECK(a.regions[i].writable == b.regions[i].writable);
    CHECK((a.regions[i].image == b.regions[i].image));
  }
  REQUIRE(a.tensors.size() == b.tensors.size());
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    INFO("tensor " << i);
    CHECK(a.tensors[i].name == b.tensors[i].name);
    CHECK(a.tensors[i].role == b.tensors[i].role);
    CHECK(a.tensors[i].shape == b.tensors[i].shape);
    CHECK(a.tensors[i].region == b.tensors[i].region);
    CHECK(a.tensors[i].offset == b.tensors[i].offset);
    CHECK(a.tensors[i].bytes == b.tensors[i].bytes);
    CHECK(a.tensors[i].scale == b.tensors[i].scale);
    CHECK(a.tensors[i].zero_point == b.tensors[i].zero_point);
    CHECK(a.tensors[i].layer == b.tensors[i].layer);
    CHECK(a.tensors[i].type == b.tensors[i].type);
  }
  REQUIRE(a.layers.size() == b.layers.size());
  for (size_t i = 0; i < a.layers.size(); ++i) {
    INFO("layer " << i);
    CHECK(a.layers[i].name == b.layers[i].name);
    CHECK(a.layers[i].output == b.layers[i].output);
    CHECK(a.layers[i].kind == b.layers[i].kind);
    CHECK(a.layers[i].shape == b.layers[i].shape);
    CHECK(a.layers[i].macs == b.layers[i].macs);
    CHECK(a.layers[i].floor_array == b.layers[i].floor_array);
    CHECK(a.layers[i].floor_vector == b.layers[i].floor_vector);
    CHECK(a.layers[i].floor_bus == b.layers[i].floor_bus);
    CHECK(a.layers[i].floor_bus_alone == b.layers[i].floor_bus_alone);
    CHECK(a.layers[i].floor_depthwise == b.layers[i].floor_depthwise);
    CHECK(a.layers[i].host == b.layers[i].host);
  }
  REQUIRE(a.steps.size() == b.steps.size());
  for (size_t i = 0; i < a.steps.size(); ++i) {
    INFO("step " << i);
    check_equal(a.steps[i], b.steps[i]);
  }
}

// A program no compiler made, each field with a value of its own.
Program made_up() {
  Program p = tb::mnist_program("tiny");
  p.model = "a model's name; ünïcode";
  p.regions.push_back({"unused", 0, false, false, {}});
  Tensor t = p.tensors.at(0);
  t.name = "spilt";
  t.role = TensorRole::kSpill;
  t.scale = 0.125F;
  t.zero_point = -128;
  t.layer = static_cast<int>(p.layers.size()) - 1;
  p.tensors.push_back(t);
  p.layers[0].macs = ~uint64_t{0};
  p.layers[0].floor_array = 1;
  p.layers[0].floor_vector = uint64_t{1} << 40;
  p.layers[0].floor_bus = 3;
  p.layers[0].floor_bus_alone = 4;
  p.layers[0].floor_depthwise = 5;
  p.layers[1].host = "it is a whim";
  const auto entry = [&](int tensor) {
    const Tensor& t = p.tensors.at(static_cast<size_t>(tensor));
    return HostTensor{tensor, t.shape, t.type, {}, false};
  };
  HostTensor constant{-1, {2, 3}, ElementType::kUInt8, {1, 2, 3, 255, 0, 6}, false};
  HostTensor absent;
  absent.absent = true;
  p.steps.push_back({0, 0, HostOp{1, "a kind", {-5, 7}, {entry(0), constant, absent}, entry(1)}});
  return p;
}

TEST_CASE("A program comes back as it was written") {
  for (const char* which : {"tiny", "base", "made up"}) {
    INFO(which);
    const Program p = std::string(which) == "made up" ? made_up() : tb::mnist_program(which);
    REQUIRE(p.descriptor_count > 10);
    REQUIRE(p.layers.size() > 1);
    const Bytes bytes = serialize(p);
    check_equal(p, deserialize(bytes, "memory"));
    CHECK((serialize(p) == bytes));

    const tb::TemporaryDirectory directory;
    save(p, directory / "p.weft");
    check_equal(p, load(directory / "p.weft"));
    CHECK(directory.names() == std::vector<std::string>{"p.weft"});
    CHECK(std::filesystem::file_size(directory / "p.weft") == bytes.size());
  }
}

TEST_CASE("Floors, MACs and descriptors of a program") {
  Program p = made_up();
  const auto layer = [](uint64_t macs, uint64_t array, uint64_t vector, uint64_t bus,
                        uint64_t bus_alone) {
    Layer l;
    l.macs = macs;
    l.floor_array = array;
    l.floor_vector = vector;
    l.floor_bus = bus;
    l.floor_bus_alone = bus_alone;
    return l;
  };
  p.layers = {layer(100, 10, 5, 7, 70), layer(23, 1, 20, 7, 1)};
  CHECK(p.layers[0].floor() == 10);
  CHECK(p.layers[0].floor_alone() == 70);
  CHECK(p.layers[1].floor() == 20);
  CHECK(p.layers[1].floor_alone() == 20);
  CHECK(p.floor_cycles() == 25);  // vector, 5 + 20: more than 10 + 1 and 7 + 7
  CHECK(p.macs() == 123);
  p.layers[1].host = "it is a whim";
  CHECK(p.host_macs() == 23);
  p.layers[0].floor_depthwise = 30;
  CHECK(p.layers[0].floor() == 30);
  CHECK(p.floor_cycles() == 30);
  p.layers[0].floor_depthwise = 0;
  p.layers.resize(1);
  CHECK(p.floor_cycles() == 70);  // one layer alone moves its own input and output

  const Program mnist = tb::mnist_program("base");
  // Outputs times taps, from the network's description: two convolutions, two dense layers.
  uint64_t macs = 0;
  for (const model::Graph graph = tb::mnist_graph(); const model::Op& op : graph.ops) {
    macs += static_cast<uint64_t>(model::macs(graph, op));
  }
  CHECK(mnist.macs() == macs);
  CHECK(mnist.floor_cycles() >= macs / (16 * 16));

  const auto& image = mnist.regions[static_cast<size_t>(mnist.descriptor_region)].image;
  const auto second = mnist.descriptor(1);
  CHECK(second.data() == image.data() + mnist.descriptor_offset + 64);
  CHECK_THROWS_WITH(mnist.descriptor(mnist.descriptor_count),
                    ContainsSubstring("no descriptor " + std::to_string(mnist.descriptor_count)));
  Program cut = mnist;
  cut.descriptor_offset = ~uint64_t{0} - 63;
  CHECK_THROWS_AS(cut.descriptor(0), Error);
}

enum class Outcome { kRefused, kRead };

// Anything but Error leaves the test as a failure; so does a program that verify() refuses.
Outcome attempt(const Bytes& bytes) {
  try {
    const Program p = deserialize(bytes, "hostile.weft");
    verify(p, isa::find_config(p.config));
    for (uint32_t i = 0; i < p.descriptor_count; ++i) p.descriptor(i);
    return Outcome::kRead;
  } catch (const Error& error) {
    CHECK(error.kind() != ErrorKind::kInternal);
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith("hostile.weft"));
    return Outcome::kRefused;
  }
}

TEST_CASE("Every truncation of a program file is refused") {
  const Bytes whole = serialize(tb::mnist_program("tiny"));
  REQUIRE(attempt(whole) == Outcome::kRead);
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

TEST_CASE("Flipped bytes of a program file never do harm") {
  const std::string config = GENERATE("tiny", "base");
  const Program program = tb::mnist_program(config);
  const Bytes whole = serialize(program);
  const auto& image = program.regions[static_cast<size_t>(program.descriptor_region)].image;
  const auto found = std::search(whole.begin(), whole.end(), image.begin(), image.end());
  REQUIRE(found != whole.end());
  const auto descriptors = static_cast<size_t>(found - whole.begin());

  // Ends of the file hold the tables; most of what lies between is weights.
  constexpr int kRounds = 2000;
  constexpr size_t kTables = 2048;
  std::mt19937_64 rng(tb::seed());
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    INFO("WEFT_SEED=" << tb::seed() << ", " << config << ", round " << round);
    Bytes bytes = whole;
    const int flips = 1 + static_cast<int>(rng() % 3);
    for (int i = 0; i < flips; ++i) {
      size_t at = rng() % whole.size();
      if (rng() % 3 == 0) at = rng() % kTables;
      if (rng() % 3 == 0) at = whole.size() - 1 - rng() % kTables;
      if (rng() % 3 == 0) at = descriptors + rng() % image.size();
      bytes[at] = rng() % 2 ? static_cast<uint8_t>(bytes[at] ^ (1U << rng() % 8))
                            : static_cast<uint8_t>(rng());
    }
    refused += attempt(bytes) == Outcome::kRefused ? 1 : 0;
  }
  // Both must happen, or the flips hit nothing.
  CHECK(refused > kRounds / 20);
  CHECK(refused < kRounds);
}

TEST_CASE("Foreign, empty and absent files are refused by name") {
  CHECK_THROWS_WITH(deserialize(Bytes{}, "x"), ContainsSubstring("x is not a Weft program"));
  const std::string text = "#!/bin/sh\necho not a program at all\n";
  CHECK_THROWS_WITH(deserialize(Bytes(text.begin(), text.end()), "x"),
                    ContainsSubstring("x is not a Weft program"));
  CHECK_THROWS_WITH(deserialize(Bytes{8, 0, 0, 0, 'W', 'E', 'F', 'T'}, "x"),
                    ContainsSubstring("x is damaged or cut short"));
  const tb::TemporaryDirectory directory;
  const std::string absent = (directory / "absent.weft").string();
  CHECK_THROWS_WITH(load(absent), ContainsSubstring(absent));
  CHECK_THROWS_WITH(load(directory.path()), ContainsSubstring(directory.path().string()));
  std::ofstream(directory / "empty.weft");
  CHECK_THROWS_WITH(load(directory / "empty.weft"),
                    ContainsSubstring("empty.weft is not a Weft program"));
  const std::string model = WEFT_SOURCE_DIR "/models/mnist_convnet.tflite";
  CHECK_THROWS_WITH(load(model), ContainsSubstring(model + " is not a Weft program"));
}

TEST_CASE("A program of an unknown configuration or version is refused by name") {
  Program p = tb::mnist_program("tiny");
  p.config = "nosuch";
  CHECK_THROWS_WITH(deserialize(serialize(p), "x.weft"),
                    ContainsSubstring("x.weft") &&
                        ContainsSubstring("configuration 'nosuch' is not known") &&
                        ContainsSubstring("tiny") && ContainsSubstring("base"));
  p.config = "base";
  CHECK_THROWS_WITH(deserialize(serialize(p), "x.weft"),
                    ContainsSubstring("x.weft") && ContainsSubstring("configuration base"));
}

// Bytes of a file.
std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("What cannot be written leaves nothing behind") {
  const Program p = tb::mnist_program("tiny");
  const tb::TemporaryDirectory directory;

  const std::string nowhere = (directory / "no/such/p.weft").string();
  CHECK_THROWS_WITH(save(p, nowhere), ContainsSubstring("cannot write " + nowhere));
  CHECK(directory.names().empty());

  std::filesystem::create_directory(directory / "d");
  CHECK_THROWS_WITH(save(p, directory / "d"), ContainsSubstring((directory / "d").string()) &&
                                                  ContainsSubstring("directory"));
  CHECK(directory.names() == std::vector<std::string>{"d"});

  std::ofstream(directory / "file") << "not a directory";
  CHECK_THROWS_AS(save(p, directory / "file/p.weft"), Error);
  CHECK(directory.names() == std::vector<std::string>{"d", "file"});
}

TEST_CASE("The old file stays when the new one cannot be written whole") {
  Program p = tb::mnist_program("tiny");
  const tb::TemporaryDirectory directory;
  save(p, directory / "p.weft");
  const std::string before = contents(directory / "p.weft");
  p.model = "another";
  {
    // As a full disk: the file may only grow to half of what it needs.
    struct rlimit old {};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit low = old;
    low.rlim_cur = before.size() / 2;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &low) == 0);
    bool refused = false;
    std::string message;
    try {
      save(p, directory / "p.weft");
    } catch (const Error& error) {
      refused = error.kind() == ErrorKind::kIo;
      message = error.what();
    }
    setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, handler);
    CHECK(refused);
    CHECK_THAT(message, ContainsSubstring("cannot write " + (directory / "p.weft").string()));
  }
  CHECK(directory.names() == std::vector<std::string>{"p.weft"});
  CHECK((contents(directory / "p.weft") == before));
  save(p, directory / "p.weft");
  CHECK(load(directory / "p.weft").model == "another");
}

}  // namespace
}  // namespace weft::program
