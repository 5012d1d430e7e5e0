// The driver against devices that are not what they should be: clear errors, no hang.
#include <map>

#include "base/error.h"
#include "compiled.h"
#include "driver/session.h"
#include "tb/catch_compat.h"

namespace weft::driver {
namespace {

using Catch::Matchers::ContainsSubstring;

// Registers that hold what is written, memory, and the ways to go wrong.
class FakeDevice : public Device {
 public:
  explicit FakeDevice(uint64_t config_hash = 0) {
    registers_[regs::kIdOffset] = regs::kIdReset;
    registers_[regs::kVersionOffset] = static_cast<uint32_t>(isa::kIsaVersion);
    registers_[regs::kConfigHashLoOffset] = static_cast<uint32_t>(config_hash);
    registers_[regs::kConfigHashHiOffset] = static_cast<uint32_t>(config_hash >> 32);
  }

  std::string backend() const override { return "fake"; }
  std::string config() const override { return "tiny"; }
  uint32_t read_register(uint32_t offset) override {
    ++reads;
    if (offset == regs::kControlOffset && resets_end)
      registers_[offset] &= ~regs::kControlSoftResetMask;
    if (offset == regs::kRingTailOffset && ends) return registers_[regs::kRingHeadOffset];
    return registers_[offset];
  }
  void write_register(uint32_t offset, uint32_t value) override {
    registers_[offset] = value;
    if (offset == regs::kControlOffset && (value & regs::kControlSoftResetMask) != 0)
      registers_[regs::kRingTailOffset] = registers_[regs::kRingHeadOffset];
  }
  uint64_t memory_base() const override { return 1 << 20; }
  uint64_t memory_bytes() const override { return memory_.size(); }
  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    std::copy_n(memory_.begin() + static_cast<long>(address - memory_base()), out.size(),
                out.begin());
  }
  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    std::copy(data.begin(), data.end(),
              memory_.begin() + static_cast<long>(address - memory_base()));
  }
  bool wait_interrupt(uint64_t) override {
    ++waits;
    return interrupts;
  }
  uint64_t cycle() const override { return 0; }
  void enable_trace(bool) override {}
  std::vector<TraceEvent> take_trace() override { return {}; }

  uint32_t& reg(uint32_t offset) { return registers_[offset]; }

  bool resets_end = true, interrupts = false;
  bool ends = false;  // whatever it is given has ended
  uint64_t reads = 0, waits = 0;

 private:
  std::map<uint32_t, uint32_t> registers_;
  std::vector<uint8_t> memory_ = std::vector<uint8_t>(1 << 20);
};

template <class Call>
std::string message_of(ErrorKind kind, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(to_string(error.kind()) == std::string(to_string(kind)));
    return error.what();
  }
  return "(nothing thrown)";
}

void open(FakeDevice& device) {
  MemoryPool pool(device);
  JobQueue queue(device, pool);
}

TEST_CASE("no accelerator, or one of another version, is told apart") {
  for (const uint32_t id : {0U, ~0U, 0x12345678U}) {
    FakeDevice device;
    device.reg(regs::kIdOffset) = id;
    CHECK_THAT(
        message_of(ErrorKind::kDevice, [&] { open(device); }),
        ContainsSubstring("no Weft accelerator") && ContainsSubstring(fmt::format("{:#010x}", id)));
  }
  FakeDevice device;
  device.reg(regs::kVersionOffset) = 7;
  CHECK_THAT(message_of(ErrorKind::kMismatch, [&] { open(device); }),
             ContainsSubstring("instruction set version 7") &&
                 ContainsSubstring(fmt::format("speaks {}", isa::kIsaVersion)));
  device.reg(regs::kVersionOffset) = static_cast<uint32_t>(isa::kIsaVersion);
  CHECK_NOTHROW(open(device));
  // Closed again, it takes no jobs.
  CHECK((device.reg(regs::kControlOffset) & regs::kControlEnableMask) == 0);
}

TEST_CASE("a soft reset that does not end is a timeout") {
  FakeDevice device;
  device.resets_end = false;
  CHECK_THAT(message_of(ErrorKind::kTimeout, [&] { open(device); }),
             ContainsSubstring("soft reset"));
  CHECK(device.reads < 1'000'000);
}

TEST_CASE("a device that never interrupts is a timeout, every time") {
  const program::Program p = tb::mnist_program("tiny");
  FakeDevice device(p.config_hash);
  Session session(device, p);
  session.set_timeout(1234);
  for (int i = 0; i < 6; ++i) {
    CHECK_THAT(message_of(ErrorKind::kTimeout, [&] { session.run({std::vector<int8_t>(784)}); }),
               ContainsSubstring("within 1234 cycles"));
  }
  CHECK(device.waits < 100);
  CHECK(device.reads < 1'000'000);
  // And then its reset hangs too.
  device.resets_end = false;
  CHECK_THAT(message_of(ErrorKind::kTimeout, [&] { session.run({std::vector<int8_t>(784)}); }),
             ContainsSubstring("soft reset"));
}

TEST_CASE("an end without a record and without an error is not taken for success") {
  const program::Program p = tb::mnist_program("tiny");
  FakeDevice device(p.config_hash);
  device.interrupts = device.ends = true;
  Session session(device, p);
  CHECK_THAT(message_of(ErrorKind::kDevice, [&] { session.run({std::vector<int8_t>(784)}); }),
             ContainsSubstring("neither a record nor an error"));
}

TEST_CASE("an error without a record is read from the registers") {
  const program::Program p = tb::mnist_program("tiny");
  FakeDevice device(p.config_hash);
  device.interrupts = device.ends = true;
  Session session(device, p);
  device.reg(regs::kStatusOffset) = regs::kStatusHaltedMask;
  device.reg(regs::kErrorCodeOffset) = static_cast<uint32_t>(isa::ErrorCode::kBus) |
                                       7U << regs::kErrorCodeEngineShift |
                                       3U << regs::kErrorCodeRespShift;
  device.reg(regs::kErrorAddrLoOffset) = 0x1234;
  device.reg(regs::kErrorAddrHiOffset) = 0x56;
  CHECK_THAT(message_of(ErrorKind::kDevice, [&] { session.run({std::vector<int8_t>(784)}); }),
             ContainsSubstring("error bus") && ContainsSubstring("DECERR") &&
                 ContainsSubstring("0x5600001234") && ContainsSubstring("could not be read"));
  CHECK((device.reg(regs::kControlOffset) & regs::kControlResumeMask) != 0);
}

}  // namespace
}  // namespace weft::driver
