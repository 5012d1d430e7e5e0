// The command `weft` as a user meets it: what it prints, what it leaves behind, how it ends.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "model/idx.h"
#include "program/program.h"
#include "tb/catch_compat.h"
#include "tb/data_directory.h"
#include "tb/sys/command.h"
#include "tb/temporary_directory.h"
#include "tb/unit/tflite_operators.h"
#include "weft_gen/configs.h"

namespace weft {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using nlohmann::json;
using tb::contents;
using tb::Result;

const std::string kModel = WEFT_SOURCE_DIR "/models/mnist_convnet.tflite";

// `weft` with the arguments in `directory`.
// WEFT_DATA is the project's own data unless `data` says otherwise.
Result weft(const tb::TemporaryDirectory& directory, const std::vector<std::string>& arguments,
            const std::string& data = WEFT_SOURCE_DIR "/data",
            const std::string& binary = WEFT_BUILD_DIR "/bin/weft") {
  std::string command = tb::weft_command(data, binary);
  for (const std::string& a : arguments) command += " " + tb::quoted(a);
  return tb::run(directory.path(), command);
}

// It failed with one line on stderr that begins "weft: " and holds `parts`, and left in
// `directory` what was there.
void fails(const tb::TemporaryDirectory& directory, const std::vector<std::string>& arguments,
           const std::vector<std::string>& parts,
           const std::string& data = WEFT_SOURCE_DIR "/data") {
  std::string line;
  for (const std::string& a : arguments) line += " " + a;
  INFO("weft" << line);
  const auto before = directory.names();
  const Result r = weft(directory, arguments, data);
  CHECK(r.status == 1);
  CHECK_THAT(r.err, StartsWith("weft: "));
  CHECK_THAT(r.err, !ContainsSubstring("internal error"));
  CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
  CHECK(r.err.back() == '\n');
  for (const std::string& part : parts) CHECK_THAT(r.err, ContainsSubstring(part));
  CHECK(directory.names() == before);
}

Result succeeds(const tb::TemporaryDirectory& directory,
                const std::vector<std::string>& arguments) {
  std::string line;
  for (const std::string& a : arguments) line += " " + a;
  INFO("weft" << line);
  const Result r = weft(directory, arguments);
  CHECK(r.status == 0);
  CHECK(r.err == "");
  return r;
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The model as compiled for `config`, in the directory.
std::string compiled(const tb::TemporaryDirectory& directory, const std::string& config) {
  const std::string path = (directory / (config + ".weft")).string();
  succeeds(directory, {"compile", kModel, "-o", path, "--config", config});
  return path;
}

TEST_CASE("help, with an example, of the command and each subcommand") {
  const tb::TemporaryDirectory directory;
  const Result all = succeeds(directory, {"--help"});
  CHECK_THAT(all.out, ContainsSubstring("Examples:"));
  // CLI11 writes the heading one way or the other.
  const size_t heading = std::min(all.out.find("\nSubcommands:"), all.out.find("\nSUBCOMMANDS:"));
  REQUIRE(heading != std::string::npos);
  std::istringstream lines(all.out.substr(heading + 1));
  std::vector<std::string> subcommands;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && StartsWith("  ").match(line)) {
    subcommands.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  for (const char* sub : {"compile", "run", "verify", "info", "disasm"}) {
    CHECK(std::find(subcommands.begin(), subcommands.end(), sub) != subcommands.end());
  }
  for (const std::string& sub : subcommands) {
    const Result r = succeeds(directory, {sub, "--help"});
    CHECK_THAT(r.out, ContainsSubstring("Example: weft " + sub));
  }
}

TEST_CASE("a command line that makes no sense is refused") {
  const tb::TemporaryDirectory directory;
  const std::vector<std::vector<std::string>> lines = {{},
                                                       {"nosuch"},
                                                       {"compile"},
                                                       {"run"},
                                                       {"info"},
                                                       {"disasm"},
                                                       {"verify", "--nosuch"},
                                                       {"verify", "--images", "many"},
                                                       {"run", "x.weft", "--digit", "-1"},
                                                       {"run", "x.weft", "-d", "1", "-i", "x"}};
  for (const auto& line : lines) {
    const Result r = weft(directory, line);
    INFO((line.empty() ? "nothing" : line[0]));
    CHECK(r.status != 0);
    CHECK(r.err != "");
    CHECK(directory.names().empty());
  }
}

TEST_CASE("unknown names are refused with the names there are") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "tiny");
  const std::string reports = (directory / "reports").string();
  fails(directory,
        {"verify", "--layer", "nosuch", "-c", "tiny", "-b", "emulator", "--reports", reports},
        {"'nosuch'", "conv1", "pool1", "conv2", "pool2", "dense1", "dense2", "all", "each"});
  fails(directory,
        {"verify", "--layer", "reshape1", "-c", "tiny", "-b", "emulator", "--reports", reports},
        {"reshape1", "conv1"});
  fails(directory, {"compile", kModel, "--layer", "nosuch"}, {"'nosuch'", "conv1", "dense2"});
  for (const std::string& sub : {"verify", "compile", "run"}) {
    std::vector<std::string> line{sub, sub == "run" ? program : kModel, "--config", "nosuch"};
    if (sub == "run") line.insert(line.end(), {"--digit", "0"});
    fails(directory, line, {"'nosuch'", "tiny", "base", "small", "wide"});
  }
  fails(directory, {"verify", "--backend", "nosuch", "-c", "tiny", "--reports", reports},
        {"'nosuch'", "rtl", "emulator"});
  fails(directory, {"run", program, "--digit", "0", "--backend", "nosuch"},
        {"'nosuch'", "rtl", "emulator"});
  fails(directory, {"verify", "--inputs", "nosuch", "--reports", reports},
        {"'nosuch'", "auto, digits, cifar, files, random, full-range"});
}

