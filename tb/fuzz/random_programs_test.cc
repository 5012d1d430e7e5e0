// Long random programs on the Verilated machine: whatever bus, queues and engines do, the
// bytes left in DRAM and on chip are those of the emulator, which has no time and no queues.
//
// WEFT_PROGRAMS=n     programs of each configuration (200)
// WEFT_SEED=s         this one program only
// WEFT_CONFIGURATION  this configuration only
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "base/error.h"
#include "differential.h"
#include "random_program.h"
#include "shrink.h"
#include "tb/catch_compat.h"
#include "tb/configs.h"
#include "weft_gen/configs.h"

namespace {

using namespace weft;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == 0 ? otherwise : std::strtoull(text, nullptr, 10);
}

// What a failing model prints stays away while failure is expected, or looked for again and again.
class Quiet {
 public:
  Quiet() {
    std::fflush(stdout);
    saved_ = dup(STDOUT_FILENO);
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    close(nowhere);
  }
  ~Quiet() {
    std::fflush(stdout);
    dup2(saved_, STDOUT_FILENO);
    close(saved_);
  }

 private:
  int saved_;
};

struct Table {
  uint64_t programs = 0, runs = 0, bytes = 0, cycles = 0, differences = 0;
  uint64_t waits = 0, raises = 0, vectors = 0, steps = 0, elems = 0;
  std::map<std::string, uint64_t> opcodes;

  void count(const tb::Program& program, const std::vector<isa::Bytes>& descriptors) {
    ++programs;
    for (size_t i = 0; i < descriptors.size(); ++i) {
      const isa::Header& h = tb::header(program.instructions[i]);
      std::string name(isa::find_opcode(h.opcode)->name);
      if (name == "conv" && (h.flags & isa::kArrayFlagShallow) != 0) name += " shallow";
      ++opcodes[name];
      const auto with = isa::decode_fields<isa::Header>(descriptors[i]);
      for (const auto& s : with.wait) waits += s.count;
      for (const auto& s : with.raise) raises += s.count;
    }
  }

  void print(const std::string& config, double seconds) const {
    std::printf(
        "%s: %llu programs, %llu RTL runs, %llu bytes compared, %llu cycles, %llu differences, "
        "%.0f s\n",
        config.c_str(), static_cast<unsigned long long>(programs),
        static_cast<unsigned long long>(runs), static_cast<unsigned long long>(bytes),
        static_cast<unsigned long long>(cycles), static_cast<unsigned long long>(differences),
        seconds);
    uint64_t total = 0;
    for (const auto& [name, n] : opcodes) {
      std::printf("  %-14s %9llu\n", name.c_str(), static_cast<unsigned long long>(n));
      total += n;
    }
    std::printf(
        "  %-14s %9llu, with %llu taken from and %llu added to semaphores; %llu array vectors, "
        "%llu depthwise steps, %llu vector words a run\n",
        "descriptors", static_cast<unsigned long long>(total),
        static_cast<unsigned long long>(waits), static_cast<unsigned long long>(raises),
        static_cast<unsigned long long>(vectors), static_cast<unsigned long long>(steps),
        static_cast<unsigned long long>(elems));
    std::fflush(stdout);
  }
};

// How `setting` differs from the emulator on this program.
std::string compare(const tb::Program& program, const tb::Setting& setting) {
  const std::vector<isa::Bytes> descriptors = tb::synchronise(program);
  const tb::Outcome want = tb::run(program, descriptors, tb::emulator_setting());
  // What the emulator refuses is no program.
  if (!want.failure.empty()) return "";
  return tb::difference(program, want, tb::run(program, descriptors, setting));
}

// The smallest program that shows it, and how to see it again.
std::string report(const tb::Program& program, tb::Setting setting) {
  const Quiet quiet;
  const tb::Fails fails = [&](const tb::Program& p) { return !compare(p, setting).empty(); };
  std::string text;
  // An undisturbed machine, where it shows the fault too.
  tb::Setting calm = setting;
  calm.options.stall_probability = calm.options.hold_probability = 0;
  calm.options.latency_cycles = 20;
  calm.options.bandwidth_num = calm.options.bandwidth_den = 1;
  if (!compare(program, calm).empty()) setting = calm;
  const tb::Program small = tb::shrink(program, fails);
  text += "smallest program found (" + std::to_string(small.instructions.size()) + " of " +
          std::to_string(program.instructions.size()) + " descriptors), " + setting.describe() +
          "\n";
  text += tb::disassembly(tb::synchronise(small));
  text += compare(small, setting) + "\n";
  text += "repeat: WEFT_CONFIGURATION=" + std::string(program.config->name) +
          " WEFT_SEED=" + std::to_string(program.seed) +
          " " WEFT_BUILD_DIR "/test/random_programs_test\n";
  return text;
}

