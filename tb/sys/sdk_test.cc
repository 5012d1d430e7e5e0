// The C++ interface of libweft, as its users have it: nothing of the inside is included here.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <weft/weft.hpp>

#include "tb/catch_compat.h"

namespace {

using Catch::Matchers::ContainsSubstring;
using weft::ErrorKind;
using weft::Input;

const std::string kModel = WEFT_SOURCE_DIR "/models/mnist_convnet.tflite";

const weft::Program& program() {
  static const weft::Program p = weft::Program::compile(std::filesystem::path(kModel), "tiny");
  return p;
}

// With a sanitizer, no model of the machine is there.
std::vector<const char*> backends() {
#ifdef WEFT_NO_RTL
  return {"emulator"};
#else
  return {"emulator", "rtl"};
#endif
}

weft::Device open(const char* backend = "emulator") {
  weft::DeviceOptions options;
  options.memory_bytes = 4 << 20;
  return weft::Device::open(backend, "tiny", options);
}

std::vector<int8_t> picture(int seed) {
  std::vector<int8_t> bytes(28 * 28);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<int8_t>(i * static_cast<size_t>(7 * seed + 3));
  return bytes;
}

// "kind: sentence" of what `call` throws.
template <class Call>
std::string refusal(const Call& call) {
  try {
    call();
  } catch (const weft::Error& error) {
    return std::string(to_string(error.kind())) + ": " + error.what();
  }
  return "nothing thrown";
}

// A device that is none: registers read as ones, writes go nowhere, or every access throws.
class DeadDevice : public weft::driver::Device {
 public:
  DeadDevice(bool throws, bool* gone) : throws_(throws), gone_(gone) {}
  ~DeadDevice() override { *gone_ = true; }
  std::string backend() const override { return "card"; }
  std::string config() const override { return "tiny"; }
  uint32_t read_register(uint32_t) override {
    if (throws_) throw std::runtime_error("bus error");
    return ~0U;
  }
  void write_register(uint32_t, uint32_t) override {}
  uint64_t memory_base() const override { return 0; }
  uint64_t memory_bytes() const override { return 4 << 20; }
  void read_memory(uint64_t, std::span<uint8_t>) override {}
  void write_memory(uint64_t, std::span<const uint8_t>) override {}
  bool wait_interrupt(uint64_t) override { return false; }
  uint64_t cycle() const override { return 0; }