TEST_CASE("numbers outside what there is are refused") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "tiny");
  fails(directory, {"run", program, "--digit", "1000000"}, {"no digit 1000000", "0..199"});
  for (const char* images : {"0", "-3", "1000000"}) {
    fails(directory,
          {"verify", "-b", "emulator", "-c", "tiny", "--reports", "r", "--images", images},
          {images});
  }
  fails(directory, {"verify", "-c", "tiny", "--reports", "r", "--stalls", "2"},
        {"stall probability of 2"});
  fails(directory, {"verify", "-c", "tiny", "--reports", "r", "--latency", "0"}, {"latency of 0"});
}

TEST_CASE("missing, cut and foreign files are refused by name") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "tiny");
  const std::string model = contents(kModel), bytes = contents(program);
  write(directory / "cut.tflite", model.substr(0, model.size() / 2));
  write(directory / "cut.weft", bytes.substr(0, bytes.size() / 2));
  std::string spoilt = bytes;  // the last descriptor's opcode
  const auto p = program::load(program);
  const auto last = p.descriptor(p.descriptor_count - 1);
  const size_t at =
      bytes.find(std::string(reinterpret_cast<const char*>(last.data()), last.size()));
  REQUIRE(at != std::string::npos);
  spoilt[at] = '\xff';
  write(directory / "spoilt.weft", spoilt);
  for (const char* suffix : {"weft", "tflite"}) {
    write(directory / ("empty." + std::string(suffix)), "");
    write(directory / ("foreign." + std::string(suffix)), "#!/bin/sh\necho hello to everyone\n");
    std::filesystem::create_directory(directory / ("directory." + std::string(suffix)));
  }
  for (const char* name : {"absent", "cut", "empty", "foreign", "directory"}) {
    const std::string tflite = std::string(name) + ".tflite", weft = std::string(name) + ".weft";
    fails(directory, {"compile", tflite, "-o", "out.weft"}, {name});
    fails(directory, {"verify", tflite, "--reports", "reports"}, {name});
    fails(directory, {"info", tflite}, {name});
    fails(directory, {"info", weft}, {weft});
    fails(directory, {"disasm", weft}, {weft});
    fails(directory, {"run", weft, "--digit", "0", "-o", "out"}, {weft});
  }
  for (const char* sub : {"info", "disasm", "run"}) {
    fails(directory, {sub, "spoilt.weft"},
          {"spoilt.weft", fmt::format("descriptor {}", p.descriptor_count - 1)});
    if (std::string(sub) != "info")
      fails(directory, {sub, kModel}, {kModel, "is not a Weft program"});
  }
  fails(directory, {"compile", program, "-o", "out.weft"}, {"tiny"});
}

