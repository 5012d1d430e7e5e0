#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "commands.h"
#include "driver/session.h"
#include "model/idx.h"
#include "program/program.h"
#include "record/recording_device.h"
#include "runtime/devices.h"
#include "runtime/host_ops.h"
#include "runtime/picture.h"
#include "verify_options.h"

namespace weft::tools {
namespace {

struct Options {
  std::string program, backend = "rtl", config, output, record;
  std::vector<std::string> inputs;
  int digit = -1;
  runtime::DeviceOptions device;
};

std::vector<int8_t> read_bytes(const std::string& path, const program::Tensor& tensor) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(ErrorKind::kIo, "cannot read the input file {}", path);
  std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() != tensor.bytes) {
    fail(ErrorKind::kMismatch, "{} has {} bytes; tensor '{}' ({}) takes {} (int8, NHWC)", path,
         bytes.size(), tensor.name, fmt::join(tensor.shape, "x"), tensor.bytes);
  }
  return {bytes.begin(), bytes.end()};
}

// A digit of the test set for a program whose one input is a 28 x 28 picture; shows it.
std::vector<int8_t> read_digit(const Options& o, const Environment& environment,
                               const program::Tensor& tensor) {
  const model::Digits digits = model::find_digits("", environment.weft_data, environment.root);
  const auto size = static_cast<size_t>(digits.rows * digits.cols);
  if (tensor.bytes != size) {
    fail(ErrorKind::kMismatch, "tensor '{}' takes {} bytes, a digit has {}; give --input instead",
         tensor.name, tensor.bytes, size);
  }
  if (tensor.scale <= 0) {
    fail(ErrorKind::kMismatch,
         "tensor '{}' has no scale, so it takes no picture; give --input instead", tensor.name);
  }
  if (o.digit >= digits.count) {
    fail(ErrorKind::kInvalidArgument, "there is no digit {}; {} has 0..{}", o.digit, digits.source,
         digits.count - 1);
  }
  const uint8_t* first = digits.pixels.data() + static_cast<size_t>(o.digit) * size;
  fmt::print("{}  label {} ({})\n", runtime::draw({first, size}, digits.rows, digits.cols),
             digits.labels[static_cast<size_t>(o.digit)], digits.source);
  model::Tensor like;
  like.name = tensor.name;
  like.shape = tensor.shape;
  like.quantization = {{tensor.scale}, {tensor.zero_point}, 0};
  return model::quantize_pixels({first, size}, like);
}

// For whoever reads the recording.
void name_memory(record::RecordingDevice& device, const program::Program& program,
                 const driver::Session& session) {
  for (size_t r = 0; r < program.regions.size(); ++r) {
    device.name(session.region_address(r), program.regions[r].bytes,
                fmt::format("region '{}'", program.regions[r].name));
  }
  for (const program::Tensor& t : program.tensors)
    device.name(session.address(t), t.stored_bytes(), fmt::format("tensor '{}'", t.name));
}

void save_output(const std::string& path, const std::vector<int8_t>& bytes) {
  write_file(path, std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

int run(const Options& o, const Environment& environment) {
  const program::Program program = program::load(o.program);
  const std::string config = o.config.empty() ? program.config : o.config;
  std::vector<const program::Tensor*> inputs, outputs;
  for (const program::Tensor& t : program.tensors) {
    if (t.role == program::TensorRole::kInput) inputs.push_back(&t);
    if (t.role == program::TensorRole::kOutput) outputs.push_back(&t);
  }
  std::vector<std::vector<int8_t>> data;
  if (o.digit >= 0 && inputs.size() == 1) {
    data.push_back(read_digit(o, environment, *inputs[0]));
  } else {
    if (o.inputs.size() != inputs.size()) {
      fail(ErrorKind::kInvalidArgument, "{} takes {} input(s), {} --input file(s) were given",
           o.program, inputs.size(), o.inputs.size());
    }
    for (size_t i = 0; i < inputs.size(); ++i) data.push_back(read_bytes(o.inputs[i], *inputs[i]));
  }
  runtime::DeviceOptions options = o.device;
  options.memory_bytes = driver::Session::memory_needed(program);
  std::unique_ptr<driver::Device> device = runtime::make_device(o.backend, config, options);
  record::RecordingDevice* recording = nullptr;
  if (!o.record.empty()) {
    auto recorder = std::make_unique<record::RecordingDevice>(std::move(device), options, o.record);
    recording = recorder.get();
    device = std::move(recorder);
  }
  driver::Session session(*device, program, runtime::run_host_op);
  if (recording != nullptr) name_memory(*recording, program, session);
  session.run(data);
  for (const program::Tensor* t : outputs) {
    const std::vector<int8_t> bytes = session.read_tensor(t->name);
    if (bytes.size() <= 64) {
      fmt::print("{}: {}\n", t->name, fmt::join(bytes, " "));
      const auto best = std::max_element(bytes.begin(), bytes.end());
      fmt::print("largest: {}\n", best - bytes.begin());
    } else {
      fmt::print("{}: {} bytes\n", t->name, bytes.size());
    }
  }
  if (!o.output.empty()) save_output(o.output, session.read_tensor(outputs.at(0)->name));
  if (session.statistics().cycles > 0) fmt::print("{} cycles\n", session.statistics().cycles);
  return 0;
}

}  // namespace

void add_run(CLI::App& app, const Environment& environment, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand("run", "Run a compiled program");
  sub->add_option("program", o->program, "program file (.weft)")->required();
  sub->add_option("-b,--backend", o->backend, "rtl, emulator, systemc or systemc_lt")
      ->capture_default_str();
  sub->add_option("-c,--config", o->config,
                  "hardware configuration of the device (default: the program's)");
  auto* input =
      sub->add_option("-i,--input", o->inputs, "input file: raw int8, NHWC; once an input");
  sub->add_option("-d,--digit", o->digit, "take this digit of the test set as input")
      ->excludes(input)
      ->check(CLI::NonNegativeNumber);
  sub->add_option("-o,--output", o->output, "file for the first output's raw int8 bytes");
  add_device_options(*sub, o->device);
  sub->add_option("--record", o->record,
                  "write all traffic with the device to this file, for `weft replay`");
  sub->footer("\nExample: weft run mnist.weft --digit 7 --backend emulator\n");
  sub->callback(
      [o, &environment, &action] { action = [o, &environment] { return run(*o, environment); }; });
}

}  // namespace weft::tools