void campaign(const std::string& name) {
  const isa::HardwareConfig& config = isa::find_config(name);
  const uint64_t only = from_environment("WEFT_SEED", 0);
  const uint64_t first = only != 0 ? only : 1;
  const uint64_t last = only != 0 ? only : from_environment("WEFT_PROGRAMS", 200);
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  Table table;
  for (uint64_t seed = first; seed <= last && table.differences < 3; ++seed) {
    const tb::Program program = tb::random_program(config, seed);
    const std::vector<isa::Bytes> descriptors = tb::synchronise(program);
    table.count(program, descriptors);
    const tb::Outcome want = tb::run(program, descriptors, tb::emulator_setting());
    INFO("configuration " << name << ", seed " << seed);
    REQUIRE(want.failure == "");
    table.vectors += want.busy[static_cast<size_t>(isa::Engine::kArray)];
    table.steps += want.busy[static_cast<size_t>(isa::Engine::kDepthwise)];
    table.elems += want.busy[static_cast<size_t>(isa::Engine::kVector)];
    for (const tb::Setting& setting : {tb::rtl_setting(program), tb::shallow_queue_setting(program),
                                       tb::held_setting(program)}) {
      const tb::Outcome got = tb::run(program, descriptors, setting);
      ++table.runs;
      table.bytes += got.bytes();
      table.cycles += got.cycles;
      const std::string differs = tb::difference(program, want, got);
      if (differs.empty()) continue;
      ++table.differences;
      UNSCOPED_INFO(setting.describe() << ": " << differs << "\n" << report(program, setting));
      CHECK(differs == "");
      break;
    }
    if (last - first >= 500 && seed % 100 == 0) {
      std::printf("%s: %llu of %llu programs, %.0f s\n", name.c_str(),
                  static_cast<unsigned long long>(seed), static_cast<unsigned long long>(last),
                  seconds());
      std::fflush(stdout);
    }
  }
  table.print(name, seconds());
}

TEST_CASE("random programs leave the emulator's bytes on the RTL", "[config]") {
  for (const std::string& config : tb::test_configs()) campaign(config);
}

// The limit of the queues does reach the machine.
TEST_CASE("random programs take longer with queues of one") {
  const std::string name = tb::test_configs().front();
  const isa::HardwareConfig& config = isa::find_config(name);
  uint64_t limited = 0, full = 0;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const tb::Program program = tb::random_program(config, seed);
    const std::vector<isa::Bytes> descriptors = tb::synchronise(program);
    tb::Setting setting = tb::shallow_queue_setting(program);
    limited += tb::run(program, descriptors, setting).cycles;
    setting.options.queue_limit = 0;
    full += tb::run(program, descriptors, setting).cycles;
    setting.options.queue_limit = static_cast<uint32_t>(config.queue_depth) + 1;
    CHECK(tb::run(program, descriptors, setting).failure.find("queue limit") != std::string::npos);
  }
  CHECK(limited > full);
}

// The programs do depend on their semaphores, and the engines do overlap.
TEST_CASE("random programs without semaphores go wrong") {
  int wrong = 0;
  constexpr int kPrograms = 12;
  for (uint64_t seed = 1; seed <= kPrograms; ++seed) {
    const tb::Program program = tb::random_program(isa::find_config("tiny"), seed);
    const std::vector<isa::Bytes> descriptors = tb::without_semaphores(program);
    const tb::Outcome want = tb::run(program, descriptors, tb::emulator_setting());
    REQUIRE(want.failure == "");
    const Quiet quiet;
    if (!tb::difference(program, want, tb::run(program, descriptors, tb::held_setting(program)))
             .empty())
      ++wrong;
  }
  CHECK(wrong == kPrograms);
}

// A machine that forgets to accumulate, and one that stores another word after a maxpool: what
// the shrinker leaves shows the fault and nothing else.
TEST_CASE("the shrinker finds the descriptors that show a fault") {
  const isa::HardwareConfig& config = isa::find_config("tiny");
  const auto differs = [](const tb::Program& program, const std::vector<isa::Bytes>& planted) {
    const tb::Outcome want = tb::run(program, tb::synchronise(program), tb::emulator_setting());
    return !tb::difference(program, want, tb::run(program, planted, tb::emulator_setting()))
                .empty();
  };
  SECTION("one descriptor") {
    const tb::Fails fails = [&](const tb::Program& program) {
      tb::Program planted = program;
      for (tb::Instruction& i : planted.instructions) {
        if (tb::engine_of(i) == isa::Engine::kArray)
          tb::header(i).flags &= static_cast<uint8_t>(~isa::kArrayFlagAccumulate);
      }
      return differs(program, tb::synchronise(planted));
    };
    tb::Program program = tb::random_program(config, 3);
    REQUIRE(program.instructions.size() > 20);
    REQUIRE(fails(program));
    program = tb::shrink(program, fails);
    INFO(tb::disassembly(tb::synchronise(program)));
    REQUIRE(program.instructions.size() == 1);
    const auto& d = std::get<isa::ArrayDesc>(program.instructions[0]);
    CHECK((d.header.flags & isa::kArrayFlagAccumulate) != 0);
    CHECK(d.out_h * d.out_w == 1);
  }
  SECTION("two descriptors") {
    const tb::Fails fails = [&](const tb::Program& program) {
      tb::Program planted = program;
      for (size_t i = 1; i < planted.instructions.size(); ++i) {
        auto* store = std::get_if<isa::TransferDesc>(&planted.instructions[i]);
        const bool after = tb::header(planted.instructions[i - 1]).opcode ==
                           static_cast<uint8_t>(isa::Opcode::kMaxpool);
        if (store != nullptr && after &&
            store->header.opcode == static_cast<uint8_t>(isa::Opcode::kStore))
          store->chip_addr ^= 1;
      }
      for (const tb::Instruction& i : planted.instructions) {
        if (!tb::footprint(planted, i)) return false;
      }
      return differs(program, tb::synchronise(planted));
    };
    int tried = 0;
    for (uint64_t seed = 1; seed <= 40 && tried < 3; ++seed) {
      tb::Program program = tb::random_program(config, seed);
      if (!fails(program)) continue;
      ++tried;
      program = tb::shrink(program, fails);
      INFO("seed " << seed << "\n" << tb::disassembly(tb::synchronise(program)));
      REQUIRE(program.instructions.size() == 2);
      CHECK(std::get<isa::TransferDesc>(program.instructions[1]).dram_run == 1);
    }
    CHECK(tried == 3);
  }
}

}  // namespace