TEST_CASE("a program for another configuration is not run") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "base");
  fails(directory, {"run", program, "--digit", "0", "--config", "tiny", "--backend", "emulator"},
        {"configuration base", "this device is tiny"});
  fails(directory, {"run", program, "--digit", "0", "--config", "tiny"},
        {"configuration base", "this device is tiny"});
}

TEST_CASE("digits that are none are refused by file") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "tiny");
  std::filesystem::create_directory(directory / "data");
  const std::string data = (directory / "data").string();
  const auto both_fail = [&](const std::vector<std::string>& parts) {
    fails(directory, {"run", program, "--digit", "0", "-b", "emulator"}, parts, data);
    fails(directory, {"verify", "-b", "emulator", "-c", "tiny", "--reports", "reports"}, parts,
          data);
  };
  both_fail({"WEFT_DATA", data});
  const std::string images = "t10k-images-idx3-ubyte";
  write(directory / ("data/" + images), std::string("\x00\x00\x08\x01\x00\x00\x00\x01", 8));
  both_fail({images, "begins with 0x00000801, not 0x00000803"});
  write(directory / ("data/" + images),
        std::string("\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x1c\x00\x00\x00\x1c", 16));
  both_fail({images, "truncated"});
  write(directory / ("data/" + images + ".gz"), "\x1f\x8b\x08");
  both_fail({images + ".gz"});
}

TEST_CASE("inputs of the wrong size or number are refused") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "tiny");
  write(directory / "short", std::string(783, '\0'));
  write(directory / "whole", std::string(784, '\0'));
  fails(directory, {"run", program, "-b", "emulator"}, {"takes 1 input"});
  fails(directory, {"run", program, "-b", "emulator", "-i", "short"},
        {"short has 783 bytes", "'image'", "784"});
  fails(directory, {"run", program, "-b", "emulator", "-i", "absent"}, {"absent"});
  fails(directory, {"run", program, "-b", "emulator", "-i", "whole", "-i", "whole"}, {"2 --input"});
}

TEST_CASE("an output that cannot be written is refused by name and leaves nothing") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "tiny");
  std::filesystem::create_directory(directory / "there");
  write(directory / "file", "in its place");
  for (const char* output : {"no/such/out", "there", "file/out"}) {
    fails(directory, {"compile", kModel, "-o", output}, {"cannot write", output});
    fails(directory, {"run", program, "--digit", "0", "-b", "emulator", "-o", output},
          {"cannot write", output});
  }
  fails(directory, {"verify", "-c", "tiny", "-b", "emulator", "--reports", "file"},
        {"cannot write", "file/mnist_convnet-all-tiny-emulator.json"});
  CHECK(contents(directory / "file") == "in its place");
}

TEST_CASE("compile writes C source where it is asked to, or says why not") {
  const tb::TemporaryDirectory directory;
  succeeds(directory, {"compile", kModel, "-c", "tiny", "-o", "a.weft", "--emit-c", "net.c"});
  CHECK_THAT(contents(directory / "net.c"), ContainsSubstring("#include \"net.h\"") &&
                                                ContainsSubstring("weft_core_program net = {"));
  CHECK_THAT(contents(directory / "net.h"), ContainsSubstring("weft_core_program net;"));
  fails(directory, {"compile", kModel, "-o", "b.weft", "--emit-c", "net"}, {"'net'", ".c"});
  fails(directory, {"compile", kModel, "-o", "b.weft", "--emit-c", "my-net.c"}, {"my-net", "in C"});
  fails(directory, {"compile", kModel, "-o", "b.weft", "--emit-c", "no/such/net.c"},
        {"cannot write"});
  CHECK(contents(directory / "b.weft").empty());
}

