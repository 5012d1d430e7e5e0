// The driver against devices that are not what they should be: clear errors, no hang.
#include "base/error.h"
#include "compiled.h"
#include "driver/session.h"
#include "fake_device.h"
#include "tb/catch_compat.h"

namespace weft::driver {
namespace {

using Catch::Matchers::ContainsSubstring;
using tb::FakeDevice;

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
