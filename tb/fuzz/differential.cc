#include "differential.h"

#include <algorithm>
#include <random>

#include "base/error.h"
#include "driver/memory.h"
#include "isa/activity.h"
#include "runtime/devices.h"
#include "weft_gen/registers.h"

namespace weft::tb {
namespace {

constexpr uint64_t kMemoryBytes = 512 * 1024;
constexpr uint64_t kMaxCycles = 20'000'000;
constexpr uint32_t kWatchdog = 200'000;  // far above any hold or bus delay

std::unique_ptr<driver::Device> make_device(const Program& program, const Setting& setting) {
  return runtime::make_device(setting.backend, std::string(program.config->name), setting.options);
}

uint64_t counter(driver::Device& device, regs::Counter which) {
  const uint32_t at = regs::kCounterBase + 8 * static_cast<uint32_t>(which);
  const uint64_t low = device.read_register(at);
  return low | uint64_t{device.read_register(at + 4)} << 32;
}

void run_on(driver::Device& device, const Program& program, const Setting& setting,
            const std::vector<isa::Bytes>& descriptors, Outcome& outcome) {
  driver::MemoryPool pool(device);
  // Whatever lies round the window must stay as it is.
  std::vector<uint8_t> whole(device.memory_bytes(), 0xa5);
  device.write_memory(device.memory_base(), whole);
  for (driver::OnChip memory : kOnChip) {
    if (!device.write_on_chip(memory, initial_on_chip(program, memory))) {
      fail(ErrorKind::kUnsupported, "this {} model does not show its memories", device.backend());
    }
  }
  driver::JobQueue queue(device, pool);
  queue.set_watchdog(kWatchdog);
  driver::Buffer window = pool.allocate(static_cast<uint64_t>(program.window_bytes));
  window.write(0, initial_dram(program));
  driver::Job job;
  job.config_hash = program.config->config_hash;
  job.descriptor_region = kProgramRegion;
  job.descriptor_count = static_cast<uint32_t>(descriptors.size());
  for (size_t r = 0; r < job.regions.size(); ++r) {
    const Region& region = program.regions[r];
    job.regions[r] = {window.address() + static_cast<uint64_t>(region.base),
                      static_cast<uint64_t>(region.bytes), region.readable, region.writable};
  }
  const auto program_at = static_cast<uint64_t>(program.regions[kProgramRegion].base);
  for (size_t i = 0; i < descriptors.size(); ++i)
    window.write(program_at + i * isa::kDescriptorBytes, descriptors[i]);

  const driver::Completion end = queue.run(job, kMaxCycles);
  if (end.code != isa::ErrorCode::kNone) {
    outcome.failure = "ended with error " +
                      std::string(isa::name_of(isa::kErrorCodes, static_cast<uint32_t>(end.code))) +
                      " of engine " + std::to_string(end.engine) + " at descriptor " +
                      std::to_string(end.index);
    return;
  }
  outcome.cycles = end.cycles;
  for (size_t e = 0; e < outcome.busy.size(); ++e) {
    const auto engine = static_cast<isa::Engine>(e);
    outcome.busy[e] = counter(device, isa::counter_of(engine, isa::Activity::kBusy));
    uint64_t total = 0;
    for (int a = 0; a < isa::kNumActivities; ++a)
      total += counter(device, isa::counter_of(engine, static_cast<isa::Activity>(a)));
    if (setting.backend != "emulator" && total != counter(device, regs::Counter::kCycles)) {
      outcome.failure = "what engine " + std::to_string(e) + " did adds up to " +
                        std::to_string(total) + " of " + std::to_string(end.cycles) + " cycles";
    }
  }
  outcome.descriptors = counter(device, regs::Counter::kDescriptors);
  outcome.dram.resize(device.memory_bytes());
  device.read_memory(device.memory_base(), outcome.dram);
  // The completion record has the time in it: the job ring is not compared.
  const uint64_t ring = uint64_t{device.read_register(regs::kRingBaseHiOffset)} << 32 |
                        device.read_register(regs::kRingBaseLoOffset);
  const uint64_t ring_bytes = isa::kJobBytes << device.read_register(regs::kRingSizeOffset);
  std::fill_n(outcome.dram.begin() + static_cast<ptrdiff_t>(ring - device.memory_base()),
              ring_bytes, 0);
  for (size_t m = 0; m < kOnChip.size(); ++m) outcome.on_chip[m] = device.read_on_chip(kOnChip[m]);
}

Setting disturbed(const Program& program, const char* name, const char* backend, uint64_t salt) {
  std::mt19937_64 rng(program.seed * 4 + salt);
  Setting setting{name, backend, {}};
  setting.options.memory_bytes = kMemoryBytes;
  // Short and long delays alike: 1 .. 200.
  const uint32_t most = std::array<uint32_t, 4>{1, 8, 60, 200}[rng() % 4];
  setting.options.latency_cycles = 1 + static_cast<uint32_t>(rng() % most);
  if (rng() % 2 == 0) {
    setting.options.bandwidth_den = 1 + static_cast<uint32_t>(rng() % 6);
    setting.options.bandwidth_num =
        1 + static_cast<uint32_t>(rng() % setting.options.bandwidth_den);
  }
  if (rng() % 4 != 0) setting.options.stall_probability = static_cast<double>(rng() % 70) / 100;
  setting.options.seed = rng() | 1;
  return setting;
}

template <typename T>
std::string first_difference(const std::string& what, const std::vector<T>& want,
                             const std::vector<T>& got) {
  if (want.size() != got.size()) return what + ": sizes differ";
  size_t count = 0, first = 0;
  for (size_t i = want.size(); i-- > 0;) {
    if (want[i] != got[i]) first = i, ++count;
  }
  if (count == 0) return "";
  return what + ": " + std::to_string(count) + " bytes differ, the first at " +
         std::to_string(first) + ", " + std::to_string(want[first]) + " expected, " +
         std::to_string(got[first]) + " found";
}

}  // namespace

uint64_t Outcome::bytes() const {
  uint64_t total = dram.size();
  for (const auto& image : on_chip) total += image.size();
  return total;
}

std::string Setting::describe() const {
  return name + ": latency " + std::to_string(options.latency_cycles) + ", bandwidth " +
         std::to_string(options.bandwidth_num) + "/" + std::to_string(options.bandwidth_den) +
         ", stalls " + std::to_string(options.stall_probability) + ", holds " +
         std::to_string(options.hold_probability);
}

Setting emulator_setting() {
  Setting setting{"emulator", "emulator", {}};
  setting.options.memory_bytes = kMemoryBytes;
  return setting;
}
Setting rtl_setting(const Program& program) { return disturbed(program, "rtl", "rtl", 0); }
Setting shallow_queue_setting(const Program& program) {
  Setting setting = disturbed(program, "rtl, queues of one", "rtl", 1);
  setting.options.queue_limit = 1;  // nothing may depend on how far dispatch runs ahead
  return setting;
}
Setting held_setting(const Program& program) {
  Setting setting = disturbed(program, "rtl, engines held", "rtl", 2);
  setting.options.hold_probability = 0.1 + static_cast<double>(setting.options.seed % 60) / 100;
  return setting;
}

Outcome run(const Program& program, const std::vector<isa::Bytes>& descriptors,
            const Setting& setting) {
  Outcome outcome;
  try {
    const std::unique_ptr<driver::Device> device = make_device(program, setting);
    run_on(*device, program, setting, descriptors, outcome);
  } catch (const Error& e) {
    outcome.failure = e.what();
  }
  return outcome;
}

std::string difference(const Program& program, const Outcome& want, const Outcome& got) {
  if (!want.failure.empty() || !got.failure.empty()) {
    return want.failure == got.failure
               ? ""
               : "expected: " + (want.failure.empty() ? "no error" : want.failure) +
                     "; found: " + (got.failure.empty() ? "no error" : got.failure);
  }
  static constexpr const char* kNames[] = {"act", "wgt", "param", "acc"};
  std::string all;
  const auto add = [&](const std::string& text) {
    if (!text.empty()) all += (all.empty() ? "" : "; ") + text;
  };
  add(first_difference("DRAM", want.dram, got.dram));
  for (size_t m = 0; m < kOnChip.size(); ++m)
    add(first_difference(kNames[m], want.on_chip[m], got.on_chip[m]));
  const auto count = [&](const char* what, uint64_t expected, uint64_t found) {
    if (expected != found)
      add(std::string(what) + ": " + std::to_string(expected) + " expected, " +
          std::to_string(found) + " counted");
  };
  for (size_t e = 0; e < want.busy.size(); ++e) {
    count(("units of engine " + std::to_string(e)).c_str(), want.busy[e], got.busy[e]);
  }
  count("descriptors", want.descriptors, got.descriptors);
  count("descriptors of the program", program.instructions.size(), got.descriptors);
  return all;
}

}  // namespace weft::tb