TEST_CASE("compile, info, disasm") {
  const tb::TemporaryDirectory directory;
  const Result r = succeeds(directory, {"compile", kModel});
  CHECK(directory.names() == std::vector<std::string>{"mnist_convnet.weft"});
  const program::Program p = program::load(directory / "mnist_convnet.weft");
  CHECK(p.config == "base");
  CHECK_THAT(r.out, ContainsSubstring(fmt::format("{} descriptors", p.descriptor_count)));

  const Result info = succeeds(directory, {"info", "mnist_convnet.weft"});
  for (const program::Layer& l : p.layers) CHECK_THAT(info.out, ContainsSubstring("\n" + l.name));
  for (const program::Region& g : p.regions) CHECK_THAT(info.out, ContainsSubstring("\n" + g.name));
  for (const program::Tensor& t : p.tensors) CHECK_THAT(info.out, ContainsSubstring(t.name));
  CHECK_THAT(info.out,
             ContainsSubstring("base") && ContainsSubstring(fmt::format("{:016x}", p.config_hash)));

  const Result model = succeeds(directory, {"info", kModel});
  for (const char* layer : {"conv1", "pool1", "conv2", "pool2", "reshape1", "dense1", "dense2"}) {
    CHECK_THAT(model.out, ContainsSubstring("\n" + std::string(layer)));
  }

  const Result disasm = succeeds(directory, {"disasm", "mnist_convnet.weft"});
  CHECK(std::count(disasm.out.begin(), disasm.out.end(), '\n') == p.descriptor_count);
  for (const char* opcode : {"load", "store", "conv", "requant"})
    CHECK_THAT(disasm.out, ContainsSubstring(opcode));

  succeeds(directory, {"compile", kModel, "--layer", "conv2", "-o", "conv2.weft"});
  CHECK(program::load(directory / "conv2.weft").layers.size() == 1);
  // Writing again replaces the file.
  succeeds(directory, {"compile", kModel, "-o", "conv2.weft"});
  CHECK(program::load(directory / "conv2.weft").layers.size() == p.layers.size());
}

TEST_CASE("estimate says what a model costs in several configurations") {
  const tb::TemporaryDirectory directory;
  const Result two = succeeds(directory, {"estimate", "-c", "tiny", "--config", "base", kModel});
  for (const char* part :
       {"configuration tiny", "configuration base", "conv1", "dense2", "\ntotal"})
    CHECK_THAT(two.out, ContainsSubstring(part));

  const auto json = [&](std::vector<std::string> line) {
    line.insert(line.begin(), "estimate");
    line.emplace_back("--json");
    return nlohmann::json::parse(succeeds(directory, line).out);
  };
  const nlohmann::json all = json({kModel, "-c", "tiny"});
  CHECK(all["estimates"].size() == 1);
  uint64_t cycles = 0;
  for (const auto& layer : all["estimates"][0]["layers"]) cycles += layer["cycles"].get<uint64_t>();
  CHECK(cycles == all["estimates"][0]["cycles"]);
  // The same of its program; more with a slower memory; one layer; all of them.
  const std::string program = compiled(directory, "tiny");
  CHECK(json({program})["estimates"] == all["estimates"]);
  const nlohmann::json slow =
      json({kModel, "-c", "tiny", "--latency", "400", "--bandwidth", "1/3"});
  CHECK(slow["estimates"][0]["cycles"] > cycles);
  CHECK(json({kModel, "-c", "tiny", "-l", "conv2"})["estimates"][0]["layers"].size() == 1);
  CHECK(json({kModel, "-c", "tiny", "-l", "each"})["estimates"].size() == 7);

  fails(directory, {"estimate", kModel, "-c", "nosuch"}, {"'nosuch'", "tiny", "base"});
  fails(directory, {"estimate", kModel, "-l", "nosuch"}, {"'nosuch'", "conv1"});
  fails(directory, {"estimate", program, "-c", "base"}, {"compiled for tiny"});
  fails(directory, {"estimate", "nosuch.tflite"}, {"nosuch.tflite"});
  fails(directory, {"estimate", kModel, "--latency", "0"}, {"latency of 0"});
  // The compiler plans for the memory that it is told.
  fails(directory, {"compile", kModel, "--latency", "0"}, {"latency of 0"});
  for (const char* bandwidth : {"0/1", "2/1", "1/0"})
    fails(directory, {"estimate", kModel, "--bandwidth", bandwidth}, {"bandwidth", "at most 1"});
  for (const char* bandwidth : {"", "x", "1/", "1/x", "-1/2", "99999999999"})
    fails(directory, {"estimate", kModel, "--bandwidth", bandwidth},
          {"--bandwidth", "write it as"});
}

