// The bring-up of docs/integration.md, step by step, without the driver.
#include "base/bytes.h"
#include "runtime/devices.h"
#include "tb/catch_compat.h"
#include "tb/sys/device_fixture.h"

namespace {

using namespace weft;

TEST_CASE("a machine is brought up by hand, without a program", "[config]") {
  for (const tb::BackendConfig& b : tb::backends()) {
    INFO(b.backend << " " << b.config);
    driver::DeviceOptions options;
    options.memory_bytes = 4096;
    const auto device = runtime::make_device(b.backend, b.config, options);
    const auto read = [&](uint32_t offset) { return device->read_register(offset); };
    const auto write = [&](uint32_t offset, uint32_t value) {
      device->write_register(offset, value);
    };
    CHECK(read(regs::kIdOffset) == 0x54464557);
    const uint64_t hash = isa::find_config(b.config).config_hash;
    CHECK(read(regs::kConfigHashLoOffset) == static_cast<uint32_t>(hash));
    CHECK(read(regs::kConfigHashHiOffset) == static_cast<uint32_t>(hash >> 32));

    const uint64_t ring = device->memory_base() + 1024;
    write(regs::kRingBaseLoOffset, static_cast<uint32_t>(ring) | 0x3f);
    write(regs::kRingBaseHiOffset, static_cast<uint32_t>(ring >> 32));
    CHECK(read(regs::kRingBaseLoOffset) == static_cast<uint32_t>(ring));
    CHECK(read(regs::kRingBaseHiOffset) == static_cast<uint32_t>(ring >> 32));

    std::vector<uint8_t> entry(isa::kJobBytes, 0);
    device->write_memory(ring, entry);
    write(regs::kRingSizeOffset, 0);
    write(regs::kIrqStatusOffset, 3);
    write(regs::kIrqEnableOffset, 3);
    write(regs::kControlOffset, 1);
    CHECK(!device->wait_interrupt(10));
    write(regs::kRingHeadOffset, read(regs::kRingTailOffset) + 1);
    REQUIRE(device->wait_interrupt(10'000));
    CHECK(read(regs::kIrqStatusOffset) == 2);
    CHECK(read(regs::kRingTailOffset) == 1);
    CHECK((read(regs::kErrorCodeOffset) & 0xff) ==
          static_cast<uint32_t>(isa::ErrorCode::kConfigMismatch));
    device->read_memory(ring, entry);
    CHECK(std::string(entry.end() - 8, entry.end()) == "WEFTDONE");
    CHECK(entry[isa::kJobDoneCodeByte] == static_cast<uint8_t>(isa::ErrorCode::kConfigMismatch));

    write(regs::kIrqStatusOffset, 2);
    CHECK(!device->wait_interrupt(10));
    CHECK(read(regs::kStatusOffset) == regs::kStatusHaltedMask);
    write(regs::kControlOffset, 5);
    CHECK(read(regs::kStatusOffset) == 0);
  }
}

}  // namespace