 private:
  const bool throws_;
  bool* const gone_;
};

TEST_CASE("the library says what there is") {
  CHECK(weft::version() == WEFT_VERSION);
  const auto backends = weft::backends();
  CHECK(backends.at(0) == "rtl");
  CHECK(std::count(backends.begin(), backends.end(), "emulator") == 1);
  const auto configs = weft::configs();
  CHECK(std::count(configs.begin(), configs.end(), "tiny") == 1);
  CHECK_THAT(refusal([] { weft::Device::open("fpga", "tiny"); }),
             ContainsSubstring("not_found: backend 'fpga'") && ContainsSubstring("rtl, emulator"));
  CHECK_THAT(refusal([] { weft::Device::open("emulator", "huge"); }),
             ContainsSubstring("'huge'") && ContainsSubstring("base"));
  weft::DeviceOptions options;
  options.memory_bytes = 100;
  CHECK_THAT(refusal([&] { weft::Device::open("emulator", "tiny", options); }),
             ContainsSubstring("invalid_argument: "));
}

TEST_CASE("a program tells its tensors, is saved and loaded, and refuses what is none") {
  CHECK(program().config() == "tiny");
  REQUIRE(program().inputs().size() == 1);
  const weft::TensorInfo& image = program().inputs()[0];
  CHECK(image.name == "image");
  CHECK(image.type == weft::DataType::kInt8);
  CHECK(image.shape == std::vector<int>{1, 28, 28, 1});
  CHECK(image.bytes == 784);
  CHECK(image.scale > 0);
  CHECK(program().outputs().at(0).name == "Identity");
  CHECK(program().memory_bytes(4) > program().memory_bytes());

  const std::filesystem::path file = WEFT_BUILD_DIR "/test/sdk.weft";
  program().save(file);
  const weft::Program loaded = weft::Program::load(file);
  CHECK(loaded.model() == program().model());
  std::ifstream in(file, std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  CHECK(weft::Program::load(bytes, "bytes").outputs().size() == 1);
  bytes.resize(bytes.size() / 2);
  CHECK_THAT(refusal([&] { weft::Program::load(bytes, "half of it"); }),
             ContainsSubstring("malformed_file: ") && ContainsSubstring("half of it"));
  CHECK_THAT(refusal([] { weft::Program::load("/nonexistent.weft"); }),
             ContainsSubstring("/nonexistent.weft"));
  CHECK_THAT(refusal([] { weft::Program::compile(std::filesystem::path(kModel), "huge"); }),
             ContainsSubstring("'huge'"));
  const std::vector<uint8_t> junk(100, 7);
  CHECK_THAT(refusal([&] { weft::Program::compile(junk, "junk", "tiny"); }),
             ContainsSubstring("junk"));
  CHECK_THAT(refusal([] { program().save("/nonexistent/x.weft"); }), ContainsSubstring("io: "));
}

TEST_CASE("a session and a queue give the same bytes, on each backend") {
  std::vector<std::vector<int8_t>> scores;
  for (const char* backend : backends()) {
    const weft::Device device = open(backend);
    std::vector<weft::Result> results;
    {
      weft::Session session(device, program());
      CHECK(device.busy());
      for (int i = 0; i < 3; ++i) results.push_back(session.run({picture(i)}));
      CHECK(results[0].counters().at("descriptors") > 0);
      CHECK(results[0].counters().at("cycles") == results[0].cycles());
      CHECK(results[0].layer_cycles().at(0).first == "conv1+pool1");
    }
    CHECK_FALSE(device.busy());
    std::vector<weft::InferEvent> events;
    weft::InferOptions options;
    options.on_event = [&](const weft::InferEvent& event) { events.push_back(event); };
    {
      weft::InferQueue queue(device, program(), options);
      std::vector<weft::InferRequest> requests;
      for (int i = 0; i < 3; ++i) requests.push_back(queue.submit({picture(i)}));
      queue.wait_all();
      for (size_t i = 0; i < 3; ++i) {
        CHECK(requests[i].wait_for(std::chrono::seconds(0)));
        CHECK(requests[i].state() == weft::RequestState::kDone);
        CHECK(std::string(to_string(requests[i].state())) == "done");
        CHECK_FALSE(requests[i].cancel());
        CHECK(requests[i].result().values<int8_t>() == results[i].values<int8_t>());
      }
    }
    const std::string backend_name = backend;
    size_t layers = 0;
    for (const weft::InferEvent& e : events) {
      if (e.kind == weft::InferEvent::Kind::kLayer && e.layer == "conv1+pool1") ++layers;
    }
    CHECK(layers == (backend_name == "rtl" ? 3 : 0));
    for (const weft::Result& result : results) scores.push_back(result.values<int8_t>());
    CHECK(results[0].info().name == "Identity");
    CHECK(results[0].index_of("Identity") == 0);
    CHECK_THAT(refusal([&] { results[0].values<float>(); }),
               ContainsSubstring("mismatch: output 'Identity' has elements of int8; float32"));
    CHECK_THAT(refusal([&] { results[0].info(1); }), ContainsSubstring("no output 1"));
    CHECK_THAT(refusal([&] { results[0].index_of("x"); }), ContainsSubstring("are Identity"));
  }
  REQUIRE(scores.size() == 3 * backends().size());
  for (size_t i = 3; i < scores.size(); ++i) CHECK(scores[i] == scores[i - 3]);
  CHECK(scores[0] != scores[1]);
}

TEST_CASE("inputs of another number, name, type, shape or size are refused by name") {
  weft::Session session(open(), program());
  weft::InferQueue queue(open(), program());
  const std::vector<int8_t> good = picture(1);
  const std::vector<uint8_t> unsigned_bytes(784);
  const std::vector<float> reals(784);
  const auto check = [&](std::vector<Input> inputs, const std::string& sentence) {
    INFO(sentence);
    CHECK_THAT(refusal([&] { session.run(inputs); }), ContainsSubstring(sentence));
    CHECK_THAT(refusal([&] { queue.submit(inputs); }), ContainsSubstring(sentence));
  };
  check({}, "invalid_argument: input 'image' (1x28x28x1 of int8) is missing; 0 of 1 were given");
  check({good, good}, "input 1 is one too many; the program takes 1 (image)");
  check({unsigned_bytes}, "input 'image' takes int8; uint8 was given");
  check({reals}, "input 'image' takes int8; float32 was given");
  check({std::span<const int8_t>(good).first(783)},
        "input 'image' takes 784 bytes (1x28x28x1 of int8); 783 were given");
  check({Input(good).shape({28, 28})}, "input 'image' has the shape 1x28x28x1; 28x28 was given");
  check({Input(good).name("picture")}, "no input 'picture'; it takes image");
  check({Input(good).name("image"), Input(good).name("image")}, "input 'image' is given twice");
  check({Input(weft::DataType::kInt8, nullptr, 784)}, "input 'image' has a null pointer");
  CHECK_NOTHROW(session.run({Input(good).name("image").shape({1, 28, 28, 1})}));
  CHECK_NOTHROW(queue.submit({good}).result());
}

TEST_CASE("handles that were moved from are what they were") {
  weft::Device device = open();
  weft::Program network = program();
  const weft::Device other_device = std::move(device);
  const weft::Program other_network = std::move(network);
  CHECK(device.backend() == other_device.backend());
  CHECK(network.model() == other_network.model());
  weft::InferQueue queue(device, network);
  weft::InferRequest request = queue.submit({picture(1)});
  const weft::InferRequest other_request = std::move(request);
  weft::Result result = request.result();
  const weft::Result other_result = std::move(result);
  CHECK(request.id() == other_request.id());
  CHECK(result.values<int8_t>() == other_result.values<int8_t>());
}

TEST_CASE("a device serves one at a time, and lives as long as what stands on it") {
  std::optional<weft::Device> device = open();
  std::optional<weft::Session> session(std::in_place, *device, program());
  CHECK_THAT(refusal([&] { weft::Session second(*device, program()); }),
             ContainsSubstring("busy: the device (emulator, tiny) is in use"));
  CHECK_THAT(refusal([&] { weft::InferQueue second(*device, program()); }),
             ContainsSubstring("busy: "));
  const weft::Device copy = *device;
  device.reset();
  CHECK_NOTHROW(session->run({picture(1)}));
  weft::Session moved = std::move(*session);
  CHECK_THAT(refusal([&] { session->run({picture(1)}); }), ContainsSubstring("moved from"));
  CHECK_NOTHROW(moved.run({picture(1)}));
  CHECK(copy.busy());
  // A device that could not be taken is free again.
  const weft::Program base = weft::Program::compile(std::filesystem::path(kModel), "base");
  const weft::Device other = open();
  CHECK_THAT(refusal([&] { weft::Session s(other, base); }), ContainsSubstring("mismatch: "));
  CHECK_FALSE(other.busy());
  weft::DeviceOptions small;
  small.memory_bytes = 65536;
  const weft::Device little = weft::Device::open("emulator", "tiny", small);
  CHECK_THAT(refusal([&] { weft::Session s(little, program()); }),
             ContainsSubstring("out_of_memory: "));
  CHECK_FALSE(little.busy());
}

#ifndef WEFT_NO_RTL
TEST_CASE("a session whose job is late says so, and the next run is exact") {
  weft::Session session(open("rtl"), program());
  const auto want = session.run({picture(1)}).values<int8_t>();
  session.set_timeout(100);
  CHECK_THAT(refusal([&] { session.run({picture(1)}); }),
             ContainsSubstring("timeout: ") && ContainsSubstring("100 cycles"));
  session.set_timeout(1'000'000);
  CHECK(session.run({picture(1)}).values<int8_t>() == want);
  weft::InferQueue queue(open("rtl"), program());
  CHECK_THAT(refusal([&] { queue.submit({picture(1)}, 100).result(); }),
             ContainsSubstring("timeout: "));
  CHECK(queue.submit({picture(1)}).result().values<int8_t>() == want);
}

#endif

TEST_CASE("a device of one's own that is dead is told so, and goes when nothing needs it") {
  for (const bool throws : {false, true}) {
    bool gone = false;
    {
      const weft::Device device = weft::Device::adopt(std::make_unique<DeadDevice>(throws, &gone));
      CHECK(device.backend() == "card");
      for (int i = 0; i < 2; ++i) {
        CHECK_THAT(throws ? "" : refusal([&] { weft::Session s(device, program()); }),
                   throws ? ContainsSubstring("") : ContainsSubstring("no Weft accelerator"));
        CHECK_THROWS(weft::InferQueue(device, program()));
        CHECK_FALSE(device.busy());
      }
      CHECK_FALSE(gone);
    }
    CHECK(gone);
  }
  CHECK_THAT(refusal([] { weft::Device::adopt(nullptr); }), ContainsSubstring("invalid_argument"));
}

}  // namespace