// The line of a table that begins with the cell, "" where there is none.
std::string row_of(const std::string& table, const std::string& first) {
  std::istringstream lines(table);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with(first + " ")) return line;
  }
  return "";
}

TEST_CASE("compile reports what was decided, where it is asked to") {
  const tb::TemporaryDirectory directory;
  const Result silent = succeeds(directory, {"compile", kModel, "-c", "tiny"});
  CHECK(std::count(silent.out.begin(), silent.out.end(), '\n') == 1);
  const Result r =
      succeeds(directory, {"compile", kModel, "-c", "tiny", "--report", "--report-json", "r.json"});
  CHECK_THAT(r.out, StartsWith(silent.out));
  const program::Program p = program::load(directory / "mnist_convnet.weft");
  const json j = json::parse(contents(directory / "r.json"));
  CHECK(j["act"]["peak_words"] == p.act_peak_words);
  CHECK(j["dram"]["bytes"] == p.dram_bytes());
  for (const std::string& part :
       {std::string("placement: 2528000 of 2528000 MACs on the device; 1 job of"),
        std::string("K tiles"), std::string(" packed "),
        fmt::format("act memory: 2048 words of 4 bytes; most in use at a time: {} (",
                    p.act_peak_words),
        fmt::format("DRAM: {} bytes", p.dram_bytes())})
    CHECK_THAT(r.out, ContainsSubstring(part));
  for (const program::Layer& l : p.layers) CHECK(row_of(r.out, l.name) != "");
  for (const program::Region& g : p.regions) CHECK(row_of(r.out, g.name) != "");
  for (const program::Tensor& t : p.tensors)
    CHECK_THAT(r.out, ContainsSubstring("  " + t.name + "\n"));
  fails(directory, {"compile", kModel, "-o", "x.weft", "--report-json", "no/such"},
        {"cannot write", "no/such"});
  const Result info = succeeds(directory, {"info", "mnist_convnet.weft"});
  CHECK_THAT(info.out, ContainsSubstring("\n2528000 MACs on the device, 0 on the host\n"));
  CHECK_THAT(info.out, ContainsSubstring(fmt::format("\npeaks: act memory {} of 2048 words (",
                                                     p.act_peak_words)));
}

TEST_CASE("info places a model's operators for the configuration that is asked for, or base") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "tiny");
  const Result base = succeeds(directory, {"info", kModel});
  CHECK_THAT(base.out, ContainsSubstring("; placed for configuration base\n"));
  const Result tiny = succeeds(directory, {"info", kModel, "--config", "tiny"});
  CHECK_THAT(tiny.out, ContainsSubstring("; placed for configuration tiny\n"));
  CHECK_THAT(row_of(tiny.out, "pool1"),
             ContainsSubstring(" array ") && ContainsSubstring(" in conv1+pool1 "));
  CHECK_THAT(row_of(tiny.out, "reshape1"), ContainsSubstring(" - "));
  CHECK_THAT(tiny.out, ContainsSubstring("\n2528000 MACs on the device, 0 on the host\n"));
  // Parts of four channels: tiny joins them, base, whose words are of sixteen, does not.
  tb::ModelSpec parts = tb::concat_model();
  parts.tensors[0].shape = {3, 4};
  parts.tensors[1] = tb::int8_constant("b", {3, 4}, 0.5F, -3, std::vector<uint8_t>(12, 7));
  parts.tensors[3].shape = {3, 12};
  const std::vector<uint8_t> bytes = tb::write(parts);
  write(directory / "parts.tflite", {bytes.begin(), bytes.end()});
  CHECK_THAT(row_of(succeeds(directory, {"info", "parts.tflite", "-c", "tiny"}).out, "concat1"),
             ContainsSubstring(" vector engine "));
  CHECK_THAT(row_of(succeeds(directory, {"info", "parts.tflite"}).out, "concat1"),
             ContainsSubstring(" host ") && ContainsSubstring("no multiple of 16"));
  fails(directory, {"info", kModel, "-c", "nosuch"}, {"nosuch", "tiny", "base"});
  fails(directory, {"info", program, "-c", "tiny"}, {"tiny.weft", "leave --config out"});
}

// Layers of the host, in every place that a user looks.
TEST_CASE("what runs on the host is shown, with the reason") {
  const std::filesystem::path model =
      tb::data_directory() / "mlperf_tiny/models/kws_ref_model.tflite";
  if (!std::filesystem::exists(model)) {
    WARN("skipped: MLPerf Tiny is not present (" << model.string() << ")");
    return;
  }
  const std::string reason = "softmax needs a sum";
  const tb::TemporaryDirectory directory;
  const Result verify = succeeds(
      directory, {"verify", model.string(), "-c", "tiny", "-b", "emulator", "--reports", "r"});
  CHECK_THAT(verify.out, ContainsSubstring("on the host: softmax1: " + reason));
  const json j = json::parse(contents(directory / "r/kws_ref_model-all-tiny-emulator.json"));
  CHECK(j["host_macs"] == 0);
  CHECK(j["bytes_compared"] > 0);
  const json& softmax = j["layers"].back();
  CHECK(softmax["layer"] == "softmax1");
  CHECK_THAT(softmax["host"].get<std::string>(), ContainsSubstring(reason));
  CHECK(softmax["bytes_compared"] == 0);  // golden's own bytes prove nothing
  CHECK(j["layers"].front()["host"] == nullptr);

  const Result compile =
      succeeds(directory, {"compile", model.string(), "-c", "tiny", "-o", "k.weft", "--report",
                           "--keep-spills"});  // as verify does
  CHECK_THAT(compile.out, ContainsSubstring("\nsoftmax1 is on the host, between jobs: " + reason));
  const program::Program p = program::load(directory / "k.weft");
  CHECK(j["act_peak_words"] == p.act_peak_words);
  CHECK(j["dram_bytes"] == p.dram_bytes());
  const Result program = succeeds(directory, {"info", "k.weft"});
  const Result info = succeeds(directory, {"info", model.string(), "-c", "tiny"});
  for (const program::Layer& l : p.layers) {
    const std::string line = row_of(program.out, l.name);
    INFO(line);
    CHECK_THAT(line, ContainsSubstring(l.host.empty() ? " device " : " host "));
    CHECK_THAT(line, ContainsSubstring(l.output));
    CHECK_THAT(line, ContainsSubstring(l.host));
    CHECK_THAT(row_of(info.out, l.name), ContainsSubstring(l.host));
  }
  CHECK_THAT(row_of(info.out, "dw1"), ContainsSubstring(" depthwise engine "));
  CHECK_THAT(row_of(info.out, "softmax1"), ContainsSubstring(" host "));
}

TEST_CASE("run classifies digits, alike on both backends") {
  const tb::TemporaryDirectory directory;
  const std::string program = compiled(directory, "tiny");
  const model::Digits digits = model::find_digits(WEFT_SOURCE_DIR "/data", "", "");
  int right = 0;
  for (int i = 0; i < 20; ++i) {
    const Result r =
        succeeds(directory, {"run", program, "--digit", std::to_string(i), "-b", "emulator"});
    const int label = digits.labels[static_cast<size_t>(i)];
    CHECK_THAT(r.out, ContainsSubstring(fmt::format("label {}", label)));
    right += r.out.find(fmt::format("largest: {}\n", label)) != std::string::npos ? 1 : 0;
  }
  CHECK(right >= 19);
  const Result rtl = succeeds(directory, {"run", program, "--digit", "0", "-o", "rtl.out"});
  CHECK_THAT(rtl.out, ContainsSubstring(" cycles\n"));
  succeeds(directory, {"run", program, "--digit", "0", "-b", "emulator", "-o", "emulator.out"});
  CHECK(contents(directory / "rtl.out").size() == 10);
  CHECK(contents(directory / "rtl.out") == contents(directory / "emulator.out"));

  // The same picture as raw bytes: with scale 1/255 and zero point -128 a pixel p is p - 128.
  std::string bytes;
  for (size_t i = 0; i < 784; ++i) bytes += static_cast<char>(digits.pixels[i] - 128);
  write(directory / "raw", bytes);
  succeeds(directory, {"run", program, "-i", "raw", "-b", "emulator", "-o", "raw.out"});
  CHECK(contents(directory / "raw.out") == contents(directory / "rtl.out"));
}

// Every key a report has to have, and that it is of a run that compared something.
void check_report(const std::filesystem::path& path, const std::string& layer,
                  const std::string& backend, int inputs) {
  INFO(path.string());
  REQUIRE(std::filesystem::is_regular_file(path));
  const json j = json::parse(contents(path));
  for (const char* key :
       {"model", "layer", "config", "backend", "inputs", "bytes_compared", "mismatches", "pass",
        "cycles", "cycles_per_input", "floor_cycles", "utilisation", "macs", "dram_read_bytes",
        "dram_write_bytes", "host_seconds", "cycles_per_second", "layers", "counters"}) {
    INFO(key);
    CHECK(j.contains(key));
  }
  CHECK(j["model"] == "mnist_convnet");
  CHECK(j["layer"] == layer);
  CHECK(j["config"] == "tiny");
  CHECK(j["backend"] == backend);
  CHECK(j["inputs"] == inputs);
  CHECK(j["bytes_compared"] > 0);
  CHECK(j["mismatches"] == 0);
  CHECK(j["pass"] == true);
  CHECK(j["layers"].size() == (layer == "all" ? 4 : 1));
  CHECK((j["cycles"] > 0) == (backend == "rtl"));
  CHECK((j["utilisation"] > 0) == (backend == "rtl"));
  CHECK((j["cycles_per_second"] > 0) == (backend == "rtl"));
  CHECK(j["floor_cycles"] > 0);
  CHECK(j["dram_read_bytes"] > 0);
  CHECK(j["dram_write_bytes"] > 0);
}

TEST_CASE("verify writes a report a layer") {
  const tb::TemporaryDirectory directory;
  const Result r = succeeds(directory, {"verify", "--layer", "each", "-c", "tiny", "-b", "emulator",
                                        "-n", "3", "--reports", "r/s"});
  CHECK_THAT(r.out, !ContainsSubstring("FAIL"));
  size_t passes = 0;
  for (size_t at = r.out.find("\nPASS  all"); at != std::string::npos;
       at = r.out.find("\nPASS  all", at + 1))
    ++passes;
  CHECK(passes == 7);
  CHECK_THAT(r.out, ContainsSubstring("the project's own digits"));
  for (const char* layer : {"conv1", "pool1", "conv2", "pool2", "dense1", "dense2", "all"}) {
    check_report(directory / fmt::format("r/s/mnist_convnet-{}-tiny-emulator.json", layer), layer,
                 "emulator", 3);
  }
  CHECK(directory.names().size() == 9);  // r, r/s, seven reports
}

TEST_CASE("verify on the RTL, its inputs chosen by seed") {
  const tb::TemporaryDirectory directory;
  const auto line = [](const char* seed) {
    return std::vector<std::string>{"verify",    "--layer", "dense2", "-c", "tiny",
                                    "--reports", "r",       "--seed", seed};
  };
  const Result r = succeeds(directory, line("7"));
  CHECK_THAT(r.out, ContainsSubstring("chosen by seed 7"));
  check_report(directory / "r/mnist_convnet-dense2-tiny-rtl.json", "dense2", "rtl", 1);
  // By the name of its output tensor it is the same layer.
  succeeds(directory, {"verify", "--layer", "Identity", "-c", "tiny", "--reports", "s", "-i",
                       "random", "--stalls", "0.3"});
  const json j = json::parse(contents(directory / "s/mnist_convnet-dense2-tiny-rtl.json"));
  CHECK(j["pass"] == true);
  // The command that repeats it has everything the run depended on.
  const std::string repeat = j["repeat"];
  CHECK_THAT(repeat, ContainsSubstring("random"));
  CHECK_THAT(repeat, ContainsSubstring("0.3"));
}

TEST_CASE("a device that differs from golden fails the run, with the place and both values") {
  // A copy of the command finds its RTL models beside itself: here one with a fault.
  const tb::TemporaryDirectory place;
  std::filesystem::create_directory(place / "bin");
  std::filesystem::create_directory(place / "lib");
  const std::string copy = (place / "bin/weft").string();
  std::filesystem::copy_file(WEFT_BUILD_DIR "/bin/weft", copy);
  std::filesystem::copy_file(WEFT_BUILD_DIR "/test/faulty_device.so",
                             place / "lib/weft_rtl_tiny.so");

  const tb::TemporaryDirectory directory;
  const std::string data = WEFT_SOURCE_DIR "/data";
  const auto verify = [&](const char* layer, const char* images) {
    return weft(directory,
                {"verify", "-l", layer, "-c", "tiny", "-n", images, "-j", "1", "--reports", "r"},
                data, copy);
  };
  CHECK(verify("all", "2").status == 0);  // the third input is the first to differ
  const Result r = verify("all", "4");
  CHECK(r.status == 1);
  CHECK(r.err == "");
  const json j = json::parse(contents(directory / "r/mnist_convnet-all-tiny-rtl.json"));
  CHECK(j["pass"] == false);
  CHECK(j["mismatches"] == 1);
  CHECK(j["bytes_compared"] == 40);
  const json& d = j["first_difference"];
  CHECK(d["input"] == 2);
  CHECK(d["coordinate"] == json{0, 7});
  const int golden = d["golden"], device = d["device"];
  CHECK((golden ^ device) == 1);
  const std::string repeat = "make sim LAYER=all CONFIG=tiny BACKEND=rtl IMAGES=4";
  CHECK(j["repeat"] == repeat);
  CHECK_THAT(r.out, ContainsSubstring(fmt::format(
                        "FAIL  1 of 40 bytes differ; first: layer dense2, tensor 'Identity', "
                        "input 2, at [0, 7]: golden {}, rtl {}\n",
                        golden, device)));
  CHECK_THAT(r.out, ContainsSubstring("repeat: " + repeat + "\n"));
  CHECK_THAT(r.out, !ContainsSubstring("PASS"));
  // One layer that fails is enough, though the others pass.
  const Result each = verify("each", "4");
  CHECK(each.status == 1);
  CHECK_THAT(each.out, ContainsSubstring("PASS") && ContainsSubstring("FAIL"));

  // An evaluation that was to hold the outputs against golden's fails, too.
  const auto eval = [&](const char* golden) {
    return weft(directory,
                {"eval", "-c", "tiny", "-b", "rtl", "-n", "8", "-j", "1", "-d", data, "--reports",
                 "r", "--restart", golden},
                data, copy);
  };
  const Result held = eval("--golden");
  CHECK(held.status == 1);
  CHECK_THAT(held.out, ContainsSubstring("FAIL  2 of 80 output bytes are not the golden model's, "
                                         "first of input 2\n"));
  const Result blind = eval("--restart");
  CHECK(blind.status == 0);
  CHECK_THAT(blind.out, !ContainsSubstring("golden"));

  // What is no model at all.
  write(place / "lib/weft_rtl_tiny.so", "no library");
  const Result none = verify("all", "1");
  CHECK(none.status == 1);
  CHECK_THAT(none.err, StartsWith("weft: the RTL model") && ContainsSubstring("cannot be loaded"));
  CHECK(std::count(none.err.begin(), none.err.end(), '\n') == 1);
  std::filesystem::remove(place / "lib/weft_rtl_tiny.so");
  const Result missing = verify("all", "1");
  CHECK(missing.status == 1);
  CHECK_THAT(missing.err,
             ContainsSubstring("configuration tiny") && ContainsSubstring("make sim CONFIG=tiny"));
}

}  // namespace
}  // namespace weft
